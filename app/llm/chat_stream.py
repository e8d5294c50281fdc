"""A chat completion as it is written: server-sent events of an OpenAI-compatible endpoint."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.llm.chat import Message, build_request_body, parse_json_object
from app.llm.client import EndpointClient, EndpointFailed, Usage, parse_token_usage

MAX_STREAM_CHARS = 200_000  # chosen: an answer is short


@dataclass
class StreamedReply:
    """What a stream has brought so far; `value` is the JSON object once it is complete and fits."""

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
    reply.usage = Usage(calls=1)
    is_complete = False
    for event in client.stream_json("/chat/completions", body):
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
    reply.value, _ = parse_json_object(reply.text, schema[0])
    if reply.value is None:
        raise EndpointFailed("The model's answer is unparsable.", answered=True)


def _first_choice(event: dict[str, Any]) -> dict[str, Any] | None:
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _text_of(choice: dict[str, Any]) -> str:
    """The text of a chunk; a server that does not stream sends a whole message."""
    part = choice.get("delta") or choice.get("message")
    content = part.get("content") if isinstance(part, dict) else None
    return content if isinstance(content, str) else ""
