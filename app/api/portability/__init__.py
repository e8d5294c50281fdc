"""Routes of export, import and erasure."""
