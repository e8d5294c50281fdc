"""Claude: `conversations.json` of an export, with `chat_messages`."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.cli.importing.fields import (
    FieldFault,
    JsonObject,
    as_list,
    as_object,
    id_of,
    instant_of,
    optional_text,
)
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.message_trees import branch_paths
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import ImportedConversation, ImportedRecord, ImportedTurn

MEMBERS = ("conversations.json",)
_ROLES = {"human": "user", "user": "user", "assistant": "assistant"}


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds."""
    yield from file.iter_records("conversations")


def convert_record(record: Located, options: ReadOptions) -> Iterator[ImportedRecord]:
    """The conversation of a record, and its other branches if asked for. Raises `FieldFault`."""
    value = as_object(record.value, "")
    session_id = id_of(value, "uuid", "uuid")
    title = optional_text(value, "name", "name")
    turns: dict[str, ImportedTurn] = {}
    messages: dict[str, JsonObject] = {}
    for at, one in enumerate(as_list(value.get("chat_messages"), "chat_messages")):
        field = f"chat_messages[{at}]"
        message = as_object(one, field)
        message_id = optional_text(message, "uuid", f"{field}.uuid") or f"{session_id}-{at}"
        messages[message_id] = message
        turn = _to_turn(message, message_id, field, options)
        if turn is not None:
            turns[message_id] = turn
    for leaf, path in _paths(value, messages, options):
        said = [turns[message_id] for message_id in path if message_id in turns]
        name = session_id if leaf is None else f"{session_id}~{leaf}"
        yield ImportedConversation(record.place, None, name, said, {"title": title} if title else {})


def _paths(
    value: JsonObject, messages: Mapping[str, JsonObject], options: ReadOptions
) -> Iterator[tuple[str | None, list[str]]]:
    parents = [message.get("parent_message_uuid") for message in messages.values()]
    if not any(parent in messages for parent in parents if isinstance(parent, str)):
        yield None, list(messages)  # an export without parents is the conversation in its order
        return
    current = value.get("current_leaf_message_uuid")
    yield from branch_paths(
        messages,
        current,
        lambda message: message.get("parent_message_uuid"),
        with_others=options.all_branches,
    )


def _to_turn(message: JsonObject, ref: str, field: str, options: ReadOptions) -> ImportedTurn | None:
    role = _ROLES.get(str(message.get("sender")))
    if role is None:
        raise FieldFault(f"{field}.sender", "should be human or assistant")
    blocks = as_list(message.get("content"), f"{field}.content")
    content = "\n".join(text for block in blocks if (text := _block_text(block)))
    content = content or optional_text(message, "text", f"{field}.text") or ""
    if not content.strip():
        return None
    at = instant_of(message, "created_at", f"{field}.created_at")
    return ImportedTurn(role, content, ref, at, options.name_of(role))


def _block_text(block: Any) -> str:
    """The text of a block of text; what tools were asked and what they answered is not said by anybody."""
    if not isinstance(block, Mapping) or block.get("type") != "text":
        return ""
    text = block.get("text")
    return text if isinstance(text, str) else ""
