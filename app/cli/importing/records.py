"""What an export is read into, whatever product made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ImportedTurn:
    """One message; `ref` is its id in the export, by which it is stored once."""

    role: str
    content: str
    ref: str
    observed_at: datetime | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """A conversation of a user, in the order in which it was said."""

    place: str
    user_id: str | None
    session_id: str
    turns: Sequence[ImportedTurn]
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ImportedMemory:
    """A ready-made statement; `source_id` is its id in the export."""

    place: str
    user_id: str | None
    source_id: str
    content: str
    asserted_at: datetime | None = None
    expires_at: datetime | None = None
    agent_id: str | None = None
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read or stored: where in the file, in which field, and why."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.place}, {self.field}" if self.field else self.place
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that holds nothing to remember, such as an empty conversation."""

    place: str
    reason: str


ImportedRecord = ImportedConversation | ImportedMemory | Fault | Skipped
