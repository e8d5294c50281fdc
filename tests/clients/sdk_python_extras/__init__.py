"""The adapters of frameworks in the Python client, with those frameworks, against the running service."""
