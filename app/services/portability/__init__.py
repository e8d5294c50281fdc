"""Export, import and erasure of a user."""
