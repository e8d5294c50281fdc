"""Redis cache: users' working memory (recent turns, hot memories) and what recent searches returned.

Postgres has all of this data, so an unreachable or flushed Redis costs time, but no answer.
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
from redis.exceptions import RedisError, ResponseError

log = structlog.get_logger(__name__)
_WORKING_SECONDS = 86_400
_RETRIEVAL_SECONDS = 3_600
_BACKOFF_SECONDS = 2.0
_GONE_SECONDS = 3_600  # longer than any request takes
# deletions of one user in that time; the epochs of a user before and after an erasure are further apart
_DELETIONS = 100_000
# A value that was read before an erasure is not written after it: its epoch tells. A user's keys are indexed
# by their expiry time, so that an erasure finds them.
_SET_SCRIPT = """
local gone = tonumber(redis.call('GET', KEYS[3]) or '-1')
local epoch = tonumber(ARGV[3])
if epoch <= gone and epoch > gone - tonumber(ARGV[6]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[5], KEYS[1])
if redis.call('TTL', KEYS[2]) < tonumber(ARGV[2]) then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return 1"""
_CONSOLE_SESSION = "mc:console:session:"  # they name a key by its hash, and no user
_KEY_PATTERNS = ("mc:working:*", "mc:index:*", "mc:retrieval:*")


class Cache:
    """Redis cache with best effort: a read may miss, a write may be lost. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._set_script = self._redis.register_script(_SET_SCRIPT)
        self._lock = Lock()
        self._retry_at = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def ping(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def get_working_memory(
        self, tenant_id: str, user_id: str, part: str, state: tuple[int, int]
    ) -> list[dict[str, Any]] | None:
        """One part of the user's working memory as of (revision, epoch); None if it is not cached."""
        raw = self._call_redis(lambda: self._redis.get(_working_key(tenant_id, user_id, part)))
        if raw is None:
            return None
        cached = orjson.loads(raw)
        return cached["rows"] if cached["state"] == list(state) else None

    def put_working_memory(
        self, tenant_id: str, user_id: str, part: str, state: tuple[int, int], rows: Sequence[dict[str, Any]]
    ) -> None:
        """Cache one part of the user's working memory, as of (revision, epoch), for a day."""
        value = orjson.dumps({"state": state, "rows": list(rows)})
        self._write_value(
            tenant_id, user_id, state[1], _working_key(tenant_id, user_id, part), value, _WORKING_SECONDS
        )

    def get_retrieval(self, tenant_id: str, retrieval_id: UUID) -> dict[str, Any] | None:
        """What a search of the last hour returned, or None."""
        raw = self._call_redis(lambda: self._redis.get(_retrieval_key(tenant_id, retrieval_id)))
        return orjson.loads(zlib.decompress(raw)) if raw is not None else None

    def put_retrieval(
        self, tenant_id: str, user_id: str, epoch: int, retrieval_id: UUID, shown: Mapping[str, Any]
    ) -> bool:
        """Cache what a search returned (ids and numbers, no text) for an hour. False if that failed."""
        data = zlib.compress(orjson.dumps(shown), 1)
        key = _retrieval_key(tenant_id, retrieval_id)
        return self._write_value(tenant_id, user_id, epoch, key, data, _RETRIEVAL_SECONDS)

    def queue_length(self, queue: str) -> int:
        """The number of messages in one of the workers' queues; 0 if Redis does not answer."""
        return self._call_redis(lambda: self._redis.llen(queue)) or 0

    def delete_user_keys(self, tenant_id: str, user_id: str, erased_epoch: int | None = None) -> bool:
        """Delete all cached values of a user; False if Redis did not do it.

        `erased_epoch`: the last epoch of erased data; values of this or an earlier epoch are rejected from
        now on.
        """
        index = _index_key(tenant_id, user_id)

        def delete_keys() -> bool:
            if erased_epoch is not None:
                self._redis.set(_tombstone_key(tenant_id, user_id), erased_epoch, ex=_GONE_SECONDS)
            keys: Any = self._redis.zrange(index, 0, -1)
            self._redis.delete(index, *keys)
            return True

        return bool(self._call_redis(delete_keys))

    def count_user_keys(self, tenant_id: str, user_id: str) -> int | None:
        """The number of cached values of a user, or None if Redis does not answer."""
        return self._call_redis(lambda: self._redis.zcard(_index_key(tenant_id, user_id)))

    def delete_all_keys(self) -> bool:
        """Delete all cached values of all users; False if Redis did not do it."""

        def delete_keys() -> bool:
            for pattern in _KEY_PATTERNS:
                for key in self._redis.scan_iter(pattern, count=1_000):
                    self._redis.unlink(key)
            return True

        return bool(self._call_redis(delete_keys))

    def purge(self) -> None:
        """Release the memory of deleted values, if the server can."""
        self._call_redis(self._redis.memory_purge)

    def put_console_session(self, token_hash: str, session: Mapping[str, str], seconds: int) -> bool:
        """Store a session of the console until it ends by itself. False if that failed."""
        key, value = _CONSOLE_SESSION + token_hash, orjson.dumps(session)
        return bool(self._call_redis(lambda: self._redis.set(key, value, ex=seconds)))

    def get_console_session(self, token_hash: str) -> dict[str, str] | None:
        """A session of the console, or None if there is none or Redis does not answer."""
        raw = self._call_redis(lambda: self._redis.get(_CONSOLE_SESSION + token_hash))
        return orjson.loads(raw) if raw is not None else None

    def delete_console_session(self, token_hash: str) -> None:
        """End a session of the console."""
        self._call_redis(lambda: self._redis.delete(_CONSOLE_SESSION + token_hash))

    def count_failed_login(self, address: str, seconds: int) -> int | None:
        """Count a failed login; the number of this address within `seconds`, None if Redis is away."""
        key = _login_key(address)

        def count_attempt() -> int:
            with self._redis.pipeline() as pipeline:
                pipeline.set(key, 0, ex=seconds, nx=True)
                pipeline.incr(key)
                return int(pipeline.execute()[1])

        return self._call_redis(count_attempt)

    def _write_value(
        self, tenant_id: str, user_id: str, epoch: int, key: str, value: bytes, seconds: int
    ) -> bool:
        keys = [key, _index_key(tenant_id, user_id), _tombstone_key(tenant_id, user_id)]
        now = time.time()
        arguments = [value, seconds, epoch, now, now + seconds, _DELETIONS]
        return bool(self._call_redis(lambda: self._set_script(keys=keys, args=arguments)))

    def _call_redis(self, call: Callable[[], Any]) -> Any:
        with self._lock:
            if time.monotonic() < self._retry_at:
                return None
        try:
            return call()
        except ResponseError as exc:
            # Redis answers, but this account may not do this, or its memory is full: other commands are still
            # sent. The error's message is not logged, as it may quote what was sent.
            log.warning("redis_refused", error=type(exc).__name__)
            return None
        except RedisError as exc:
            log.warning("redis_unreachable", error=type(exc).__name__)
            with self._lock:
                self._retry_at = time.monotonic() + _BACKOFF_SECONDS
            return None


def _hash_parts(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _working_key(tenant_id: str, user_id: str, part: str) -> str:
    return "mc:working:" + _hash_parts(tenant_id, user_id, part)


def _index_key(tenant_id: str, user_id: str) -> str:
    return "mc:index:" + _hash_parts(tenant_id, user_id)


def _tombstone_key(tenant_id: str, user_id: str) -> str:
    return "mc:gone:" + _hash_parts(tenant_id, user_id)


def _retrieval_key(tenant_id: str, retrieval_id: UUID) -> str:
    return "mc:retrieval:" + _hash_parts(tenant_id, str(retrieval_id))


def _login_key(address: str) -> str:
    return "mc:console:logins:" + _hash_parts(address)
