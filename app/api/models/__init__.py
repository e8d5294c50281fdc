"""Routes of the embedding models."""
