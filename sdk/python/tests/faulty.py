"""A real HTTP server with scripted faults. At the end of its script it passes requests on to another one."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """An answer that is not the service's."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Cut:
    """The connection breaks: `before` anything was read by the service, or `after` the service has done it.

    `within`: after that many bytes of the body of the answer; without it no byte of an answer is sent.
    `reset`: with a TCP reset rather than an end.
    """

    when: str = "before"
    within: int | None = None
    reset: bool = False


PASS = "pass"


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


def problem(status: int, code: str, **more: Any) -> Reply:
    """An answer of the service's kind."""
    body = {"title": code, "status": status, "code": code, "detail": "scripted", "request_id": "r-1"}
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    return Reply(status, {**body, **more}, headers)


class FaultyServer:
    """`script` is used up from its start, a fault for each request."""

    def __init__(self, upstream: str = "") -> None:
        self.upstream = urlsplit(upstream)
        self.script: list[Any] = []
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def keys(self) -> list[str | None]:
        """The Idempotency-Keys that came."""
        return [seen.headers.get("idempotency-key") for seen in self.seen]

    def waits(self) -> list[float]:
        """Seconds between the requests."""
        times = [seen.at for seen in self.seen]
        return [later - earlier for earlier, later in zip(times, times[1:])]

    def take(self, seen: Seen) -> Any:
        with self.lock:
            self.seen.append(seen)
            return self.script.pop(0) if self.script else PASS


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, faulty: FaultyServer) -> None:
        self.faulty = faulty
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        body = self._read_body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = self.server.faulty.take(Seen(self.command, self.path, headers, body, time.monotonic()))
        if isinstance(fault, Cut) and fault.when == "before":
            self._break(fault)
        elif isinstance(fault, Reply):
            time.sleep(fault.delay)
            raw = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
            self._send(fault.status, dict(fault.headers), b"" if fault.body is None else raw)
        else:
            status, sent, answer = self._pass_on(body)
            if isinstance(fault, Cut):
                self._break(fault, status, answer)
            else:
                self._send(status, sent, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _pass_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = self.server.faulty.upstream
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=30)
        left_out = {"host", "connection", "transfer-encoding", "content-length"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            sent = {name: value for name, value in answer.getheaders() if name.lower() not in left_out}
            return answer.status, sent, answer.read()
        finally:
            connection.close()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _break(self, cut: Cut, status: int = 200, body: bytes = b"") -> None:
        self.close_connection = True
        if cut.within is not None:
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body[: cut.within])
        self.wfile.flush()
        if cut.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the output clean."""
