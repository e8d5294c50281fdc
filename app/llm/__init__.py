"""The model endpoints: chat and embeddings, one contract each."""
