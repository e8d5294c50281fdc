"""The scopes of the users who searched last."""

import threading
from collections import OrderedDict

from app.memory.index.user_index import Scope


class ScopeCache:
    """The scopes of the users who searched last, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._scopes: OrderedDict[tuple[str, str], tuple[str, Scope]] = OrderedDict()

    def get(self, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> Scope:
        """The user's scope of this embedding model, new and empty when it is not held.

        It takes the place of the scope of another model; the longest unused ones make room.
        """
        with self._lock:
            key = (tenant_id, user_id)
            held_id, scope = self._scopes.get(key, ("", None))
            if scope is None or held_id != model_id:
                scope = Scope(dimensions)
                self._scopes[key] = (model_id, scope)
            self._scopes.move_to_end(key)
            total = sum(held.bytes for _, held in self._scopes.values())
            while total > self._limit and len(self._scopes) > 1:
                total -= self._scopes.popitem(last=False)[1][1].bytes
            return scope

    def held(self, tenant_id: str) -> list[tuple[str, int]]:
        """(user, epoch) of the scopes of a tenant that are held."""
        with self._lock:
            return [(user, scope.epoch) for (of, user), (_, scope) in self._scopes.items() if of == tenant_id]

    def drop(self, tenant_id: str, user_id: str) -> None:
        """Forget a user."""
        with self._lock:
            self._scopes.pop((tenant_id, user_id), None)
