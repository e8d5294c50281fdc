"""Clients that others make, against the running service: each in an environment of its own."""
