"""Routes of turns and what becomes of them."""
