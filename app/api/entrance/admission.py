"""Admission control of one process: verified keys, memory for request bodies, concurrent requests per key.

All of it belongs to the event loop that serves the requests, so nothing here needs a lock.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter
from starlette.requests import Request

from app.api.entrance.admission_limits import AdmissionLimits
from app.api.entrance.job_waiters import Digest, JobWaiters
from app.core.errors import TooManyRequests, Unavailable


class VerifiedKeys:
    """Hashes of the keys that were verified within the last `verified_key_seconds`.

    An entry only permits a body to be read: the route checks the key itself. Only existing keys are entered,
    so invented keys can't fill it.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._until: dict[Digest, float] = {}

    def is_verified(self, key: Digest) -> bool:
        """Whether a body of this key may be read."""
        return self._until.get(key, 0.0) > time.monotonic()

    def mark_verified(self, key: Digest) -> None:
        """Record that the key is valid."""
        self._until.pop(key, None)
        self._until[key] = time.monotonic() + self._limits.verified_key_seconds
        while len(self._until) > self._limits.max_verified_keys:
            self._until.pop(next(iter(self._until)))

    def discard_key(self, key: Digest) -> None:
        """Remove the key."""
        self._until.pop(key, None)


class BodyMemory:
    """Limits the memory of request bodies in flight, in total and per key."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._held: dict[Digest, int] = {}
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def reserve_bytes(self, key: Digest, size: int) -> AsyncGenerator[None]:
        """Reserve `size` bytes for this block. Raises `Unavailable` if they do not become free in time."""
        try:
            async with asyncio.timeout(self._limits.body_memory_wait_seconds), self._freed:
                await self._freed.wait_for(lambda: self._can_reserve(key, size))
                self._held[key] = self._held.get(key, 0) + size
        except TimeoutError:
            raise Unavailable("Too many large bodies are under way; try again.") from None
        try:
            yield
        finally:
            remaining = self._held[key] - size
            if remaining:
                self._held[key] = remaining
            else:
                del self._held[key]
            async with self._freed:
                self._freed.notify_all()

    def _can_reserve(self, key: Digest, size: int) -> bool:
        key_bytes, total_bytes = self._held.get(key, 0), sum(self._held.values())
        # A body that is larger than the whole limit is still admitted, if it is the only one.
        return (not key_bytes or key_bytes + size <= self._limits.max_body_bytes_per_key) and (
            not total_bytes or total_bytes + size <= self._limits.max_body_bytes
        )


class KeyConcurrency:
    """Limits the concurrent requests of each key; the rest queue without holding a thread.

    So the requests of one key, however slow, leave threads and connections to those of others.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._running: dict[Digest, int] = {}
        self._queues: dict[Digest, deque[asyncio.Future[None]]] = {}

    async def acquire_slot(self, key: Digest, *, again: bool = False) -> None:
        """Acquire a slot of the key.

        Raises `TooManyRequests` if too many are queued already, unless `again`.
        """
        running = self._running.get(key, 0)
        if running < self._limits.max_running_per_key:
            self._running[key] = running + 1
            return
        queue = self._queues.setdefault(key, deque())
        if len(queue) >= self._limits.max_queued_per_key and not again:
            raise TooManyRequests
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release_slot(key)
            raise

    def release_slot(self, key: Digest) -> None:
        """Release a slot of the key; the next queued request gets it."""
        queue = self._queues.get(key)
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._queues.pop(key, None)
        remaining = self._running[key] - 1
        if remaining:
            self._running[key] = remaining
        else:
            del self._running[key]


class RequestSlot:
    """The concurrency slot that one request holds."""

    def __init__(self, concurrency: KeyConcurrency, key: Digest) -> None:
        self.key = key
        self._concurrency, self._is_held = concurrency, False

    async def acquire_slot(self, *, again: bool = False) -> None:
        """Wait for the slot. Raises `TooManyRequests`."""
        await self._concurrency.acquire_slot(self.key, again=again)
        self._is_held = True

    def release_slot(self) -> None:
        """Release the slot, if it is held."""
        if self._is_held:
            self._is_held = False
            self._concurrency.release_slot(self.key)

    @asynccontextmanager
    async def without_slot(self) -> AsyncGenerator[None]:
        """Release the slot for this block, and acquire it again."""
        self.release_slot()
        try:
            yield
        finally:
            await self.acquire_slot(again=True)


class AdmissionControl:
    """The admission state of one event loop."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self.limits = limits
        self.verified_keys = VerifiedKeys(limits)
        self.body_memory = BodyMemory(limits)
        self.concurrency = KeyConcurrency(limits)
        self.job_waiters = JobWaiters(limits)
        self.imports = 0
        self.lookups = CapacityLimiter(4)  # unknown keys are looked up in these threads only
        self.parsing = CapacityLimiter(2)
        # Incremental parsing takes long, and every computing thread makes the others wait for Python's lock.
        self.parsing_large = CapacityLimiter(1)

    @contextmanager
    def admit_import(self) -> Generator[None]:
        """Admit one of the concurrent bundle imports. Raises `Unavailable` if there are too many."""
        if self.imports >= self.limits.max_imports:
            raise Unavailable("Too many bundles are coming in; try again.")
        self.imports += 1
        try:
            yield
        finally:
            self.imports -= 1


class LoopAdmission:
    """The admission control of each event loop: one in a server, several where tests run several apps."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._controls: WeakKeyDictionary[asyncio.AbstractEventLoop, AdmissionControl] = WeakKeyDictionary()

    def for_running_loop(self) -> AdmissionControl:
        """The admission control of the running loop."""
        loop = asyncio.get_running_loop()
        control = self._controls.get(loop)
        if control is None:
            control = self._controls[loop] = AdmissionControl(self._limits)
        return control


def get_admission(request: Request) -> AdmissionControl:
    """The admission control that a request passes through."""
    controls: LoopAdmission = request.app.state.gates
    return controls.for_running_loop()
