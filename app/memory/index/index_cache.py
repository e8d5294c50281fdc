"""The scopes of the users who searched last."""

import threading
from collections import OrderedDict

from app.memory.index.user_index import UserIndex


class UserIndexCache:
    """The scopes of the users who searched last, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._indexes: OrderedDict[tuple[str, str], tuple[str, UserIndex]] = OrderedDict()

    def get_index(self, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> UserIndex:
        """The user's scope of this embedding model, new and empty when it is not held.

        It takes the place of the scope of another model; the longest unused ones make room.
        """
        with self._lock:
            key = (tenant_id, user_id)
            held_id, scope = self._indexes.get(key, ("", None))
            if scope is None or held_id != model_id:
                scope = UserIndex(dimensions)
                self._indexes[key] = (model_id, scope)
            self._indexes.move_to_end(key)
            total = sum(held.memory_bytes for _, held in self._indexes.values())
            while total > self._limit_bytes and len(self._indexes) > 1:
                total -= self._indexes.popitem(last=False)[1][1].memory_bytes
            return scope

    def list_cached_users(self, tenant_id: str) -> list[tuple[str, int]]:
        """(user, epoch) of the scopes of a tenant that are held."""
        with self._lock:
            return [
                (user, scope.epoch) for (of, user), (_, scope) in self._indexes.items() if of == tenant_id
            ]

    def drop_user(self, tenant_id: str, user_id: str) -> None:
        """Forget a user."""
        with self._lock:
            self._indexes.pop((tenant_id, user_id), None)
