"""uvicorn's HTTP/1.1 protocol with limits on the head of a request and on the number of connections."""

import asyncio
from secrets import token_hex
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.entrance.problems import MEDIA_TYPE, encode_problem
from app.core.vocabulary import ProblemCode

log = structlog.get_logger(__name__)
HEAD_BYTES, HEADERS = 32 * 1024, 100
HEAD_SECONDS = 10.0  # for the head of a request, and for the rest of a body that is not read
CONNECTIONS = 512


_TOO_LARGE = (
    431,
    ProblemCode.TOO_LARGE,
    f"The head of a request is at most {HEAD_BYTES} bytes and {HEADERS} headers.",
)
_LATE = (408, ProblemCode.REQUEST_TIMEOUT, "The head of the request did not come in time.")
_FULL = (503, ProblemCode.UNAVAILABLE, "Too many connections are open; try again.")


class HeadTooLarge(Exception):
    """The request line and headers are too long."""


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed if its client takes too long to send a head, or sends too large a one."""

    head_seconds, most_connections = HEAD_SECONDS, CONNECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head, self._in_message = True, False
        self._received_bytes = (
            # bytes since the last complete request, including those that the parser buffers of an incomplete
            # line
            0
        )
        self._idle_since = self.loop.time()
        self._head_bytes = 0  # bytes of the URL and headers that the parser has reported
        self._refusal = (400, ProblemCode.BAD_REQUEST, "This is no valid HTTP request.")

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, transport: asyncio.Transport
    ) -> None:
        """Called by asyncio: a client has connected."""
        super().connection_made(transport)
        if self._admit_connection():
            self._start_timer()
        else:
            self._refuse_connection(_FULL)

    def _admit_connection(self) -> bool:
        """Whether the connection may stay; if there are too many, the one that was idle longest is closed.

        So a client that opens many connections and sends nothing excludes nobody.
        """
        open_connections: list[BoundedProtocol] = [
            connection for connection in self.connections if not connection.transport.is_closing()
        ]
        if len(open_connections) <= self.most_connections:
            return True
        idle = [
            connection for connection in open_connections if connection is not self and connection.is_idle()
        ]
        if idle:
            min(idle, key=lambda connection: connection.idle_since).evict_connection()
        return bool(idle)

    @property
    def idle_since(self) -> float:
        """When it was opened or its last response was sent, by the loop's clock, in seconds."""
        return self._idle_since

    def is_idle(self) -> bool:
        """Whether it has no request in progress: none was sent, or its head is incomplete."""
        return self._in_head and not self._is_answering()

    def evict_connection(self) -> None:
        """Close the connection, with a 503 response if a request has begun."""
        if self._in_message or self._received_bytes:
            self._refuse_connection(_FULL)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the connection is closed."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: bytes from the client."""
        if self.transport.is_closing():
            return
        self._received_bytes += len(data) if self._in_head else 0
        super().data_received(data)
        if not self._in_head or not self._received_bytes or self.transport.is_closing():
            return
        if self._received_bytes > HEAD_BYTES:
            self._refuse_connection(_TOO_LARGE)
        elif self._timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        """Called by the parser: a request begins."""
        super().on_message_begin()
        self._in_message, self._head_bytes = True, 0
        if self._timer is None:
            self._start_timer()

    def on_url(self, url: bytes) -> None:
        """Called by the parser: a part of the URL."""
        super().on_url(url)
        self._count_head_bytes(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser: a header, or a trailer after a chunked body."""
        super().on_header(name, value)
        self._count_head_bytes(len(name) + len(value))

    def _count_head_bytes(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES or len(self.headers) > HEADERS:
            self._refusal = _TOO_LARGE
            raise HeadTooLarge  # the parser stops, and `send_400_response` is called

    def on_headers_complete(self) -> None:
        """Called by the parser: the head is complete."""
        self._in_head, self._received_bytes = False, 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser: the request is complete; another may begin."""
        self._in_head, self._in_message, self._received_bytes = True, False, 0
        self._stop_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Called by uvicorn: the response is sent.

        The body may not have arrived yet; the time for the rest of it is limited here.
        """
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self._in_message and self._timer is None and not self.transport.is_closing():
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn: the received bytes are no acceptable request."""
        del msg
        self._refuse_connection(self._refusal)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._is_answering():
            self._start_timer()
        elif self._in_head and (self._in_message or self._received_bytes):
            self._refuse_connection(_LATE)
        else:
            self.transport.close()

    def _is_answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _refuse_connection(self, refusal: tuple[int, ProblemCode, str]) -> None:
        """Respond with the reason, unless another response is being sent, and close the connection."""
        status, code, detail = refusal
        request_id = token_hex(16)
        log.info("refused", status=status, code=code, request_id=request_id)
        if self._is_answering():
            started, self.cycle.disconnected = self.cycle.response_started, True
            self.cycle.message_event.set()
            if started:
                self.transport.close()
                return
        body = encode_problem(status, code, detail, request_id)
        head = [
            STATUS_LINE[status].rstrip(),
            b"content-type: " + MEDIA_TYPE.encode(),
            b"content-length: %d" % len(body),
            b"x-request-id: " + request_id.encode(),
            b"connection: close",
        ]
        if status == 503:
            head.append(b"retry-after: 1")
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()
