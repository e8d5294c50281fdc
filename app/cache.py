"""Redis as working memory: a session's recent turns, a user's hot memories, what searches showed.

Postgres can give all of it back, so an unreachable or flushed Redis costs time, never an answer.
"""

import hashlib
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
_WORKING_SECONDS = 86_400
_RETRIEVAL_SECONDS = 3_600
_SILENCE_SECONDS = 2.0


class Cache:
    """Every read may miss; every write may be lost."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._lock = Lock()
        self._silent_until = 0.0

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def ping(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def working(
        self, tenant_id: str, user_id: str, part: str, state: tuple[int, int]
    ) -> list[dict[str, Any]] | None:
        """One part of the user's working memory as of (revision, epoch), or None when it is not held."""
        raw = self._attempt(lambda: self._redis.get(_working_key(tenant_id, user_id, part)))
        if raw is None:
            return None
        held = orjson.loads(raw)
        return held["rows"] if held["state"] == list(state) else None

    def keep_working(
        self, tenant_id: str, user_id: str, part: str, state: tuple[int, int], rows: Sequence[dict[str, Any]]
    ) -> None:
        """Hold one part of the user's working memory, as it was at (revision, epoch), for a day."""
        value = orjson.dumps({"state": state, "rows": list(rows)})
        key, index = _working_key(tenant_id, user_id, part), _user_key(tenant_id, user_id)

        def write() -> None:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(key, value, ex=_WORKING_SECONDS)
                pipe.sadd(index, key)
                pipe.expire(index, _WORKING_SECONDS)
                pipe.execute()

        self._attempt(write)

    def retrieval(self, tenant_id: str, retrieval_id: UUID) -> dict[str, Any] | None:
        """What a search of the last hour showed, or None."""
        raw = self._attempt(lambda: self._redis.get(_retrieval_key(tenant_id, retrieval_id)))
        return orjson.loads(zlib.decompress(raw)) if raw is not None else None

    def keep_retrieval(self, tenant_id: str, retrieval_id: UUID, shown: Mapping[str, Any]) -> bool:
        """Hold what a search showed for an hour: ids and numbers, no text. False when it could not be."""
        data = zlib.compress(orjson.dumps(shown), 1)
        key = _retrieval_key(tenant_id, retrieval_id)
        return self._attempt(lambda: self._redis.set(key, data, ex=_RETRIEVAL_SECONDS)) is not None

    def forget_user(self, tenant_id: str, user_id: str) -> bool:
        """Drop all that is held of a user; False when Redis could not be reached."""
        key = _user_key(tenant_id, user_id)
        keys = self._attempt(lambda: self._redis.smembers(key))
        if keys is None:
            return False
        return self._attempt(lambda: self._redis.delete(key, *keys)) is not None

    def _attempt(self, call: Callable[[], Any]) -> Any:
        with self._lock:
            if time.monotonic() < self._silent_until:
                return None
        try:
            return call()
        except RedisError as exc:
            log.warning("redis_unreachable", error=type(exc).__name__)
            with self._lock:
                self._silent_until = time.monotonic() + _SILENCE_SECONDS
            return None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _working_key(tenant_id: str, user_id: str, part: str) -> str:
    return "mc:working:" + _digest(tenant_id, user_id, part)


def _user_key(tenant_id: str, user_id: str) -> str:
    return "mc:user:" + _digest(tenant_id, user_id)


def _retrieval_key(tenant_id: str, retrieval_id: UUID) -> str:
    return "mc:retrieval:" + _digest(tenant_id, str(retrieval_id))
