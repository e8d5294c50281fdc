"""Clients of model endpoints: chat and embeddings, with one contract each."""
