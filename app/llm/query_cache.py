"""Cache of the vectors of recent queries, which recur with every retry and page."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from app.llm.embeddings import Embedder, Vectors

KEPT = 2_048


class QueryVectorCache:
    """An embedder that caches the vectors of the last `KEPT` queries, by hash; no text is kept.

    Thread-safe.
    """

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.model_id = inner.model_id
        self.dimensions = inner.dimensions
        self._recent: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, in the order of `texts`. Raises UpstreamFailed."""
        return self._inner.embed(texts)

    def embed_query(self, text: str) -> Vectors:
        """(d,) float32 of length 1, read-only. Raises UpstreamFailed."""
        key = hashlib.sha256(text.encode()).digest()
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key]
        vector = self._inner.embed_query(text)
        vector.flags.writeable = False
        with self._lock:
            self._recent[key] = vector
            if len(self._recent) > KEPT:
                self._recent.popitem(last=False)
        return vector

    def clear_cache(self) -> None:
        """Empty the cache."""
        with self._lock:
            self._recent.clear()
