"""Cache of the search indexes of the users who searched last."""

import threading
from collections import OrderedDict

from app.memory.index.user_index import UserIndex


class UserIndexCache:
    """LRU cache of user indexes, limited to about `limit_bytes` bytes of memory. Thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, str], tuple[str, UserIndex]] = OrderedDict()

    def get_index(self, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> UserIndex:
        """The user's index for this embedding model; a new, empty one if it is not cached.

        It replaces an index for another model; the least recently used ones are evicted to stay within the
        limit.
        """
        with self._lock:
            key = (tenant_id, user_id)
            cached_model_id, index = self._indexes.get(key, ("", None))
            if index is None or cached_model_id != model_id:
                index = UserIndex(dimensions)
                self._indexes[key] = (model_id, index)
            self._indexes.move_to_end(key)
            total = sum(cached.memory_bytes for _, cached in self._indexes.values())
            while total > self._limit_bytes and len(self._indexes) > 1:
                total -= self._indexes.popitem(last=False)[1][1].memory_bytes
            return index

    def list_cached_users(self, tenant_id: str) -> list[tuple[str, int]]:
        """(user, epoch) of the cached indexes of a tenant."""
        with self._lock:
            return [
                (user, index.epoch)
                for (tenant, user), (_, index) in self._indexes.items()
                if tenant == tenant_id
            ]

    def drop_user(self, tenant_id: str, user_id: str) -> None:
        """Remove a user's index."""
        with self._lock:
            self._indexes.pop((tenant_id, user_id), None)
