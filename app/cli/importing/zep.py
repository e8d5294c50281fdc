"""Zep: sessions (threads) with their messages, and facts (edges of the graph), as its SDKs give them."""

from collections.abc import Iterator
from typing import Any

from app.cli.importing.fields import JsonObject, as_list, as_object, id_of, instant_of, optional_text
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import (
    Fault,
    ImportedConversation,
    ImportedMemory,
    ImportedRecord,
    ImportedTurn,
)

MEMBERS = ("zep.json", "sessions.json")
_ROLES = {
    "user": "user",
    "human": "user",
    "norole": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
}


def read_records(file: ExportFile, _options: ReadOptions) -> Iterator[ImportedRecord | Located]:
    """Yield what the file holds."""
    yield from file.iter_records("sessions", "threads", "facts", "edges")


def convert_record(record: Located, options: ReadOptions) -> Iterator[ImportedRecord]:
    """The conversation, and the facts of a record. Raises `FieldFault`."""
    value = as_object(record.value, "")
    user_id = optional_text(value, "user_id", "user_id")
    if "fact" in value:
        yield _to_memory(record.place, value, user_id, "")
        return
    name = "session_id" if "session_id" in value else "thread_id"
    session_id = id_of(value, name, name)
    messages = as_list(value.get("messages"), "messages")
    turns = [
        turn
        for at, one in enumerate(messages)
        if (turn := _to_turn(as_object(one, f"messages[{at}]"), f"messages[{at}]", session_id, at, options))
    ]
    yield ImportedConversation(record.place, user_id, session_id, turns)
    for at, one in enumerate(as_list(value.get("facts"), "facts")):
        fact = {"fact": one, "uuid": f"{session_id}-fact-{at}"} if isinstance(one, str) else one
        yield _to_memory(record.place, as_object(fact, f"facts[{at}]"), user_id, f"facts[{at}].")


def _to_turn(
    message: JsonObject, field: str, session_id: str, at: int, options: ReadOptions
) -> ImportedTurn | None:
    content = optional_text(message, "content", f"{field}.content")
    if content is None or not content.strip():
        return None
    given = optional_text(message, "role_type", f"{field}.role_type")
    name = optional_text(message, "name", f"{field}.name")
    role = _ROLES.get((given or str(message.get("role") or "")).lower())
    if given is not None and name is None:
        name = optional_text(
            message, "role", f"{field}.role"
        )  # before threads, `role` was the speaker's name
        name = None if name is not None and name.lower() in _ROLES else name
    role = role or "user"
    return ImportedTurn(
        role,
        content,
        ref=optional_text(message, "uuid", f"{field}.uuid") or f"{session_id}-{at}",
        observed_at=instant_of(message, "created_at", f"{field}.created_at"),
        name=name or options.name_of(role),
    )


def _to_memory(place: str, value: JsonObject, user_id: str | None, field: str) -> ImportedMemory | Fault:
    content = optional_text(value, "fact", f"{field}fact")
    if content is None:
        return Fault(place, f"{field}fact", "is missing")
    ended: Any = instant_of(value, "invalid_at", f"{field}invalid_at")
    since = instant_of(value, "valid_at", f"{field}valid_at")
    return ImportedMemory(
        place,
        user_id=optional_text(value, "user_id", f"{field}user_id") or user_id,
        source_id=id_of(value, "uuid", f"{field}uuid"),
        # A fact that has ended is stored as the past that it is.
        content=content if ended is None else f"{content} (until {ended.date().isoformat()})",
        asserted_at=since or instant_of(value, "created_at", f"{field}created_at"),
        metadata={"invalid_at": ended.isoformat()} if ended is not None else {},
    )
