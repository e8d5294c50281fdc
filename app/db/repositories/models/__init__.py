"""SQL of embedding models and of the change between them."""
