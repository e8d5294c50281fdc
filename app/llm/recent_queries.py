"""The vectors of the queries that were asked lately: they come again with every retry and every page."""

from collections.abc import Sequence
from functools import lru_cache

from app.llm.embeddings import Embedder, Vectors

KEPT = 2_048  # about 4 MB


class RecentQueries:
    """An embedder that embeds a query once, as long as it is among the last `KEPT`."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.model_id = inner.model_id
        self.dimensions = inner.dimensions
        self._recent = lru_cache(KEPT)(self._embed_query)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self._inner.embed(texts)

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1, not to be written to. Raises UpstreamFailed."""
        return self._recent(text)

    def _embed_query(self, text: str) -> Vectors:
        vector = self._inner.embed_query(text)
        vector.flags.writeable = False
        return vector
