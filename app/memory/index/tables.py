"""One user's turns and memories as tables: rows, ids, vectors, words, and the columns that queries read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Status
from app.memory.geography import Area
from app.memory.index.arrays import Growing, Ids, Names, Vectors
from app.memory.index.documents import (
    MemoryRow,
    Row,
    Rows,
    TurnRow,
    read_memory,
    read_turn,
    recounts,
    write_memory,
    write_turn,
)
from app.memory.index.inverted_index import Words
from app.memory.index.serialization import Parts, below, inside
from app.memory.numeric import Array

NEVER = np.iinfo(np.int64).max  # the time of what has none
_PLACE = ("name", "lat", "lon")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // _MICROSECOND


class Table(Rows[Row]):
    """Rows with their ids, vectors and words."""

    def __init__(
        self, dimensions: int, write: Callable[[Row], bytes], read: Callable[[memoryview], Row]
    ) -> None:
        super().__init__(write, read)
        self.at = Ids()
        self.vectors = Vectors(dimensions)
        self.words = Words()
        self.columns: dict[str, Growing] = {}
        self.names: dict[str, Names] = {}

    def _add(
        self, row_id: UUID, row: Row, terms: list[str], values: dict[str, Any], names: dict[str, Any]
    ) -> int:
        place = self.at.add(row_id)
        self.append(row)
        self.vectors.grow(place + 1)
        self.words.add(terms)
        for name, value in values.items():
            self.columns[name].append(value)
        for name, value in names.items():
            self.names[name].append(value)
        return place

    def lying(self, area: Area) -> NDArray[np.bool_]:
        """Which are placed in an area, (n,)."""
        of = self.names["place"]
        return of.having(one for one in of.names if one and area.holds(dict(zip(_PLACE, one, strict=True))))

    def compact(self) -> None:
        """Hold what came since the last time as arrays too, and no rows: they are fetched."""
        self.let_all_go()
        self.at.fill(self.at.halves)
        self.words.fill(self.words.parts())

    def parts(self) -> Parts:
        """All but the vectors as arrays."""
        found = super().parts() | {"ids": self.at.halves, "known": self.vectors.known}
        found |= below("words", self.words.parts())
        for name, column in self.columns.items():
            found[f"column.{name}"] = column.rows
        for name, of in self.names.items():
            found |= {f"names.{name}": of.names, f"named.{name}": of.column}
        return found

    def fill(self, parts: Parts, vectors: NDArray[np.floating] | None = None) -> None:
        """Let it be the table of `parts`, with these vectors, (n, d)."""
        super().fill(parts)
        self.at.fill(parts["ids"])
        assert vectors is not None
        self.vectors.fill(vectors, parts["known"])
        self.words.fill(inside(parts, "words"))
        for name, column in self.columns.items():
            column.fill(parts[f"column.{name}"])
        for name, of in self.names.items():
            kept = [tuple(one) if isinstance(one, list) else one for one in parts[f"names.{name}"]]
            of.fill(kept, parts[f"named.{name}"])


class TurnTable(Table[TurnRow]):
    """Turns. `before` and `after` are a turn's neighbours in its session, itself at an end."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions, write_turn, read_turn)
        self.columns = {
            "said_at": Growing(np.int64),
            "before": Growing(np.int32),
            "after": Growing(np.int32),
            "norm": Growing(np.float32),
        }
        self.names = {name: Names() for name in ("session", "agent", "role", "name", "speaker", "place")}
        self._last: dict[int, int] = {}
        self._unnormed: set[int] = set()

    def put(self, turn: TurnRow, terms: list[str]) -> None:
        """Add a turn at its place in its session."""
        place = len(self)
        said_at = microseconds(turn.observed_at)
        names = {
            "session": turn.session_id,
            "agent": turn.agent_id,
            "role": turn.role,
            "name": (turn.name or "").casefold(),
            "speaker": turn.name or turn.role,
            "place": _place(turn),
        }
        values = {"said_at": said_at, "before": place, "after": place, "norm": 0}
        self._add(turn.id, turn, terms, values, names)
        self._unnormed.add(place)
        session = int(self.names["session"].column[place])
        last = self._last.get(session)
        if last is None:
            self._last[session] = place
        elif said_at < self.columns["said_at"][last]:
            self._sort(session)
        else:
            self._join(last, place)
            self._last[session] = place

    def _sort(self, session: int) -> None:
        """Put the turns of a session in order again, as one came late; equal times keep their order."""
        rows = np.flatnonzero(self.names["session"].column == session)
        rows = rows[np.argsort(self.columns["said_at"].rows[rows], kind="stable")]
        first, last = int(rows[0]), int(rows[-1])
        self.columns["before"][first], self.columns["after"][last] = first, last
        for left, right in pairwise(rows.tolist()):
            self._join(left, right)
        self._last[session] = last

    def _join(self, left: int, right: int) -> None:
        self.columns["after"][left], self.columns["before"][right] = right, left
        self._unnormed |= {left, right}

    def put_vector(self, place: int, vector: NDArray[Any]) -> None:
        """Set a turn's vector."""
        self.vectors.put(place, vector)
        self._unnormed |= {place, int(self.columns["before"][place]), int(self.columns["after"][place])}

    def compact(self) -> None:
        """Hold what came since the last time as arrays too, and no rows: they are fetched."""
        self.norms()
        super().compact()

    @property
    def sessions(self) -> NDArray[np.int32]:
        """The number of each turn's session, (n,)."""
        return self.names["session"].column

    def neighbours(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The turn before and after each in its session, (n,) each; n where there is none."""
        rows = np.arange(len(self))
        before, after = self.columns["before"].rows, self.columns["after"].rows
        return np.where(before == rows, len(rows), before), np.where(after == rows, len(rows), after)

    def norms(self) -> Array:
        """The length of the sum of the vectors of each turn and its neighbours, (n,).

        It changes only when a row of that window does.
        """
        norms = self.columns["norm"]
        if self._unnormed:
            rows = np.fromiter(self._unnormed, np.intp, len(self._unnormed))
            total = self.vectors.rows(rows)
            for side in (self.columns["before"].rows[rows], self.columns["after"].rows[rows]):
                inner = side != rows
                total[inner] += self.vectors.rows(side[inner])
            norms[rows] = np.maximum(np.linalg.norm(total, axis=1), 1e-6)
            self._unnormed.clear()
        return norms.rows

    def parts(self) -> Parts:
        """All but the vectors as arrays."""
        self.norms()
        return super().parts()

    def fill(self, parts: Parts, vectors: NDArray[np.floating] | None = None) -> None:
        """Let it be the table of `parts`, with these vectors, (n, d)."""
        super().fill(parts, vectors)
        self._unnormed.clear()
        ends = np.flatnonzero(self.columns["after"].rows == np.arange(len(self)))
        self._last = dict(zip(self.sessions[ends].tolist(), ends.tolist(), strict=True))


class MemoryTable(Table[MemoryRow]):
    """Memories. A slot is (subject, attribute), None where there is none; traits are (kind, agent, *tags)."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions, write_memory, read_memory)
        self.columns = {
            "current": Growing(np.bool_),
            "superseded": Growing(np.bool_),
            "event_from": Growing(np.int64),
            "event_to": Growing(np.int64),
            "valid_from": Growing(np.int64),
            "served_until": Growing(np.int64),
        }
        self.first_end = NEVER  # no row is served for a shorter time
        self.names = {"slot": Names(), "subject": Names(), "traits": Names(), "place": Names()}

    def put(self, memory: MemoryRow, terms: list[str]) -> int:
        """Add a memory; returns its row."""
        values = _values(memory)
        self.first_end = min(self.first_end, values["served_until"])
        return self._add(memory.id, memory, terms, values, _names(memory))

    def replace(self, place: int, memory: MemoryRow) -> None:
        """Put a newer version in a memory's row; its words are another matter."""
        self[place] = memory
        values = _values(memory)
        self.first_end = min(self.first_end, values["served_until"])
        for name, value in values.items():
            self.columns[name][place] = value
        for name, value in _names(memory).items():
            self.names[name].put(place, value)

    def fill(self, parts: Parts, vectors: NDArray[np.floating] | None = None) -> None:
        """Let it be the table of `parts`, with these vectors, (n, d)."""
        super().fill(parts, vectors)
        self.first_end = int(self.columns["served_until"].rows.min(initial=NEVER))

    def end(self, now: int) -> bool:
        """Let what has expired by now be neither current nor superseded; whether anything was."""
        held = self.current | self.columns["superseded"].rows
        ended = np.flatnonzero(held & (self.columns["served_until"].rows <= now))
        for name in ("current", "superseded"):
            self.columns[name][ended] = False
        return len(ended) > 0

    @property
    def current(self) -> NDArray[np.bool_]:
        """Which are held to be true now, (m,)."""
        return self.columns["current"].rows

    def contested(self) -> NDArray[np.bool_]:
        """Which share their slot with another one that is current, (m,)."""
        slots = self.names["slot"]
        count = np.bincount(slots.column[self.current], minlength=len(slots.names))
        none = slots.get(None)
        if none is not None:
            count[none] = 0
        return count[slots.column] > self.current

    def recounting(self) -> NDArray[np.bool_]:
        """Which only say again what others say, (m,)."""
        traits = self.names["traits"]
        return traits.having(one for one in traits.names if recounts(one[0], one[2:]))

    def happened(self, since: datetime, until: datetime) -> NDArray[np.bool_]:
        """Which tell of an event that touches [since, until), (m,)."""
        begun, ended = self.columns["event_from"].rows, self.columns["event_to"].rows
        return (begun != NEVER) & (begun < microseconds(until)) & (ended >= microseconds(since))


def _values(memory: MemoryRow) -> dict[str, Any]:
    begun, ended, valid = memory.event_from, memory.event_to or memory.event_from, memory.valid_from
    until = memory.served_until
    return {
        "current": memory.current,
        "superseded": memory.status == Status.SUPERSEDED,
        "event_from": NEVER if begun is None else microseconds(begun),
        "event_to": NEVER if ended is None else microseconds(ended),
        "valid_from": NEVER if valid is None else microseconds(valid),
        "served_until": NEVER if until is None else microseconds(until),
    }


def _names(memory: MemoryRow) -> dict[str, Any]:
    return {
        "slot": None if memory.attribute is None else (memory.subject, memory.attribute),
        "subject": memory.subject,
        "traits": (memory.kind, memory.agent_id, *memory.tags),
        "place": _place(memory),
    }


def _place(row: TurnRow | MemoryRow) -> tuple[str, float | None, float | None] | None:
    place = row.place
    return None if place is None else (place["name"], place.get("lat"), place.get("lon"))
