"""ASGI middleware: assigns the request id, records metrics, and answers unexpected exceptions."""

import asyncio
import time
from contextlib import suppress
from secrets import token_hex

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.entrance.problems import internal_error_response
from app.core.logs import describe_exception
from app.core.telemetry import REQUEST_ID, REQUEST_SECONDS

log = structlog.get_logger(__name__)
_DISCARDED_BYTES = 64 * 1024  # of an unread body; a larger one closes the connection
_LINGER_SECONDS, _LINGER_BYTES = 1.0, 2**20


class RequestMiddleware:
    """Assigns each request an id of the service's own, and records its metrics.

    A client's id is not used: it could be a person's name, and no erasure reaches the logs.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. Unexpected exceptions end here, as outer layers would log their text."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, token_hex(16))
        token = REQUEST_ID.set(exchange.id)
        started = time.perf_counter()
        try:
            await self._app(scope, exchange.receive_message, exchange.send_message)
        except Exception as exc:  # noqa: BLE001 - its text must not reach the server's log
            log.error("unexpected_error", **describe_exception(exc))
            if not exchange.status:
                await internal_error_response()(scope, exchange.receive_message, exchange.send_message)
        finally:
            seconds = (exchange.answered or time.perf_counter()) - started
            route = getattr(scope.get("route"), "path", "unmatched")
            status = exchange.status or 500
            REQUEST_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
            log.info(
                "request", method=scope["method"], route=route, status=status, ms=round(1000 * seconds, 1)
            )
            REQUEST_ID.reset(token)


class _Exchange:
    """The messages of one request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self.id, self.status = request_id, 0
        self.answered: float | None = None  # work after the response does not count as time to answer
        self._receive, self._send = receive, send
        headers = dict(scope["headers"])
        self._unread = _declared_body_size(headers)
        self._closing = False

    async def receive_message(self) -> Message:
        """The next message from the client."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            self._unread = 0
        return message

    async def send_message(self, message: Message) -> None:
        """Send a message to the client.

        If it still sends an unwanted body, the connection is closed afterwards.
        """
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._closing = self._unread > _DISCARDED_BYTES
            extra = [(b"x-request-id", self.id.encode())]
            extra += [(b"connection", b"close")] if self._closing else []
            message["headers"] = [*message["headers"], *extra]
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        if is_last and self._closing:
            await self._send({**message, "more_body": True})
            self.answered = time.perf_counter()
            await self._drain_body()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)
        if is_last and self.answered is None:
            self.answered = time.perf_counter()

    async def _drain_body(self) -> None:
        """Read a little more: a client that is cut off while it sends may never see the response."""
        remaining = _LINGER_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                while remaining > 0 and self._unread:
                    remaining -= len((await self.receive_message()).get("body", b""))


def _declared_body_size(headers: dict[bytes, bytes]) -> float:
    """The body size that the client declares in bytes; infinite for a chunked body."""
    if b"transfer-encoding" in headers:
        return float("inf")
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0
