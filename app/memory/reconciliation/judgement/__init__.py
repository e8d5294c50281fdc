"""Pairs of statements that a language model is asked about, and what it answers."""
