"""Extraction: what is asked of an LLM about a segment, and what of its answer may become a fact."""
