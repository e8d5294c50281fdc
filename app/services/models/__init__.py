"""Embedding models: which one is in use, and the change to another one."""
