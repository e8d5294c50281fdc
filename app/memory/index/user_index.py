"""The search index of one user's turns and memories."""

import threading
from collections.abc import Callable, Mapping, Sequence
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
    inverse_document_frequency,
    postings_from_counts,
    score_term,
    sum_postings,
)
from app.memory.index.link_graph import LinkTable
from app.memory.index.serialization import add_prefix, deserialize_arrays, serialize_arrays, strip_prefix
from app.memory.index.tables import MemoryTable, TurnTable, to_microseconds
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.text.analysis import analyze_detecting_language, analyze_query, analyze_text
from app.memory.text.stop_words import ENGLISH

AnyRow = TypeVar("AnyRow", TurnRow, MemoryRow)
# To be changed with what `save_snapshot` writes, and with the terms that text analysis produces.
SNAPSHOT_VERSION = 6
LARGE_SNAPSHOT_VERSION = -SNAPSHOT_VERSION  # version of large users' snapshots
_HALF_ROWS = 1_000  # vectors that stay in half precision: .3 ms a query to convert (chosen)
_INDEX_BYTES = 60_000  # bytes of an index beside its rows
_ROW_BYTES = 3_000  # bytes per row beside its vector and text: measured with tracemalloc on chat turns


class UserIndex:
    """The search index of one user; a caller must hold `lock` while using it."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(self, ann_index: AnnIndex | None = None) -> None:
        """Remove all rows; with `ann_index`, keep neither texts nor vectors in memory from now on."""
        self.revision, self._document_bytes, self.ann_index = 0, 0, ann_index
        # Large users: the revision of the snapshot that was loaded, and its number of rows.
        self.snapshot_revision, self._snapshot_row_count = 0, 0
        dimensions = self._dimensions if ann_index is None else 0
        self.turns, self.memories = TurnTable(dimensions), MemoryTable(dimensions)
        if ann_index is not None:
            self.turns.fetch_rows, self.memories.fetch_rows = self._fetch_turns, self._fetch_memories
        # Pairs of a memory and a turn that states it, valid while `holds`.
        self._memory_turn_pairs = {
            "memory": GrowableArray(np.int32),
            "turn": GrowableArray(np.int32),
            "holds": GrowableArray(np.bool_),
        }
        self._link_table = LinkTable()
        self._succession_table = LinkTable()  # from a superseded memory to the one that superseded it
        self._languages = {ENGLISH}
        self._index_view: IndexView | None = None
        self.conflicts: dict[UUID, list[UUID]] = {}

    def save_snapshot(self) -> tuple[bytes, bytes]:
        """(everything except the vectors, the vectors in half precision), for `load_snapshot`."""
        parts = add_prefix("turns", self.turns.to_arrays()) | add_prefix(
            "memories", self.memories.to_arrays()
        )
        is_valid = self._memory_turn_pairs["holds"].as_array
        parts |= {
            f"pairs.{name}": column.as_array[is_valid] for name, column in self._memory_turn_pairs.items()
        }
        parts |= add_prefix("links", self._link_table.to_arrays())
        parts |= add_prefix("successions", self._succession_table.to_arrays())
        parts |= {"languages": sorted(self._languages), "revision": self.revision, "epoch": self.epoch}
        if self.ann_index is not None:
            parts |= add_prefix("far", self.ann_index.to_arrays())
        vectors = np.concatenate([self.turns.vectors.all_halves, self.memories.vectors.all_halves])
        return serialize_arrays(parts), vectors.tobytes()

    def load_snapshot(self, rows: bytes, vectors: bytes) -> None:
        """Replace the contents by what `save_snapshot` returned for vectors of the same dimensions."""
        parts = deserialize_arrays(rows)
        ann_parts = strip_prefix(parts, "far")
        self.clear(AnnIndex.from_arrays(ann_parts) if ann_parts else None)
        turns, memories = strip_prefix(parts, "turns"), strip_prefix(parts, "memories")
        count, dimensions = len(turns["known"]), 0 if ann_parts else self._dimensions
        matrix = np.frombuffer(vectors, np.float16).reshape(count + len(memories["known"]), dimensions)
        is_kept_half = len(matrix) <= _HALF_ROWS
        self.turns.load_arrays(turns, matrix[:count], are_vectors_kept_half=is_kept_half)
        self.memories.load_arrays(memories, matrix[count:], are_vectors_kept_half=is_kept_half)
        for name, column in self._memory_turn_pairs.items():
            column.load_rows(parts[f"pairs.{name}"])
        self._link_table.load_arrays(strip_prefix(parts, "links"))
        self._succession_table.load_arrays(strip_prefix(parts, "successions"))
        self._languages = set(parts["languages"])
        self.revision, self.epoch = parts["revision"], parts["epoch"]
        self._document_bytes = _INDEX_BYTES + len(rows) + (1 if is_kept_half else 2) * len(vectors)
        if self.ann_index is not None:
            self.snapshot_revision, self._snapshot_row_count = (
                self.revision,
                len(self.turns) + len(self.memories),
            )

    @property
    def memory_bytes(self) -> int:
        """Approximate memory use in bytes."""
        return self._document_bytes + (
            sum(vectors.nbytes for vectors in self._index_view.sampled_vectors) if self._index_view else 0
        )

    def expire_memories(self, now: datetime) -> None:
        """Hide memories that have expired by `now`; call it before each query."""
        microseconds = to_microseconds(now)
        if microseconds < self.memories.earliest_expiry:
            return
        if self.memories.expire_memories(microseconds):
            self._index_view = None
        id_map, served_until = self.memories.id_map, self.memories.columns["served_until"]
        expired = {
            memory_id
            for memory_id in self.conflicts
            if (row := id_map.get(memory_id)) is not None and served_until[row] <= microseconds
        }
        if expired:
            remaining = {
                memory_id: [o for o in others if o not in expired]
                for memory_id, others in self.conflicts.items()
            }
            self.conflicts = {
                memory_id: others
                for memory_id, others in remaining.items()
                if others and memory_id not in expired
            }

    def upsert_turn(self, turn: TurnRow) -> None:
        """Add a turn, or update whether one that is indexed is pending."""
        doc_id = self.turns.id_map.get(turn.id)
        if doc_id is not None:
            loaded = self.turns.get_if_loaded(doc_id)
            if loaded is not None:
                loaded.pending = turn.pending
            return
        self._index_view = None
        self.turns.add_turn(turn, [*self._analyze_text(turn.content), *analyze_text(turn.name or "")])
        self._document_bytes += _ROW_BYTES + 2 * len(turn.content) + self.turns.vectors.row_bytes

    def _analyze_text(self, text: str) -> list[str]:
        """The terms of a text in its own language; queries are analysed in that language from now on."""
        terms, language = analyze_detecting_language(text)
        self._languages.add(language)
        return terms

    def session_neighbours(self, doc_id: int, reach: int) -> list[tuple[int, int]]:
        """(offset, doc id) of up to `reach` turns before and after a turn in its session, in order."""
        neighbours: list[tuple[int, int]] = []
        for step, side in ((-1, "before"), (1, "after")):
            neighbour, current = self.turns.columns[side].as_array, doc_id
            for distance in range(1, reach + 1):
                if neighbour[current] == current:
                    break
                current = int(neighbour[current])
                neighbours.append((step * distance, current))
        return sorted(neighbours)

    def upsert_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the indexed one by its newer version."""
        self._index_view = None
        doc_id = self.memories.id_map.get(memory.id)
        if doc_id is None:
            doc_id = self.memories.add_memory(memory, self._analyze_text(memory.content))
            self._document_bytes += _ROW_BYTES + 2 * len(memory.content) + self.memories.vectors.row_bytes
        else:
            old = self.memories.get_if_loaded(doc_id)
            self._memory_turn_pairs["holds"][
                np.flatnonzero(self._memory_turn_pairs["memory"].as_array == doc_id)
            ] = False
            self.memories.replace_memory(doc_id, memory)
            if old is None or old.content != memory.content:
                # A document that is not in memory has no terms added after the snapshot, so none need to be
                # removed.
                before = [] if old is None else self._analyze_text(old.content)
                self.memories.inverted_index.replace_document(
                    doc_id, before, self._analyze_text(memory.content)
                )
        for turn in self._find_source_turns(memory):
            for name, value in (("memory", doc_id), ("turn", turn), ("holds", True)):
                self._memory_turn_pairs[name].append(value)

    def replace_links(self, sources: Sequence[UUID], links: Sequence[tuple[UUID, UUID, float]]) -> None:
        """Set the links (source, target, weight) that start at these memories; recaps have none."""
        self._index_view = None
        id_map = self.memories.id_map
        rows = {
            memory_id: row
            for memory_id in sources
            if (row := id_map.get(memory_id)) is not None and not self.memories[row].is_recap
        }
        ends = [
            (rows[source_id], id_map.get(target_id), weight)
            for source_id, target_id, weight in links
            if source_id in rows
        ]
        known = [
            (source, target, weight)
            for source, target, weight in ends
            if target is not None and not self.memories[target].is_recap
        ]
        self._link_table.replace_links(list(rows.values()), known)

    def replace_successions(self, superseded: Sequence[UUID], pairs: Sequence[tuple[UUID, UUID]]) -> None:
        """Set the pairs (superseded memory, the memory that superseded it) of these superseded memories."""
        self._index_view = None
        id_map = self.memories.id_map
        rows = [row for memory_id in superseded if (row := id_map.get(memory_id)) is not None]
        known = [
            (old, new, 1.0)
            for old_id, new_id in pairs
            if (old := id_map.get(old_id)) is not None and (new := id_map.get(new_id)) is not None
        ]
        self._succession_table.replace_links(rows, known)

    def _find_source_turns(self, memory: MemoryRow) -> list[int]:
        """The distinct turns that the memory may represent: those that state it, not those that end it.

        An example has none: one turn may have many examples, so each is a result of its own. A turn that ends
        a memory does not state it.
        """
        if memory.kind == Kind.EXAMPLE:
            return []
        supporting = memory.supporting_sources
        ids = dict.fromkeys(source.turn_id for source in supporting if source.turn_id is not None)
        return [row for turn_id in ids if (row := self.turns.id_map.get(turn_id)) is not None]

    def set_vector(self, row_id: UUID, is_turn: bool, vector: NDArray[Any]) -> None:
        """Set the vector of an indexed turn or memory; ignored for unknown ids and large users."""
        doc_id = (self.turns if is_turn else self.memories).id_map.get(row_id)
        if doc_id is None or self.ann_index is not None:
            return
        if is_turn:
            self.turns.set_vector(doc_id, vector)
            if self._index_view is not None:
                self._index_view.sampled_vectors.clear()
        else:
            self.memories.vectors.set_row(doc_id, vector)

    def fetch_vectors(
        self, table: TurnTable | MemoryTable, doc_ids: NDArray[np.integer]
    ) -> tuple[NDArray[np.bool_], FloatArray]:
        """(which of these rows of a table have a vector, (k,), the vectors, (k, d))."""
        if self.ann_index is None:
            return table.vectors.has_vector[doc_ids], table.vectors.get_rows(doc_ids)
        fetched = self.ann_index.turn_vectors if table is self.turns else self.ann_index.memory_vectors
        return fetched.get_vectors(doc_ids, table.id_map, self.ann_store)

    def load_turns(self, turns: Sequence[int]) -> list[int]:
        """Fetch these turns and the memories that they state in as few queries as possible.

        Returns the turns that were deleted.
        """
        deleted = self.turns.load_missing(turns)
        if self.is_large:
            view = self.index_view
            memories = [
                view.pair_memories[view.pair_offsets[turn] : view.pair_offsets[turn + 1]].tolist()
                for turn in turns
            ]
            self.memories.load_missing([memory for turn_memories in memories for memory in turn_memories])
        return deleted

    def find_turn_memories(self, turn: int) -> list[int]:
        """Doc ids of the memories, current or not, that a turn states, without deleted ones."""
        view = self.index_view
        memories = view.pair_memories[view.pair_offsets[turn] : view.pair_offsets[turn + 1]].tolist()
        if not memories or not self.is_large:
            return memories
        deleted = set(self.memories.load_missing(memories))
        return [memory for memory in memories if memory not in deleted]

    def _fetch_turns(self, doc_ids: Sequence[int]) -> dict[int, TurnRow]:
        return self._fetch_rows(self.turns.id_map, doc_ids, self.ann_store.fetch_turns)

    def _fetch_memories(self, doc_ids: Sequence[int]) -> dict[int, MemoryRow]:
        fetched = self._fetch_rows(self.memories.id_map, doc_ids, self.ann_store.fetch_memories)
        self.turns.load_missing(
            {turn for memory in fetched.values() for turn in self._find_source_turns(memory)}
        )
        return fetched

    def _fetch_rows(
        self, ids: IdMap, doc_ids: Sequence[int], fetch: Callable[[Sequence[UUID]], Sequence[AnyRow]]
    ) -> dict[int, AnyRow]:
        """{doc id: document} of these doc ids; the ids of deleted ones are marked as deleted."""
        doc_id_by_id = dict(zip(ids.get_ids(doc_ids), doc_ids, strict=True))
        fetched = {doc_id_by_id[row.id]: row for row in fetch(list(doc_id_by_id))}
        for doc_id in doc_id_by_id.values():
            if doc_id not in fetched:
                ids.mark_deleted(doc_id)
        return fetched

    @property
    def is_large(self) -> bool:
        """Whether texts and vectors are in an ANN store instead of in memory."""
        return self.ann_index is not None

    @property
    def ann_store(self) -> AnnStore:
        """The store of a large user's texts and vectors."""
        assert self.ann_index is not None
        return self.ann_index.ann_store

    @property
    def loaded_row_count(self) -> int:
        """The number of rows that are fully in memory; snapshot rows of a large user are not."""
        return len(self.turns) + len(self.memories) - self._snapshot_row_count

    def clear_fetched(self) -> None:
        """Drop what was fetched for one query of a large user."""
        if self.ann_index is None:
            return
        self.ann_index.close_store()
        for table in (self.turns, self.memories):
            table.clear_fetched()
            table.inverted_index.trim_cache()

    def compact(self) -> None:
        """Convert added rows to arrays, which bounds the memory of a large user's index between snapshots."""
        self.turns.compact()
        self.memories.compact()

    @property
    def index_view(self) -> IndexView:
        """The array view of the present rows."""
        if self._index_view is None:
            is_valid = self._memory_turn_pairs["holds"].as_array
            pairs = (
                self._memory_turn_pairs["turn"].as_array[is_valid],
                self._memory_turn_pairs["memory"].as_array[is_valid],
            )
            self._index_view = build_index_view(
                self.turns,
                self.memories,
                *pairs,
                self._link_table,
                self._succession_table.targets_by_source(),
            )
        return self._index_view

    def query_terms(self, query: str) -> list[str]:
        """The distinct terms of a query, analysed in every language of the user's texts."""
        return analyze_query(query, sorted(self._languages))

    def compute_term_idf(self, terms: Sequence[str]) -> dict[str, float]:
        """The inverse document frequency of each term among the user's turns."""
        postings = self.turns.inverted_index.get_postings(terms)
        return {
            term: inverse_document_frequency(
                len(postings[term][0]) if term in postings else 0, len(self.turns)
            )
            for term in terms
        }

    def compute_features(
        self, terms: Sequence[str], vector: FloatArray | None, memory_scores: FloatArray
    ) -> dict[str, FloatArray]:
        """The named features of every turn, each (n,), standardised over the user's turns.

        `terms` and `vector` (d,) are the query's, `memory_scores` (m,) the scores of the memories.
        """
        view = self.index_view
        speaker_mask = self.named_speaker_mask(terms)
        features = self._lexical_features(view, terms) | {"length": view.length, "recency": view.recency}
        features["speaker"] = np.zeros(len(self.turns), np.float32) if speaker_mask is None else speaker_mask
        if vector is not None:
            dense, has_vector = self.turns.vectors.dot_products(vector), self.turns.vectors.has_vector
            features["dense"] = standardise_scores(dense, has_vector)
            features["window_dense"] = standardise_scores(
                window_cosines(self.turns.window_vector_norms(), view, dense), has_vector
            )
        features["fact"] = memory_gain(self._best_memory_scores(view, memory_scores), own_score(features))
        return features

    def _lexical_features(self, view: IndexView, terms: Sequence[str]) -> dict[str, FloatArray]:
        """BM25 of each turn, its window and its session, (n,) each.

        The count of a term in a window or session is the sum over its turns, so only turns are indexed.
        """
        postings = self.turns.inverted_index.get_postings(terms)
        for term in postings.keys() - view.term_score_cache.keys():
            view.term_score_cache[term] = self._score_term_by_unit(view, *postings[term])
        turns, windows, sessions = ([view.term_score_cache[term][i] for term in postings] for i in range(3))
        session_scores = sum_postings(sessions, len(view.session_norms))
        return {
            "lexical": standardise_scores(sum_postings(turns, len(self.turns))),
            "window_lexical": standardise_scores(sum_postings(windows, len(self.turns))),
            "session_lexical": standardise_scores(session_scores[self.turns.session_codes]),
        }

    def _score_term_by_unit(
        self, view: IndexView, doc_ids: NDArray[np.intp], counts: FloatArray
    ) -> tuple[PostingList, PostingList, PostingList]:
        """A term's BM25 contributions to turns, windows and sessions, from its posting list in turns."""
        windows = expand_postings(
            (doc_ids, view.previous_turn[doc_ids], view.next_turn[doc_ids]), counts, len(self.turns)
        )
        session_counts = np.bincount(self.turns.session_codes[doc_ids], counts, len(view.session_norms))
        return (
            score_term((doc_ids, counts), view.turn_norms),
            score_term(windows, view.window_norms),
            score_term(postings_from_counts(session_counts.astype(np.float32)), view.session_norms),
        )

    def score_memories(self, terms: Sequence[str], vector: FloatArray | None) -> FloatArray:
        """The memory score of each: how well it matches by itself, standardised dense plus lexical, (m,)."""
        scores = standardise_scores(self.memories.inverted_index.score_documents(terms))
        if vector is not None and len(self.memories):
            scores = scores + standardise_scores(
                self.memories.vectors.dot_products(vector), self.memories.vectors.has_vector
            )
        return scores

    def _best_memory_scores(self, view: IndexView, memory_scores: FloatArray) -> FloatArray:
        """The best score among the current memories of each turn, (n,); -inf where there is none."""
        best = np.full(len(self.turns), -np.inf, np.float32)
        np.maximum.at(best, view.current_pair_turns, memory_scores[view.current_pair_memories])
        return best

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The speaker whom the query names, if there is exactly one; a turn without a name has its role."""
        speakers = self.turns.categorical_columns["speaker"].categories
        named = [name for name in speakers if not set(terms).isdisjoint(analyze_text(name))]
        return named[0] if len(named) == 1 else None

    def named_speaker_mask(self, terms: Sequence[str]) -> FloatArray | None:
        """1 where the speaker whom the query names said the turn, (n,); None if it names none."""
        named = self.named_speaker(terms)
        return (
            None
            if named is None
            else self.turns.categorical_columns["speaker"].match_any([named]).astype(np.float32)
        )


def own_score(features: Mapping[str, FloatArray]) -> FloatArray:
    """How well each turn matches by itself, (n,): its words and, where there is a vector, its meaning."""
    return features["lexical"] + features.get("dense", features["lexical"])


def memory_gain(best: FloatArray, own: FloatArray) -> FloatArray:
    """By how much each turn's best memory matches better than the turn itself, (n,); 0 where it does not.

    A memory that only repeats its turn adds nothing, so the order of turns does not depend on how many
    memories the extractor writes. `best` is -inf for a turn without a memory.
    """
    return np.maximum(best - own, 0).astype(np.float32)


def window_cosines(norms: FloatArray, view: IndexView, dense: FloatArray) -> FloatArray:
    """Cosine of the query and the mean of each turn and its neighbours, (n,), without another embedding.

    `dense` (n,) are the dot products of turns, which add up; `norms` (n,) are the norms of the windows' sums.
    """
    return (
        dense + neighbour_values(dense, view.previous_turn) + neighbour_values(dense, view.next_turn)
    ) / norms
