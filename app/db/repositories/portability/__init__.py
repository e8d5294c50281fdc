"""SQL of export, import and erasure."""
