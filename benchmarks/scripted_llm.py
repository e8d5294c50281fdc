"""The HTTP side of the scripted LLMs: an OpenAI-compatible endpoint that answers by a function, and counts.

Tokens are counted as a fourth of the characters of all messages and of the answer. `GET /tokens` says how
many there were, by what was asked for, and for 1,000 of the turns that extraction was shown.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

CHARACTERS_PER_TOKEN = 4
Answering = Callable[[dict[str, Any]], dict[str, Any]]
# The field of a request's JSON by which its purpose is known.
_PURPOSES = {
    "turns": "extraction",
    "pairs": "judgement",
    "statements": "summaries",
    "statements_to_conclude_from": "insights",
    "statements_about_the_person": "portraits",
}


class TokenCount:
    """Calls and tokens by purpose, and the turns that were shown to be read."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: Counter[str] = Counter()
        self._tokens: Counter[str] = Counter()
        self._turns = 0
        self._facts = 0

    def add(self, asked: Mapping[str, Any], value: Mapping[str, Any], prompt: int, completion: int) -> None:
        """Count one request and its answer, in tokens."""
        purpose = next((name for field, name in _PURPOSES.items() if field in asked), "other")
        with self._lock:
            self._calls[purpose] += 1
            self._tokens[f"{purpose}, prompt"] += prompt
            self._tokens[f"{purpose}, answer"] += completion
            if purpose == "extraction":
                self._turns += len(asked["turns"])
                self._facts += len(value.get("facts", []))

    def figures(self) -> dict[str, Any]:
        """What was counted since the start."""
        with self._lock:
            total = sum(self._tokens.values())
            answered = self._tokens["extraction, answer"]
            return {
                "turns": self._turns,
                "facts": self._facts,
                "calls": dict(self._calls),
                "tokens": dict(self._tokens),
                "calls_per_1000_turns": round(1_000 * sum(self._calls.values()) / max(1, self._turns), 1),
                "tokens_per_1000_turns": round(1_000 * total / max(1, self._turns)),
                "answer_tokens_per_fact": round(answered / max(1, self._facts), 1),
            }


def serve(port: int, answering: Answering, greeting: str) -> None:
    """Serve chat completions on the loopback until interrupted, then print the tokens that were counted."""
    count = TokenCount()

    class Handler(BaseHTTPRequestHandler):
        """Answers chat completions and says what was counted; other paths are not served."""

        def do_GET(self) -> None:
            self._send(count.figures() if self.path == "/tokens" else {"data": []})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = json.loads(body["messages"][1]["content"])
            value = answering(asked)
            content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            prompt = sum(len(message["content"]) for message in body["messages"]) // CHARACTERS_PER_TOKEN
            completion = len(content) // CHARACTERS_PER_TOKEN
            count.add(asked, value, prompt, completion)
            message = {"role": "assistant", "content": content}
            self._send(
                {
                    "model": body["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": prompt, "completion_tokens": completion},
                }
            )

        def _send(self, answer: Mapping[str, Any]) -> None:
            raw = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    print(f"{greeting} on http://127.0.0.1:{port}/v1; tokens so far: /tokens", flush=True)
    try:
        ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
    except KeyboardInterrupt:
        print(json.dumps(count.figures(), indent=2))
