"""What the checks of a request's query and ids cost: `python -m benchmarks.contract`.

The same route is called in the process, in turn with and without `strict_query`; what differs is its price.
Beside it, an id and a name of a turn as pydantic checks them.
"""

import asyncio
import time
from statistics import median
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from pydantic import TypeAdapter

from app.api.entrance.query_validation import strict_query
from app.schemas.common import Name, PathId

ROUNDS, CALLS = 40, 250


def application(*, strict: bool) -> FastAPI:
    """An app with one route, with or without `strict_query`."""
    router = APIRouter()

    @router.get("/items")
    async def items(limit: int = 50) -> int:
        return limit

    app = FastAPI()
    app.include_router(router, dependencies=[Depends(strict_query)] if strict else [])
    return app


async def call(app: FastAPI, query: bytes) -> None:
    """Call the route in the process."""

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/items",
        "raw_path": b"/items",
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)


async def seconds(app: FastAPI, query: bytes) -> float:
    """The time of a number of calls."""
    started = time.perf_counter()
    for _ in range(CALLS):
        await call(app, query)
    return (time.perf_counter() - started) / CALLS


async def requests() -> None:
    """The requests that are timed."""
    apps = [application(strict=strict) for strict in (False, True)]
    for query in (b"", b"limit=10"):
        pairs = [[await seconds(app, query) for app in apps] for _ in range(ROUNDS)]
        price = median(strict - plain for plain, strict in pairs)
        whole = median(plain for plain, _ in pairs)
        named = query.decode() or "(none)"
        print(
            f"query {named:10} strict_query costs {1e6 * price:5.1f} us, an empty route {1e6 * whole:6.1f} us"
        )


def checks() -> None:
    """The cost of validating an id and a name by pydantic."""
    for name, checked in (("PathId", PathId), ("Name", Name)):
        adapter = TypeAdapter[str](checked)  # pyright: ignore[reportArgumentType]
        for text in ("session-12", "séance 12"):
            started = time.perf_counter()
            for _ in range(50_000):
                adapter.validate_python(text)
            print(f"{name:7} {text!r:14} {(time.perf_counter() - started) * 20:5.2f} us")


if __name__ == "__main__":
    asyncio.run(requests())
    checks()
