"""The domain as pure functions: values in, decisions out, without I/O, clock or settings."""
