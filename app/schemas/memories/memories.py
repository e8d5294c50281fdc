"""Memories on the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.core.vocabulary import (
    Form,
    Kind,
    Layer,
    LinkDirection,
    LinkType,
    Op,
    Origin,
    Reliance,
    Role,
    Status,
    Volatility,
)
from app.schemas.common import (
    Id,
    Instant,
    Message,
    Metadata,
    Name,
    NoNul,
    PathId,
    Place,
    PlaceOut,
    SpokenInstant,
)
from app.schemas.memories.memory_snapshots import MemorySnapshot

MAX_INDEX_WORDS = 32  # keywords, tags or entities of one memory, as a client gives them
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"\S"), NoNul]


class CopiedFrom(BaseModel):
    """The memory of another user that a source is a copy of; it may be gone."""

    owner_user_id: str
    memory_id: UUID
    version: int

    @classmethod
    def from_columns(
        cls, owner: str | None, memory_id: UUID | None, version: int | None
    ) -> "CopiedFrom | None":
        """From the columns of a source; None when it is no copy."""
        if owner is None or memory_id is None or version is None:
            return None
        return cls(owner_user_id=owner, memory_id=memory_id, version=version)


class MemorySource(BaseModel):
    """Where a memory comes from: a turn and the words in it that say so."""

    turn_id: UUID | None = Field(
        description="None for what was edited, posted as a ready-made memory, copied or shared"
    )
    ref: str | None
    session_id: str | None
    observed_at: SpokenInstant | None
    role: Role | None = None
    name: str | None = None
    quote: str
    copied_from: CopiedFrom | None = None


class MemoryOut(BaseModel):
    """A memory as it is now."""

    id: UUID
    user_id: str
    agent_id: str | None = Field(description="The agent that told it first")
    agent_ids: list[str] = Field(
        default_factory=list[str], description="All agents that told it or took part in a turn that says it"
    )
    kind: Kind
    form: Form
    status: Status
    content: str
    subject: str | None
    attribute: str | None
    value: str | None
    polarity: int
    keywords: list[str]
    tags: list[str]
    entities: list[str]
    context: str | None
    place: PlaceOut | None
    event_from: Instant | None
    event_to: Instant | None
    valid_from: Instant | None
    valid_to: Instant | None
    recorded_at: Instant
    updated_at: Instant
    origin: Origin
    confidence: float
    volatility: Volatility
    conflicts: list[UUID] = Field(
        default_factory=list[UUID], description="Current memories that contradict this one, undecided"
    )
    reliance: Reliance
    importance: float
    layer: Layer = Field(description="How slowly it fades")
    strength: float = Field(description="1 to 10: grows with each day on which it is said or cited")
    frozen: bool = Field(description="Under legal hold: no edit, no fading, no deletion")
    pinned: bool = Field(description="Does not fade")
    expires_at: Instant | None = Field(description="When its time to live ends")
    stale: bool = Field(description="Derived, and a source changed since: not to be taken as true")
    version: int
    extractor: str | None
    metadata: dict[str, Any]


class MemoryPage(BaseModel):
    """A page of memories, newest first."""

    items: list[MemoryOut]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many match, on all pages")


class TagOut(BaseModel):
    """A tag and how many of the user's current memories have it."""

    tag: str
    memories: int


class TagPage(BaseModel):
    """A page of tags, by name."""

    items: list[TagOut]
    next_cursor: str | None


class CreateMemory(Message):
    """A ready-made memory. With `subject`, `attribute` and `value` it takes the slot's timeline."""

    user_id: PathId
    agent_id: Id | None = None
    content: Text
    kind: Kind = Kind.FACT
    form: Form = Form.STATE
    subject: Name | None = None
    attribute: Name | None = None
    value: Name | None = None
    keywords: list[Name] = Field(default_factory=list[str], max_length=MAX_INDEX_WORDS)
    tags: list[Name] = Field(default_factory=list[str], max_length=MAX_INDEX_WORDS)
    entities: list[Name] = Field(default_factory=list[str], max_length=MAX_INDEX_WORDS)
    place: Place | None = None
    event_from: Instant | None = None
    event_to: Instant | None = None
    asserted_at: Instant | None = Field(default=None, description="Since when it holds; default: now")
    importance: float = Field(default=0.5, ge=0, le=1)
    pinned: bool = Field(default=False, description="Keep it from fading")
    expires_at: Instant | None = Field(default=None, description="Its time to live: deleted after this")
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_slot(self) -> "CreateMemory":
        given = [self.attribute is not None, self.value is not None]
        if any(given) and not all(given):
            raise ValueError("attribute and value go together")
        if self.event_from and self.event_to and self.event_from > self.event_to:
            raise ValueError("event_from must not be after event_to")
        return self


class UpdateMemory(Message):
    """What to change; fields that are left out stay, and null empties what can be empty."""

    content: Text | None = None
    value: Name | None = Field(
        default=None, description="The slot's value, when the new content says another one"
    )
    keywords: list[Name] | None = Field(default=None, max_length=MAX_INDEX_WORDS)
    tags: list[Name] | None = Field(default=None, max_length=MAX_INDEX_WORDS)
    entities: list[Name] | None = Field(default=None, max_length=MAX_INDEX_WORDS)
    importance: float | None = Field(default=None, ge=0, le=1)
    expires_at: Instant | None = Field(default=None, description="Its time to live; null = no end")
    metadata: Metadata | None = Field(default=None, description="In place of the stored one; null = none")
    reason: Text | None = Field(default=None, description="Why; kept with the version")

    @model_validator(mode="after")
    def _check_not_empty(self) -> "UpdateMemory":
        if not self.model_fields_set - {"reason"}:
            raise ValueError("name at least one field to change")
        return self


class ChangeReason(Message):
    """Why a move is made."""

    reason: Text | None = Field(default=None, description="Kept with the version")


class VersionOut(BaseModel):
    """One change of a memory."""

    memory_id: UUID
    version: int
    op: Op
    actor: str
    reason: str | None
    model: str | None
    at: Instant
    snapshot: MemorySnapshot


class SlotPeriod(BaseModel):
    """From when to when a memory held its slot."""

    memory_id: UUID
    content: str
    value: str | None
    valid_from: Instant
    valid_to: Instant | None
    turn_ids: list[UUID]


class MemoryHistory(BaseModel):
    """All versions of a memory, and the timeline of its slot with all who held it."""

    items: list[VersionOut]
    timeline: list[SlotPeriod]


class LinkOut(BaseModel):
    """A typed edge between this memory and another one."""

    type: LinkType
    direction: LinkDirection = Field(
        description="`out`: this memory is the source (it supersedes the other, is derived from it, ...)"
    )
    weight: float = Field(description="0 to 1; for `relates` the cosine at the time")
    created_by: str
    at: Instant
    dismissed_at: Instant | None = Field(description="When a contradiction was dismissed")
    memory_id: UUID = Field(description="The other memory")
    kind: Kind
    status: Status
    content: str


class LinkPage(BaseModel):
    """A page of links, those of the newest memories first; `limit` counts linked memories."""

    items: list[LinkOut]
    next_cursor: str | None


class Dependent(BaseModel):
    """A memory that was derived from this one, directly (depth 1) or through others."""

    memory_id: UUID
    depth: int = Field(ge=1, description="The shortest way, at most 8")
    kind: Kind
    status: Status
    stale: bool = Field(description="Whether a source changed since it was derived")
    content: str


class DependentPage(BaseModel):
    """A page of dependents, oldest first."""

    items: list[Dependent]
    next_cursor: str | None


class MemorySourceList(BaseModel):
    """The turns that say it, newest first."""

    items: list[MemorySource]
