"""Ranking: from a query and an index to scored, deduplicated results."""
