"""One user's turns and memories held for search, and the cache that holds many users'."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Kind
from app.memory.languages import ENGLISH
from app.memory.lexical import Column, Words, analyze, analyze_as_written, analyze_query, bm25, dense_column
from app.memory.ranking import Array, standardise
from app.memory.rows import MemoryRow, TurnRow

_ROW_BYTES = 3_000  # what a row costs beside its vector and text: measured with tracemalloc on chat turns


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

    def rows(self, places: NDArray[np.intp]) -> Array:
        """The rows at `places`, (k, d)."""
        return self._data[places]

    def dot(self, query: Array) -> Array:
        """Cosine of each row and the query (both normalised), (n,); 0 where a row is missing."""
        return self._data[: self._count] @ query


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of turns and memories as arrays, made anew for the first query after a change.

    `before` and `after` are a turn's neighbours in its session (n at an end), `session` its session,
    (n,) each. `window_lengths` (n,) and `session_lengths` (s,) count words. `recency` is the
    standardised place in the order of when turns were said, (n,). `said` and `saying` pair each
    current memory with the turns that say it, (p,) each. `orphans` stand for no turn here. `around` keeps
    the columns of windows and of sessions for each term that was asked for.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    session: NDArray[np.intp]
    window_lengths: Array
    session_lengths: Array
    recency: Array
    said: NDArray[np.intp]
    saying: NDArray[np.intp]
    orphans: list[int]
    around: dict[str, tuple[Column, Column]] = field(default_factory=dict[str, tuple[Column, Column]])


class Scope:
    """The search index of one user; whoever uses it holds `lock`."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(self) -> None:
        """Forget all rows."""
        self.revision, self.bytes = 0, 0
        self.turns: list[TurnRow] = []
        self.memories: list[MemoryRow] = []
        self.turn_at: dict[UUID, int] = {}
        self.memory_at: dict[UUID, int] = {}
        self.turn_vectors, self.memory_vectors = Vectors(self._dimensions), Vectors(self._dimensions)
        self._turn_words, self._memory_words = Words(), Words()
        self._languages = {ENGLISH}
        self._session_at: dict[str, int] = {}
        self._session_of: list[int] = []
        self._said_at: list[float] = []
        self._order: list[list[int]] = []
        self._speakers: dict[str, list[int]] = {}
        self._before: list[int] = []
        self._after: list[int] = []
        self._norms = np.zeros(0, np.float32)
        self._unnormed: set[int] = set()
        self._places: Places | None = None
        self.conflicts: dict[UUID, list[UUID]] = {}

    def put_turn(self, turn: TurnRow) -> None:
        """Add a turn, or note what became of one that is here."""
        at = self.turn_at.get(turn.id)
        if at is not None:
            self.turns[at].pending = turn.pending
            return
        self._places = None
        row = self.turn_at[turn.id] = len(self.turns)
        self.turns.append(turn)
        self.turn_vectors.grow(row + 1)
        self._turn_words.add([*self._terms(turn.content), *analyze(turn.name or "")])
        self._speakers.setdefault(turn.name or turn.role, []).append(row)
        session = self._session_at.setdefault(turn.session_id, len(self._session_at))
        self._session_of.append(session)
        self._said_at.append(turn.observed_at.timestamp())
        self._place(row, session)
        self.bytes += _ROW_BYTES + 2 * len(turn.content) + self.turn_vectors.row_bytes

    def _terms(self, text: str) -> list[str]:
        """The terms of a text in its own language, in which questions are asked from now on."""
        terms, language = analyze_as_written(text)
        self._languages.add(language)
        return terms

    def _place(self, row: int, session: int) -> None:
        """Put a turn at the end of its session; one that comes late has the session sorted anew."""
        self._before.append(row)
        self._after.append(row)
        self._unnormed.add(row)
        if session == len(self._order):
            self._order.append([])
        earlier = self._order[session]
        earlier.append(row)
        if len(earlier) == 1:
            return
        if self.turns[row].observed_at < self.turns[earlier[-2]].observed_at:
            earlier.sort(key=lambda place: self.turns[place].observed_at)
            self._before[earlier[0]], self._after[earlier[-1]] = earlier[0], earlier[-1]
            for left, right in pairwise(earlier):
                self._join(left, right)
        else:
            self._join(earlier[-2], row)

    def _join(self, left: int, right: int) -> None:
        self._after[left], self._before[right] = right, left
        self._unnormed |= {left, right}

    def around(self, row: int, reach: int) -> list[tuple[int, int]]:
        """(offset, row) of up to `reach` turns before a turn and after it in its session, in their order."""
        found: list[tuple[int, int]] = []
        for step, neighbour in ((-1, self._before), (1, self._after)):
            at = row
            for distance in range(1, reach + 1):
                if neighbour[at] == at:
                    break
                at = neighbour[at]
                found.append((step * distance, at))
        return sorted(found)

    def put_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the one that is here by its newer version."""
        self._places = None
        at = self.memory_at.get(memory.id)
        if at is None:
            at = self.memory_at[memory.id] = len(self.memories)
            self.memories.append(memory)
            self.memory_vectors.grow(at + 1)
            self._memory_words.add(self._terms(memory.content))
            self.bytes += _ROW_BYTES + 2 * len(memory.content) + self.memory_vectors.row_bytes
        else:
            old, self.memories[at] = self.memories[at], memory
            for turn in self._turns_of(old):
                turn.memories.remove(old.id)
            if old.content != memory.content:
                self._memory_words.replace(at, self._terms(old.content), self._terms(memory.content))
        for turn in self._turns_of(memory):
            turn.memories.append(memory.id)

    def _turns_of(self, memory: MemoryRow) -> list[TurnRow]:
        """The turns that it may stand for, each once; an example stands for itself, as one turn has many."""
        if memory.kind == Kind.EXAMPLE:
            return []
        ids = dict.fromkeys(source.turn_id for source in memory.sources if source.turn_id is not None)
        return [self.turns[self.turn_at[turn_id]] for turn_id in ids if turn_id in self.turn_at]

    def put_vector(self, row_id: UUID, of_turn: bool, vector: NDArray[Any]) -> None:
        """Set the vector of a turn or memory that is here."""
        at = self.turn_at.get(row_id) if of_turn else self.memory_at.get(row_id)
        if at is None:
            return
        (self.turn_vectors if of_turn else self.memory_vectors).put(at, vector)
        if of_turn:
            self._unnormed |= {at, self._before[at], self._after[at]}

    @property
    def places(self) -> Places:
        """The rows as they are now."""
        if self._places is None:
            self._places = self._placed()
        return self._places

    def _placed(self) -> Places:
        rows = np.arange(len(self.turns))
        before, after = (
            np.where(side == rows, len(rows), side)
            for side in (np.asarray(self._before, np.intp), np.asarray(self._after, np.intp))
        )
        session = np.asarray(self._session_of, np.intp)
        pairs = [
            (row, self.memory_at[memory_id])
            for row, turn in enumerate(self.turns)
            for memory_id in turn.memories
        ]
        told = {memory for _, memory in pairs}
        held = [pair for pair in pairs if self.memories[pair[1]].current]
        lengths = self._turn_words.lengths
        return Places(
            before=before,
            after=after,
            session=session,
            window_lengths=lengths + beside(lengths, before) + beside(lengths, after),
            session_lengths=np.bincount(session, lengths, len(self._order)).astype(np.float32),
            recency=standardise(np.argsort(np.argsort(self._said_at, kind="stable")).astype(np.float32)),
            said=np.asarray([memory for _, memory in held], np.intp),
            saying=np.asarray([turn for turn, _ in held], np.intp),
            orphans=[row for row in range(len(self.memories)) if row not in told],
        )

    def terms(self, query: str) -> list[str]:
        """The terms of a query in every language that the user's texts are in, each once."""
        return analyze_query(query, sorted(self._languages))

    def features(self, terms: Sequence[str], vector: Array | None, evidence: Array) -> dict[str, Array]:
        """The named features of every turn, each (n,), standardised over the user's turns.

        `terms` are those of the query, `vector` is its own (d,), `evidence` is that of the memories, (m,).
        """
        places = self.places
        found = self._lexical(places, terms)
        length = np.log1p(self._turn_words.lengths)
        found["length"] = length - length.mean()
        found |= {"speaker": self._speaker(terms), "fact": self._fact(places, evidence)}
        found["recency"] = places.recency
        if vector is not None:
            dense, known = self.turn_vectors.dot(vector), self.turn_vectors.known
            found["dense"] = standardise(dense, known)
            found["window_dense"] = standardise(self._window_dense(places, dense), known)
        return found

    def _lexical(self, places: Places, terms: Sequence[str]) -> dict[str, Array]:
        """BM25 of each turn, of its window and of its session, (n,) each.

        What a window or a session has of a term is the sum over its turns, so only turns are indexed.
        """
        turns = self._turn_words.columns(terms)
        for term in turns.keys() - places.around.keys():
            places.around[term] = self._around(places, *turns[term])
        windows = [places.around[term][0] for term in turns]
        sessions = [places.around[term][1] for term in turns]
        return {
            "lexical": standardise(bm25(turns.values(), self._turn_words.lengths)),
            "window_lexical": standardise(bm25(windows, places.window_lengths)),
            "session_lexical": standardise(bm25(sessions, places.session_lengths)[places.session]),
        }

    def _around(self, places: Places, rows: NDArray[np.intp], counts: Array) -> tuple[Column, Column]:
        """The columns of a term in windows and in sessions, from its column in turns."""
        own = np.zeros(len(self.turns), np.float32)
        own[rows] = counts
        window = own + beside(own, places.before) + beside(own, places.after)
        of_session = np.bincount(places.session[rows], counts, len(self._order))
        return dense_column(window), dense_column(of_session.astype(np.float32))

    def _window_dense(self, places: Places, dense: Array) -> Array:
        """Cosine of the query and the mean of each turn and its neighbours, (n,): no second embedding.

        The dot products add up, and the length of each mean changes only when a row of its window does.
        """
        before, after = places.before, places.after
        if self._unnormed:
            rows = np.fromiter(self._unnormed, np.intp, len(self._unnormed))
            self._norms = np.resize(self._norms, len(self.turns))
            total = self.turn_vectors.rows(rows)
            for side in (before[rows], after[rows]):
                inside = side < len(self.turns)
                total[inside] += self.turn_vectors.rows(side[inside])
            self._norms[rows] = np.maximum(np.linalg.norm(total, axis=1), 1e-6)
            self._unnormed.clear()
        return (dense + beside(dense, before) + beside(dense, after)) / self._norms

    def memory_evidence(self, terms: Sequence[str], vector: Array | None) -> Array:
        """How well each memory matches by itself: standardised dense plus lexical, (m,)."""
        evidence = standardise(self._memory_words.scores(terms))
        if vector is not None and len(self.memories):
            evidence = evidence + standardise(self.memory_vectors.dot(vector), self.memory_vectors.known)
        return evidence

    def _fact(self, places: Places, evidence: Array) -> Array:
        """The best evidence among the current memories of each turn, (n,); 0 where there is none."""
        best = np.full(len(self.turns), -np.inf, np.float32)
        np.maximum.at(best, places.saying, evidence[places.said])
        return np.where(np.isneginf(best), 0.0, best).astype(np.float32)

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The one speaker whom the query names; who has no name goes by the role."""
        named = [name for name in self._speakers if not set(terms).isdisjoint(analyze(name))]
        return named[0] if len(named) == 1 else None

    def _speaker(self, terms: Sequence[str]) -> Array:
        """1 where the one speaker whom the query names said it, (n,)."""
        match = np.zeros(len(self.turns), np.float32)
        named = self.named_speaker(terms)
        if named is not None:
            match[self._speakers[named]] = 1.0
        return match


def beside(values: Array, neighbours: NDArray[np.intp]) -> Array:
    """The value of each row's neighbour, (n,); 0 where it has none and names row n."""
    return np.append(values, np.float32(0))[neighbours]


class ScopeCache:
    """The scopes of the users who searched last, up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._scopes: OrderedDict[tuple[str, str], tuple[str, Scope]] = OrderedDict()

    def get(self, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> Scope:
        """The user's scope of this embedding model, new and empty when it is not held.

        It takes the place of the scope of another model; the longest unused ones make room.
        """
        with self._lock:
            key = (tenant_id, user_id)
            held_id, scope = self._scopes.get(key, ("", None))
            if scope is None or held_id != model_id:
                scope = Scope(dimensions)
                self._scopes[key] = (model_id, scope)
            self._scopes.move_to_end(key)
            total = sum(held.bytes for _, held in self._scopes.values())
            while total > self._limit and len(self._scopes) > 1:
                total -= self._scopes.popitem(last=False)[1][1].bytes
            return scope

    def drop(self, tenant_id: str, user_id: str) -> None:
        """Forget a user."""
        with self._lock:
            self._scopes.pop((tenant_id, user_id), None)
