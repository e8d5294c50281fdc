"""The search index of one user's turns and memories."""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Kind
from app.memory.index.arrays import GrowableArray
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.index_view import IndexView, build_index_view
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
from app.memory.index.vectors import (
    VectorStatistics,
    statistics_from_arrays,
    statistics_to_arrays,
    sum_windows,
)
from app.memory.numeric import FloatArray
from app.memory.text.analysis import analyze_detecting_language, analyze_query, analyze_text
from app.memory.text.stop_words import ENGLISH

# To be changed with what `save_snapshot` writes, and with the terms that text analysis produces.
SNAPSHOT_VERSION = 10
# The same for large users, whose snapshots are negative: without documents, and without vectors as well.
LARGE_SNAPSHOT_VERSION, ANN_SNAPSHOT_VERSION = -10, -9
SAMPLED_TURNS = 256  # turns from which the distribution of cosines is estimated
_INDEX_BYTES = 60_000  # bytes of an index beside its rows
_ROW_BYTES = 3_000  # bytes per row beside its vector and text: measured with tracemalloc on chat turns


class UserIndex:
    """The search index of one user; a caller must hold `lock` while using it."""

    def __init__(self, dimensions: int) -> None:
        self.lock = threading.Lock()
        self._dimensions = dimensions
        self.epoch = 0
        self.clear()

    def clear(
        self,
        vector_statistics: dict[str, VectorStatistics] | None = None,
        *,
        keeps_documents: bool = True,
    ) -> None:
        """Remove all rows; with `vector_statistics`, keep no vectors from now on."""
        self.revision, self._document_bytes = 0, 0
        self.vector_statistics = vector_statistics
        # The revision of the snapshot that was loaded. Large users: its number of rows.
        self.snapshot_revision, self._snapshot_row_count = 0, 0
        self.awaits_documents = False  # those of the snapshot were not loaded with it
        dimensions = self._dimensions if self.keeps_vectors else 0
        self.turns, self.memories = TurnTable(dimensions), MemoryTable(dimensions)
        self.turns.keeps_all = self.memories.keeps_all = keeps_documents
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

    @property
    def snapshot_form(self) -> int:
        """The version of the format of `save_snapshot`."""
        if self.keeps_documents:
            return SNAPSHOT_VERSION
        return LARGE_SNAPSHOT_VERSION if self.keeps_vectors else ANN_SNAPSHOT_VERSION

    def save_snapshot(self) -> tuple[bytes, bytes, bytes]:
        """(columns and postings, vectors in 8 bits, documents), for `load_snapshot`."""
        parts: dict[str, Any] = {}
        texts: list[bytes] = []
        for name, table in (("turns", self.turns), ("memories", self.memories)):
            documents, ends = table.encode_rows()
            texts.append(documents)
            parts |= add_prefix(name, table.to_arrays() | ends)
        is_valid = self._memory_turn_pairs["holds"].as_array
        parts |= {
            f"pairs.{name}": column.as_array[is_valid] for name, column in self._memory_turn_pairs.items()
        }
        parts |= add_prefix("links", self._link_table.to_arrays())
        parts |= add_prefix("successions", self._succession_table.to_arrays())
        parts |= {"languages": sorted(self._languages), "revision": self.revision, "epoch": self.epoch}
        if self.vector_statistics is not None:
            parts |= add_prefix("far", statistics_to_arrays(self.vector_statistics))
        vectors = self.turns.vectors.codes.tobytes() + self.memories.vectors.codes.tobytes()
        return serialize_arrays(parts), vectors, b"".join(texts)

    def load_snapshot(self, rows: bytes, vectors: bytes, documents: bytes | None) -> None:
        """Replace the contents by what `save_snapshot` returned for vectors of the same dimensions.

        Without the documents, all but these are there until `load_documents` brings them.
        """
        parts = deserialize_arrays(rows)
        ann_parts = strip_prefix(parts, "far")
        self.clear(statistics_from_arrays(ann_parts) if ann_parts else None)
        turns, memories = strip_prefix(parts, "turns"), strip_prefix(parts, "memories")
        count, dimensions = len(turns["known"]), 0 if ann_parts else self._dimensions
        codes = np.frombuffer(vectors, np.int8).reshape(count + len(memories["known"]), dimensions)
        self.turns.load_arrays(turns, codes[:count])
        self.memories.load_arrays(memories, codes[count:])
        for name, column in self._memory_turn_pairs.items():
            column.load_rows(parts[f"pairs.{name}"])
        self._link_table.load_arrays(strip_prefix(parts, "links"))
        self._succession_table.load_arrays(strip_prefix(parts, "successions"))
        self._languages = set(parts["languages"])
        self.revision, self.epoch = parts["revision"], parts["epoch"]
        self._document_bytes = _INDEX_BYTES + len(rows) + len(vectors)
        self.snapshot_revision = self.revision
        self.awaits_documents = "ends" in turns
        if not self.awaits_documents:
            self._snapshot_row_count = len(self.turns) + len(self.memories)
        elif documents is not None:
            self.load_documents(documents)

    def load_documents(self, documents: bytes) -> bool:
        """Add the documents that the loaded snapshot was without; return False if these are others."""
        turns = self.turns.encoded_length
        if turns + self.memories.encoded_length != len(documents):
            return False
        self.turns.load_documents(memoryview(documents)[:turns])
        self.memories.load_documents(memoryview(documents)[turns:])
        self._document_bytes += len(documents)
        self.awaits_documents = False
        return True

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
            indexed = self.turns.get_if_kept(doc_id)
            if indexed is not None:
                indexed.pending = turn.pending
            elif self.awaits_documents:
                self.turns[doc_id] = turn
            return
        self._index_view = None
        self.turns.add_turn(turn, [*self._analyze_text(turn.content), *analyze_text(turn.name or "")])
        self._document_bytes += _ROW_BYTES + 2 * len(turn.content) + self.turns.vectors.row_bytes

    def _analyze_text(self, text: str) -> list[str]:
        """The terms of a text in its own language; queries are analysed in that language from now on."""
        terms, language = analyze_detecting_language(text)
        self._languages.add(language)
        return terms

    def upsert_memory(self, memory: MemoryRow) -> None:
        """Add a memory, or replace the indexed one by its newer version."""
        self._index_view = None
        doc_id = self.memories.id_map.get(memory.id)
        if doc_id is None:
            doc_id = self.memories.add_memory(memory, self._analyze_text(memory.content))
            self._document_bytes += _ROW_BYTES + 2 * len(memory.content) + self.memories.vectors.row_bytes
        else:
            old = self.memories.get_if_kept(doc_id)
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
        rows = [row for memory_id in sources if (row := self.memories.id_map.get(memory_id)) is not None]
        self._link_table.replace_links(rows, self._known_links(links))

    def add_links(self, links: Sequence[tuple[UUID, UUID, float]]) -> None:
        """Add links (source, target, weight); recaps have none."""
        self._index_view = None
        self._link_table.add_links(self._known_links(links))

    def _known_links(self, links: Sequence[tuple[UUID, UUID, float]]) -> list[tuple[int, int, float]]:
        """The links between memories of the index that are no recaps, by doc id."""
        find, is_recap = self.memories.id_map.get, self.memories.is_recap
        ends = ((find(source_id), find(target_id), weight) for source_id, target_id, weight in links)
        return [
            (source, target, weight)
            for source, target, weight in ends
            if source is not None and target is not None and not is_recap(source) and not is_recap(target)
        ]

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
        """Set the vector of an indexed turn or memory; ignored for unknown ids."""
        self.set_vectors(row_id.bytes, np.array([is_turn]), np.asarray(vector, np.float32)[np.newaxis])

    def set_vectors(self, ids: bytes, of_turns: NDArray[np.bool_], vectors: FloatArray) -> None:
        """Set the vectors (k, d) of turns and memories, by ids of 16 bytes each; unknown ones are ignored.

        An index without vectors ignores all.
        """
        if not self.keeps_vectors:
            return
        halves = np.frombuffer(ids, "V16")
        for table, chosen in ((self.turns, of_turns), (self.memories, ~of_turns)):
            doc_ids = table.id_map.find_doc_ids(halves[chosen].tobytes())
            is_known = doc_ids >= 0
            if is_known.any():
                table.set_vectors(doc_ids[is_known], vectors[chosen][is_known])
        if self._index_view is not None and of_turns.any():
            self._index_view.sampled_vectors.clear()

    @property
    def keeps_vectors(self) -> bool:
        """Whether all vectors are in memory; those of the largest users stay in Postgres."""
        return self.vector_statistics is None

    @property
    def keeps_documents(self) -> bool:
        """Whether all documents are in memory; those of a large user stay in Postgres."""
        return self.turns.keeps_all

    @property
    def loaded_row_count(self) -> int:
        """The number of rows that are fully in memory; snapshot rows of a large user are not."""
        return len(self.turns) + len(self.memories) - self._snapshot_row_count

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

    def score_turns(self, terms: Sequence[str]) -> dict[str, FloatArray]:
        """BM25 of each turn, its window and its session, (n,) each.

        The count of a term in a window or session is the sum over its turns, so only turns are indexed.
        """
        view = self.index_view
        postings = self.turns.inverted_index.get_postings(terms)
        scored: list[tuple[PostingList, ...]] = []
        for term, posting_list in postings.items():
            lists = view.term_score_cache.get(term)
            if lists is None:
                lists = self._score_term_by_unit(view, *posting_list)
                view.term_score_cache.put(term, lists)
            scored.append(lists)
        turns, windows, sessions = ([lists[unit] for lists in scored] for unit in range(3))
        session_scores = sum_postings(sessions, len(view.session_norms))
        return {
            "lexical": sum_postings(turns, len(self.turns)),
            "window_lexical": sum_postings(windows, len(self.turns)),
            "session_lexical": session_scores[self.turns.session_codes],
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

    def sample_vectors(self) -> tuple[FloatArray, FloatArray]:
        """The vectors of a sample of all turns and of their windows, (s, d) each; the view keeps them."""
        if self.vector_statistics is not None:
            turns, windows = (self.vector_statistics[kind] for kind in ("turns", "windows"))
            return turns.sample_vectors, windows.sample_vectors
        view, vectors = self.index_view, self.turns.vectors
        if not view.sampled_vectors:
            step = max(1, -(-len(self.turns) // SAMPLED_TURNS))
            doc_ids = np.flatnonzero(vectors.has_vector)[::step]
            sums = sum_windows(vectors, *view.window_sides(doc_ids))
            norms = self.turns.window_vector_norms()[doc_ids, np.newaxis]
            view.sampled_vectors.extend((vectors.get_rows(doc_ids), sums / norms))
        return view.sampled_vectors[0], view.sampled_vectors[1]
