"""The domain, pure: values in, decisions out; no I/O, no clock, no settings."""
