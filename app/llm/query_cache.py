"""Cache of the vectors of recent queries, which recur with every retry and page."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

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

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of length 1, read-only; those not in the cache are embedded in one batch.

        Raises UpstreamFailed.
        """
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        with self._lock:
            found = {key: self._recent[key] for key in keys if key in self._recent}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            rows = self._inner.embed_queries(list(missing.values()))
            found |= {key: row.copy() for key, row in zip(missing, rows, strict=True)}
        with self._lock:
            for key in found:
                found[key].flags.writeable = False
                self._recent[key] = found[key]
                self._recent.move_to_end(key)
            while len(self._recent) > KEPT:
                self._recent.popitem(last=False)
        empty = np.empty((0, self.dimensions), dtype=np.float32)
        return np.vstack([empty, *(found[key] for key in keys)])

    def clear_cache(self) -> None:
        """Empty the cache."""
        with self._lock:
            self._recent.clear()
