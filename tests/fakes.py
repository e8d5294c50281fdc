"""A scripted model endpoint: real HTTP on the loopback, so that everything up to the socket is under test."""

import json
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

Responder = Callable[[list[dict[str, Any]]], str | dict[str, Any]]
EmbedResponder = Callable[[list[str]], list[list[float]]]


@dataclass(frozen=True)
class Answer:
    """One scripted answer. `text` (or `value`, as JSON) becomes a completion; `body` is sent as it is.

    `drop` closes the connection without a word; `delay` is in seconds. A request with `stream` is answered by
    events of a few characters, `pause` seconds apart; `cut` is after how many the connection closes. `events`
    are sent in place of these, dicts as JSON and texts as they are.
    """

    value: Any = None
    text: str | None = None
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    finish_reason: str = "stop"
    drop: bool = False
    pause: float = 0.0
    cut: int | None = None
    events: Sequence[Any] | None = None


class ScriptedLLM:
    """An OpenAI-compatible server on 127.0.0.1 with /chat/completions and /embeddings.

    Answers in `queue` are given first, to whatever path is asked; then `on_chat(messages)` (str = the text,
    dict = the JSON) and `on_embed(texts)`. By default chats get {"facts": []} and embeddings hashed words.
    `requests` are the bodies received, `paths` and `headers` belong to them by index.

        with ScriptedLLM() as llm:
            llm.queue.append(Answer(status=429, headers={"Retry-After": "1"}))
            llm.on_chat = lambda messages: {"facts": []}
            EndpointClient(llm.base_url)
    """

    def __init__(self, *, dimensions: int = 384) -> None:
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.queue: deque[Answer] = deque()
        self.on_chat: Responder = lambda messages: {"facts": []}
        self.on_embed: EmbedResponder = lambda texts: [hashed_words(text, dimensions) for text in texts]
        self.hung_up = 0  # how many clients left before their answer was written
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> "ScriptedLLM":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        assert not self._thread.is_alive(), "the server did not end"

    def chats(self) -> list[dict[str, Any]]:
        """The bodies that were sent to /chat/completions."""
        return [body for body, path in zip(self.requests, self.paths, strict=True) if "chat" in path]

    def take(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        """Note the request and choose its answer."""
        with self._lock:
            self.requests.append(body)
            self.paths.append(path)
            self.headers.append({name.lower(): value for name, value in headers.items()})
            if self.queue:
                return self.queue.popleft()
        if path.endswith("/chat/completions"):
            reply = self.on_chat(body["messages"])
            return Answer(text=reply) if isinstance(reply, str) else Answer(value=reply)
        if path.endswith("/embeddings"):
            texts = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
            rows = [{"index": at, "embedding": row} for at, row in enumerate(self.on_embed(texts))]
            return Answer(body={"data": rows, "model": body["model"], "usage": {"prompt_tokens": len(texts)}})
        return Answer(status=404, body={"error": {"code": "not_found", "message": path}})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, llm: ScriptedLLM) -> None:
        self.llm = llm
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up after its time-out is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # one request for each connection: nothing stays open after a test
    server: _Server

    def do_GET(self) -> None:
        answer = self.server.llm.take(self.path, {}, dict(self.headers.items()))
        raw = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.llm.take(self.path, body, dict(self.headers.items()))
        time.sleep(answer.delay)
        if answer.drop:
            return
        if body.get("stream") and answer.body is None and answer.status == 200:
            try:
                self._stream(answer, completion(answer, body))
            except ConnectionError:
                self.server.llm.hung_up += 1
            return
        content = answer.body if answer.body is not None else completion(answer, body)
        raw = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _stream(self, answer: Answer, whole: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for event in answer.events or ():
            raw = (
                event.encode() if isinstance(event, str) else b"data: " + json.dumps(event).encode() + b"\n\n"
            )
            self.wfile.write(raw)
            self.wfile.flush()
            time.sleep(answer.pause)
        if answer.events is not None:
            return
        text = whole["choices"][0]["message"]["content"]
        parts = [text[at : at + 7] for at in range(0, len(text), 7)]
        for number, part in enumerate(parts):
            if number == answer.cut:
                return
            self._send_event(whole, {"delta": {"content": part}, "finish_reason": None})
            time.sleep(answer.pause)
        self._send_event(whole, {"delta": {}, "finish_reason": answer.finish_reason})
        usage = {"choices": [], "usage": whole["usage"]}
        self.wfile.write(b"data: " + json.dumps(usage).encode() + b"\n\ndata: [DONE]\n\n")

    def _send_event(self, whole: dict[str, Any], choice: dict[str, Any]) -> None:
        event = {"model": whole["model"], "choices": [{"index": 0, **choice}]}
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test output clean."""


def completion(answer: Answer, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a chat completion, or of an error if the status says so."""
    if answer.status >= 400:
        return {"error": {"code": "scripted", "message": "a scripted error"}}
    text = answer.text if answer.text is not None else json.dumps(answer.value, ensure_ascii=False)
    message = {"role": "assistant", "content": text}
    return {
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }


def user_message(request_body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that the first user message of a request of ours holds; {} if it holds none."""
    for message in request_body["messages"]:
        if message["role"] == "user":
            try:
                return dict(json.loads(message["content"]))
            except ValueError:
                continue
    return {}


def turns_of(request_body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The turns of an extraction request, [{n, speaker, role, observed_at, content}]; [] for another one."""
    return list(user_message(request_body).get("turns", []))


def pairs_of(request_body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pairs of a verdict request, [{pair, new, new_date, stored, stored_date}]; [] for another one."""
    return list(user_message(request_body).get("pairs", []))


def hashed_words(text: str, dimensions: int) -> list[float]:
    """A deterministic unit vector: texts that share words are near each other."""
    vector = np.zeros(dimensions)
    for word in text.lower().split() or [""]:
        vector += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(dimensions)
    return [float(x) for x in vector / np.linalg.norm(vector)]


class FakeEmbedder:
    """An Embedder without a model: hashed words."""

    def __init__(self, dimensions: int = 384, model_id: str = "hashed-words") -> None:
        self.dimensions = dimensions
        self.model_id = model_id

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = [hashed_words(text, self.dimensions) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimensions)

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed([text])[0]

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.embed(texts)
