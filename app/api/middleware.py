"""Around every request: its id, its time, a bound on its size. Plain ASGI, so that streams pass through."""

import re
import time
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.telemetry import REQUEST_ID, REQUEST_SECONDS

log = structlog.get_logger(__name__)
MAX_BODY_BYTES = 40 * 2**20  # 500 turns of 64 KiB, and room for JSON escapes
STREAMED = {"/v1/import"}  # these routes read the body piece by piece, and have a bound of their own
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOO_LARGE = (
    b'{"type":"about:blank","title":"Too large","status":413,"code":"too_large",'
    b'"detail":"The body is too large."}'
)


class RequestMiddleware:
    """Gives each request an id (the client's X-Request-ID when it is well formed) and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _ID.fullmatch(given) else uuid4().hex
        token = REQUEST_ID.set(request_id)
        started, status = time.perf_counter(), 500
        answered: float | None = None  # what a route does after its answer is not its answer's time

        async def tell(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered = time.perf_counter()

        try:
            if scope["path"] not in STREAMED and _declared_size(headers) > MAX_BODY_BYTES:
                await _refuse(tell)
            else:
                await self._app(scope, receive, tell)
        finally:
            seconds = (answered or time.perf_counter()) - started
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
            log.info(
                "request", method=scope["method"], route=route, status=status, ms=round(1000 * seconds, 1)
            )
            REQUEST_ID.reset(token)


def _declared_size(headers: dict[bytes, bytes]) -> int:
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Send) -> None:
    start = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": start})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
