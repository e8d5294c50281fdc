"""Ingestion: accept turns, embed them, extract facts from them."""
