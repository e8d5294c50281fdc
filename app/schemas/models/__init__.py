"""Messages of the embedding models."""
