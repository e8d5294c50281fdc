"""One user's turns and memories held for search."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Kind
from app.memory.index.ann_store import Far, Store
from app.memory.index.arrays import Growing, Ids
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.index_view import Places, beside, placed
from app.memory.index.inverted_index import Column, added, column_of, dense_column, idf, worth
from app.memory.index.link_graph import Links
from app.memory.index.serialization import below, inside, join, split
from app.memory.index.tables import MemoryTable, TurnTable, microseconds
from app.memory.numeric import Array, standardise
from app.memory.text.analysis import analyze, analyze_as_written, analyze_query
from app.memory.text.languages import ENGLISH

AnyRow = TypeVar("AnyRow", TurnRow, MemoryRow)
# Another one for every change of what `pack` writes, or of the terms that are made of a text.
PACK_FORM = 4
FAR_FORM = -PACK_FORM  # of large users
_ROW_BYTES = 3_000  # what a row costs beside its vector and text: measured with tracemalloc on chat turns


class Scope:
    """The search index of one user; whoever uses it holds `lock`."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(self, far: Far | None = None) -> None:
        """Forget all rows; with `far`, hold neither texts nor vectors from now on."""
        self.revision, self._bytes, self.far = 0, 0, far
        # Of a large user: the revision of the pack that this began with, and how many rows were in it.
        self.packed_at, self._packed_rows = 0, 0
        held = self._dimensions if far is None else 0
        self.turns, self.memories = TurnTable(held), MemoryTable(held)
        if far is not None:
            self.turns.fetch, self.memories.fetch = self._fetch_turns, self._fetch_memories
        # Which memory says which turn: memories[i] says turns[i] while `holds[i]`.
        self._pairs = {"memory": Growing(np.int32), "turn": Growing(np.int32), "holds": Growing(np.bool_)}
        self._links = Links()
        self._languages = {ENGLISH}
        self._places: Places | None = None
        self.conflicts: dict[UUID, list[UUID]] = {}

    def pack(self) -> tuple[bytes, bytes]:
        """(all but the vectors, the vectors in half precision): what `unpack` reads."""
        parts = below("turns", self.turns.parts()) | below("memories", self.memories.parts())
        held = self._pairs["holds"].rows
        parts |= {f"pairs.{name}": pairs.rows[held] for name, pairs in self._pairs.items()}
        parts |= below("links", self._links.parts())
        parts |= {"languages": sorted(self._languages), "revision": self.revision, "epoch": self.epoch}
        if self.far is not None:
            parts |= below("far", self.far.parts())
        vectors = np.concatenate([self.turns.vectors.all, self.memories.vectors.all])
        return join(parts), vectors.astype(np.float16).tobytes()

    def unpack(self, rows: bytes, vectors: bytes) -> None:
        """Hold what `pack` gave, of vectors of the same length, instead of what is here."""
        parts = split(rows)
        far = inside(parts, "far")
        self.clear(Far.of(far) if far else None)
        turns, memories = inside(parts, "turns"), inside(parts, "memories")
        count, held = len(turns["known"]), 0 if far else self._dimensions
        halves = np.frombuffer(vectors, np.float16).reshape(count + len(memories["known"]), held)
        self.turns.fill(turns, halves[:count])
        self.memories.fill(memories, halves[count:])
        for name, pairs in self._pairs.items():
            pairs.fill(parts[f"pairs.{name}"])
        self._links.fill(inside(parts, "links"))
        self._languages = set(parts["languages"])
        self.revision, self.epoch = parts["revision"], parts["epoch"]
        self._bytes = len(rows) + 2 * len(vectors)
        if self.far is not None:
            self.packed_at, self._packed_rows = self.revision, len(self.turns) + len(self.memories)

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return self._bytes + (sum(one.nbytes for one in self._places.sampled) if self._places else 0)

    def end(self, now: datetime) -> None:
        """Let what has expired by now be found no more; whoever asks a question does so first."""
        moment = microseconds(now)
        if moment < self.memories.first_end:
            return
        if self.memories.end(moment):
            self._places = None
        at, until = self.memories.at, self.memories.columns["served_until"]
        ended = {i for i in self.conflicts if (row := at.get(i)) is not None and until[row] <= moment}
        if ended:
            left = {i: [o for o in others if o not in ended] for i, others in self.conflicts.items()}
            self.conflicts = {i: others for i, others in left.items() if others and i not in ended}

    def put_turn(self, turn: TurnRow) -> None:
        """Add a turn, or note what became of one that is here."""
        at = self.turns.at.get(turn.id)
        if at is not None:
            held = self.turns.held(at)
            if held is not None:
                held.pending = turn.pending
            return
        self._places = None
        self.turns.put(turn, [*self._terms(turn.content), *analyze(turn.name or "")])
        self._bytes += _ROW_BYTES + 2 * len(turn.content) + self.turns.vectors.row_bytes

    def _terms(self, text: str) -> list[str]:
        """The terms of a text in its own language, in which questions are asked from now on."""
        terms, language = analyze_as_written(text)
        self._languages.add(language)
        return terms

    def around(self, row: int, reach: int) -> list[tuple[int, int]]:
        """(offset, row) of up to `reach` turns before a turn and after it in its session, in their order."""
        found: list[tuple[int, int]] = []
        for step, side in ((-1, "before"), (1, "after")):
            neighbour, at = self.turns.columns[side].rows, row
            for distance in range(1, reach + 1):
                if neighbour[at] == at:
                    break
                at = int(neighbour[at])
                found.append((step * distance, at))
        return sorted(found)

    def put_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the one that is here by its newer version."""
        self._places = None
        at = self.memories.at.get(memory.id)
        if at is None:
            at = self.memories.put(memory, self._terms(memory.content))
            self._bytes += _ROW_BYTES + 2 * len(memory.content) + self.memories.vectors.row_bytes
        else:
            old = self.memories.held(at)
            self._pairs["holds"][np.flatnonzero(self._pairs["memory"].rows == at)] = False
            self.memories.replace(at, memory)
            if old is None or old.content != memory.content:
                # Of a row that is not held no word came after the pack, so there is none to take back.
                before = [] if old is None else self._terms(old.content)
                self.memories.words.replace(at, before, self._terms(memory.content))
        for turn in self._turns_of(memory):
            for name, value in (("memory", at), ("turn", turn), ("holds", True)):
                self._pairs[name].append(value)

    def put_links(self, sources: Sequence[UUID], links: Sequence[tuple[UUID, UUID, float]]) -> None:
        """Set the links (source, target, worth) that start at these memories; what recounts has none."""
        self._places = None
        at = self.memories.at
        rows = {i: row for i in sources if (row := at.get(i)) is not None and not self.memories[row].recounts}
        ends = [(rows[one], at.get(other), worth) for one, other, worth in links if one in rows]
        known = [
            (source, target, worth)
            for source, target, worth in ends
            if target is not None and not self.memories[target].recounts
        ]
        self._links.replace(list(rows.values()), known)

    def _turns_of(self, memory: MemoryRow) -> list[int]:
        """The turns that it may stand for, each once; an example stands for itself, as one turn has many."""
        if memory.kind == Kind.EXAMPLE:
            return []
        ids = dict.fromkeys(source.turn_id for source in memory.sources if source.turn_id is not None)
        return [row for turn_id in ids if (row := self.turns.at.get(turn_id)) is not None]

    def put_vector(self, row_id: UUID, of_turn: bool, vector: NDArray[Any]) -> None:
        """Set the vector of a turn or memory that is here."""
        at = (self.turns if of_turn else self.memories).at.get(row_id)
        if at is None or self.far is not None:
            return
        if of_turn:
            self.turns.put_vector(at, vector)
            if self._places is not None:
                self._places.sampled.clear()
        else:
            self.memories.vectors.put(at, vector)

    def vectors_of(
        self, table: TurnTable | MemoryTable, places: NDArray[np.integer]
    ) -> tuple[NDArray[np.bool_], Array]:
        """Which of the rows of a table at these places have a vector, (k,), and the vectors, (k, d)."""
        if self.far is None:
            return table.vectors.known[places], table.vectors.rows(places)
        fetched = self.far.turns if table is self.turns else self.far.memories
        return fetched.at(places, table.at, self.store)

    def load(self, turns: Sequence[int]) -> list[int]:
        """Fetch at once what is not held of these turns and of the memories that they say.

        Returns the turns that are no longer there.
        """
        gone = self.turns.load(turns)
        if self.is_large:
            places = self.places
            told = [places.told[places.first[turn] : places.first[turn + 1]].tolist() for turn in turns]
            self.memories.load([memory for one in told for memory in one])
        return gone

    def told(self, turn: int) -> list[int]:
        """The places of the memories, current or not, that a turn says; of a large user those still there."""
        places = self.places
        told = places.told[places.first[turn] : places.first[turn + 1]].tolist()
        if not told or not self.is_large:
            return told
        gone = set(self.memories.load(told))
        return [memory for memory in told if memory not in gone]

    def _fetch_turns(self, places: Sequence[int]) -> dict[int, TurnRow]:
        return self._fetched(self.turns.at, places, self.store.turns)

    def _fetch_memories(self, places: Sequence[int]) -> dict[int, MemoryRow]:
        found = self._fetched(self.memories.at, places, self.store.memories)
        self.turns.load({turn for memory in found.values() for turn in self._turns_of(memory)})
        return found

    def _fetched(
        self, ids: Ids, places: Sequence[int], fetch: Callable[[Sequence[UUID]], Sequence[AnyRow]]
    ) -> dict[int, AnyRow]:
        """The rows at these places; the ids of those that are no longer there are forgotten."""
        wanted = dict(zip(ids.of(places), places, strict=True))
        found = {wanted[row.id]: row for row in fetch(list(wanted))}
        for place in wanted.values():
            if place not in found:
                ids.forget(place)
        return found

    @property
    def is_large(self) -> bool:
        """Whether texts and vectors are in a store."""
        return self.far is not None

    @property
    def store(self) -> Store:
        """Where the texts and vectors of a large user are."""
        assert self.far is not None
        return self.far.store

    @property
    def held_rows(self) -> int:
        """How many rows are here with all that they hold: not those in the pack of a large user."""
        return len(self.turns) + len(self.memories) - self._packed_rows

    def let_go(self) -> None:
        """Forget what was fetched and counted for one question of a large user."""
        if self.far is None:
            return
        self.far.let_go()
        for table in (self.turns, self.memories):
            table.let_go()
            table.words.let_go()

    def compact(self) -> None:
        """Hold the rows that came as arrays: what is put into a large scope between two times is bounded."""
        self.turns.compact()
        self.memories.compact()

    @property
    def places(self) -> Places:
        """The rows as they are now."""
        if self._places is None:
            held = self._pairs["holds"].rows
            pairs = self._pairs["turn"].rows[held], self._pairs["memory"].rows[held]
            self._places = placed(self.turns, self.memories, *pairs, self._links)
        return self._places

    def terms(self, query: str) -> list[str]:
        """The terms of a query in every language that the user's texts are in, each once."""
        return analyze_query(query, sorted(self._languages))

    def rarity(self, terms: Sequence[str]) -> dict[str, float]:
        """What each term is worth by how few of the user's turns have it."""
        columns = self.turns.words.columns(terms)
        return {term: idf(len(columns[term][0]) if term in columns else 0, len(self.turns)) for term in terms}

    def features(self, terms: Sequence[str], vector: Array | None, evidence: Array) -> dict[str, Array]:
        """The named features of every turn, each (n,), standardised over the user's turns.

        `terms` are those of the query, `vector` is its own (d,), `evidence` is that of the memories, (m,).
        """
        places = self.places
        said = self.said_by_named(terms)
        found = self._lexical(places, terms) | {"length": places.length, "recency": places.recency}
        found["speaker"] = np.zeros(len(self.turns), np.float32) if said is None else said
        found["fact"] = self._fact(places, evidence)
        if vector is not None:
            dense, known = self.turns.vectors.dot(vector), self.turns.vectors.known
            found["dense"] = standardise(dense, known)
            found["window_dense"] = standardise(window_dense(self.turns.norms(), places, dense), known)
        return found

    def _lexical(self, places: Places, terms: Sequence[str]) -> dict[str, Array]:
        """BM25 of each turn, of its window and of its session, (n,) each.

        What a window or a session has of a term is the sum over its turns, so only turns are indexed.
        """
        columns = self.turns.words.columns(terms)
        for term in columns.keys() - places.around.keys():
            places.around[term] = self._around(places, *columns[term])
        turns, windows, sessions = ([places.around[term][i] for term in columns] for i in range(3))
        of_sessions = added(sessions, len(places.session_norms))
        return {
            "lexical": standardise(added(turns, len(self.turns))),
            "window_lexical": standardise(added(windows, len(self.turns))),
            "session_lexical": standardise(of_sessions[self.turns.sessions]),
        }

    def _around(self, places: Places, rows: NDArray[np.intp], counts: Array) -> tuple[Column, Column, Column]:
        """What a term adds to turns, windows and sessions, from its column in turns."""
        windows = column_of((rows, places.before[rows], places.after[rows]), counts, len(self.turns))
        of_session = np.bincount(self.turns.sessions[rows], counts, len(places.session_norms))
        return (
            worth((rows, counts), places.norms),
            worth(windows, places.window_norms),
            worth(dense_column(of_session.astype(np.float32)), places.session_norms),
        )

    def memory_evidence(self, terms: Sequence[str], vector: Array | None) -> Array:
        """How well each memory matches by itself: standardised dense plus lexical, (m,)."""
        evidence = standardise(self.memories.words.scores(terms))
        if vector is not None and len(self.memories):
            evidence = evidence + standardise(self.memories.vectors.dot(vector), self.memories.vectors.known)
        return evidence

    def _fact(self, places: Places, evidence: Array) -> Array:
        """The best evidence among the current memories of each turn, (n,); 0 where there is none."""
        best = np.full(len(self.turns), -np.inf, np.float32)
        np.maximum.at(best, places.saying, evidence[places.said])
        return np.where(np.isneginf(best), 0.0, best).astype(np.float32)

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The one speaker whom the query names; who has no name goes by the role."""
        speakers = self.turns.names["speaker"].names
        named = [name for name in speakers if not set(terms).isdisjoint(analyze(name))]
        return named[0] if len(named) == 1 else None

    def said_by_named(self, terms: Sequence[str]) -> Array | None:
        """1 where the one speaker whom the query names said it, (n,); None if it names no one."""
        named = self.named_speaker(terms)
        return None if named is None else self.turns.names["speaker"].having([named]).astype(np.float32)


def window_dense(norms: Array, places: Places, dense: Array) -> Array:
    """Cosine of the query and the mean of each turn and its neighbours, (n,): no second embedding.

    `dense` (n,) has the dot products of turns, which add up; `norms` (n,) the length of each window's sum.
    """
    return (dense + beside(dense, places.before) + beside(dense, places.after)) / norms
