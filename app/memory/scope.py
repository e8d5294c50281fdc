"""One user's turns and memories held for search, and the cache that holds many users'."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Status
from app.memory.lexical import Bm25, analyze
from app.memory.ranking import Array, standardise

_ROW_BYTES = 3_000  # what a row costs beside its vector and text: measured with tracemalloc on chat turns


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
    version: int
    sources: list[SourceRow] = field(default_factory=list[SourceRow])

    @property
    def current(self) -> bool:
        """Whether it is held to be true now."""
        return self.status == Status.ACTIVATED


class Vectors:
    """Growing (n, d) float32 rows, of which some are not there yet."""

    def __init__(self, dimensions: int) -> None:
        self._data = np.zeros((16, dimensions), np.float32)
        self._known = np.zeros(16, np.bool_)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def grow(self, count: int) -> None:
        """Make room for `count` rows."""
        if count > len(self._data):
            room = max(count, 2 * len(self._data))
            data = np.zeros((room, self._data.shape[1]), np.float32)
            known = np.zeros(room, np.bool_)
            data[: self._count], known[: self._count] = self._data[: self._count], self._known[: self._count]
            self._data, self._known = data, known
        self._count = max(self._count, count)

    def put(self, row: int, vector: NDArray[Any]) -> None:
        """Set one row."""
        self._data[row], self._known[row] = vector, True

    @property
    def row_bytes(self) -> int:
        """The size of one row."""
        return self._data.shape[1] * self._data.itemsize

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows are there, (n,)."""
        return self._known[: self._count]

    def dot(self, query: Array) -> Array:
        """Cosine of each row and the query (both normalised), (n,); 0 where a row is missing."""
        return self._data[: self._count] @ query


class Scope:
    """The search index of one user; whoever uses it holds `lock`."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(self) -> None:
        """Forget all rows."""
        dimensions = self._dimensions
        self.revision = 0
        self.turns: list[TurnRow] = []
        self.memories: list[MemoryRow] = []
        self.turn_at: dict[UUID, int] = {}
        self.memory_at: dict[UUID, int] = {}
        self.turn_vectors, self.memory_vectors = Vectors(dimensions), Vectors(dimensions)
        self._turn_words, self._memory_words, self._session_words = Bm25(), Bm25(), Bm25()
        self._session_at: dict[str, int] = {}
        self._session_of: list[int] = []
        self._order: dict[int, list[int]] = {}
        self._neighbours: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
        self.bytes = 0

    def put_turn(self, turn: TurnRow) -> None:
        """Add a turn, or note what became of one that is here."""
        at = self.turn_at.get(turn.id)
        if at is not None:
            self.turns[at].pending = turn.pending
            return
        row = len(self.turns)
        self.turn_at[turn.id] = row
        self.turns.append(turn)
        self.turn_vectors.grow(row + 1)
        terms = analyze(turn.content)
        self._turn_words.add(terms)
        session = self._session_at.setdefault(turn.session_id, len(self._session_at))
        self._session_words.extend(session, terms)
        self._session_of.append(session)
        self._order.setdefault(session, []).append(row)
        self._neighbours = None
        self.bytes += _ROW_BYTES + 2 * len(turn.content) + self.turn_vectors.row_bytes

    def put_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the one that is here by its newer version."""
        at = self.memory_at.get(memory.id)
        if at is None:
            at = self.memory_at[memory.id] = len(self.memories)
            self.memories.append(memory)
            self.memory_vectors.grow(at + 1)
            self._memory_words.add(analyze(memory.content))
            self.bytes += _ROW_BYTES + 2 * len(memory.content) + self.memory_vectors.row_bytes
        else:
            old = self.memories[at]
            self._unlink(old)
            self.memories[at] = memory
            if old.content != memory.content:
                self._memory_words.replace(at, analyze(memory.content))
        for source in memory.sources:
            turn = self.turn_at.get(source.turn_id) if source.turn_id is not None else None
            if turn is not None and memory.id not in self.turns[turn].memories:
                self.turns[turn].memories.append(memory.id)

    def _unlink(self, memory: MemoryRow) -> None:
        for source in memory.sources:
            turn = self.turn_at.get(source.turn_id) if source.turn_id is not None else None
            if turn is not None and memory.id in self.turns[turn].memories:
                self.turns[turn].memories.remove(memory.id)

    def put_vector(self, row_id: UUID, of_turn: bool, vector: NDArray[Any]) -> None:
        """Set the vector of a turn or memory that is here."""
        at = self.turn_at.get(row_id) if of_turn else self.memory_at.get(row_id)
        if at is not None:
            (self.turn_vectors if of_turn else self.memory_vectors).put(at, vector)

    def neighbours(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each turn the one before and the one after it in its session, (n,), (n,); itself at an end."""
        if self._neighbours is None:
            before, after = np.arange(len(self.turns)), np.arange(len(self.turns))
            for rows in self._order.values():
                rows.sort(key=lambda row: self.turns[row].observed_at)
                before[rows[1:]], after[rows[:-1]] = rows[:-1], rows[1:]
            self._neighbours = before, after
        return self._neighbours

    def features(self, query: str, vector: Array | None) -> dict[str, Array]:
        """The named features of every turn, each (n,), standardised over the user's turns."""
        terms = analyze(query)
        lexical = self._turn_words.scores(terms)
        session = self._session_words.scores(terms)[self._session_of] if self.turns else lexical
        before, after = self.neighbours()
        found = {
            "lexical": standardise(lexical),
            "window_lexical": standardise(lexical + _beside(lexical, before, after)),
            "session_lexical": standardise(session),
            "speaker": self._speaker(query),
            "fact": self._fact(terms, vector),
        }
        if vector is not None:
            dense, known = self.turn_vectors.dot(vector), self.turn_vectors.known
            found["dense"] = standardise(dense, known)
            found["window_dense"] = standardise(dense + _beside(dense, before, after), known)
        return found

    def memory_evidence(self, terms: Sequence[str], vector: Array | None) -> Array:
        """How well each memory matches by itself: standardised dense plus lexical, (m,)."""
        evidence = standardise(self._memory_words.scores(terms))
        if vector is not None and len(self.memories):
            evidence = evidence + standardise(self.memory_vectors.dot(vector), self.memory_vectors.known)
        return evidence

    def _fact(self, terms: Sequence[str], vector: Array | None) -> Array:
        """The best evidence among the current memories of each turn, (n,); 0 where there is none."""
        best = np.zeros(len(self.turns), np.float32)
        if not self.memories:
            return best
        seen = np.zeros(len(self.turns), np.bool_)
        evidence = self.memory_evidence(terms, vector)
        for memory, value in zip(self.memories, evidence, strict=True):
            if not memory.current:
                continue
            for source in memory.sources:
                row = self.turn_at.get(source.turn_id) if source.turn_id is not None else None
                if row is not None:
                    best[row] = max(best[row], value) if seen[row] else value
                    seen[row] = True
        return best

    def _speaker(self, query: str) -> Array:
        """1 where the one speaker whom the query names said it, (n,)."""
        words = set(analyze(query))
        names = {turn.name for turn in self.turns if turn.name}
        named = [name for name in names if words & set(analyze(name))]
        if len(named) != 1:
            return np.zeros(len(self.turns), np.float32)
        return np.asarray([turn.name == named[0] for turn in self.turns], np.float32)


def _beside(values: Array, before: NDArray[np.intp], after: NDArray[np.intp]) -> Array:
    """What the neighbours of each turn add; a turn without a neighbour on one side gets nothing from it."""
    own = np.arange(len(values))
    left = np.where(before == own, 0.0, values[before])
    right = np.where(after == own, 0.0, values[after])
    return (left + right).astype(np.float32)


class ScopeCache:
    """The scopes of the users who searched last, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._scopes: OrderedDict[tuple[str, str], Scope] = OrderedDict()

    def get(self, tenant_id: str, user_id: str, dimensions: int) -> Scope:
        """The user's scope, new and empty when it is not held; the longest unused ones make room."""
        with self._lock:
            key = (tenant_id, user_id)
            scope = self._scopes.setdefault(key, Scope(dimensions))
            self._scopes.move_to_end(key)
            total = sum(held.bytes for held in self._scopes.values())
            while total > self._limit and len(self._scopes) > 1:
                total -= self._scopes.popitem(last=False)[1].bytes
            return scope

    def drop(self, tenant_id: str, user_id: str) -> None:
        """Forget a user."""
        with self._lock:
            self._scopes.pop((tenant_id, user_id), None)
