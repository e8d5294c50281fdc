"""A user's turns and memories as search needs them, and the list of documents that are held."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
import orjson

from app.core.instants import in_utc_offset
from app.core.vocabulary import Kind, Status, Volatility
from app.memory.index.serialization import NamedArrays
from app.memory.reconciliation.decisions import YES_NO_VALUES

Row = TypeVar("Row")


@dataclass(slots=True)
class TurnRow:
    """A turn with the columns that search needs; `place` is its location (`name`, `lat`, `lon`).

    `observed_at` is on the speaker's clock.
    """

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
    recorded_at: datetime | None = None
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class SourceRow:
    """One assertion of a memory, newest first; `copied_from` is (owner, memory, version) of a copy."""

    turn_id: UUID | None
    quote: str
    asserted_at: datetime
    is_denial: bool = False
    copied_from: tuple[str | None, UUID | None, int | None] = (None, None, None)


@dataclass(slots=True)
class MemoryRow:
    """A memory with the columns that search needs; `place` is its location (`name`, `lat`, `lon`).

    By the clock of `utc_offset` (minutes) its dates are days.
    """

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
    frozen: bool = False
    expires_at: datetime | None = None
    utc_offset: int = 0
    updated_at: datetime | None = None
    metadata_: dict[str, Any] | None = None
    sources: list[SourceRow] = field(default_factory=list[SourceRow])

    @property
    def holds_since(self) -> datetime | None:
        """`valid_from` on the clock by which its dates are days."""
        return in_utc_offset(self.valid_from, self.utc_offset) if self.valid_from is not None else None

    @property
    def is_current(self) -> bool:
        """Whether it is regarded as true now."""
        return self.status == Status.ACTIVATED and not self.stale

    @property
    def served_until(self) -> datetime | None:
        """The time from which search no longer returns it; None if it has no end or is under legal hold."""
        return None if self.frozen else self.expires_at

    @property
    def is_recap(self) -> bool:
        """Whether it restates other memories, which search returns themselves (summary, topic, portrait)."""
        return is_recap_memory(self.kind, self.tags)

    @property
    def supporting_sources(self) -> list[SourceRow]:
        """The sources that state it, newest first: those of a denial deny, those of anything else do not."""
        is_denial = self.polarity < 0 and self.attribute is not None and self.value not in YES_NO_VALUES
        return [source for source in self.sources if source.is_denial is is_denial]

    @property
    def is_disputed(self) -> bool:
        """Whether another memory holds its slot, and this one contradicts it."""
        return self.volatility == Volatility.DISPUTABLE

    @property
    def holds_slot(self) -> bool:
        """Whether it is the current value of its slot."""
        return self.is_current and not self.is_disputed and (self.polarity > 0 or self.value in YES_NO_VALUES)


def is_recap_memory(kind: str, tags: Iterable[str]) -> bool:
    """Whether a memory restates other memories, which search returns themselves."""
    is_summary = kind == Kind.SUMMARY and not {"session", "day", "topic"}.isdisjoint(tags)
    return is_summary or kind == Kind.PORTRAIT


class DocumentStore(Generic[Row]):
    """Documents by doc id, in order of arrival; those of a snapshot are decoded when first read."""

    def __init__(self, encode: Callable[[Row], bytes], decode: Callable[[memoryview], Row]) -> None:
        self._encode_row, self._decode_row = encode, decode
        self._decoded_rows: dict[int, Row] = {}
        self._encoded_rows = memoryview(b"")
        self._row_ends = np.zeros(1, np.int64)
        self._count = 0
        # False while only documents that were added since the snapshot are in memory.
        self.keeps_all = True

    def __len__(self) -> int:
        return self._count

    def __contains__(self, doc_id: int) -> bool:
        return self.keeps_all or doc_id in self._decoded_rows

    def __getitem__(self, doc_id: int) -> Row:
        row = self._decoded_rows.get(doc_id)
        if row is None:
            row = self._decoded_rows[doc_id] = self._decode_row(self._get_encoded(doc_id))
        return row

    def get_if_kept(self, doc_id: int) -> Row | None:
        """The document; None if it is not in memory."""
        if doc_id in self:
            return self[doc_id]
        return None

    def evict_rows(self) -> None:
        """Drop all documents, of which only the number stays."""
        self._decoded_rows.clear()

    def __setitem__(self, doc_id: int, row: Row) -> None:
        self._decoded_rows[doc_id] = row

    def append(self, row: Row) -> None:
        """Append a document."""
        self._decoded_rows[self._count] = row
        self._count += 1

    def _get_encoded(self, doc_id: int) -> memoryview:
        return self._encoded_rows[self._row_ends[doc_id] : self._row_ends[doc_id + 1]]

    def encode_rows(self) -> tuple[bytes, NamedArrays]:
        """All documents, joined, and where each ends; of a large user only their number."""
        if not self.keeps_all:
            return b"", {"count": self._count}
        texts = [
            self._encode_row(self._decoded_rows[place])
            if place in self._decoded_rows
            else bytes(self._get_encoded(place))
            for place in range(self._count)
        ]
        return b"".join(texts), {"ends": np.cumsum([0, *map(len, texts)], dtype=np.int64)}

    def load_row_ends(self, parts: NamedArrays) -> None:
        """Replace the contents by the documents of `parts`, which `load_documents` will bring if at all."""
        self._decoded_rows, self.keeps_all = {}, False
        self._row_ends = parts.get("ends", self._row_ends[:1])
        self._count = len(self._row_ends) - 1 if "ends" in parts else parts["count"]

    @property
    def encoded_length(self) -> int:
        """The length of the snapshot's documents in bytes."""
        return int(self._row_ends[-1])

    def load_documents(self, documents: memoryview) -> None:
        """Add the joined documents of the snapshot; those that were changed since stay."""
        self._encoded_rows, self.keeps_all = documents, True


_TURN_FIELDS = tuple(TurnRow.__dataclass_fields__)
_MEMORY_FIELDS = tuple(MemoryRow.__dataclass_fields__)
_TIME_FIELDS = frozenset(
    {
        "valid_from",
        "valid_to",
        "event_from",
        "event_to",
        "recorded_at",
        "anchor_at",
        "expires_at",
        "updated_at",
    }
)
_TIME_POSITIONS = tuple(at for at, name in enumerate(_MEMORY_FIELDS) if name in _TIME_FIELDS)
_TURN_TIME_POSITIONS = tuple(_TURN_FIELDS.index(name) for name in ("observed_at", "recorded_at"))
_SOURCES_POSITION = _MEMORY_FIELDS.index("sources")


def encode_turn(row: TurnRow) -> bytes:
    """A turn as JSON."""
    return orjson.dumps([getattr(row, name) for name in _TURN_FIELDS])


def decode_turn(text: memoryview) -> TurnRow:
    """The turn that `encode_turn` wrote."""
    values = orjson.loads(text)
    values[0] = UUID(values[0])
    for position in _TURN_TIME_POSITIONS:
        if values[position] is not None:
            values[position] = datetime.fromisoformat(values[position])
    return TurnRow(*values)


def encode_memory(row: MemoryRow) -> bytes:
    """A memory with its sources as JSON."""
    sources = [
        [source.turn_id, source.quote, source.asserted_at, source.is_denial, source.copied_from]
        for source in row.sources
    ]
    return orjson.dumps([*(getattr(row, name) for name in _MEMORY_FIELDS[:_SOURCES_POSITION]), sources])


def decode_memory(text: memoryview) -> MemoryRow:
    """The memory that `encode_memory` wrote."""
    values = orjson.loads(text)
    values[0] = UUID(values[0])
    for position in _TIME_POSITIONS:
        if values[position] is not None:
            values[position] = datetime.fromisoformat(values[position])
    values[_SOURCES_POSITION] = [_decode_source(*source) for source in values[_SOURCES_POSITION]]
    return MemoryRow(*values)


def _decode_source(
    turn_id: str | None, quote: str, asserted_at: str, is_denial: bool, copied_from: list[Any]
) -> SourceRow:
    owner, memory_id, version = copied_from
    origin = (owner, UUID(memory_id) if memory_id else None, version)
    return SourceRow(
        UUID(turn_id) if turn_id else None, quote, datetime.fromisoformat(asserted_at), is_denial, origin
    )
