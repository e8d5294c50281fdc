"""Messages of memories and what they are made of."""
