"""Cache of the search indexes of the users who searched last."""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass

from app.memory.index.user_index import UserIndex

# What evicted indexes leave is used again in part only: a cache that was full for long takes a third more
# memory than its indexes.
_SHARE_OF_INDEXES = 0.75
_MEASURED = 40  # indexes that were got last: as many as requests can use at a time


@dataclass(slots=True)
class _CachedIndex:
    model_id: str
    index: UserIndex
    measured_bytes: int = 0


class UserIndexCache:
    """LRU cache of user indexes, limited to about `limit_bytes` bytes of memory. Thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = int(_SHARE_OF_INDEXES * limit_bytes)
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, str], _CachedIndex] = OrderedDict()
        self._total_bytes = 0
        self._got_last: deque[tuple[str, str]] = deque(maxlen=_MEASURED)

    def get_index(self, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> UserIndex:
        """The user's index for this embedding model; a new, empty one if it is not cached.

        It replaces an index for another model; the least recently used ones are evicted to stay within the
        limit.
        """
        key = (tenant_id, user_id)
        with self._lock:
            cached = self._indexes.get(key)
            if cached is None or cached.model_id != model_id:
                self._remove(key)
                cached = self._indexes[key] = _CachedIndex(model_id, UserIndex(dimensions))
            self._indexes.move_to_end(key)
            self._measure()
            self._got_last.append(key)
            while self._total_bytes > self._limit_bytes and len(self._indexes) > 1:
                self._remove(next(iter(self._indexes)))
            return cached.index

    def _measure(self) -> None:
        """Bring the total up to date: an index changes its size only when it is used."""
        for key in self._got_last:
            used = self._indexes.get(key)
            if used is not None:
                now = used.index.memory_bytes
                self._total_bytes += now - used.measured_bytes
                used.measured_bytes = now

    def _remove(self, key: tuple[str, str]) -> None:
        removed = self._indexes.pop(key, None)
        if removed is not None:
            self._total_bytes -= removed.measured_bytes

    def list_cached_users(self, tenant_id: str) -> list[tuple[str, int]]:
        """(user, epoch) of the cached indexes of a tenant."""
        with self._lock:
            return [
                (user, cached.index.epoch)
                for (tenant, user), cached in self._indexes.items()
                if tenant == tenant_id
            ]

    def drop_user(self, tenant_id: str, user_id: str) -> None:
        """Remove a user's index."""
        with self._lock:
            self._remove((tenant_id, user_id))
