"""Indexes of large users: a worker builds them in bounded memory, and searches leave texts and vectors in
Postgres.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import TurnState
from app.db.repositories.memories import links
from app.db.repositories.models import embedding_models
from app.db.repositories.search import ann_indexes, index_feed, index_snapshots
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.index.ann_store import AnnIndex, PendingNeighbours, VectorStatistics
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.user_index import LARGE_SNAPSHOT_VERSION, UserIndex
from app.memory.numeric import FloatArray
from app.services.memories.as_of import MEMORY_COLUMNS, to_source_row, to_turn_row
from app.services.models.model_registry import ModelsChanged
from app.services.platform.user_context import UserContext

ROW_BATCH_SIZE = 20_000  # rows that are in memory at once: about 100 MB
VECTOR_SAMPLE_SIZE = 20_000  # vectors from which mean and covariance of all vectors are estimated
# Rows written after the index snapshot at which a worker makes a new one: a search adds them one by one.
INDEX_SNAPSHOT_AFTER_ROWS = 20_000


class LargeUserStore:
    """The texts and vectors of a large user, as a transaction sees them; see `index.ann_store.AnnStore`."""

    def __init__(self, user: UserSession, model_id: str) -> None:
        self._user = user
        self._model_id = model_id

    @contextmanager
    def search_nearest(self, vector: FloatArray, turns: int, memories: int) -> Generator[PendingNeighbours]:
        """Search for so many turns and memories nearest to a vector (d,) while the block computes.

        The database accepts no other statement until the block ends. What the block is given waits for the
        ids, of 16 bytes each, the nearest first.
        """
        scan = ann_indexes.scan_nearest_ids(self._user, self._model_id, vector, turns, memories)
        with scan as fetch_ids:
            yield fetch_ids

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """Load the vectors (k, d) of those ids, of 16 bytes each, that have one, and their positions (k,)."""
        return index_feed.load_vectors_by_ids(self._user.session, self._user.tenant_id, self._model_id, ids)

    def fetch_turns(self, ids: Sequence[UUID]) -> list[TurnRow]:
        """Return the turns with these ids, in any order; ids of no turn are left out."""
        return [to_present_turn_row(row) for row in index_feed.list_turns_by_ids(self._user, ids)]

    def fetch_memories(self, ids: Sequence[UUID]) -> list[MemoryRow]:
        """Return the memories with these ids and their sources, in any order; other ids are left out."""
        rows = index_feed.list_memories_by_ids(self._user, MEMORY_COLUMNS, ids)
        sources = index_feed.list_sources_by_ids(self._user.session, self._user.tenant_id, ids)
        return list(to_memory_rows(rows, sources))


def to_present_turn_row(row: Any) -> TurnRow:
    """Convert a turn of the change feed to the row of the index."""
    return to_turn_row(row, pending=row.state in {TurnState.STORED, TurnState.FAILED})


def to_memory_rows(memories: Sequence[AnyRow], sources: Sequence[AnyRow]) -> Iterator[MemoryRow]:
    """Yield the memories of the change feed as rows of the index, each with its sources."""
    sources_by_memory: dict[UUID, list[SourceRow]] = {}
    for row in sources:
        sources_by_memory.setdefault(row.memory_id, []).append(to_source_row(row))
    for memory in memories:
        yield MemoryRow(*memory, sources=sources_by_memory.get(memory.id, []))


def build_large_user_index(ctx: UserContext, in_use: EmbeddersInUse, after: int | None) -> UserIndex | None:
    """Build the index of all rows of a large user, without texts and vectors.

    Returns None if no more than `after` rows were written since the stored index snapshot; None stands for
    `INDEX_SNAPSHOT_AFTER_ROWS`. Raises `ModelsChanged`.
    """
    model = in_use.active
    with ctx.read_snapshot() as user:
        session = user.session
        state = index_feed.get_search_state(session, user.tenant_id, user.user_id)
        if state is None or embedding_models.get_serial(session) != in_use.serial:
            raise ModelsChanged
        since = index_snapshots.get_index_snapshot_revision(
            user, model.model_id, LARGE_SNAPSHOT_VERSION, state.epoch
        )
        limit = INDEX_SNAPSHOT_AFTER_ROWS if after is None else after
        if since and not ann_indexes.has_more_vectors(user, model.model_id, limit, since=since):
            return None
        store = LargeUserStore(user, model.model_id)
        user_index = UserIndex(model.dimensions)
        user_index.clear(AnnIndex({}, store))
        for rows in index_feed.iter_turn_batches(user, ROW_BATCH_SIZE):
            for row in rows:
                user_index.upsert_turn(to_present_turn_row(row))
            user_index.compact()
        for rows in index_feed.iter_memory_batches(user, MEMORY_COLUMNS, ROW_BATCH_SIZE):
            sources = index_feed.list_sources_by_ids(session, user.tenant_id, [row.id for row in rows])
            for memory in to_memory_rows(rows, sources):
                user_index.upsert_memory(memory)
            user_index.compact()
        successions = links.list_successions(user)
        user_index.replace_successions([old for old, _ in successions], successions)
        assert user_index.ann_index is not None
        user_index.ann_index.vector_statistics = _estimate_statistics(user_index, store, model.dimensions)
        user_index.revision, user_index.epoch = state.revision, state.epoch
    return user_index


def _estimate_statistics(
    user_index: UserIndex, store: LargeUserStore, dimensions: int
) -> dict[str, VectorStatistics]:
    """Estimate the distribution of turn, window and memory vectors from an evenly spaced sample.

    A turn's window is the sum, of unit length, of its vector and those of the turns before and after it.
    """
    turns = np.arange(0, len(user_index.turns), max(1, -(-len(user_index.turns) // VECTOR_SAMPLE_SIZE)))
    memories = np.arange(
        0, len(user_index.memories), max(1, -(-len(user_index.memories) // VECTOR_SAMPLE_SIZE))
    )
    before, after = user_index.turns.adjacent_turns()

    def read_vectors(rows: NDArray[Any], *, of_turn: bool) -> NDArray[np.float32]:
        table = user_index.turns if of_turn else user_index.memories
        inner = np.flatnonzero(rows < len(table))
        there, vectors = store.fetch_vectors(table.id_map.get_id_bytes(rows[inner]))
        padded = np.zeros((len(rows), dimensions), np.float32)
        if len(there):
            padded[inner[there]] = vectors
        return padded

    of_turns, of_memories = read_vectors(turns, of_turn=True), read_vectors(memories, of_turn=False)
    is_known = of_turns.any(axis=1)
    has_vector = of_memories.any(axis=1)
    total = of_turns + read_vectors(before[turns], of_turn=True) + read_vectors(after[turns], of_turn=True)
    norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    return {
        "turns": VectorStatistics.from_vectors(turns[is_known], of_turns[is_known]),
        "windows": VectorStatistics.from_vectors(turns[is_known], (total / norms)[is_known]),
        "memories": VectorStatistics.from_vectors(memories[has_vector], of_memories[has_vector]),
    }
