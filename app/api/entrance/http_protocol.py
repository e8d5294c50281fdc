"""HTTP/1.1 as uvicorn speaks it, with bounds on what comes before a request and on the connections."""

import asyncio
from secrets import token_hex
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.entrance.problems import MEDIA_TYPE, encode_problem

log = structlog.get_logger(__name__)
HEAD_BYTES, HEADERS = 32 * 1024, 100
HEAD_SECONDS = 10.0  # for the head of a request, and for what is left of a body that nobody reads
CONNECTIONS = 512


_TOO_LARGE = (431, "too_large", f"The head of a request is at most {HEAD_BYTES} bytes and {HEADERS} headers.")
_LATE = (408, "request_timeout", "The head of the request did not come in time.")
_FULL = (503, "unavailable", "Too many connections are open; try again.")


class HeadTooLarge(Exception):
    """The line of the request and its headers are too long."""


class BoundedProtocol(HttpToolsProtocol):
    """A connection that ends when its client takes too long to begin a request, or begins with too much."""

    head_seconds, most_connections = HEAD_SECONDS, CONNECTIONS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head, self._in_message = True, False
        self._received_bytes = (
            0  # bytes since the last whole request: what the parser holds of a line it does not tell
        )
        self._idle_since = self.loop.time()
        self._head_bytes = 0  # bytes of the URL and the headers that it did tell
        self._refusal = (400, "bad_request", "This is no valid HTTP request.")

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, transport: asyncio.Transport
    ) -> None:
        """A client is there."""
        super().connection_made(transport)
        if self._admit_connection():
            self._start_timer()
        else:
            self._refuse_connection(_FULL)

    def _admit_connection(self) -> bool:
        """Whether the connection may stay; where all are taken, the one that has been idle longest goes.

        So whoever opens many and says nothing shuts nobody out.
        """
        there: list[BoundedProtocol] = [one for one in self.connections if not one.transport.is_closing()]
        if len(there) <= self.most_connections:
            return True
        idle = [one for one in there if one is not self and one.is_idle()]
        if idle:
            min(idle, key=lambda one: one.idle_since).evict_connection()
        return bool(idle)

    @property
    def idle_since(self) -> float:
        """When it was opened or its last answer was sent, by the loop's clock."""
        return self._idle_since

    def is_idle(self) -> bool:
        """Whether no request of it is under way: none was sent, or not even its head is whole."""
        return self._in_head and not self._is_answering()

    def evict_connection(self) -> None:
        """End the connection, with a word to who has begun a request."""
        if self._in_message or self._received_bytes:
            self._refuse_connection(_FULL)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
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
        """A request begins."""
        super().on_message_begin()
        self._in_message, self._head_bytes = True, 0
        if self._timer is None:
            self._start_timer()

    def on_url(self, url: bytes) -> None:
        """A part of the URL."""
        super().on_url(url)
        self._count_head_bytes(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or what is sent as one behind a body in pieces."""
        super().on_header(name, value)
        self._count_head_bytes(len(name) + len(value))

    def _count_head_bytes(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES or len(self.headers) > HEADERS:
            self._refusal = _TOO_LARGE
            raise HeadTooLarge  # the parser ends with it, and `send_400_response` is called

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head, self._received_bytes = False, 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; another may begin."""
        self._in_head, self._in_message, self._received_bytes = True, False, 0
        self._stop_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent, perhaps before the body came: nobody reads on, so its time is seen to here."""
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self._in_message and self._timer is None and not self.transport.is_closing():
            self._start_timer()

    def send_400_response(self, msg: str) -> None:
        """What came is no request that is taken."""
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

    def _refuse_connection(self, why: tuple[int, str, str]) -> None:
        """Say why, unless another answer is on its way, and end the connection."""
        status, code, detail = why
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
