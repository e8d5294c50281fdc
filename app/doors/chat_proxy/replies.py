"""What a model has answered, from one JSON object or from the chunks of a stream: its first choice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.llm.client import Usage, parse_token_usage

MAX_REPLY_CHARS = 1_000_000
MAX_CALLS = 128


@dataclass
class Reply:
    """The first choice of an answer, put together from what has come so far; `usage` has its tokens."""

    content: str = ""
    refusal: str = ""
    calls: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    usage: Usage = field(default_factory=Usage)

    def add(self, event: object) -> None:
        """Take in a chunk or a whole answer; what has another form is left out."""
        if not isinstance(event, Mapping):
            return
        self.usage += parse_token_usage(event)
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, Mapping) and choice.get("index", 0) == 0:
                told = choice.get("delta") or choice.get("message")
                if isinstance(told, Mapping):
                    self._add_message(told)

    def add_event(self, raw: bytes) -> None:
        """Take in one server-sent event."""
        lines = [
            line.removeprefix(b"data:").strip() for line in raw.splitlines() if line.startswith(b"data:")
        ]
        try:
            self.add(json.loads(b"\n".join(lines)))
        except (ValueError, RecursionError):
            return  # `[DONE]`, and what nobody can read

    def _add_message(self, told: Mapping[str, Any]) -> None:
        self.content = self._joined(self.content, told.get("content"))
        self.refusal = self._joined(self.refusal, told.get("refusal"))
        calls = told.get("tool_calls")
        parts: list[Any] = calls if isinstance(calls, list) else []
        for place, call in enumerate(parts):
            if isinstance(call, Mapping):
                index = call.get("index", place)
                if isinstance(index, int) and 0 <= index < MAX_CALLS:
                    _add_call(self.calls.setdefault(index, {}), call)

    def _joined(self, text: str, more: object) -> str:
        return (text + more)[:MAX_REPLY_CHARS] if isinstance(more, str) else text

    @property
    def message(self) -> dict[str, Any] | None:
        """The answer as a message; None while it says nothing."""
        calls = [self.calls[index] for index in sorted(self.calls)]
        content = self.content or self.refusal or None
        if content is None and not calls:
            return None
        return {"role": "assistant", "content": content, "tool_calls": calls}


def _add_call(call: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name in ("id", "type"):
        if isinstance(more.get(name), str):
            call[name] = more[name]
    for kind in ("function", "custom"):
        told = more.get(kind)
        if isinstance(told, Mapping):
            made: dict[str, Any] = call.setdefault(kind, {})
            for name in ("name", "arguments", "input"):
                if isinstance(told.get(name), str):
                    made[name] = (made.get(name, "") + told[name])[:MAX_REPLY_CHARS]
