"""Reconciliation: what new facts do to the memories of a user."""
