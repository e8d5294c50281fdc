"""One user's turns and memories held for search."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Kind
from app.memory.growing import Growing
from app.memory.languages import ENGLISH
from app.memory.lexical import analyze, analyze_as_written, analyze_query
from app.memory.links import Graph, Links
from app.memory.packed import below, inside, join, split
from app.memory.postings import Column, bm25, dense_column, idf
from app.memory.ranking import Array, standardise
from app.memory.rows import MemoryRow, TurnRow
from app.memory.tables import MemoryTable, TurnTable

# Another one for every change of what `pack` writes, or of the terms that are made of a text.
PACK_FORM = 2
_ROW_BYTES = 3_000  # what a row costs beside its vector and text: measured with tracemalloc on chat turns


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of turns and memories as arrays, made anew for the first query after a change.

    `before` and `after` are a turn's neighbours in its session (n at an end), (n,) each. `window_lengths`
    (n,) and `session_lengths` (s,) count words. `recency` is the standardised place in the order of when
    turns were said, (n,). `said` and `saying` pair each current memory with the turns that say it, (p,)
    each. `told[first[i]:first[i + 1]]` are the memories, current or not, that turn i says. `orphans` stand
    for no turn here. `graph` are the links of current memories. `around` keeps the columns of windows and of
    sessions for each term that was asked for.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    window_lengths: Array
    session_lengths: Array
    recency: Array
    said: NDArray[np.int32]
    saying: NDArray[np.int32]
    told: NDArray[np.int32]
    first: NDArray[np.intp]
    orphans: NDArray[np.intp]
    graph: Graph
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
        self.turns, self.memories = TurnTable(self._dimensions), MemoryTable(self._dimensions)
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
        vectors = np.concatenate([self.turns.vectors.all, self.memories.vectors.all])
        return join(parts), vectors.astype(np.float16).tobytes()

    def unpack(self, rows: bytes, vectors: bytes) -> None:
        """Hold what `pack` gave, of vectors of the same length, instead of what is here."""
        self.clear()
        parts = split(rows)
        halves = np.frombuffer(vectors, np.float16).reshape(-1, self._dimensions)
        turns = inside(parts, "turns")
        count = len(turns["known"])
        self.turns.fill(turns, halves[:count])
        self.memories.fill(inside(parts, "memories"), halves[count:])
        for name, pairs in self._pairs.items():
            pairs.fill(parts[f"pairs.{name}"])
        self._links.fill(inside(parts, "links"))
        self._languages = set(parts["languages"])
        self.revision, self.epoch = parts["revision"], parts["epoch"]
        self.bytes = len(rows) + 2 * len(vectors)

    def put_turn(self, turn: TurnRow) -> None:
        """Add a turn, or note what became of one that is here."""
        at = self.turns.at.get(turn.id)
        if at is not None:
            self.turns[at].pending = turn.pending
            return
        self._places = None
        self.turns.put(turn, [*self._terms(turn.content), *analyze(turn.name or "")])
        self.bytes += _ROW_BYTES + 2 * len(turn.content) + self.turns.vectors.row_bytes

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
            self.bytes += _ROW_BYTES + 2 * len(memory.content) + self.memories.vectors.row_bytes
        else:
            old = self.memories[at]
            self._pairs["holds"][np.flatnonzero(self._pairs["memory"].rows == at)] = False
            self.memories.replace(at, memory)
            if old.content != memory.content:
                self.memories.words.replace(at, self._terms(old.content), self._terms(memory.content))
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
        if at is None:
            return
        if of_turn:
            self.turns.put_vector(at, vector)
        else:
            self.memories.vectors.put(at, vector)

    def vector_of(self, row: TurnRow | MemoryRow) -> Array | None:
        """The vector of a turn or memory, (d,); None while there is none."""
        table = self.turns if isinstance(row, TurnRow) else self.memories
        at, vectors = table.at[row.id], table.vectors
        return vectors.row(at) if vectors.known[at] else None

    def told_by(self, turn: int) -> list[MemoryRow]:
        """The memories, current or not, that a turn says."""
        places = self.places
        return [self.memories[at] for at in places.told[places.first[turn] : places.first[turn + 1]].tolist()]

    @property
    def places(self) -> Places:
        """The rows as they are now."""
        if self._places is None:
            self._places = self._placed()
        return self._places

    def _placed(self) -> Places:
        before, after = self.turns.neighbours()
        held = self._pairs["holds"].rows
        turn, memory = self._pairs["turn"].rows[held], self._pairs["memory"].rows[held]
        order = np.argsort(turn, kind="stable")
        turn, memory = turn[order], memory[order]
        current = self.memories.current[memory]
        lengths = self.turns.words.lengths
        said_at = self.turns.columns["said_at"].rows
        return Places(
            before=before,
            after=after,
            window_lengths=lengths + beside(lengths, before) + beside(lengths, after),
            session_lengths=np.bincount(self.turns.sessions, lengths).astype(np.float32),
            recency=standardise(np.argsort(np.argsort(said_at, kind="stable")).astype(np.float32)),
            said=memory[current],
            saying=turn[current],
            told=memory,
            first=np.searchsorted(turn, np.arange(len(self.turns) + 1)),
            orphans=np.flatnonzero(np.bincount(memory, minlength=len(self.memories)) == 0),
            graph=self._links.graph(self.memories.current),
        )

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
        found = self._lexical(places, terms)
        length = np.log1p(self.turns.words.lengths)
        found["length"] = length - length.mean()
        found |= {"speaker": self._speaker(terms), "fact": self._fact(places, evidence)}
        found["recency"] = places.recency
        if vector is not None:
            dense, known = self.turns.vectors.dot(vector), self.turns.vectors.known
            found["dense"] = standardise(dense, known)
            found["window_dense"] = standardise(window_dense(self.turns.norms(), places, dense), known)
        return found

    def _lexical(self, places: Places, terms: Sequence[str]) -> dict[str, Array]:
        """BM25 of each turn, of its window and of its session, (n,) each.

        What a window or a session has of a term is the sum over its turns, so only turns are indexed.
        """
        turns = self.turns.words.columns(terms)
        for term in turns.keys() - places.around.keys():
            places.around[term] = self._around(places, *turns[term])
        windows = [places.around[term][0] for term in turns]
        sessions = [places.around[term][1] for term in turns]
        return {
            "lexical": standardise(bm25(turns.values(), self.turns.words.lengths)),
            "window_lexical": standardise(bm25(windows, places.window_lengths)),
            "session_lexical": standardise(bm25(sessions, places.session_lengths)[self.turns.sessions]),
        }

    def _around(self, places: Places, rows: NDArray[np.intp], counts: Array) -> tuple[Column, Column]:
        """The columns of a term in windows and in sessions, from its column in turns."""
        own = np.zeros(len(self.turns), np.float32)
        own[rows] = counts
        window = own + beside(own, places.before) + beside(own, places.after)
        of_session = np.bincount(self.turns.sessions[rows], counts, len(places.session_lengths))
        return dense_column(window), dense_column(of_session.astype(np.float32))

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

    def _speaker(self, terms: Sequence[str]) -> Array:
        """1 where the one speaker whom the query names said it, (n,)."""
        named = self.named_speaker(terms)
        if named is None:
            return np.zeros(len(self.turns), np.float32)
        return self.turns.names["speaker"].having([named]).astype(np.float32)


def beside(values: Array, neighbours: NDArray[np.intp]) -> Array:
    """The value of each row's neighbour, (n,); 0 where it has none and names row n."""
    return np.append(values, np.float32(0))[neighbours]


def window_dense(norms: Array, places: Places, dense: Array) -> Array:
    """Cosine of the query and the mean of each turn and its neighbours, (n,): no second embedding.

    `dense` (n,) has the dot products of turns, which add up; `norms` (n,) the length of each window's sum.
    """
    return (dense + beside(dense, places.before) + beside(dense, places.after)) / norms
