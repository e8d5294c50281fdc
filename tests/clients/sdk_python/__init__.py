"""The Python client of `sdk/python`, with its own tests, against the running service."""
