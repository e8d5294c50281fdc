"""Reconciliation: what a new fact means for the memories that are stored."""
