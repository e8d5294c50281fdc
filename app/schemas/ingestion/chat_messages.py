"""Messages in the form of OpenAI's clients: content in parts, and calls of tools in place of a text."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, WithJsonSchema, model_validator

from app.core.vocabulary import Role
from app.schemas.common import Content, Id, Message, Name

MAX_PARTS = 100
MAX_TOOL_CALLS = 64
TEXT_FIELDS = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}
CALLS_KEY, CALL_ID_KEY = "tool_calls", "tool_call_id"
_NO_TEXT = "calls"


class CalledFunction(Message):
    """A function that the model calls."""

    name: Name
    arguments: str = Field(description="JSON as the model wrote it")


class CalledTool(Message):
    """A tool with free input that the model calls."""

    name: Name
    input: str


class ToolCall(Message):
    """A call that a model asks for; the turn with the result names its `id` as `tool_call_id`."""

    id: Id
    type: Literal["function", "custom"] = "function"
    function: CalledFunction | None = None
    custom: CalledTool | None = None

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if (self.function is None) == (self.custom is None) or getattr(self, self.type) is None:
            raise ValueError("give what `type` names: either `function` or `custom`")
        return self

    @property
    def text(self) -> str:
        """The call as a line of text."""
        if self.function is not None:
            return f"{self.function.name}({self.function.arguments})"
        return f"{self.custom.name}({self.custom.input})" if self.custom is not None else ""


def join_text_parts(value: Any) -> Any:
    """The text of content that comes as a list of parts, a part a line.

    Raises `ValueError` for a part that is no text, as nothing that is sent is left out in silence.
    """
    if not isinstance(value, list):
        return value
    if len(value) > MAX_PARTS:
        raise ValueError(f"has more than {MAX_PARTS} parts")
    return "\n".join(_text_of_part(index, part) for index, part in enumerate(value))


def _text_of_part(index: int, part: Any) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    field = TEXT_FIELDS.get(kind) if isinstance(kind, str) else None
    if field is None:
        names = ", ".join(TEXT_FIELDS)
        raise ValueError(f"part {index} is no text: a turn keeps parts of the types {names}")
    further = [name for name, held in part.items() if name not in {"type", field} and held]
    if further:
        raise ValueError(f"part {index} has `{further[0]}`, which a turn does not keep: put it in `metadata`")
    if not isinstance(part.get(field), str):
        raise ValueError(f"part {index} has no string `{field}`")
    return part[field]


_PARTS_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1, "pattern": r"\S"},
        {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_PARTS,
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"type": "string", "enum": list(TEXT_FIELDS)},
                    "text": {"type": "string"},
                    "refusal": {"type": "string"},
                },
            },
        },
        {"type": "null"},
    ],
    "description": "What is said: a text, or OpenAI's parts of text, which are joined by line breaks. Only an"
    " assistant's turn with `tool_calls` may leave it out or null",
}
PartedContent = Annotated[Content, BeforeValidator(join_text_parts), WithJsonSchema(_PARTS_SCHEMA)]


def _is_none(value: object) -> bool:
    return (
        value is None
    )  # left out of what an Idempotency-Key is compared by, as before there were such fields


class ChatMessage(Message):
    """What OpenAI's messages and turns have in common."""

    role: Role
    content: PartedContent
    tool_calls: list[ToolCall] | None = Field(
        default=None,
        max_length=MAX_TOOL_CALLS,
        exclude_if=_is_none,
        description="Of an assistant: the tools that it calls",
    )
    tool_call_id: Id | None = Field(
        default=None, exclude_if=_is_none, description="Of a tool's turn: the call that it answers"
    )

    @model_validator(mode="wrap")
    @classmethod
    def _take_calls_for_content(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Let the calls of tools stand for a content that is missing."""
        has_no_text = isinstance(value, dict) and value.get("tool_calls") and not value.get("content")
        message = handler({**value, "content": _NO_TEXT} if has_no_text else value)
        if has_no_text and message.tool_calls:
            message.content = "\n".join(call.text for call in message.tool_calls)
            message._has_text = False
        return message

    _has_text: bool = True

    @model_validator(mode="after")
    def _check_roles(self) -> Self:
        if self.tool_calls and self.role is not Role.ASSISTANT:
            raise ValueError("only an assistant has `tool_calls`")
        if self.tool_call_id is not None and self.role is not Role.TOOL:
            raise ValueError("only a tool has a `tool_call_id`")
        return self

    @property
    def has_text(self) -> bool:
        """Whether something is said; else the content tells the calls of tools."""
        return self._has_text

    @property
    def call_metadata(self) -> dict[str, Any]:
        """What of the calls is kept with the metadata."""
        kept: dict[str, Any] = {}
        if self.tool_calls:
            kept[CALLS_KEY] = [call.model_dump(exclude_none=True) for call in self.tool_calls]
        if self.tool_call_id is not None:
            kept[CALL_ID_KEY] = self.tool_call_id
        return kept
