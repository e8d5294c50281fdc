"""Keep a user's search index up to date: in this process, and as an index snapshot for the next one."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core.errors import Unavailable
from app.core.security import Principal
from app.db.repositories.memories import conflicts, links
from app.db.repositories.models import embedding_models
from app.db.repositories.search import ann_indexes as indexes
from app.db.repositories.search import index_feed, index_snapshots
from app.db.repositories.search.index_feed import SearchState
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.db.vectors import Vector
from app.llm.embedders import EmbeddersInUse
from app.memory.index.link_graph import EDGE_WEIGHTS
from app.memory.index.user_index import LARGE_SNAPSHOT_VERSION, SNAPSHOT_VERSION, UserIndex
from app.memory.reconciliation.conflicts import conflicts_by_memory
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS, to_link_row
from app.services.models.model_registry import ModelsChanged, with_models
from app.services.search import ann_indexes, large_user_indexes
from app.services.search.large_user_indexes import LargeUserStore, to_memory_rows, to_present_turn_row

log = structlog.get_logger(__name__)

_INDEX_SNAPSHOT_LOCK = Lock()  # one index at a time: making one takes some 100 MB
INDEX_SNAPSHOT_AFTER_ROWS = 500  # rows that a process reads one by one in about 30 ms
_MAX_DELETIONS = 100_000  # of one user between two packs; epochs of two lives of a user are further apart


def refresh_index(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    user_id: str,
    user_index: UserIndex,
    state: SearchState | None = None,
) -> int:
    """Read what was written for the user since the scope was last brought up to date.

    A `state` that was read since the request began spares reading it, if the scope is of it. Returns the
    version of the tenant's ranker. A scope that was empty begins with the user's pack. Whoever had to read
    many rows asks a worker to pack them. Raises `ModelsChanged` when another model is in use by now than the
    one that the scope is of.
    """
    if state is not None and _is_up_to_date(user_index, state, in_use):
        return state.ranker
    state = resources.execute_statement(
        lambda connection: index_feed.get_search_state(connection, principal.tenant_id, user_id)
    )
    if state is not None and _is_up_to_date(user_index, state, in_use):
        return state.ranker
    state, rows = _refresh_in_transaction(resources, in_use, principal, user_id, user_index)
    if _is_index_snapshot_due(user_index, rows):
        request_index_snapshot(resources, principal, user_id)
    return state.ranker


@contextmanager
def open_index(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    user_id: str,
    user_index: UserIndex,
    state: SearchState | None = None,
) -> Generator[int]:
    """As `refresh`; until the block ends the texts and vectors that a large scope lacks can be read.

    All that is read of a large user within the block is of one moment.
    """
    if not user_index.is_large:
        version = refresh_index(resources, in_use, principal, user_id, user_index, state)
        if not user_index.is_large:
            yield version
            return
    with resources.read_snapshot(principal) as session:
        state, rows = _refresh_in_session(session, in_use, principal, user_id, user_index)
        is_to_pack = _is_index_snapshot_due(user_index, rows)
        if user_index.ann_index is not None:
            user_index.ann_index.open_store(
                LargeUserStore(session, principal.tenant_id, user_id, in_use.active.model_id)
            )
        try:
            yield state.ranker
        finally:
            user_index.clear_fetched()
    if is_to_pack:  # not before, as it takes a connection of its own
        request_index_snapshot(resources, principal, user_id)


def request_index_snapshot(resources: Resources, principal: Principal, user_id: str) -> None:
    """Ask the workers to pack the user's index. The request is a row, so that the message names nobody.

    No search fails for it: whoever reads many rows next asks again.
    """
    try:
        with resources.open_transaction(principal) as session:
            index_snapshots.request_index_snapshot(session, principal.tenant_id, user_id)
    except Unavailable:
        log.warning("pack_not_asked_for")
        return
    resources.notifier.notify_index_snapshot()


def create_next_index_snapshot(resources: Resources) -> bool:
    """Pack the index of whoever asked first; whether it was packed.

    A request whose worker dies is lost, and made again by the next search that reads many rows.
    """
    with resources.open_transaction(None) as session:
        asked = index_snapshots.take_index_snapshot_request(session)
        waits = asked is not None and index_snapshots.is_index_snapshot_requested(session)
    if waits:
        resources.notifier.notify_index_snapshot()
    return asked is not None and create_index_snapshot(resources, asked.tenant_id, asked.user_id)


def _is_index_snapshot_due(user_index: UserIndex, read: int) -> bool:
    """Whether so many rows were read at once, or by and by: then at every `PACK_AFTER`-th."""
    many = user_index.loaded_row_count > large_user_indexes.INDEX_SNAPSHOT_AFTER_ROWS
    return read > INDEX_SNAPSHOT_AFTER_ROWS or (
        many and user_index.loaded_row_count % INDEX_SNAPSHOT_AFTER_ROWS < read
    )


def _is_up_to_date(user_index: UserIndex, state: SearchState, in_use: EmbeddersInUse) -> bool:
    return state[:3] == (in_use.serial, user_index.revision, user_index.epoch)


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """What of a user's rows a scope lacks: all of them, or what came after its revision or after `pack`."""

    state: SearchState
    index_snapshot: index_snapshots.StoredIndexSnapshot | None = None
    turns: Sequence[AnyRow] = ()
    memories: Sequence[AnyRow] = ()
    sources: Sequence[AnyRow] = ()
    vectors: Sequence[tuple[UUID, bool, Vector]] = ()
    links: Sequence[AnyRow] = ()
    conflicts: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])


def _refresh_in_transaction(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str, user_index: UserIndex
) -> tuple[SearchState, int]:
    with resources.open_transaction(principal) as session:
        return _refresh_in_session(session, in_use, principal, user_id, user_index)


def _refresh_in_session(
    session: Session, in_use: EmbeddersInUse, principal: Principal, user_id: str, user_index: UserIndex
) -> tuple[SearchState, int]:
    state = index_feed.get_search_state(session, principal.tenant_id, user_id)
    if state is None or state.serial != in_use.serial:
        raise ModelsChanged
    of_user = (principal.tenant_id, user_id, in_use.active.model_id)
    gone = user_index.is_large and not indexes.has_ann_index(session, *of_user)
    if gone or state.revision < user_index.revision or _may_show_deleted(user_index, state):
        user_index.clear()
    if (
        _outgrows_exact_search(user_index)
        and index_snapshots.get_index_snapshot_revision(
            session, *of_user, LARGE_SNAPSHOT_VERSION, state.epoch
        )
        > user_index.snapshot_revision
    ):
        user_index.clear()  # for what a worker has packed of a large user meanwhile
    if _is_up_to_date(user_index, state, in_use):
        return state, 0
    user_index.epoch = state.epoch
    news = _load_changes(session, principal.tenant_id, user_id, in_use.active.model_id, state, user_index)
    if embedding_models.get_serial(session) != in_use.serial:
        raise ModelsChanged  # the vectors of the old model may have been dropped while we read
    _apply_changes(user_index, news)
    return state, len(news.turns) + len(news.memories)


def _outgrows_exact_search(user_index: UserIndex) -> bool:
    return user_index.loaded_row_count > ann_indexes.EXACT_ROWS


def _may_show_deleted(user_index: UserIndex, state: SearchState) -> bool:
    """Whether the scope may hold what was deleted, and show it.

    What was deleted of a large user is not found when its text is fetched; a new epoch far from the old one
    is that of another user, who came after the erasure of this one.
    """
    if user_index.ann_index is None:
        return state.epoch != user_index.epoch
    return not 0 <= state.epoch - user_index.epoch < _MAX_DELETIONS


def _load_changes(
    session: Session, tenant_id: str, user_id: str, model_id: str, state: SearchState, user_index: UserIndex
) -> IndexChanges:
    pack, since, far = None, user_index.revision, user_index.ann_index is not None
    if not since and state.revision:
        now = (state.revision, state.epoch)
        pack = index_snapshots.load_index_snapshot(
            session, tenant_id, user_id, model_id, (SNAPSHOT_VERSION, LARGE_SNAPSHOT_VERSION), now
        )
        since = pack.revision if pack is not None else 0
        far = pack is not None and pack.form == LARGE_SNAPSHOT_VERSION
        if far and not indexes.has_ann_index(session, tenant_id, user_id, model_id):
            pack, since, far = None, 0, False
    against = conflicts_by_memory(conflicts.list_open_conflicts(UserSession(session, tenant_id, user_id)))
    if since == state.revision:
        return IndexChanges(state, pack, conflicts=against)
    return IndexChanges(
        state,
        pack,
        index_feed.list_turns_since(session, tenant_id, user_id, since),
        index_feed.list_memories_since(session, tenant_id, user_id, MEMORY_COLUMNS, since),
        index_feed.list_sources_since(session, tenant_id, user_id, since),
        [] if far else index_feed.list_vectors_since(session, tenant_id, user_id, model_id, since),
        []
        if far
        else links.list_outgoing_links(UserSession(session, tenant_id, user_id), EDGE_WEIGHTS, since=since),
        against,
    )


def _apply_changes(user_index: UserIndex, changes: IndexChanges) -> None:
    if changes.index_snapshot is not None:
        user_index.load_snapshot(changes.index_snapshot.index, changes.index_snapshot.vectors)
    user_index.conflicts = changes.conflicts
    for row in changes.turns:
        user_index.upsert_turn(to_present_turn_row(row))
    for memory in to_memory_rows(changes.memories, changes.sources):
        user_index.upsert_memory(memory)
    if changes.memories and user_index.ann_index is None:
        user_index.replace_links(
            [memory.id for memory in changes.memories], [to_link_row(row) for row in changes.links]
        )
    for row_id, of_turn, vector in changes.vectors:
        user_index.set_vector(row_id, of_turn, vector)
    user_index.revision = changes.state.revision


def create_index_snapshot(
    resources: Resources,
    tenant_id: str,
    user_id: str,
    after: int | None = None,
    exact_rows: int = ann_indexes.EXACT_ROWS,
) -> bool:
    """Pack the user's index anew if more than `after` rows came since; whether it was packed.

    Who has more than `exact_rows` vectors gets an HNSW index, and a pack without texts and vectors.
    A pack is never of rows that are deleted: should the user's epoch have moved meanwhile, it is dropped.
    """
    principal = Principal(tenant_id)

    def snapshot_index(in_use: EmbeddersInUse) -> bool:
        large = ann_indexes.is_large_user(resources, in_use, principal, user_id, exact_rows)
        if large and not ann_indexes.ensure_ann_index(resources, in_use, principal, user_id):
            return False
        with _INDEX_SNAPSHOT_LOCK:
            if large:
                scope = large_user_indexes.build_large_user_index(
                    resources, in_use, principal, user_id, after
                )
            else:
                scope = UserIndex(in_use.active.dimensions)
                _, rows = _refresh_in_transaction(resources, in_use, principal, user_id, scope)
                scope = scope if rows > (INDEX_SNAPSHOT_AFTER_ROWS if after is None else after) else None
            return scope is not None and _save_index_snapshot(resources, in_use, principal, user_id, scope)

    return with_models(resources, snapshot_index)


def _save_index_snapshot(
    resources: Resources, in_use: EmbeddersInUse, principal: Principal, user_id: str, user_index: UserIndex
) -> bool:
    index, vectors = user_index.save_snapshot()
    values = {"tenant_id": principal.tenant_id, "user_id": user_id, "model_id": in_use.active.model_id}
    form = SNAPSHOT_VERSION if user_index.ann_index is None else LARGE_SNAPSHOT_VERSION
    values |= {"form": form, "revision": user_index.revision, "epoch": user_index.epoch}
    if not write_index_snapshot(resources, principal, values | {"index": index, "vectors": vectors}):
        return False
    log.info(
        "scope_packed", tenant_id=principal.tenant_id, rows=len(user_index.turns) + len(user_index.memories)
    )
    return True


def write_index_snapshot(resources: Resources, principal: Principal, values: dict[str, Any]) -> bool:
    """Write a pack, the row `values`; False when the user's rows are of another epoch by now."""
    of_user = (values["tenant_id"], values["user_id"])
    with resources.open_transaction(principal) as session:
        index_snapshots.reserve_index_snapshot(session, *of_user, values["model_id"])
    with resources.open_transaction(principal) as session:
        # Whoever moves the epoch deletes the row: before it is written, or after having waited for that.
        if (
            index_snapshots.store_index_snapshot(session, values)
            and index_snapshots.get_user_epoch(session, *of_user) == values["epoch"]
        ):
            return True
        session.rollback()
        return False
