"""Keep a user's search index up to date: in this process, and as an index snapshot for the next one."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

import structlog

from app.core import memory_scrubbing
from app.core.errors import Unavailable
from app.core.security import Principal
from app.db.repositories.memories import conflicts, links
from app.db.repositories.models import embedding_models
from app.db.repositories.search import ann_indexes as indexes
from app.db.repositories.search import index_feed, index_snapshots
from app.db.repositories.search.index_feed import SearchState, StoredVectors
from app.db.repositories.search.index_snapshots import IndexStart, StoredIndexSnapshot
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.index.link_graph import EDGE_WEIGHTS
from app.memory.index.user_index import (
    ANN_SNAPSHOT_VERSION,
    LARGE_SNAPSHOT_VERSION,
    SNAPSHOT_VERSION,
    UserIndex,
)
from app.memory.reconciliation.timeline.conflicts import conflicts_by_memory
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS, to_link_row
from app.services.models.model_registry import ModelsChanged, with_models
from app.services.platform.user_context import UserContext
from app.services.search import ann_indexes, large_user_indexes
from app.services.search.index_readers import (
    AnnReader,
    IndexReader,
    PostgresRowStore,
    ProcessReader,
    StoredDocumentsReader,
)
from app.services.search.index_rows import to_memory_rows, to_present_turn_row

log = structlog.get_logger(__name__)

_LARGE_FORMS = (LARGE_SNAPSHOT_VERSION, ANN_SNAPSHOT_VERSION)
_FORMS = (SNAPSHOT_VERSION, *_LARGE_FORMS)
_INDEX_SNAPSHOT_LOCK = Lock()  # one snapshot at a time, because making one takes some 100 MB
# Deletions of one user between two snapshots. A user who was erased and came back begins at a random epoch,
# which is further away than this (`users.generate_epoch`).
_MAX_DELETIONS = 100_000


def refresh_index(
    ctx: UserContext, in_use: EmbeddersInUse, user_index: UserIndex, state: SearchState | None = None
) -> int:
    """Add to the index what was written for the user since its last refresh.

    `state` is the user's state if it was read since the request began; an index of that state needs no query.
    An empty index starts from the user's index snapshot. A process that had to read many rows requests a new
    snapshot. Returns the version of the tenant's ranker. Raises `ModelsChanged` when another embedding model
    is in use by now than that of the index.
    """
    if state is not None and _is_up_to_date(user_index, state, in_use):
        return state.ranker
    if user_index.revision:  # else there is no state that it may have meanwhile
        state = ctx.resources.execute_statement(
            lambda connection: index_feed.get_search_state(connection, ctx.tenant_id, ctx.user_id)
        )
        if state is not None and _is_up_to_date(user_index, state, in_use):
            return state.ranker
    state, row_count = _refresh_in_transaction(ctx, in_use, user_index)
    if _is_index_snapshot_due(user_index, row_count):
        request_index_snapshot(ctx)
    return state.ranker


@contextmanager
def open_index(
    ctx: UserContext,
    in_use: EmbeddersInUse,
    user_index: UserIndex,
    state: SearchState | None = None,
    *,
    is_opened_again: bool = False,
) -> Generator[tuple[IndexReader, int]]:
    """Refresh the index; yield what reads it in the block, and the version of the tenant's ranker.

    All that the block reads of the database comes from one snapshot of it. An index that begins without its
    many documents gets them when it is next opened, unless that is for the same search (`is_opened_again`).
    Raises `ModelsChanged` as `refresh_index` does.
    """
    is_known = user_index.revision > 0 or (state is not None and _is_up_to_date(user_index, state, in_use))
    if is_known and user_index.keeps_documents:
        version = refresh_index(ctx, in_use, user_index, state)
        if user_index.keeps_documents:
            yield ProcessReader(user_index), version
            return
    with ExitStack() as stack:
        user = stack.enter_context(ctx.read_snapshot())
        state, row_count = _refresh_in_session(
            user, in_use, user_index, may_defer=True, keeps_deferring=is_opened_again
        )
        is_snapshot_due = _is_index_snapshot_due(user_index, row_count)
        store = PostgresRowStore(user, in_use.active.model_id)
        if user_index.keeps_documents:
            stack.close()  # the block reads nothing of the database
            yield ProcessReader(user_index), state.ranker
        elif user_index.keeps_vectors:
            yield StoredDocumentsReader(user_index, store), state.ranker
        else:
            yield AnnReader(user_index, store, in_use.active.dimensions), state.ranker
    if is_snapshot_due:  # after the block, because it takes a connection of its own
        request_index_snapshot(ctx)


def request_index_snapshot(ctx: UserContext) -> None:
    """Ask the workers for a snapshot of the user's index.

    The request is a row, so that the message to the workers names no user. No search fails if it can't be
    stored: the next process that reads many rows asks again.
    """
    try:
        with ctx.open_transaction() as user:
            index_snapshots.request_index_snapshot(user)
    except Unavailable:
        log.warning("index_snapshot_not_requested")
        return
    ctx.resources.notifier.notify_index_snapshot()


def create_next_index_snapshot(resources: Resources) -> bool:
    """Serve the oldest request for an index snapshot; return whether a snapshot was stored.

    A request whose worker dies is lost; the next search that reads many rows makes it again.
    """
    with resources.open_transaction(None) as session:
        request = index_snapshots.take_index_snapshot_request(session)
        more_wait = request is not None and index_snapshots.is_index_snapshot_requested(session)
    if more_wait:
        resources.notifier.notify_index_snapshot()
    if request is None:
        return False
    is_stored = create_index_snapshot(resources, request.tenant_id, request.user_id)
    if not more_wait:
        memory_scrubbing.trim_heap()  # an index takes some times its size while it is built
    return is_stored


def _is_index_snapshot_due(user_index: UserIndex, read: int) -> bool:
    """Return whether this refresh read many rows, or one of many small refreshes of a big index is the n-th.

    `read` is the number of rows of this refresh, n is `MOST_NEW_ROWS` rows.
    """
    is_big = user_index.loaded_row_count > large_user_indexes.INDEX_SNAPSHOT_AFTER_ROWS
    return read > index_snapshots.snapshot_due_after(_row_count(user_index)) or (
        is_big and user_index.loaded_row_count % index_snapshots.MOST_NEW_ROWS < read
    )


def _row_count(user_index: UserIndex) -> int:
    return len(user_index.turns) + len(user_index.memories)


def _is_up_to_date(user_index: UserIndex, state: SearchState, in_use: EmbeddersInUse) -> bool:
    return state[:3] == (in_use.serial, user_index.revision, user_index.epoch)


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """The rows that an index lacks: all rows, or those after its revision or after the index snapshot."""

    state: SearchState
    index_snapshot: StoredIndexSnapshot | None = None
    turns: Sequence[AnyRow] = ()
    memories: Sequence[AnyRow] = ()
    sources: Sequence[AnyRow] = ()
    vectors: StoredVectors | None = None
    links: Sequence[AnyRow] = ()
    successions: Sequence[tuple[UUID, UUID]] = ()
    conflicts: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    are_rows_read: bool = True


def _refresh_in_transaction(
    ctx: UserContext, in_use: EmbeddersInUse, user_index: UserIndex
) -> tuple[SearchState, int]:
    with ctx.open_transaction() as user:
        return _refresh_in_session(user, in_use, user_index)


def _refresh_in_session(
    user: UserSession,
    in_use: EmbeddersInUse,
    user_index: UserIndex,
    *,
    may_defer: bool = False,
    keeps_deferring: bool = False,
) -> tuple[SearchState, int]:
    """Refresh the index; return the state that it has then, and how many turns and memories were read.

    `may_defer`: an empty index may begin without its many documents, which the next refresh adds if it is not
    one that `keeps_deferring` them.
    """
    model_id, start = in_use.active.model_id, None
    if user_index.revision:
        state = index_feed.get_search_state(user.session, user.tenant_id, user.user_id)
    else:
        start = index_snapshots.load_index_start(user, model_id, _FORMS, may_defer=may_defer)
        state = start.state if start is not None else None
    if state is None or state.serial != in_use.serial:
        raise ModelsChanged
    is_ann_index_gone = not user_index.keeps_vectors and not indexes.has_ann_index(user, model_id)
    if is_ann_index_gone or state.revision < user_index.revision or _may_show_deleted(user_index, state):
        user_index.clear()
    if (
        _outgrows_exact_search(user_index)
        and index_snapshots.get_index_snapshot_revision(user, model_id, _LARGE_FORMS, state.epoch)
        > user_index.snapshot_revision
    ):
        user_index.clear()  # a worker has made the snapshot of a large user meanwhile: start from that
    is_complete = keeps_deferring or not user_index.awaits_documents
    if not is_complete and not _load_documents(user, model_id, user_index):
        user_index.clear()  # there is another snapshot by now, or none
    if _is_up_to_date(user_index, state, in_use):
        return state, 0
    user_index.epoch = state.epoch
    changes = _load_changes(user, model_id, state, user_index, start)
    if changes.are_rows_read and embedding_models.get_serial(user.session) != in_use.serial:
        raise ModelsChanged  # the vectors of the old model may have been dropped while we read
    _apply_changes(user_index, changes)
    return state, len(changes.turns) + len(changes.memories)


def _load_documents(user: UserSession, model_id: str, user_index: UserIndex) -> bool:
    """Add the documents of the snapshot that the index began with; return False if it is not stored."""
    documents = index_snapshots.load_snapshot_documents(
        user, model_id, SNAPSHOT_VERSION, user_index.snapshot_revision, user_index.epoch
    )
    return documents is not None and user_index.load_documents(documents)


def _outgrows_exact_search(user_index: UserIndex) -> bool:
    return user_index.loaded_row_count > ann_indexes.DOCUMENT_ROWS


def _may_show_deleted(user_index: UserIndex, state: SearchState) -> bool:
    """Return whether a search in the index could show rows that were deleted since.

    Rows of a large user are fetched from Postgres when they are shown, so deleted ones are never shown.
    Only an epoch far from the old one, that of a user who came back after an erasure, rules the index out.
    """
    if user_index.keeps_documents or user_index.awaits_documents:
        return state.epoch != user_index.epoch
    return not 0 <= state.epoch - user_index.epoch < _MAX_DELETIONS


def _load_changes(
    user: UserSession, model_id: str, state: SearchState, user_index: UserIndex, start: IndexStart | None
) -> IndexChanges:
    """Load what the index lacks; `start` is what was read of an empty index together with the state."""
    snapshot, since, keeps_vectors = None, user_index.revision, user_index.keeps_vectors
    if not since and state.revision:
        snapshot = (
            start.snapshot
            if start is not None
            else index_snapshots.load_index_snapshot(user, model_id, _FORMS, (state.revision, state.epoch))
        )
        since = snapshot.revision if snapshot is not None else 0
        keeps_vectors = snapshot is None or snapshot.form != ANN_SNAPSHOT_VERSION
        if not keeps_vectors and not indexes.has_ann_index(user, model_id):
            snapshot, since, keeps_vectors = None, 0, True
    may_conflict = start is None or start.may_conflict
    contradicting_ids = conflicts_by_memory(conflicts.list_open_conflicts(user)) if may_conflict else {}
    if since == state.revision:
        return IndexChanges(state, snapshot, conflicts=contradicting_ids, are_rows_read=start is None)
    return IndexChanges(
        state=state,
        index_snapshot=snapshot,
        turns=index_feed.list_turns_since(user, since),
        memories=index_feed.list_memories_since(user, MEMORY_COLUMNS, since),
        sources=index_feed.list_sources_since(user, since),
        vectors=index_feed.list_vectors_since(user, model_id, since) if keeps_vectors else None,
        links=links.list_outgoing_links(user, EDGE_WEIGHTS, since=since),
        successions=links.list_successions(user, since=since),
        conflicts=contradicting_ids,
    )


def _apply_changes(user_index: UserIndex, changes: IndexChanges) -> None:
    if changes.index_snapshot is not None:
        snapshot = changes.index_snapshot
        user_index.load_snapshot(snapshot.index, snapshot.vectors, snapshot.documents)
    user_index.conflicts = changes.conflicts
    for row in changes.turns:
        user_index.upsert_turn(to_present_turn_row(row))
    for memory in to_memory_rows(changes.memories, changes.sources):
        user_index.upsert_memory(memory)
    if changes.memories:
        changed = [memory.id for memory in changes.memories]
        user_index.replace_links(changed, [to_link_row(row) for row in changes.links])
        user_index.replace_successions(changed, changes.successions)
    if changes.vectors is not None:
        user_index.set_vectors(*changes.vectors)
    user_index.revision = changes.state.revision


def create_index_snapshot(
    resources: Resources,
    tenant_id: str,
    user_id: str,
    after: int | None = None,
    document_rows: int = ann_indexes.DOCUMENT_ROWS,
    exact_rows: int = ann_indexes.EXACT_ROWS,
) -> bool:
    """Store a new index snapshot if more than `after` rows were written since the last one.

    Returns whether one was stored. A user with more than `document_rows` vectors gets a snapshot without
    documents; with more than `exact_rows`, one without vectors too, and an ANN index. A snapshot never
    contains deleted rows: if the user's epoch has moved meanwhile, it is dropped.
    """
    ctx = UserContext(resources, Principal(tenant_id), user_id)

    def snapshot_index(in_use: EmbeddersInUse) -> bool:
        is_exact = not ann_indexes.has_more_vectors(ctx, in_use, exact_rows)
        if not is_exact and not ann_indexes.ensure_ann_index(ctx, in_use):
            return False
        with _INDEX_SNAPSHOT_LOCK:
            if not is_exact or ann_indexes.has_more_vectors(ctx, in_use, document_rows):
                user_index = large_user_indexes.build_large_user_index(
                    ctx, in_use, after, keeps_vectors=is_exact
                )
            else:
                user_index = UserIndex(in_use.active.dimensions)
                _, row_count = _refresh_in_transaction(ctx, in_use, user_index)
                due = index_snapshots.snapshot_due_after(_row_count(user_index)) if after is None else after
                if row_count <= due:
                    return False
            return user_index is not None and _save_index_snapshot(ctx, in_use, user_index)

    return with_models(resources, snapshot_index)


def _save_index_snapshot(ctx: UserContext, in_use: EmbeddersInUse, user_index: UserIndex) -> bool:
    index, vectors, documents = user_index.save_snapshot()
    snapshot = StoredIndexSnapshot(
        model_id=in_use.active.model_id,
        epoch=user_index.epoch,
        revision=user_index.revision,
        form=user_index.snapshot_form,
        index=index,
        vectors=vectors,
        documents=documents,
    )
    if not write_index_snapshot(ctx, snapshot):
        return False
    log.info("index_snapshot_stored", tenant_id=ctx.tenant_id, rows=_row_count(user_index))
    return True


def write_index_snapshot(ctx: UserContext, snapshot: StoredIndexSnapshot) -> bool:
    """Write the user's index snapshot; return False if the user's epoch has moved since it was made."""
    with ctx.open_transaction() as user:
        index_snapshots.reserve_index_snapshot(user, snapshot.model_id)
    with ctx.open_transaction() as user:
        # Whoever moves the epoch deletes the row: before it is written, or after having waited for that.
        if (
            index_snapshots.store_index_snapshot(user, snapshot)
            and index_snapshots.get_user_epoch(user) == snapshot.epoch
        ):
            return True
        user.session.rollback()
        return False
