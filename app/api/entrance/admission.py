"""Admission control of one process: verified keys, memory for request bodies, concurrent requests per key.

All of it belongs to the event loop that serves the requests, so nothing here is locked.
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
    """Hashes of the keys that were good within the last minute.

    A permit lets a body be read and no more: whether the key is good is asked where the request is served.
    Only keys that were found get in, so nobody can fill it with keys that they made up.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._until: dict[Digest, float] = {}

    def is_verified(self, key: Digest) -> bool:
        """Whether the key may send a body."""
        return self._until.get(key, 0.0) > time.monotonic()

    def mark_verified(self, key: Digest) -> None:
        """Note that the key is good."""
        self._until.pop(key, None)
        self._until[key] = time.monotonic() + self._limits.verified_key_seconds
        while len(self._until) > self._limits.max_verified_keys:
            self._until.pop(next(iter(self._until)))

    def discard_key(self, key: Digest) -> None:
        """Note that it is not."""
        self._until.pop(key, None)


class BodyMemory:
    """The bytes that the bodies under way may hold, in all and of one key."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._held: dict[Digest, int] = {}
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def reserve_bytes(self, key: Digest, size: int) -> AsyncGenerator[None]:
        """Hold `size` bytes for this block. Raises `Unavailable` when there is no room in time."""
        try:
            async with asyncio.timeout(self._limits.body_memory_wait_seconds), self._freed:
                await self._freed.wait_for(lambda: self._can_reserve(key, size))
                self._held[key] = self._held.get(key, 0) + size
        except TimeoutError:
            raise Unavailable("Too many large bodies are under way; try again.") from None
        try:
            yield
        finally:
            left = self._held[key] - size
            if left:
                self._held[key] = left
            else:
                del self._held[key]
            async with self._freed:
                self._freed.notify_all()

    def _can_reserve(self, key: Digest, size: int) -> bool:
        of_key, of_all = self._held.get(key, 0), sum(self._held.values())
        # A body that is larger than all the room still comes in, by itself.
        return (not of_key or of_key + size <= self._limits.max_body_bytes_per_key) and (
            not of_all or of_all + size <= self._limits.max_body_bytes
        )


class KeyConcurrency:
    """The requests of each key that run at once; more of them wait for their turn without a thread.

    So the requests of one key, however slow, leave threads and connections to those of others.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._running: dict[Digest, int] = {}
        self._queues: dict[Digest, deque[asyncio.Future[None]]] = {}

    async def acquire_slot(self, key: Digest, *, again: bool = False) -> None:
        """Begin a request of the key. Raises `TooManyRequests` when too many wait already, unless `again`."""
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
        """End a request of the key; the next one that waits takes its place."""
        queue = self._queues.get(key)
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._queues.pop(key, None)
        left = self._running[key] - 1
        if left:
            self._running[key] = left
        else:
            del self._running[key]


class RequestSlot:
    """The place of one request among those of its key that run."""

    def __init__(self, shares: KeyConcurrency, key: Digest) -> None:
        self.key = key
        self._concurrency, self._is_held = shares, False

    async def acquire_slot(self, *, again: bool = False) -> None:
        """Wait for it. Raises `TooManyRequests`."""
        await self._concurrency.acquire_slot(self.key, again=again)
        self._is_held = True

    def release_slot(self) -> None:
        """Give it up, if it is held."""
        if self._is_held:
            self._is_held = False
            self._concurrency.release_slot(self.key)

    @asynccontextmanager
    async def without_slot(self) -> AsyncGenerator[None]:
        """Give it up for this block."""
        self.release_slot()
        try:
            yield
        finally:
            await self.acquire_slot(again=True)


class AdmissionControl:
    """The state of the entrance of one process."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self.limits = limits
        self.verified_keys = VerifiedKeys(limits)
        self.body_memory = BodyMemory(limits)
        self.concurrency = KeyConcurrency(limits)
        self.job_waiters = JobWaiters(limits)
        self.imports = 0
        self.lookups = CapacityLimiter(4)  # keys that nobody has are looked up with these threads only
        self.parsing = CapacityLimiter(2)
        # What is read in pieces takes long, and every thread that computes makes all others wait for Python.
        self.parsing_large = CapacityLimiter(1)

    @contextmanager
    def admit_import(self) -> Generator[None]:
        """One of the bundles that may come in at once. Raises `Unavailable` when there are too many."""
        if self.imports >= self.limits.max_imports:
            raise Unavailable("Too many bundles are coming in; try again.")
        self.imports += 1
        try:
            yield
        finally:
            self.imports -= 1


class LoopAdmission:
    """The gate of each event loop: one in a server, several where tests run apps side by side."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._gates: WeakKeyDictionary[asyncio.AbstractEventLoop, AdmissionControl] = WeakKeyDictionary()

    def for_running_loop(self) -> AdmissionControl:
        """The gate of the running loop."""
        loop = asyncio.get_running_loop()
        found = self._gates.get(loop)
        if found is None:
            found = self._gates[loop] = AdmissionControl(self._limits)
        return found


def get_admission(request: Request) -> AdmissionControl:
    """The gate that a request comes through."""
    gates: LoopAdmission = request.app.state.gates
    return gates.for_running_loop()
