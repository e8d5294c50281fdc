"""What the tools answer: the fields that a model needs, and the same as a short text.

Some clients show the model only the text, so ids and versions that a next call needs are in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import AbstainReason, ItemType, Kind, Reliance, Status
from app.schemas.common import Instant
from app.schemas.memories.memories import MemoryOut, MemorySource
from app.schemas.search.search import SearchItem

_ABSTENTIONS = {
    AbstainReason.NO_MATCH: "Nothing that is remembered answers this. Do not guess; ask the user.",
    AbstainReason.OUT_OF_RANGE: "Nothing is remembered from that time.",
    AbstainReason.ONLY_SUPERSEDED: "What is remembered of this is no longer true.",
    AbstainReason.CONFLICT: "What is remembered of this contradicts itself: ask the user which is right.",
}
_MAX_QUOTES = 3  # in the text; all are in the structured answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answers: data, and a text for the model."""

    data: BaseModel
    text: str


class StoredTurns(BaseModel):
    """What `add_turns` did."""

    session_id: str = Field(description="The session that they are in")
    turn_ids: list[UUID] = Field(description="One for each turn, in their order")
    duplicates: int = Field(description="How many were stored already")
    job_id: UUID = Field(description="The job that makes memories of them")


class Quote(BaseModel):
    """Where it was said."""

    quote: str
    said_by: str | None = None
    said_at: Instant | None = None
    session_id: str | None = None
    turn_id: UUID | None = None


class Hit(BaseModel):
    """A memory or a turn that was found."""

    id: UUID
    type: ItemType
    kind: Kind | None = None
    content: str
    score: float
    version: int | None = Field(default=None, description="Of a memory: what `edit_memory` needs")
    valid_from: Instant | None = Field(default=None, description="Since when it is true, or when it was said")
    valid_to: Instant | None = Field(default=None, description="It is no longer true since then")
    reliance: Reliance | None = Field(
        default=None, description="Of a memory: use it, verify it with the user, or ask the user"
    )
    superseded_by: list[UUID] = Field(default_factory=list[UUID])
    conflicts: list[UUID] = Field(default_factory=list[UUID], description="Memories that say otherwise")
    sources: list[Quote]


class SearchResult(BaseModel):
    """What `search_memory` found, best first."""

    items: list[Hit]
    abstained: bool = Field(description="True: the items do not answer the question")
    reason: AbstainReason | None = None


class Context(BaseModel):
    """What `get_context` found, to be read before answering."""

    text: str
    tokens: int
    memory_ids: list[UUID]
    turn_ids: list[UUID]


class MemoryLine(BaseModel):
    """A memory."""

    id: UUID
    version: int
    kind: Kind
    status: Status
    content: str
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    tags: list[str]
    importance: float
    confidence: float
    reliance: Reliance
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    frozen: bool = Field(description="True: it can be neither edited nor forgotten")


class MemoryList(BaseModel):
    """A page of memories, newest first."""

    items: list[MemoryLine]
    next_cursor: str | None = None


class MemoryWithSources(BaseModel):
    """A memory, and the words that it rests on."""

    memory: MemoryLine
    sources: list[Quote]


class Forgotten(BaseModel):
    """What `forget_memory` removed."""

    memory_id: UUID
    forgotten: bool


class Portrait(BaseModel):
    """What is known of the user, as one text."""

    portrait: str | None = None
    sources: list[str] = Field(description="The memories that it is made from")


class Erased(BaseModel):
    """The receipt of an erasure."""

    erasure_id: UUID
    rows: int
    remaining: int | None = None


def to_quote(source: MemorySource) -> Quote:
    """A source of a memory."""
    return Quote(
        quote=source.quote,
        said_by=source.name or source.role,
        said_at=source.observed_at,
        session_id=source.session_id,
        turn_id=source.turn_id,
    )


def to_hit(item: SearchItem) -> Hit:
    """An item of a search: of a long content the sentences that answer best."""
    return Hit(
        id=item.id,
        type=item.type,
        kind=item.kind,
        content=item.excerpt.text if item.excerpt is not None else item.content,
        score=round(item.score, 3),
        version=item.version,
        valid_from=item.valid_from,
        valid_to=item.valid_to,
        reliance=item.reliance,
        superseded_by=item.superseded_by,
        conflicts=item.conflicts,
        sources=[to_quote(source) for source in item.sources],
    )


def to_memory_line(memory: MemoryOut) -> MemoryLine:
    """A memory without what only a program needs."""
    return MemoryLine.model_validate(memory, from_attributes=True)


def describe_search(result: SearchResult) -> str:
    """The text of a search."""
    reason = _ABSTENTIONS[result.reason] if result.abstained and result.reason is not None else ""
    if not result.items:
        return reason or "Nothing was found."
    lines = [_describe_hit(number, hit) for number, hit in enumerate(result.items, 1)]
    return "\n".join([reason, *lines] if reason else lines)


def _describe_hit(number: int, hit: Hit) -> str:
    name = hit.kind if hit.kind is not None else hit.type
    version = f", version {hit.version}" if hit.version is not None else ""
    ended = f", no longer true since {_day(hit.valid_to)}" if hit.valid_to is not None else ""
    since = f", {_day(hit.valid_from)}" if hit.valid_from is not None else ""
    doubt = f", {hit.reliance}" if hit.reliance not in {None, Reliance.PREFER_MEMORY} else ""
    return f"{number}. {hit.content} ({name} {hit.id}{version}{since}{ended}{doubt})"


def describe_memories(result: MemoryList) -> str:
    """The text of a page of memories."""
    if not result.items:
        return "There is no such memory."
    lines = [describe_memory(memory) for memory in result.items]
    more = ["There are more: call again with the `next_cursor`."] if result.next_cursor else []
    return "\n".join(lines + more)


def describe_memory(memory: MemoryLine) -> str:
    """The text of a memory."""
    state = "" if memory.status == Status.ACTIVATED else f", {memory.status}"
    return f"- {memory.content} ({memory.kind} {memory.id}, version {memory.version}{state})"


def describe_sources(sources: Sequence[Quote]) -> str:
    """The text of where it was said."""
    lines = [
        f"  “{source.quote}” ({', '.join(part for part in (source.said_by, _day(source.said_at)) if part)})"
        for source in sources[:_MAX_QUOTES]
    ]
    more = len(sources) - _MAX_QUOTES
    return "\n".join(lines + ([f"  and {more} more"] if more > 0 else []))


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment is not None else ""
