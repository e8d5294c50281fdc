"""Routes of what is derived from memories, and forgetting."""
