"""Where the candidates and documents of a search come from: an index in this process, or Postgres as well."""

from collections.abc import Collection, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.db.repositories.search import ann_indexes, index_feed
from app.db.user_session import UserSession
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import LoadedVectors
from app.memory.numeric import FloatArray
from app.memory.ranking.documents import Documents
from app.memory.ranking.matching.ann_index import (
    NONE,
    AnnSearchIndex,
    NearestNeighbours,
    Selection,
    count_nearest,
    find_nearest,
    select_candidates,
)
from app.memory.ranking.matching.candidates import Candidates, DocIds
from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.matching.features import WordFeatures, score_words
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.results.succession import collect_memories
from app.services.memories.as_of import MEMORY_COLUMNS
from app.services.search.index_rows import to_memory_rows, to_present_turn_row


class IndexReader(Protocol):
    """Orders the I/O that matching and assembling take for one user."""

    @property
    def index(self) -> UserIndex:
        """The user's index."""
        ...

    def match(self, plan: QueryPlan, linked: DocIds | None = None) -> Candidates:
        """The candidates of a query; with `linked`, those of the call before and these memories."""
        ...

    def load(self, turns: Sequence[int] | DocIds, memories: Sequence[int]) -> Documents:
        """What the results for these turns and memories are made of, with what was loaded before."""
        ...


class ProcessReader:
    """Reads an index that keeps all texts and vectors: nothing is loaded."""

    def __init__(self, index: UserIndex) -> None:
        self.index = index

    def match(self, plan: QueryPlan, linked: DocIds | None = None) -> Candidates:  # noqa: ARG002
        """All turns are candidates."""
        return ExactSearchIndex(self.index).match(plan)

    def load(self, turns: Sequence[int] | DocIds, memories: Sequence[int]) -> Documents:  # noqa: ARG002
        """All documents are there."""
        return Documents.of_index(self.index)


class RowStore(Protocol):
    """The texts and vectors of a large user as of one moment; deleted rows are left out."""

    def search_nearest(
        self, vector: FloatArray, turns: int, memories: int
    ) -> AbstractContextManager["PendingNeighbours"]:
        """Search for so many turns and memories nearest to a vector (d,) while the block computes.

        The database accepts no other statement until the block ends. What the block is given waits for the
        ids, of 16 bytes each, the nearest first.
        """
        ...

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """Load the vectors (k, d) of those ids, of 16 bytes each, that have one, and their positions (k,)."""
        ...

    def fetch_turns(self, ids: Sequence[UUID]) -> Sequence[TurnRow]:
        """Load the turns with these ids, in any order."""
        ...

    def fetch_memories(self, ids: Sequence[UUID]) -> Sequence[MemoryRow]:
        """Load the memories with these ids and their sources, in any order."""
        ...


class PendingNeighbours(Protocol):
    """Waits for the ids of the nearest turns and memories."""

    def __call__(self) -> tuple[bytes, bytes]: ...


class StoredDocumentsReader:
    """Reads an index that keeps all vectors for one search, and the documents from a store."""

    def __init__(self, index: UserIndex, store: RowStore) -> None:
        self.index, self._store = index, store
        self._turns: dict[int, TurnRow] = {}
        self._memories: dict[int, MemoryRow] = {}
        self._asked_turns, self._asked_memories = set[int](), set[int]()
        self._candidates: Candidates | None = None

    def match(self, plan: QueryPlan, linked: DocIds | None = None) -> Candidates:  # noqa: ARG002
        """All turns are candidates, however many of them a plan ranks."""
        if self._candidates is None:
            self._candidates = ExactSearchIndex(self.index).match(plan)
        return self._candidates

    def load(self, turns: Sequence[int] | DocIds, memories: Sequence[int]) -> Documents:
        """Load what was not loaded yet, with the sources of all memories."""
        self._load_documents(turns, memories)
        of_turns, of_memories = self.index.turns.vectors, self.index.memories.vectors
        return Documents(self.index, self._turns, self._memories, of_turns, of_memories)

    def _load_documents(
        self, turns: Sequence[int] | DocIds, memories: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Load what was not loaded yet; return the doc ids of the turns and of the memories."""
        index, store = self.index, self._store
        needed = collect_memories(index, turns, memories)
        wanted = sorted(needed - self._asked_memories)
        doc_ids = dict(zip(index.memories.id_map.get_ids(wanted), wanted, strict=True))
        found = store.fetch_memories(list(doc_ids)) if wanted else ()
        self._memories |= {doc_ids[row.id]: row for row in found}
        wanted_turns = sorted(({int(turn) for turn in turns} | self._source_turns(found)) - self._asked_turns)
        doc_ids = dict(zip(index.turns.id_map.get_ids(wanted_turns), wanted_turns, strict=True))
        told = store.fetch_turns(list(doc_ids)) if wanted_turns else ()
        self._turns |= {doc_ids[row.id]: row for row in told}
        self._asked_memories.update(wanted)
        self._asked_turns.update(wanted_turns)
        return wanted_turns, wanted

    def _source_turns(self, memories: Collection[MemoryRow]) -> set[int]:
        id_map = self.index.turns.id_map
        ids = {one.turn_id for memory in memories for one in memory.sources if one.turn_id is not None}
        id_map.look_up(ids)
        return {row for turn_id in ids if (row := id_map.get(turn_id)) is not None}


class AnnReader(StoredDocumentsReader):
    """Reads the index of one of the largest users, whose vectors are in the store as well."""

    def __init__(self, index: UserIndex, store: RowStore, dimensions: int) -> None:
        super().__init__(index, store)
        self._turn_vectors = self._memory_vectors = LoadedVectors.empty(dimensions)
        self._words: WordFeatures | None = None
        self._selection: Selection | None = None

    def match(self, plan: QueryPlan, linked: DocIds | None = None) -> Candidates:
        """The candidates by words, vectors and links."""
        if linked is not None and self._selection is not None:
            self._selection = self._selection.with_memories(self.index, linked)
        else:
            nearest = self._find_nearest(plan)
            self._selection = select_candidates(self.index, plan, self._score_words(plan), nearest)
        selection = self._selection
        if plan.vector is not None:
            self._load_vectors(selection.turns_with_vectors(self.index.index_view), selection.memories)
        words = self._score_words(plan)
        return AnnSearchIndex(self.index, words, selection, self._turn_vectors, self._memory_vectors).match(
            plan
        )

    def _find_nearest(self, plan: QueryPlan) -> NearestNeighbours:
        if plan.vector is None:
            return NearestNeighbours(NONE, NONE)
        with self._store.search_nearest(plan.vector, *count_nearest(plan)) as wait:
            self._score_words(plan)  # while Postgres searches
            found = wait()
        return find_nearest(self.index, plan, *found)

    def _score_words(self, plan: QueryPlan) -> WordFeatures:
        if self._words is None:
            self._words = score_words(self.index, plan)
        return self._words

    def load(self, turns: Sequence[int] | DocIds, memories: Sequence[int]) -> Documents:
        """Load what was not loaded yet, with the sources of all memories and the vectors of all."""
        loaded = self._load_documents(turns, memories)
        self._load_vectors(*(np.array(doc_ids, np.intp) for doc_ids in loaded))
        return Documents(self.index, self._turns, self._memories, self._turn_vectors, self._memory_vectors)

    def _load_vectors(self, turns: DocIds, memories: DocIds) -> None:
        """Load the vectors that were not loaded yet, of turns and memories in one statement."""
        index = self.index
        turns = self._turn_vectors.find_missing(turns)
        memories = self._memory_vectors.find_missing(memories)
        if not len(turns) and not len(memories):
            return
        ids = index.turns.id_map.get_id_bytes(turns) + index.memories.id_map.get_id_bytes(memories)
        positions, vectors = self._store.fetch_vectors(ids)
        is_turn = positions < len(turns)
        self._turn_vectors = self._turn_vectors.with_rows(turns, positions[is_turn], vectors[is_turn])
        self._memory_vectors = self._memory_vectors.with_rows(
            memories, positions[~is_turn] - len(turns), vectors[~is_turn]
        )


class PostgresRowStore:
    """The texts and vectors of a large user, as a transaction sees them."""

    def __init__(self, user: UserSession, model_id: str) -> None:
        self._user = user
        self._model_id = model_id

    @contextmanager
    def search_nearest(self, vector: FloatArray, turns: int, memories: int) -> Generator[PendingNeighbours]:
        """Search for so many turns and memories nearest to a vector (d,) while the block computes."""
        scan = ann_indexes.scan_nearest_ids(self._user, self._model_id, vector, turns, memories)
        with scan as fetch_ids:
            yield fetch_ids

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """Load the vectors (k, d) of those ids, of 16 bytes each, that have one, and their positions (k,)."""
        return index_feed.load_vectors_by_ids(self._user.session, self._user.tenant_id, self._model_id, ids)

    def fetch_turns(self, ids: Sequence[UUID]) -> list[TurnRow]:
        """Load the turns with these ids, in any order; ids of no turn are left out."""
        return [to_present_turn_row(row) for row in index_feed.list_turns_by_ids(self._user, ids)]

    def fetch_memories(self, ids: Sequence[UUID]) -> list[MemoryRow]:
        """Load the memories with these ids and their sources, in any order; other ids are left out."""
        rows = index_feed.list_memories_by_ids(self._user, MEMORY_COLUMNS, ids)
        sources = index_feed.list_sources_by_ids(self._user.session, self._user.tenant_id, ids)
        return list(to_memory_rows(rows, sources))
