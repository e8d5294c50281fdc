"""A chat completion as it is written: server-sent events of an OpenAI-compatible endpoint."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.llm.chat import Message, build_request_body, parse_json_object
from app.llm.client import EndpointClient, EndpointFailed, Usage, parse_token_usage

MAX_STREAM_CHARS = 200_000  # chosen: an answer is short


@dataclass
class StreamedReply:
    """What a stream has brought so far; `value` is the JSON object once it is complete and fits.

    `usage` is known when the stream has ended.
    """

    text: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    value: dict[str, Any] | None = None


def stream_json(
    client: EndpointClient,
    request: tuple[str, Sequence[Message]],
    schema: tuple[dict[str, Any], str],
    reply: StreamedReply,
) -> Generator[str]:
    """Yield the parts of the text of one completion, and keep all of it in `reply`.

    `request` is the model and its messages, `schema` that of the answer and its name. Asks once: whoever
    wants another attempt asks without a stream. Raises EndpointFailed: as the client does, and "cut off" when
    the stream ends before the completion does.
    """
    model, messages = request
    body = build_request_body(model, messages, *schema, "json_schema")
    body |= {"stream": True, "stream_options": {"include_usage": True}, "temperature": 0}
    events = _Stopwatch(client.stream_json("/chat/completions", body))
    has_failed = False
    try:
        yield from _read_text(events, reply)
        reply.value, _ = parse_json_object(reply.text, schema[0])
        if reply.value is None:
            raise EndpointFailed("The model's answer is unparsable.", answered=True)
    except EndpointFailed:
        has_failed = True
        raise
    finally:
        events.close()
        of_call = Usage.of_failure if has_failed else Usage.of_answer
        reply.usage += of_call(events.seconds)


def _read_text(events: Iterator[dict[str, Any]], reply: StreamedReply) -> Generator[str]:
    is_complete = False
    for event in events:
        reply.usage += parse_token_usage(event)
        reply.model = str(event.get("model") or reply.model)
        choice = _first_choice(event)
        if choice is None:
            continue
        is_complete = is_complete or choice.get("finish_reason") == "stop"
        part = _text_of(choice)
        if part:
            reply.text += part
            if len(reply.text) > MAX_STREAM_CHARS:
                raise EndpointFailed("The model endpoint's answer is too long.", retryable=False)
            yield part
    if not is_complete:
        raise EndpointFailed("The model endpoint's answer was cut off.", answered=True)


class _Stopwatch(Iterator[dict[str, Any]]):
    """Measures how long events are waited for, and not how long their reader takes."""

    def __init__(self, events: Generator[dict[str, Any]]) -> None:
        self._events, self.seconds = events, 0.0

    def __next__(self) -> dict[str, Any]:
        began = time.monotonic()
        try:
            return next(self._events)
        finally:
            self.seconds += time.monotonic() - began

    def close(self) -> None:
        """End the call."""
        self._events.close()


def _first_choice(event: dict[str, Any]) -> dict[str, Any] | None:
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _text_of(choice: dict[str, Any]) -> str:
    """The text of a chunk; a server that does not stream sends a whole message."""
    part = choice.get("delta") or choice.get("message")
    content = part.get("content") if isinstance(part, dict) else None
    return content if isinstance(content, str) else ""
