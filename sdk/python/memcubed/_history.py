"""How an entry of a framework's history is written as a turn; nothing here does I/O.

The turn has the text that is said. What the framework must get back to the letter, such as a tool's call, is
kept as JSON: in the turn's metadata while it is small, else in artifacts that the metadata name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .types import Turn

ITEM, ITEM_IN = "memcubed_item", "memcubed_item_in"
MAX_METADATA_BYTES = 12_000
PART_CHARS = 200_000
MAX_TEXT_BYTES = 60_000
MAX_TURNS = 500
MAX_BATCH_BYTES = 8_000_000
MESSAGE_ROLES = {"user", "assistant", "system", "developer"}


@dataclass(frozen=True)
class Entry:
    """One entry: who says what, and the whole of it as JSON. From a `system` nothing is learned.

    `item` is None where role and text are all there is.
    """

    role: str
    text: str
    item: str | None = None


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it comes back. `item` is None too where others posted the turn."""

    role: str
    text: str
    item: str | None


def artifact_prefix(session_id: str) -> str:
    """Where long entries of a session are; the id may have what no path can."""
    return f"histories/{hashlib.sha256(session_id.encode()).hexdigest()[:32]}/"


def to_turn(entry: Entry, session_id: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The turn of an entry, and the artifacts to write before it."""
    text = _storable(entry.text)
    turn: dict[str, Any] = {"role": entry.role, "content": text if text.strip() else "[empty]"}
    item = entry.item
    if item is None and (turn["content"] != entry.text or entry.role not in MESSAGE_ROLES):
        item = json.dumps({"role": entry.role, "content": entry.text})
    if item is None:
        return turn, []
    if len(json.dumps(item)) <= MAX_METADATA_BYTES:
        return {**turn, "metadata": {ITEM: item}}, []
    name = f"{artifact_prefix(session_id)}{uuid4().hex}"
    parts = [item[at : at + PART_CHARS] for at in range(0, len(item), PART_CHARS)]
    paths = [f"{name}/{number}" for number in range(len(parts))]
    return {**turn, "metadata": {ITEM_IN: paths}}, list(zip(paths, parts))


def artifact_paths(turn: Turn) -> list[str]:
    """Where the rest of a turn's entry is."""
    paths = turn.metadata.get(ITEM_IN)
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def read_stored(turn: Turn, parts: list[Any]) -> StoredEntry:
    """The entry of a turn, with its artifacts."""
    item = "".join(map(str, parts)) if parts else turn.metadata.get(ITEM)
    return StoredEntry(turn.role, turn.content, item if isinstance(item, str) else None)


def batches(turns: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """What fits into one post each."""
    batch: list[dict[str, Any]] = []
    size = 0
    for turn in turns:
        bytes_of_turn = len(json.dumps(turn))
        if batch and (len(batch) == MAX_TURNS or size + bytes_of_turn > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(turn)
        size += bytes_of_turn
    if batch:
        yield batch


def text_of(content: object) -> str:
    """What is said in the content of a message: a text, or the parts of it that are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") or part.get("refusal") for part in content if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _storable(text: str) -> str:
    """A text that a turn can hold: valid Unicode without U+0000, not too long."""
    raw = text.replace("\x00", "\ufffd").encode("utf-8", "replace")
    return raw[:MAX_TEXT_BYTES].decode("utf-8", "ignore")
