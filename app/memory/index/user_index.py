"""One user's turns and memories held for search."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Kind
from app.memory.index.ann_store import AnnIndex, AnnStore
from app.memory.index.arrays import GrowableArray, IdMap
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.index_view import IndexView, build_index_view, neighbour_values
from app.memory.index.inverted_index import (
    PostingList,
    expand_postings,
    places,
    postings_from_counts,
    score_term,
    sum_postings,
)
from app.memory.index.link_graph import LinkTable
from app.memory.index.serialization import add_prefix, deserialize_arrays, serialize_arrays, strip_prefix
from app.memory.index.tables import MemoryTable, TurnTable, to_microseconds
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.text.analysis import analyze_detecting_language, analyze_query, analyze_text
from app.memory.text.languages import ENGLISH

AnyRow = TypeVar("AnyRow", TurnRow, MemoryRow)
# Another one for every change of what `pack` writes, or of the terms that are made of a text.
SNAPSHOT_VERSION = 5
LARGE_SNAPSHOT_VERSION = -SNAPSHOT_VERSION  # of large users
_ROW_BYTES = 3_000  # what a row costs beside its vector and text: measured with tracemalloc on chat turns


class UserIndex:
    """The search index of one user; whoever uses it holds `lock`."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(self, ann_index: AnnIndex | None = None) -> None:
        """Forget all rows; with `far`, hold neither texts nor vectors from now on."""
        self.revision, self._document_bytes, self.ann_index = 0, 0, ann_index
        # Of a large user: the revision of the pack that this began with, and how many rows were in it.
        self.snapshot_revision, self._snapshot_row_count = 0, 0
        held = self._dimensions if ann_index is None else 0
        self.turns, self.memories = TurnTable(held), MemoryTable(held)
        if ann_index is not None:
            self.turns.fetch_rows, self.memories.fetch_rows = self._fetch_turns, self._fetch_memories
        # Which memory says which turn: memories[i] says turns[i] while `holds[i]`.
        self._memory_turn_pairs = {
            "memory": GrowableArray(np.int32),
            "turn": GrowableArray(np.int32),
            "holds": GrowableArray(np.bool_),
        }
        self._link_table = LinkTable()
        self._languages = {ENGLISH}
        self._index_view: IndexView | None = None
        self.conflicts: dict[UUID, list[UUID]] = {}

    def save_snapshot(self) -> tuple[bytes, bytes]:
        """(all but the vectors, the vectors in half precision): what `unpack` reads."""
        parts = add_prefix("turns", self.turns.to_arrays()) | add_prefix(
            "memories", self.memories.to_arrays()
        )
        held = self._memory_turn_pairs["holds"].as_array
        parts |= {f"pairs.{name}": pairs.as_array[held] for name, pairs in self._memory_turn_pairs.items()}
        parts |= add_prefix("links", self._link_table.to_arrays())
        parts |= {"languages": sorted(self._languages), "revision": self.revision, "epoch": self.epoch}
        if self.ann_index is not None:
            parts |= add_prefix("far", self.ann_index.to_arrays())
        vectors = np.concatenate([self.turns.vectors.all_rows, self.memories.vectors.all_rows])
        return serialize_arrays(parts), vectors.astype(np.float16).tobytes()

    def load_snapshot(self, rows: bytes, vectors: bytes) -> None:
        """Hold what `pack` gave, of vectors of the same length, instead of what is here."""
        parts = deserialize_arrays(rows)
        far = strip_prefix(parts, "far")
        self.clear(AnnIndex.from_arrays(far) if far else None)
        turns, memories = strip_prefix(parts, "turns"), strip_prefix(parts, "memories")
        count, held = len(turns["known"]), 0 if far else self._dimensions
        halves = np.frombuffer(vectors, np.float16).reshape(count + len(memories["known"]), held)
        self.turns.load_arrays(turns, halves[:count])
        self.memories.load_arrays(memories, halves[count:])
        for name, pairs in self._memory_turn_pairs.items():
            pairs.load_rows(parts[f"pairs.{name}"])
        self._link_table.load_arrays(strip_prefix(parts, "links"))
        self._languages = set(parts["languages"])
        self.revision, self.epoch = parts["revision"], parts["epoch"]
        self._document_bytes = len(rows) + 2 * len(vectors)
        if self.ann_index is not None:
            self.snapshot_revision, self._snapshot_row_count = (
                self.revision,
                len(self.turns) + len(self.memories),
            )

    @property
    def memory_bytes(self) -> int:
        """About how much memory it takes."""
        return self._document_bytes + (
            sum(one.nbytes for one in self._index_view.sampled_vectors) if self._index_view else 0
        )

    def expire_memories(self, now: datetime) -> None:
        """Let what has expired by now be found no more; whoever asks a question does so first."""
        moment = to_microseconds(now)
        if moment < self.memories.earliest_expiry:
            return
        if self.memories.expire_memories(moment):
            self._index_view = None
        at, until = self.memories.id_map, self.memories.columns["served_until"]
        ended = {i for i in self.conflicts if (row := at.get(i)) is not None and until[row] <= moment}
        if ended:
            left = {i: [o for o in others if o not in ended] for i, others in self.conflicts.items()}
            self.conflicts = {i: others for i, others in left.items() if others and i not in ended}

    def upsert_turn(self, turn: TurnRow) -> None:
        """Add a turn, or note what became of one that is here."""
        at = self.turns.id_map.get(turn.id)
        if at is not None:
            held = self.turns.get_if_loaded(at)
            if held is not None:
                held.pending = turn.pending
            return
        self._index_view = None
        self.turns.add_turn(turn, [*self._analyze_text(turn.content), *analyze_text(turn.name or "")])
        self._document_bytes += _ROW_BYTES + 2 * len(turn.content) + self.turns.vectors.row_bytes

    def _analyze_text(self, text: str) -> list[str]:
        """The terms of a text in its own language, in which questions are asked from now on."""
        terms, language = analyze_detecting_language(text)
        self._languages.add(language)
        return terms

    def session_neighbours(self, doc_id: int, reach: int) -> list[tuple[int, int]]:
        """(offset, row) of up to `reach` turns before a turn and after it in its session, in their order."""
        found: list[tuple[int, int]] = []
        for step, side in ((-1, "before"), (1, "after")):
            neighbour, at = self.turns.columns[side].as_array, doc_id
            for distance in range(1, reach + 1):
                if neighbour[at] == at:
                    break
                at = int(neighbour[at])
                found.append((step * distance, at))
        return sorted(found)

    def upsert_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the one that is here by its newer version."""
        self._index_view = None
        at = self.memories.id_map.get(memory.id)
        if at is None:
            at = self.memories.add_memory(memory, self._analyze_text(memory.content))
            self._document_bytes += _ROW_BYTES + 2 * len(memory.content) + self.memories.vectors.row_bytes
        else:
            old = self.memories.get_if_loaded(at)
            self._memory_turn_pairs["holds"][
                np.flatnonzero(self._memory_turn_pairs["memory"].as_array == at)
            ] = False
            self.memories.replace_memory(at, memory)
            if old is None or old.content != memory.content:
                # Of a row that is not held no word came after the pack, so there is none to take back.
                before = [] if old is None else self._analyze_text(old.content)
                self.memories.inverted_index.replace_document(at, before, self._analyze_text(memory.content))
        for turn in self._find_source_turns(memory):
            for name, value in (("memory", at), ("turn", turn), ("holds", True)):
                self._memory_turn_pairs[name].append(value)

    def replace_links(self, sources: Sequence[UUID], links: Sequence[tuple[UUID, UUID, float]]) -> None:
        """Set the links (source, target, worth) that start at these memories; what recounts has none."""
        self._index_view = None
        at = self.memories.id_map
        rows = {i: row for i in sources if (row := at.get(i)) is not None and not self.memories[row].is_recap}
        ends = [(rows[one], at.get(other), worth) for one, other, worth in links if one in rows]
        known = [
            (source, target, worth)
            for source, target, worth in ends
            if target is not None and not self.memories[target].is_recap
        ]
        self._link_table.replace_links(list(rows.values()), known)

    def _find_source_turns(self, memory: MemoryRow) -> list[int]:
        """The turns that it may stand for, each once; an example stands for itself, as one turn has many."""
        if memory.kind == Kind.EXAMPLE:
            return []
        ids = dict.fromkeys(source.turn_id for source in memory.sources if source.turn_id is not None)
        return [row for turn_id in ids if (row := self.turns.id_map.get(turn_id)) is not None]

    def set_vector(self, row_id: UUID, of_turn: bool, vector: NDArray[Any]) -> None:
        """Set the vector of a turn or memory that is here."""
        at = (self.turns if of_turn else self.memories).id_map.get(row_id)
        if at is None or self.ann_index is not None:
            return
        if of_turn:
            self.turns.set_vector(at, vector)
            if self._index_view is not None:
                self._index_view.sampled_vectors.clear()
        else:
            self.memories.vectors.set_row(at, vector)

    def fetch_vectors(
        self, table: TurnTable | MemoryTable, doc_ids: NDArray[np.integer]
    ) -> tuple[NDArray[np.bool_], FloatArray]:
        """Which of the rows of a table at these places have a vector, (k,), and the vectors, (k, d)."""
        if self.ann_index is None:
            return table.vectors.has_vector[doc_ids], table.vectors.get_rows(doc_ids)
        fetched = self.ann_index.turn_vectors if table is self.turns else self.ann_index.memory_vectors
        return fetched.get_vectors(doc_ids, table.id_map, self.ann_store)

    def load_turns(self, turns: Sequence[int]) -> list[int]:
        """Fetch at once what is not held of these turns and of the memories that they say.

        Returns the turns that are no longer there.
        """
        gone = self.turns.load_missing(turns)
        if self.is_large:
            places = self.index_view
            told = [
                places.pair_memories[places.pair_offsets[turn] : places.pair_offsets[turn + 1]].tolist()
                for turn in turns
            ]
            self.memories.load_missing([memory for one in told for memory in one])
        return gone

    def find_turn_memories(self, turn: int) -> list[int]:
        """The places of the memories, current or not, that a turn says; of a large user those still there."""
        places = self.index_view
        told = places.pair_memories[places.pair_offsets[turn] : places.pair_offsets[turn + 1]].tolist()
        if not told or not self.is_large:
            return told
        gone = set(self.memories.load_missing(told))
        return [memory for memory in told if memory not in gone]

    def _fetch_turns(self, doc_ids: Sequence[int]) -> dict[int, TurnRow]:
        return self._fetch_rows(self.turns.id_map, doc_ids, self.ann_store.fetch_turns)

    def _fetch_memories(self, doc_ids: Sequence[int]) -> dict[int, MemoryRow]:
        found = self._fetch_rows(self.memories.id_map, doc_ids, self.ann_store.fetch_memories)
        self.turns.load_missing(
            {turn for memory in found.values() for turn in self._find_source_turns(memory)}
        )
        return found

    def _fetch_rows(
        self, ids: IdMap, doc_ids: Sequence[int], fetch: Callable[[Sequence[UUID]], Sequence[AnyRow]]
    ) -> dict[int, AnyRow]:
        """The rows at these places; the ids of those that are no longer there are forgotten."""
        wanted = dict(zip(ids.get_ids(doc_ids), doc_ids, strict=True))
        found = {wanted[row.id]: row for row in fetch(list(wanted))}
        for place in wanted.values():
            if place not in found:
                ids.mark_deleted(place)
        return found

    @property
    def is_large(self) -> bool:
        """Whether texts and vectors are in a store."""
        return self.ann_index is not None

    @property
    def ann_store(self) -> AnnStore:
        """Where the texts and vectors of a large user are."""
        assert self.ann_index is not None
        return self.ann_index.ann_store

    @property
    def loaded_row_count(self) -> int:
        """How many rows are here with all that they hold: not those in the pack of a large user."""
        return len(self.turns) + len(self.memories) - self._snapshot_row_count

    def clear_fetched(self) -> None:
        """Forget what was fetched and counted for one question of a large user."""
        if self.ann_index is None:
            return
        self.ann_index.close_store()
        for table in (self.turns, self.memories):
            table.clear_fetched()
            table.inverted_index.trim_cache()

    def compact(self) -> None:
        """Hold the rows that came as arrays: what is put into a large scope between two times is bounded."""
        self.turns.compact()
        self.memories.compact()

    @property
    def index_view(self) -> IndexView:
        """The rows as they are now."""
        if self._index_view is None:
            held = self._memory_turn_pairs["holds"].as_array
            pairs = (
                self._memory_turn_pairs["turn"].as_array[held],
                self._memory_turn_pairs["memory"].as_array[held],
            )
            self._index_view = build_index_view(self.turns, self.memories, *pairs, self._link_table)
        return self._index_view

    def query_terms(self, query: str) -> list[str]:
        """The terms of a query in every language that the user's texts are in, each once."""
        return analyze_query(query, sorted(self._languages))

    def compute_term_idf(self, terms: Sequence[str]) -> dict[str, float]:
        """What each term is worth by how few of the user's turns have it."""
        columns = self.turns.inverted_index.get_postings(terms)
        return {
            term: places(len(columns[term][0]) if term in columns else 0, len(self.turns)) for term in terms
        }

    def compute_features(
        self, terms: Sequence[str], vector: FloatArray | None, memory_scores: FloatArray
    ) -> dict[str, FloatArray]:
        """The named features of every turn, each (n,), standardised over the user's turns.

        `terms` are those of the query, `vector` is its own (d,), `evidence` is that of the memories, (m,).
        """
        places = self.index_view
        said = self.named_speaker_mask(terms)
        found = self._lexical_features(places, terms) | {"length": places.length, "recency": places.recency}
        found["speaker"] = np.zeros(len(self.turns), np.float32) if said is None else said
        found["fact"] = self._best_memory_scores(places, memory_scores)
        if vector is not None:
            dense, known = self.turns.vectors.dot_products(vector), self.turns.vectors.has_vector
            found["dense"] = standardise_scores(dense, known)
            found["window_dense"] = standardise_scores(
                window_cosines(self.turns.window_vector_norms(), places, dense), known
            )
        return found

    def _lexical_features(self, view: IndexView, terms: Sequence[str]) -> dict[str, FloatArray]:
        """BM25 of each turn, of its window and of its session, (n,) each.

        What a window or a session has of a term is the sum over its turns, so only turns are indexed.
        """
        columns = self.turns.inverted_index.get_postings(terms)
        for term in columns.keys() - view.term_score_cache.keys():
            view.term_score_cache[term] = self._score_term_by_unit(view, *columns[term])
        turns, windows, sessions = ([view.term_score_cache[term][i] for term in columns] for i in range(3))
        of_sessions = sum_postings(sessions, len(view.session_norms))
        return {
            "lexical": standardise_scores(sum_postings(turns, len(self.turns))),
            "window_lexical": standardise_scores(sum_postings(windows, len(self.turns))),
            "session_lexical": standardise_scores(of_sessions[self.turns.session_codes]),
        }

    def _score_term_by_unit(
        self, view: IndexView, doc_ids: NDArray[np.intp], counts: FloatArray
    ) -> tuple[PostingList, PostingList, PostingList]:
        """What a term adds to turns, windows and sessions, from its column in turns."""
        windows = expand_postings(
            (doc_ids, view.previous_turn[doc_ids], view.next_turn[doc_ids]), counts, len(self.turns)
        )
        of_session = np.bincount(self.turns.session_codes[doc_ids], counts, len(view.session_norms))
        return (
            score_term((doc_ids, counts), view.turn_norms),
            score_term(windows, view.window_norms),
            score_term(postings_from_counts(of_session.astype(np.float32)), view.session_norms),
        )

    def score_memories(self, terms: Sequence[str], vector: FloatArray | None) -> FloatArray:
        """How well each memory matches by itself: standardised dense plus lexical, (m,)."""
        evidence = standardise_scores(self.memories.inverted_index.score_documents(terms))
        if vector is not None and len(self.memories):
            evidence = evidence + standardise_scores(
                self.memories.vectors.dot_products(vector), self.memories.vectors.has_vector
            )
        return evidence

    def _best_memory_scores(self, view: IndexView, memory_scores: FloatArray) -> FloatArray:
        """The best evidence among the current memories of each turn, (n,); 0 where there is none."""
        best = np.full(len(self.turns), -np.inf, np.float32)
        np.maximum.at(best, view.current_pair_turns, memory_scores[view.current_pair_memories])
        return np.where(np.isneginf(best), 0.0, best).astype(np.float32)

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The one speaker whom the query names; who has no name goes by the role."""
        speakers = self.turns.categorical_columns["speaker"].categories
        named = [name for name in speakers if not set(terms).isdisjoint(analyze_text(name))]
        return named[0] if len(named) == 1 else None

    def named_speaker_mask(self, terms: Sequence[str]) -> FloatArray | None:
        """1 where the one speaker whom the query names said it, (n,); None if it names no one."""
        named = self.named_speaker(terms)
        return (
            None
            if named is None
            else self.turns.categorical_columns["speaker"].match_any([named]).astype(np.float32)
        )


def window_cosines(norms: FloatArray, view: IndexView, dense: FloatArray) -> FloatArray:
    """Cosine of the query and the mean of each turn and its neighbours, (n,): no second embedding.

    `dense` (n,) has the dot products of turns, which add up; `norms` (n,) the length of each window's sum.
    """
    return (
        dense + neighbour_values(dense, view.previous_turn) + neighbour_values(dense, view.next_turn)
    ) / norms
