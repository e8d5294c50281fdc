"""Examples of the documentation, run against the running service."""
