"""Open WebUI: an export of chats, whose `history` is a tree of messages."""

from collections.abc import Iterator, Mapping
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

MEMBERS = ("chats.json", "chat-export.json")
_ROLES = {"user", "assistant", "system", "tool"}


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds."""
    yield from file.iter_records("chats", "data")


def convert_record(record: Located, options: ReadOptions) -> Iterator[ImportedRecord]:
    """The current branch of a chat, and the others if asked for. Raises `FieldFault`."""
    value = as_object(record.value, "")
    chat = object_of(value, "chat", "chat") or value
    session_id = id_of(value, "id", "id")
    title = optional_text(value, "title", "title") or optional_text(chat, "title", "chat.title")
    history = object_of(chat, "history", "chat.history")
    found = object_of(history, "messages", "chat.history.messages")
    nodes = {key: as_object(node, f"chat.history.messages.{key}") for key, node in found.items()}
    if not nodes:
        nodes = _list_nodes(chat, session_id)
    user_id = optional_text(value, "user_id", "user_id")
    paths = branch_paths(
        nodes, history.get("currentId"), lambda node: node.get("parentId"), with_others=options.all_branches
    )
    for leaf, path in paths:
        turns = [turn for key in path if (turn := _to_turn(nodes[key], key, options)) is not None]
        name = session_id if leaf is None else f"{session_id}~{leaf}"
        yield ImportedConversation(record.place, user_id, name, turns, {"title": title} if title else {})


def _list_nodes(chat: JsonObject, session_id: str) -> dict[str, JsonObject]:
    """The messages of an older chat, which has a list of them: each follows the one before."""
    nodes: dict[str, JsonObject] = {}
    parent: str | None = None
    for at, one in enumerate(as_list(chat.get("messages"), "chat.messages")):
        message = as_object(one, f"chat.messages[{at}]")
        key = optional_text(message, "id", f"chat.messages[{at}].id") or f"{session_id}-{at}"
        nodes[key] = {**message, "parentId": parent}
        parent = key
    return nodes


def _to_turn(message: JsonObject, key: str, options: ReadOptions) -> ImportedTurn | None:
    field = f"chat.history.messages.{key}"
    role = message.get("role")
    content = _read_content(message.get("content"))
    if role not in _ROLES or not content.strip():
        return None
    at = instant_of(message, "timestamp", f"{field}.timestamp")
    return ImportedTurn(str(role), content, key, at, options.name_of(str(role)))


def _read_content(content: Any) -> str:
    """The text of content, which may be parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, Mapping) and part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))
