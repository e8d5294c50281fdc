"""An app behind the server of `memcubed serve`, and clients that write bytes."""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import orjson
import uvicorn

from app.api.entrance.http_protocol import BoundedProtocol

END_SECONDS = 10
# For clients of http:// only: to load the authorities takes 20 ms of CPU each time.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def served(app: Any, protocol: type[BoundedProtocol] = BoundedProtocol) -> Iterator[int]:
    """Serve an app on a port of 127.0.0.1."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=END_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
            assert thread.is_alive()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(3 * END_SECONDS)
    assert not thread.is_alive(), "the server did not end"


@dataclass(frozen=True)
class Answer:
    """What came back, and whether the server ended the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_closed: bool

    @property
    def problem(self) -> Any:
        """The body of an error, checked for its form."""
        assert self.headers["content-type"] == "application/problem+json", self
        found = orjson.loads(self.body)
        assert found["status"] == self.status
        assert found["request_id"] == self.headers["x-request-id"]
        return found


def head(method: str, path: str, key: str | None = None, **headers: str) -> bytes:
    """The head of a request."""
    lines = [f"{method.upper()} {path} HTTP/1.1", "Host: test"]
    lines += [f"Authorization: Bearer {key}"] if key is not None else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunk(piece: bytes) -> bytes:
    """A piece of a body of unknown length; an empty one ends it."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def talk(
    port: int, pieces: Iterable[bytes], pause: float = 0.0, seconds: float = 20, *, may_be_cut: bool = False
) -> Answer:
    """Write the pieces until the server closes, with a pause between them, and read the answer.

    `may_be_cut`: a server that closes while more is sent to it may reset the connection, and what of a long
    answer was not read by then is lost.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        writer = threading.Thread(target=_write, args=(connection, pieces, pause), daemon=True)
        writer.start()
        try:
            answer = _answer(connection, may_be_cut=may_be_cut)
        finally:
            with suppress(OSError):  # the server may have closed it
                connection.shutdown(socket.SHUT_RDWR)  # wakes a writer that waits for the server to read
            connection.close()
            writer.join(2 * seconds)
        assert not writer.is_alive(), "the pieces have no end"
    return answer


def _write(connection: socket.socket, pieces: Iterable[bytes], pause: float) -> None:
    try:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
    except OSError:
        pass  # the server, or the reader of its answer, has closed: the answer tells


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""


def _answer(connection: socket.socket, *, may_be_cut: bool) -> Answer:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65_536)
        if not piece:
            return Answer(0, {}, received, True)
        received += piece
    top, _, body = received.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    size = int(headers.get("content-length", "0"))
    while len(body) < size:
        piece = _receive(connection) if may_be_cut else connection.recv(65_536)
        if not piece and may_be_cut:
            break
        assert piece, f"the connection ended {size - len(body)} bytes before the body"
        body += piece
    return Answer(int(first.split()[1]), headers, body, headers.get("connection") == "close")
