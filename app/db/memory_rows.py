"""The rows that a change of a user's memories writes, as values; only the repositories turn them into SQL.

Tenant, user and revision are those of the transaction, so most of these values do not repeat them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TypedDict, cast
from uuid import UUID

from app.core.vocabulary import Basis, Form, Kind, Layer, LinkType, Op, Origin, Status, Volatility
from app.db import models
from app.db.vectors import Vector
from app.memory.consolidation.retention import MemoryTrace

# The columns that a version keeps of a memory, by the attributes of the row.
VERSIONED_COLUMNS = (
    "content",
    "kind",
    "form",
    "status",
    "subject",
    "attribute",
    "value",
    "polarity",
    "keywords",
    "tags",
    "entities",
    "context",
    "confidence",
    "importance",
    "valid_from",
    "valid_to",
    "event_from",
    "event_to",
    "place",
    "origin",
    "metadata_",
    "layer",
    "strength",
    "frozen",
    "pinned",
    "expires_at",
    "volatility",
    "stale",
)


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory that is not stored yet; None in a NOT NULL column stands for the column's default."""

    id: UUID
    kind: Kind
    form: Form
    content: str
    content_hash: bytes
    origin: Origin
    confidence: float
    importance: float
    valid_from: datetime | None
    anchor_at: datetime
    volatility: Volatility
    status: Status = Status.ACTIVATED
    agent_id: str | None = None
    extractor: str | None = None
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    polarity: int = 1
    keywords: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    entities: list[str] = field(default_factory=list[str])
    context: str | None = None
    place: Mapping[str, object] | None = None
    event_from: datetime | None = None
    event_to: datetime | None = None
    event_precision: str | None = None
    valid_to: datetime | None = None
    utc_offset: int = 0
    retired_at: datetime | None = None
    stale: bool = False
    expires_at: datetime | None = None
    metadata_: Mapping[str, object] | None = None
    layer: Layer | None = None
    strength: float | None = None
    use_days: int | None = None
    frozen: bool | None = None
    pinned: bool | None = None


class MemoryChanges(TypedDict, total=False):
    """The columns of a stored memory that change; those that are left out keep their values."""

    kind: Kind | str
    form: Form | str
    status: Status | str
    content: str
    content_hash: bytes
    subject: str | None
    attribute: str | None
    value: str | None
    polarity: int
    keywords: list[str]
    tags: list[str]
    entities: list[str]
    context: str | None
    place: Mapping[str, object] | None
    event_from: datetime | None
    event_to: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None
    utc_offset: int
    retired_at: datetime | None
    updated_at: datetime
    origin: Origin | str
    volatility: Volatility | str
    confidence: float
    importance: float
    layer: Layer
    strength: float
    anchor_at: datetime
    use_days: int
    frozen: bool
    pinned: bool
    expires_at: datetime | None
    stale: bool
    extractor: str | None
    metadata_: Mapping[str, object]
    version: int
    revision: int


@dataclass(frozen=True, slots=True)
class MemoryState:
    """All columns of a stored memory, now or as of a bitemporal point."""

    tenant_id: str
    id: UUID
    user_id: str
    agent_id: str | None
    kind: str
    form: str
    status: str
    content: str
    content_hash: bytes
    subject: str | None
    attribute: str | None
    value: str | None
    polarity: int
    keywords: list[str]
    tags: list[str]
    entities: list[str]
    context: str | None
    place: dict[str, object] | None
    event_from: datetime | None
    event_to: datetime | None
    event_precision: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    utc_offset: int
    recorded_at: datetime
    retired_at: datetime | None
    updated_at: datetime
    origin: str
    volatility: str
    confidence: float
    importance: float
    layer: str
    strength: float
    anchor_at: datetime
    use_days: int
    last_cited_on: date | None
    frozen: bool
    pinned: bool
    expires_at: datetime | None
    stale: bool
    version: int
    extractor: str | None
    metadata_: dict[str, object]
    revision: int

    @classmethod
    def of_row(cls, row: "models.Memory") -> "MemoryState":
        """Return the state of a stored row."""
        return cls(*(getattr(row, name) for name in _STATE_COLUMNS))


_STATE_COLUMNS = tuple(column.name for column in fields(MemoryState))


@dataclass(frozen=True, slots=True)
class NewLink:
    """A typed edge between two memories; `weight` is in [0, 1]."""

    source_id: UUID
    target_id: UUID
    type: LinkType
    created_by: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The state of a memory after a change, and who made the change, why and when."""

    memory_id: UUID
    version: int
    op: Op
    actor: str
    reason: str | None
    model: str | None
    snapshot: Mapping[str, object]
    at: datetime


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A sequence of turns that one extraction read."""

    id: UUID
    session_id: str
    first_turn_id: UUID
    last_turn_id: UUID
    turns: int
    extractor: str


@dataclass(frozen=True, slots=True)
class NewDerivation:
    """The result of a derivation for one basis of a user, and the fingerprint of its sources."""

    basis: Basis
    key: str
    memory_id: UUID | None
    fingerprint: bytes
    sources: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NewEmbedding:
    """The vector of a turn or a memory by one model."""

    tenant_id: str
    id: UUID
    model_id: str
    user_id: str
    of_turn: bool
    vector: Vector
    revision: int


def select_changes(before: "models.Memory | MemoryState | NewMemory", values: MemoryChanges) -> MemoryChanges:
    """Return the values that differ from those of the memory."""
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    return cast("MemoryChanges", changed)


def trace_changes(trace: MemoryTrace) -> MemoryChanges:
    """Return the columns that hold a memory's trace (layer, strength, anchor, days of use)."""
    return {
        "layer": trace.layer,
        "strength": trace.strength,
        "anchor_at": trace.anchor_at,
        "use_days": trace.use_days,
    }


def version_snapshot(
    memory: "models.Memory | NewMemory", changes: Mapping[str, object], turn_ids: list[str]
) -> dict[str, object]:
    """Return what a version keeps of a memory after the changes, as JSON values, with its source turns."""
    snapshot: dict[str, object] = {}
    for name in VERSIONED_COLUMNS:
        value = changes[name] if name in changes else getattr(memory, name)
        snapshot[name.rstrip("_")] = value.isoformat() if isinstance(value, datetime) else value
    return snapshot | {"turn_ids": turn_ids}
