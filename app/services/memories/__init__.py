"""Memories: write, read, reconcile, roll back, and their state as of a time."""
