"""Indexes of large users: a worker builds them in bounded memory; documents stay in Postgres."""

import numpy as np
from numpy.typing import NDArray

from app.db.repositories.memories import links
from app.db.repositories.models import embedding_models
from app.db.repositories.search import ann_indexes, index_feed, index_snapshots
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import Embedder
from app.memory.index.link_graph import EDGE_WEIGHTS
from app.memory.index.tables import MemoryTable, TurnTable
from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import LoadedVectors, SingleRows, VectorStatistics, sum_windows, window_norms
from app.services.memories.as_of import MEMORY_COLUMNS, to_link_row
from app.services.models.model_registry import ModelsChanged
from app.services.platform.user_context import UserContext
from app.services.search.index_rows import to_memory_rows, to_present_turn_row

ROW_BATCH_SIZE = 20_000  # rows that are in memory at once: about 100 MB
VECTOR_SAMPLE_SIZE = 20_000  # vectors from which mean and covariance of all vectors are estimated
# Rows written after the index snapshot at which a worker makes a new one: a search adds them one by one.
INDEX_SNAPSHOT_AFTER_ROWS = 20_000


def build_large_user_index(
    ctx: UserContext, in_use: EmbeddersInUse, after: int | None, *, keeps_vectors: bool
) -> UserIndex | None:
    """Build the index of all rows of a large user, without documents, with or without vectors.

    Returns None if no more than `after` rows were written since the stored index snapshot; None stands for
    `INDEX_SNAPSHOT_AFTER_ROWS`. Raises `ModelsChanged`.
    """
    model = in_use.active
    with ctx.read_snapshot() as user:
        session = user.session
        state = index_feed.get_search_state(session, user.tenant_id, user.user_id)
        if state is None or embedding_models.get_serial(session) != in_use.serial:
            raise ModelsChanged
        user_index = UserIndex(model.dimensions)
        user_index.clear(None if keeps_vectors else {}, keeps_documents=False)
        since = index_snapshots.get_index_snapshot_revision(
            user, model.model_id, [user_index.snapshot_form], state.epoch
        )
        limit = INDEX_SNAPSHOT_AFTER_ROWS if after is None else after
        if since and not ann_indexes.has_more_vectors(user, model.model_id, limit, since=since):
            return None
        for rows in index_feed.iter_turn_batches(user, ROW_BATCH_SIZE):
            for row in rows:
                user_index.upsert_turn(to_present_turn_row(row))
            user_index.compact()
        for rows in index_feed.iter_memory_batches(user, MEMORY_COLUMNS, ROW_BATCH_SIZE):
            sources = index_feed.list_sources_by_ids(session, user.tenant_id, [row.id for row in rows])
            for memory in to_memory_rows(rows, sources):
                user_index.upsert_memory(memory)
            user_index.compact()
        for outgoing in links.iter_outgoing_links(user, EDGE_WEIGHTS, ROW_BATCH_SIZE):
            user_index.add_links([to_link_row(row) for row in outgoing])
        successions = links.list_successions(user)
        user_index.replace_successions([old for old, _ in successions], successions)
        if keeps_vectors:
            for vectors in index_feed.iter_vector_batches(user, model.model_id, ROW_BATCH_SIZE):
                user_index.set_vectors(*vectors)
        else:
            user_index.vector_statistics = _estimate_statistics(user, user_index, model)
        user_index.revision, user_index.epoch = state.revision, state.epoch
    return user_index


def _estimate_statistics(
    user: UserSession, user_index: UserIndex, model: Embedder
) -> dict[str, VectorStatistics]:
    """Estimate the distribution of turn, window and memory vectors from an evenly spaced sample.

    A turn's window is the sum, of unit length, of its vector and those of the turns before and after it.
    """

    def load_vectors(table: TurnTable | MemoryTable, rows: NDArray[np.intp]) -> LoadedVectors:
        ids = table.id_map.get_id_bytes(rows)
        found = index_feed.load_vectors_by_ids(user.session, user.tenant_id, model.model_id, ids)
        return LoadedVectors.empty(model.dimensions).with_rows(rows, *found)

    turns, memories = (_sample_rows(len(table)) for table in (user_index.turns, user_index.memories))
    sides = user_index.index_view.window_sides(turns)
    windows = np.unique(np.concatenate(sides))
    of_turns = load_vectors(user_index.turns, windows[windows < len(user_index.turns)])
    of_memories = load_vectors(user_index.memories, memories)
    has_vector, vectors = of_turns.lookup(turns)
    sums = sum_windows(SingleRows(of_turns.rows), *(of_turns.find_rows(side) for side in sides))
    means = sums / window_norms(sums)[:, np.newaxis]
    known, told = has_vector, of_memories.is_present
    return {
        "turns": VectorStatistics.from_vectors(turns[known], vectors[known]),
        "windows": VectorStatistics.from_vectors(turns[known], means[known]),
        "memories": VectorStatistics.from_vectors(memories[told], of_memories.rows[told]),
    }


def _sample_rows(count: int) -> NDArray[np.intp]:
    return np.arange(0, count, max(1, -(-count // VECTOR_SAMPLE_SIZE)))
