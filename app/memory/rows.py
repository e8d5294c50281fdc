"""A user's turns and memories as search needs them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.vocabulary import Kind, Status, Volatility
from app.memory.reconciliation import YES_NO


@dataclass(slots=True)
class TurnRow:
    """A turn as search needs it."""

    id: UUID
    session_id: str
    agent_id: str | None
    role: str
    name: str | None
    content: str
    ref: str | None
    observed_at: datetime
    pending: bool
    place: dict[str, Any] | None = None
    memories: list[UUID] = field(default_factory=list[UUID])


@dataclass(slots=True)
class SourceRow:
    """One assertion of a memory, newest first in its list."""

    turn_id: UUID | None
    quote: str
    asserted_at: datetime
    denies: bool = False


@dataclass(slots=True)
class MemoryRow:
    """A memory as search needs it; `row` is its place among the memories."""

    id: UUID
    kind: str
    form: str
    status: str
    content: str
    subject: str | None
    attribute: str | None
    tags: list[str]
    agent_id: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    event_from: datetime | None
    event_to: datetime | None
    recorded_at: datetime
    confidence: float
    volatility: str
    value: str | None
    polarity: int
    anchor_at: datetime
    version: int
    stale: bool = False
    place: dict[str, Any] | None = None
    sources: list[SourceRow] = field(default_factory=list[SourceRow])

    @property
    def current(self) -> bool:
        """Whether it is held to be true now."""
        return self.status == Status.ACTIVATED and not self.stale

    @property
    def recounts(self) -> bool:
        """Whether it only says again what memories say that are found themselves."""
        of_talk = self.kind == Kind.SUMMARY and not {"session", "day", "topic"}.isdisjoint(self.tags)
        return of_talk or self.kind == Kind.PORTRAIT

    @property
    def disputed(self) -> bool:
        """Whether another memory holds its slot, and this one says otherwise."""
        return self.volatility == Volatility.DISPUTABLE

    @property
    def holds(self) -> bool:
        """Whether it is what its slot is held to be now."""
        return self.current and not self.disputed and (self.polarity > 0 or self.value in YES_NO)
