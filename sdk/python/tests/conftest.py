"""The service that the tests run against: MEMCUBED_URL and MEMCUBED_API_KEY of an admin key."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from faulty import FaultyServer

from memcubed import AsyncMemcubed, Memcubed, _retry


class Blocking:
    """An asynchronous client that is called like a synchronous one, iterators too."""

    def __init__(self, client: AsyncMemcubed, loop: asyncio.AbstractEventLoop) -> None:
        self.client, self.loop = client, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        return self._blocking(found) if callable(found) else found

    def _blocking(self, method: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            if asyncio.iscoroutine(result):
                return self.loop.run_until_complete(result)
            if hasattr(result, "__anext__"):
                return self._iterate(result)
            return Blocking(result, self.loop) if isinstance(result, AsyncMemcubed) else result

        return call

    def _iterate(self, items: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self.loop.run_until_complete(items.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self.loop.run_until_complete(items.aclose())


class Maker:
    """Makes clients of one of the two forms, and closes them."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.loop = asyncio.new_event_loop()
        self.made: list[Any] = []

    def __call__(self, *args: Any, **options: Any) -> Any:
        if self.form == "sync":
            self.made.append(Memcubed(*args, **options))
        else:
            self.made.append(Blocking(AsyncMemcubed(*args, **options), self.loop))
        return self.made[-1]

    def close(self) -> None:
        for client in self.made:
            client.close()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Maker]:
    """`make(url, key)` gives a client; the test runs with both forms."""
    maker = Maker(request.param)
    yield maker
    maker.close()


@pytest.fixture(scope="session")
def url() -> str:
    return os.environ["MEMCUBED_URL"]


@pytest.fixture(scope="session")
def key() -> str:
    return os.environ["MEMCUBED_API_KEY"]


@pytest.fixture
def memory(make: Maker, url: str, key: str) -> Any:
    """A client of the running service, bound to a new user."""
    return make(url, key).user(f"u-{uuid4().hex[:12]}")


@pytest.fixture
def server(url: str) -> Iterator[FaultyServer]:
    """A server with scripted faults; else it passes on to the running service."""
    with FaultyServer(url) as faulty:
        yield faulty


@pytest.fixture(autouse=True)
def short_waits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of milliseconds between attempts, but for tests that are about them."""
    if "real_waits" not in request.keywords:
        monkeypatch.setattr(_retry, "FIRST_WAIT", 0.02)
