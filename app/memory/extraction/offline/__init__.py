"""Extraction without an LLM: rules for English statements in the first person."""
