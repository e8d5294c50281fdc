"""A user's turns and memories as search needs them, and how many of them are held."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import numpy as np
import orjson

from app.core.vocabulary import Kind, Status, Volatility
from app.memory.index.serialization import Parts, text_bytes
from app.memory.reconciliation.decisions import YES_NO

Row = TypeVar("Row")


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


@dataclass(slots=True)
class SourceRow:
    """One assertion of a memory, newest first in its list; `copied` is (owner, memory, version) of a copy."""

    turn_id: UUID | None
    quote: str
    asserted_at: datetime
    denies: bool = False
    copied: tuple[str | None, UUID | None, int | None] = (None, None, None)


@dataclass(slots=True)
class MemoryRow:
    """A memory as search needs it."""

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
    sources: list[SourceRow] = field(default_factory=list[SourceRow])

    @property
    def current(self) -> bool:
        """Whether it is held to be true now."""
        return self.status == Status.ACTIVATED and not self.stale

    @property
    def served_until(self) -> datetime | None:
        """When it is found no more; a legal hold keeps it as it is."""
        return None if self.frozen else self.expires_at

    @property
    def recounts(self) -> bool:
        """Whether it only says again what memories say that are found themselves."""
        return recounts(self.kind, self.tags)

    @property
    def disputed(self) -> bool:
        """Whether another memory holds its slot, and this one says otherwise."""
        return self.volatility == Volatility.DISPUTABLE

    @property
    def holds(self) -> bool:
        """Whether it is what its slot is held to be now."""
        return self.current and not self.disputed and (self.polarity > 0 or self.value in YES_NO)


def recounts(kind: str, tags: Iterable[str]) -> bool:
    """Whether a memory only says again what memories say that are found themselves."""
    of_talk = kind == Kind.SUMMARY and not {"session", "day", "topic"}.isdisjoint(tags)
    return of_talk or kind == Kind.PORTRAIT


class Rows(Generic[Row]):
    """Rows in the order in which they came; those of a pack are made when they are first asked for."""

    def __init__(self, write: Callable[[Row], bytes], read: Callable[[memoryview], Row]) -> None:
        self._write, self._read = write, read
        self._made: dict[int, Row] = {}
        self._texts = memoryview(b"")
        self._ends = np.zeros(1, np.int64)
        self._count = 0
        # Where the texts are when they are not held: gives the rows at these places that are still there.
        self.fetch: Callable[[Sequence[int]], Mapping[int, Row]] | None = None
        self._fetched: dict[int, Row] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> Row:
        row = self._made.get(place)
        if row is None and self.fetch is not None:
            self.load([place])
            return self._fetched[place]
        if row is None:
            row = self._made[place] = self._read(self._text(place))
        return row

    def held(self, place: int) -> Row | None:
        """The row, unless it would have to be fetched."""
        return self[place] if self.fetch is None or place in self._made else None

    def load(self, places: Iterable[int]) -> list[int]:
        """Fetch at once the rows that are not held; returns the places of those that are no longer there."""
        if self.fetch is None:
            return []
        missing = [place for place in places if place not in self._made and place not in self._fetched]
        found = self.fetch(missing) if missing else {}
        self._fetched.update(found)
        return [place for place in missing if place not in found]

    def many(self, places: Sequence[int]) -> list[Row]:
        """The rows at these places, without those that are no longer there."""
        gone = set(self.load(places))
        return [self[place] for place in places if place not in gone]

    def let_go(self) -> None:
        """Forget what was fetched."""
        self._fetched.clear()

    def let_all_go(self) -> None:
        """Hold no row any more: all of them can be fetched from now on."""
        self._made.clear()

    def __setitem__(self, place: int, row: Row) -> None:
        self._made[place] = row

    def append(self, row: Row) -> None:
        """Add a row."""
        self._made[self._count] = row
        self._count += 1

    def _text(self, place: int) -> memoryview:
        return self._texts[self._ends[place] : self._ends[place + 1]]

    def parts(self) -> Parts:
        """All rows as arrays of bytes; only how many when they are fetched."""
        if self.fetch is not None:
            return {"count": self._count}
        texts = [
            self._write(self._made[place]) if place in self._made else bytes(self._text(place))
            for place in range(self._count)
        ]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        return {"texts": text_bytes(b"".join(texts)), "ends": ends}

    def fill(self, parts: Parts) -> None:
        """Let it hold the rows of `parts`."""
        self._made = {}
        if self.fetch is not None:
            self._count = parts["count"]
            return
        self._texts, self._ends = memoryview(parts["texts"]), parts["ends"]
        self._count = len(self._ends) - 1


_TURN = tuple(TurnRow.__dataclass_fields__)
_MEMORY = tuple(MemoryRow.__dataclass_fields__)
_TIMES = frozenset(
    {"valid_from", "valid_to", "event_from", "event_to", "recorded_at", "anchor_at", "expires_at"}
)
_TIMES_AT = tuple(at for at, name in enumerate(_MEMORY) if name in _TIMES)
_SAID_AT = _TURN.index("observed_at")
_SOURCES_AT = _MEMORY.index("sources")


def write_turn(row: TurnRow) -> bytes:
    """A turn as JSON."""
    return orjson.dumps([getattr(row, name) for name in _TURN])


def read_turn(text: memoryview) -> TurnRow:
    """The turn that `write_turn` wrote."""
    values = orjson.loads(text)
    values[0], values[_SAID_AT] = UUID(values[0]), datetime.fromisoformat(values[_SAID_AT])
    return TurnRow(*values)


def write_memory(row: MemoryRow) -> bytes:
    """A memory as JSON."""
    sources = [[one.turn_id, one.quote, one.asserted_at, one.denies, one.copied] for one in row.sources]
    return orjson.dumps([*(getattr(row, name) for name in _MEMORY[:_SOURCES_AT]), sources])


def read_memory(text: memoryview) -> MemoryRow:
    """The memory that `write_memory` wrote."""
    values = orjson.loads(text)
    values[0] = UUID(values[0])
    for at in _TIMES_AT:
        if values[at] is not None:
            values[at] = datetime.fromisoformat(values[at])
    values[_SOURCES_AT] = [_source(*source) for source in values[_SOURCES_AT]]
    return MemoryRow(*values)


def _source(turn_id: str | None, quote: str, at: str, denies: bool, copied: list[Any]) -> SourceRow:
    owner, memory_id, version = copied
    of = (owner, UUID(memory_id) if memory_id else None, version)
    return SourceRow(UUID(turn_id) if turn_id else None, quote, datetime.fromisoformat(at), denies, of)
