"""Indexes of large users: built by a worker in bounded memory, searched with texts and vectors left in
Postgres.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.core.security import Principal
from app.core.vocabulary import TurnState
from app.db.repositories.models import embedding_models
from app.db.repositories.search import ann_indexes, index_feed, index_snapshots
from app.db.session import AnyRow
from app.llm.embedders import EmbeddersInUse
from app.memory.index.ann_store import AnnIndex, PendingNeighbours, VectorStatistics
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.user_index import LARGE_SNAPSHOT_VERSION, UserIndex
from app.memory.numeric import FloatArray
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS, to_source_row, to_turn_row
from app.services.models.model_registry import ModelsChanged

ROW_BATCH_SIZE = 20_000  # rows that are held at once: about 100 MB
VECTOR_SAMPLE_SIZE = 20_000  # vectors by which mean and covariance of all are known
INDEX_SNAPSHOT_AFTER_ROWS = 20_000  # a search puts the rows after a pack beside it one by one


class LargeUserStore:
    """The texts and vectors of a large user, as a transaction sees them (`memory.far.Store`)."""

    def __init__(self, session: Session, tenant_id: str, user_id: str, model_id: str) -> None:
        self._session = session
        self._of_user = (tenant_id, user_id)
        self._model_id = model_id

    @contextmanager
    def search_nearest(self, vector: FloatArray, turns: int, memories: int) -> Generator[PendingNeighbours]:
        """Look for so many turns and memories nearest to a vector while the block goes on.

        Nothing else can be asked within it. What it gives waits for their ids, of 16 bytes each, the nearest
        first.
        """
        of_user = (*self._of_user, self._model_id)
        with ann_indexes.scan_nearest_ids(self._session, *of_user, vector, turns, memories) as ids:
            yield ids

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """Which of these ids, of 16 bytes each, have a vector, (k,), and those vectors, (k, d)."""
        return index_feed.load_vectors_by_ids(self._session, self._of_user[0], self._model_id, ids)

    def fetch_turns(self, ids: Sequence[UUID]) -> list[TurnRow]:
        """These turns."""
        return [
            to_present_turn_row(row)
            for row in index_feed.list_turns_by_ids(self._session, *self._of_user, ids)
        ]

    def fetch_memories(self, ids: Sequence[UUID]) -> list[MemoryRow]:
        """These memories with their sources."""
        rows = index_feed.list_memories_by_ids(self._session, *self._of_user, MEMORY_COLUMNS, ids)
        return list(
            to_memory_rows(rows, index_feed.list_sources_by_ids(self._session, self._of_user[0], ids))
        )


def to_present_turn_row(row: Any) -> TurnRow:
    """A turn of the feed."""
    return to_turn_row(row, pending=row.state in {TurnState.STORED, TurnState.FAILED})


def to_memory_rows(memories: Sequence[AnyRow], sources: Sequence[AnyRow]) -> Iterator[MemoryRow]:
    """Memories of the feed with their sources."""
    of: dict[UUID, list[SourceRow]] = {}
    for row in sources:
        of.setdefault(row.memory_id, []).append(to_source_row(row))
    for memory in memories:
        yield MemoryRow(*memory, sources=of.get(memory.id, []))


def build_large_user_index(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str, after: int | None
) -> UserIndex | None:
    """The scope of all rows, without texts and vectors; None if the pack lacks no more than `after` rows.

    Raises `ModelsChanged`.
    """
    of_user = (principal.tenant_id, user_id)
    model = in_use.active
    with resources.read_snapshot(principal) as session:
        state = index_feed.get_search_state(session, *of_user)
        if state is None or embedding_models.get_serial(session) != in_use.serial:
            raise ModelsChanged
        since = index_snapshots.get_index_snapshot_revision(
            session, *of_user, model.model_id, LARGE_SNAPSHOT_VERSION, state.epoch
        )
        limit = INDEX_SNAPSHOT_AFTER_ROWS if after is None else after
        if since and not ann_indexes.has_more_vectors(session, *of_user, model.model_id, limit, since=since):
            return None
        store = LargeUserStore(session, *of_user, model.model_id)
        scope = UserIndex(model.dimensions)
        scope.clear(AnnIndex({}, store))
        for rows in index_feed.iter_turn_batches(session, *of_user, ROW_BATCH_SIZE):
            for row in rows:
                scope.upsert_turn(to_present_turn_row(row))
            scope.compact()
        for rows in index_feed.iter_memory_batches(session, *of_user, MEMORY_COLUMNS, ROW_BATCH_SIZE):
            sources = index_feed.list_sources_by_ids(session, principal.tenant_id, [row.id for row in rows])
            for memory in to_memory_rows(rows, sources):
                scope.upsert_memory(memory)
            scope.compact()
        assert scope.ann_index is not None
        scope.ann_index.vector_statistics = _sample_spreads(scope, store, model.dimensions)
        scope.revision, scope.epoch = state.revision, state.epoch
    return scope


def _sample_spreads(
    user_index: UserIndex, store: LargeUserStore, dimensions: int
) -> dict[str, VectorStatistics]:
    """Of every so many-th turn, its window, and every so many-th memory."""
    turns = np.arange(0, len(user_index.turns), max(1, -(-len(user_index.turns) // VECTOR_SAMPLE_SIZE)))
    memories = np.arange(
        0, len(user_index.memories), max(1, -(-len(user_index.memories) // VECTOR_SAMPLE_SIZE))
    )
    before, after = user_index.turns.adjacent_turns()

    def read_vectors(rows: NDArray[Any], *, of_turn: bool) -> NDArray[np.float32]:
        table = user_index.turns if of_turn else user_index.memories
        inner = np.flatnonzero(rows < len(table))
        there, vectors = store.fetch_vectors(table.id_map.get_id_bytes(rows[inner]))
        found = np.zeros((len(rows), dimensions), np.float32)
        if len(there):
            found[inner[there]] = vectors
        return found

    own, told = read_vectors(turns, of_turn=True), read_vectors(memories, of_turn=False)
    known = own.any(axis=1)
    total = own + read_vectors(before[turns], of_turn=True) + read_vectors(after[turns], of_turn=True)
    norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    return {
        "turns": VectorStatistics.from_vectors(turns[known], own[known]),
        "windows": VectorStatistics.from_vectors(turns[known], (total / norms)[known]),
        "memories": VectorStatistics.from_vectors(memories[told.any(axis=1)], told[told.any(axis=1)]),
    }
