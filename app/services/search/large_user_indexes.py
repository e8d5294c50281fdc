"""The scopes of large users: made in bounded memory by a worker, and read with the store behind them."""

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
from app.db.repositories.search import ann_vectors, index_feed, index_snapshots
from app.db.session import AnyRow
from app.llm.embedders import InUse
from app.memory.index.ann_store import Far, Scans, Spread
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.user_index import FAR_FORM, Scope
from app.memory.numeric import Array
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS, source_row, turn_row
from app.services.models.model_registry import ModelsChanged

BATCH = 20_000  # rows that are held at once: about 100 MB
SAMPLE = 20_000  # vectors by which mean and covariance of all are known
PACK_AFTER = 20_000  # a search puts the rows after a pack beside it one by one


class FarStore:
    """The texts and vectors of a large user, as a transaction sees them (`memory.far.Store`)."""

    def __init__(self, session: Session, tenant_id: str, user_id: str, model_id: str) -> None:
        self._session = session
        self._of_user = (tenant_id, user_id)
        self._model_id = model_id

    @contextmanager
    def nearest(self, vector: Array, turns: int, memories: int) -> Generator[Scans]:
        """Look for so many turns and memories nearest to a vector while the block goes on.

        Nothing else can be asked within it. What it gives waits for their ids, of 16 bytes each, the nearest
        first.
        """
        of_user = (*self._of_user, self._model_id)
        with ann_vectors.scanning(self._session, *of_user, vector, turns, memories) as ids:
            yield ids

    def vectors(self, ids: bytes) -> tuple[NDArray[np.intp], Array]:
        """Which of these ids, of 16 bytes each, have a vector, (k,), and those vectors, (k, d)."""
        return index_feed.vectors_of(self._session, self._of_user[0], self._model_id, ids)

    def turns(self, ids: Sequence[UUID]) -> list[TurnRow]:
        """These turns."""
        return [present_turn(row) for row in index_feed.turns_of(self._session, *self._of_user, ids)]

    def memories(self, ids: Sequence[UUID]) -> list[MemoryRow]:
        """These memories with their sources."""
        rows = index_feed.memories_of(self._session, *self._of_user, MEMORY_COLUMNS, ids)
        return list(memory_rows(rows, index_feed.sources_of(self._session, self._of_user[0], ids)))


def present_turn(row: Any) -> TurnRow:
    """A turn of the feed."""
    return turn_row(row, pending=row.state in {TurnState.STORED, TurnState.FAILED})


def memory_rows(memories: Sequence[AnyRow], sources: Sequence[AnyRow]) -> Iterator[MemoryRow]:
    """Memories of the feed with their sources."""
    of: dict[UUID, list[SourceRow]] = {}
    for row in sources:
        of.setdefault(row.memory_id, []).append(source_row(row))
    for memory in memories:
        yield MemoryRow(*memory, sources=of.get(memory.id, []))


def make(
    resources: Resources, in_use: InUse, principal: Principal, user_id: str, after: int | None
) -> Scope | None:
    """The scope of all rows, without texts and vectors; None if the pack lacks no more than `after` rows.

    Raises `ModelsChanged`.
    """
    of_user = (principal.tenant_id, user_id)
    model = in_use.active
    with resources.moment(principal) as session:
        state = index_feed.state(session, *of_user)
        if state is None or embedding_models.serial(session) != in_use.serial:
            raise ModelsChanged
        since = index_snapshots.revision_of(session, *of_user, model.model_id, FAR_FORM, state.epoch)
        limit = PACK_AFTER if after is None else after
        if since and not ann_vectors.more_than(session, *of_user, model.model_id, limit, since=since):
            return None
        store = FarStore(session, *of_user, model.model_id)
        scope = Scope(model.dimensions)
        scope.clear(Far({}, store))
        for rows in index_feed.turn_batches(session, *of_user, BATCH):
            for row in rows:
                scope.put_turn(present_turn(row))
            scope.compact()
        for rows in index_feed.memory_batches(session, *of_user, MEMORY_COLUMNS, BATCH):
            sources = index_feed.sources_of(session, principal.tenant_id, [row.id for row in rows])
            for memory in memory_rows(rows, sources):
                scope.put_memory(memory)
            scope.compact()
        assert scope.far is not None
        scope.far.spreads = _spreads(scope, store, model.dimensions)
        scope.revision, scope.epoch = state.revision, state.epoch
    return scope


def _spreads(scope: Scope, store: FarStore, dimensions: int) -> dict[str, Spread]:
    """Of every so many-th turn, its window, and every so many-th memory."""
    turns = np.arange(0, len(scope.turns), max(1, -(-len(scope.turns) // SAMPLE)))
    memories = np.arange(0, len(scope.memories), max(1, -(-len(scope.memories) // SAMPLE)))
    before, after = scope.turns.neighbours()

    def read(rows: NDArray[Any], *, of_turn: bool) -> NDArray[np.float32]:
        table = scope.turns if of_turn else scope.memories
        inner = np.flatnonzero(rows < len(table))
        there, vectors = store.vectors(table.at.bytes_of(rows[inner]))
        found = np.zeros((len(rows), dimensions), np.float32)
        if len(there):
            found[inner[there]] = vectors
        return found

    own, told = read(turns, of_turn=True), read(memories, of_turn=False)
    known = own.any(axis=1)
    total = own + read(before[turns], of_turn=True) + read(after[turns], of_turn=True)
    norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
    return {
        "turns": Spread.over(turns[known], own[known]),
        "windows": Spread.over(turns[known], (total / norms)[known]),
        "memories": Spread.over(memories[told.any(axis=1)], told[told.any(axis=1)]),
    }
