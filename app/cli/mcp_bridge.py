"""`memcubed mcp --stdio`: hands the messages of a desktop client to the `/mcp` of a running service.

A client that starts a program instead of calling a URL writes one JSON message a line and reads the answers
the same way. The service keeps no state between messages, so each is one POST; only the version of the
protocol, which the handshake settles, is repeated in a header of the later ones.
"""

import base64
import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TextIO, cast
from urllib.parse import quote

import httpx

CONCURRENT_CALLS = 8
MAX_LINE_BYTES = 1024 * 1024  # more than the service takes
TIMEOUT_SECONDS = 60.0
_PARSE_ERROR, _INVALID_REQUEST, _INTERNAL_ERROR = -32700, -32600, -32603
_VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where the service is, the key for it, and whom the connection is bound to."""

    url: str
    key: str
    user_id: str | None = None
    session_id: str | None = None

    def build_headers(self) -> dict[str, str]:
        """The headers that every message has."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        if self.user_id is not None:
            headers["X-Memcubed-User"] = quote(self.user_id, safe="")
        if self.session_id is not None:
            headers["X-Memcubed-Session"] = quote(self.session_id, safe="")
        return headers


@dataclass(slots=True)
class Bridge:
    """One desktop client's connection to the service."""

    address: ServiceAddress
    http: httpx.Client
    output: TextIO
    _version: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle_line(self, line: bytes) -> None:
        """Send one message, and write the answer if one is due."""
        if len(line) > MAX_LINE_BYTES:
            self._write(
                _build_error(None, _INVALID_REQUEST, f"A message has at most {MAX_LINE_BYTES} bytes.")
            )
            return
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            self._write(_build_error(None, _PARSE_ERROR, "This line is not JSON."))
            return
        if not isinstance(message, dict):
            self._write(_build_error(None, _INVALID_REQUEST, "A message is one JSON object."))
            return
        answer = self._exchange(cast(Message, message), line)
        if answer is not None:
            self._write(answer)

    def _exchange(self, message: Message, line: bytes) -> Message | None:
        """The answer to a message; None for a notification."""
        request_id = message.get("id")
        try:
            response = self.http.post("/mcp", content=line, headers=self._version_headers(message))
        except httpx.HTTPError as exc:
            problem = f"memcubed does not answer at {self.address.url} ({type(exc).__name__}): is it running?"
            return _build_error(request_id, _INTERNAL_ERROR, problem) if request_id is not None else None
        if request_id is None:
            return None
        answer = _read_answer(response, request_id)
        if message.get("method") == "initialize" and isinstance(answer.get("result"), dict):
            self._version = answer["result"].get("protocolVersion")
        return answer

    def _version_headers(self, message: Message) -> dict[str, str]:
        """The headers for the version of the protocol; a message without a handshake names its own."""
        method, params = message.get("method"), message.get("params")
        if method == "initialize" or not isinstance(method, str):
            return {}
        given = cast(Message, params) if isinstance(params, dict) else {}
        meta = given.get("_meta")
        own = cast(Message, meta).get(_VERSION_KEY) if isinstance(meta, dict) else None
        if not isinstance(own, str):
            return {"MCP-Protocol-Version": self._version} if self._version is not None else {}
        headers = {"MCP-Protocol-Version": _encode_header(own), "Mcp-Method": _encode_header(method)}
        name = given.get(_NAMED_BY.get(method, ""))
        if isinstance(name, str):
            headers["Mcp-Name"] = _encode_header(name)
        return headers

    def _write(self, message: Message) -> None:
        with self._lock:
            self.output.write(json.dumps(message, separators=(",", ":")) + "\n")
            self.output.flush()


def run_bridge(address: ServiceAddress) -> None:
    """Serve standard input until it ends."""
    limits = httpx.Limits(max_connections=CONCURRENT_CALLS)
    with httpx.Client(
        base_url=address.url,
        headers=address.build_headers(),
        timeout=TIMEOUT_SECONDS,
        limits=limits,
    ) as http:
        bridge = Bridge(address, http, sys.stdout)
        with ThreadPoolExecutor(CONCURRENT_CALLS) as pool:
            for line in _iter_lines(sys.stdin.buffer):
                if b'"initialize"' in line:  # what follows needs the version that it settles
                    bridge.handle_line(line)
                else:
                    # The result is None, or an exception, which this writes on standard error.
                    pool.submit(bridge.handle_line, line).add_done_callback(Future.result)


def _iter_lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are not empty; of one that is too long the beginning, which says so."""
    while line := source.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(MAX_LINE_BYTES + 1)
        if line.strip():
            yield line


def _read_answer(response: httpx.Response, request_id: Any) -> Message:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "jsonrpc" in answer:
        # Of a message that could not be read the service does not know the id, but this side does.
        return cast(Message, answer) | {"id": request_id}
    detail = cast(Message, answer).get("detail") if isinstance(answer, dict) else None
    problem = detail if isinstance(detail, str) else "an answer that is no message of the protocol"
    return _build_error(request_id, _INTERNAL_ERROR, f"memcubed: {problem} (HTTP {response.status_code})")


def _build_error(request_id: Any, code: int, message: str) -> Message:
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": message}}


def _encode_header(value: str) -> str:
    """The value as a header can carry it, by the protocol's own marks for what is not ASCII."""
    if value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?"):
        return value
    return f"=?base64?{base64.b64encode(value.encode(errors='replace')).decode()}?="
