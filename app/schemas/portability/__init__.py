"""Messages of export, import and erasure."""
