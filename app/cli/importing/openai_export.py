"""ChatGPT: `conversations.json` of an export, whose conversations are trees of messages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.cli.importing.fields import (
    JsonObject,
    as_list,
    as_object,
    id_of,
    instant_of,
    object_of,
    optional_text,
)
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.message_trees import branch_paths
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import ImportedConversation, ImportedRecord, ImportedTurn

MEMBERS = ("conversations.json",)
_READ_TYPES = {"text", "multimodal_text"}


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds."""
    yield from file.iter_records("conversations")


def convert_record(record: Located, options: ReadOptions) -> Iterator[ImportedRecord]:
    """The current branch of a conversation, and the others if asked for. Raises `FieldFault`."""
    value = as_object(record.value, "")
    session_id = id_of(value, "conversation_id" if value.get("conversation_id") else "id", "id")
    began = instant_of(value, "create_time", "create_time")
    mapping = object_of(value, "mapping", "mapping")
    nodes = {node_id: as_object(node, f"mapping.{node_id}") for node_id, node in mapping.items()}
    title = optional_text(value, "title", "title")
    paths = branch_paths(
        nodes, value.get("current_node"), lambda node: node.get("parent"), with_others=options.all_branches
    )
    for leaf, path in paths:
        turns = list(_to_turns(nodes, path, began, options))
        name = session_id if leaf is None else f"{session_id}~{leaf}"
        yield ImportedConversation(record.place, None, name, turns, {"title": title} if title else {})


def _to_turns(
    nodes: Mapping[str, JsonObject], path: list[str], began: datetime | None, options: ReadOptions
) -> Iterator[ImportedTurn]:
    last = began
    for node_id in path:
        field = f"mapping.{node_id}.message"
        message = object_of(nodes[node_id], "message", field)
        last = instant_of(message, "create_time", f"{field}.create_time") or last
        role = object_of(message, "author", f"{field}.author").get("role")
        content = _read_content(message, field)
        if role in {"user", "assistant"} and content:
            yield ImportedTurn(str(role), content, node_id, last, options.name_of(str(role)))


def _read_content(message: JsonObject, field: str) -> str:
    """What was said; nothing for what is hidden, or was said to a tool or by one."""
    metadata = object_of(message, "metadata", f"{field}.metadata")
    if metadata.get("is_visually_hidden_from_conversation") or message.get("recipient", "all") != "all":
        return ""
    content = object_of(message, "content", f"{field}.content")
    if content.get("content_type", "text") not in _READ_TYPES:
        return ""
    parts = as_list(content.get("parts"), f"{field}.content.parts")
    return "\n".join(text for part in parts if (text := _read_part(part))).strip()


def _read_part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and part.get("content_type") == "audio_transcription":
        text = part.get("text")
        return text if isinstance(text, str) else ""
    return ""
