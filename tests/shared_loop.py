"""Clients of the app that share an event loop: each of their own would start threads anew in every test."""

from contextlib import ExitStack
from typing import Any, Self

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient


class _SharedLoop:
    """The loop of the process. It starts with the first client, and ends with the session of the tests."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None

    def portal(self) -> BlockingPortal:
        if self._portal is None:
            self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
        return self._portal

    def close(self) -> None:
        self._stack.close()
        self._portal = None


SHARED_LOOP = _SharedLoop()


class SharedLoopClient(TestClient):
    """A client of an app that does nothing when it starts or ends, as `AppOf`."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.portal = SHARED_LOOP.portal()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        """The loop goes on."""
