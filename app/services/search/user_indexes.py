"""Keep the search index of a user as new as its rows: in this process, and packed for the next one."""

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
from app.db.repositories.search import ann_vectors as indexes
from app.db.repositories.search import index_feed, index_snapshots
from app.db.repositories.search.index_feed import State
from app.db.session import AnyRow
from app.db.vectors import Vector
from app.llm.embedders import InUse
from app.memory.index.link_graph import WORTH
from app.memory.index.user_index import FAR_FORM, PACK_FORM, Scope
from app.memory.reconciliation.conflicts import opponents
from app.resources import Resources
from app.services.memories.as_of import MEMORY_COLUMNS, link_row
from app.services.models.model_registry import ModelsChanged, with_models
from app.services.search import ann_indexes, large_user_indexes
from app.services.search.large_user_indexes import FarStore, memory_rows, present_turn

log = structlog.get_logger(__name__)

_PACKING = Lock()  # one index at a time: making one takes some 100 MB
PACK_AFTER = 500  # rows that a process reads one by one in about 30 ms
_DELETIONS = 100_000  # of one user between two packs; epochs of two lives of a user are further apart


def refresh(
    resources: Resources,
    in_use: InUse,
    principal: Principal,
    user_id: str,
    scope: Scope,
    state: State | None = None,
) -> int:
    """Read what was written for the user since the scope was last brought up to date.

    A `state` that was read since the request began spares reading it, if the scope is of it. Returns the
    version of the tenant's ranker. A scope that was empty begins with the user's pack. Whoever had to read
    many rows asks a worker to pack them. Raises `ModelsChanged` when another model is in use by now than the
    one that the scope is of.
    """
    if state is not None and _is_of(scope, state, in_use):
        return state.ranker
    state = resources.statement(lambda connection: index_feed.state(connection, principal.tenant_id, user_id))
    if state is not None and _is_of(scope, state, in_use):
        return state.ranker
    state, rows = _bring_up(resources, in_use, principal, user_id, scope)
    if _is_worth_packing(scope, rows):
        ask_for_pack(resources, principal, user_id)
    return state.ranker


@contextmanager
def opened(
    resources: Resources,
    in_use: InUse,
    principal: Principal,
    user_id: str,
    scope: Scope,
    state: State | None = None,
) -> Generator[int]:
    """As `refresh`; until the block ends the texts and vectors that a large scope lacks can be read.

    All that is read of a large user within the block is of one moment.
    """
    if not scope.is_large:
        version = refresh(resources, in_use, principal, user_id, scope, state)
        if not scope.is_large:
            yield version
            return
    with resources.moment(principal) as session:
        state, rows = _renew(session, in_use, principal, user_id, scope)
        is_to_pack = _is_worth_packing(scope, rows)
        if scope.far is not None:
            scope.far.open(FarStore(session, principal.tenant_id, user_id, in_use.active.model_id))
        try:
            yield state.ranker
        finally:
            scope.let_go()
    if is_to_pack:  # not before, as it takes a connection of its own
        ask_for_pack(resources, principal, user_id)


def ask_for_pack(resources: Resources, principal: Principal, user_id: str) -> None:
    """Ask the workers to pack the user's index. The request is a row, so that the message names nobody.

    No search fails for it: whoever reads many rows next asks again.
    """
    try:
        with resources.transaction(principal) as session:
            index_snapshots.request(session, principal.tenant_id, user_id)
    except Unavailable:
        log.warning("pack_not_asked_for")
        return
    resources.doorbell.ring_pack()


def pack_next(resources: Resources) -> bool:
    """Pack the index of whoever asked first; whether it was packed.

    A request whose worker dies is lost, and made again by the next search that reads many rows.
    """
    with resources.transaction(None) as session:
        asked = index_snapshots.take_request(session)
        waits = asked is not None and index_snapshots.is_requested(session)
    if waits:
        resources.doorbell.ring_pack()
    return asked is not None and pack(resources, asked.tenant_id, asked.user_id)


def _is_worth_packing(scope: Scope, read: int) -> bool:
    """Whether so many rows were read at once, or by and by: then at every `PACK_AFTER`-th."""
    many = scope.held_rows > large_user_indexes.PACK_AFTER
    return read > PACK_AFTER or (many and scope.held_rows % PACK_AFTER < read)


def _is_of(scope: Scope, state: State, in_use: InUse) -> bool:
    return state[:3] == (in_use.serial, scope.revision, scope.epoch)


@dataclass(frozen=True, slots=True)
class News:
    """What of a user's rows a scope lacks: all of them, or what came after its revision or after `pack`."""

    state: State
    pack: index_snapshots.Pack | None = None
    turns: Sequence[AnyRow] = ()
    memories: Sequence[AnyRow] = ()
    sources: Sequence[AnyRow] = ()
    vectors: Sequence[tuple[UUID, bool, Vector]] = ()
    links: Sequence[AnyRow] = ()
    conflicts: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])


def _bring_up(
    resources: Resources, in_use: InUse, principal: Principal, user_id: str, scope: Scope
) -> tuple[State, int]:
    with resources.transaction(principal) as session:
        return _renew(session, in_use, principal, user_id, scope)


def _renew(
    session: Session, in_use: InUse, principal: Principal, user_id: str, scope: Scope
) -> tuple[State, int]:
    state = index_feed.state(session, principal.tenant_id, user_id)
    if state is None or state.serial != in_use.serial:
        raise ModelsChanged
    of_user = (principal.tenant_id, user_id, in_use.active.model_id)
    gone = scope.is_large and not indexes.exists(session, *of_user)
    if gone or state.revision < scope.revision or _vanished(scope, state):
        scope.clear()
    if (
        _is_outgrown(scope)
        and index_snapshots.revision_of(session, *of_user, FAR_FORM, state.epoch) > scope.packed_at
    ):
        scope.clear()  # for what a worker has packed of a large user meanwhile
    if _is_of(scope, state, in_use):
        return state, 0
    scope.epoch = state.epoch
    news = _news(session, principal.tenant_id, user_id, in_use.active.model_id, state, scope)
    if embedding_models.serial(session) != in_use.serial:
        raise ModelsChanged  # the vectors of the old model may have been dropped while we read
    _tell(scope, news)
    return state, len(news.turns) + len(news.memories)


def _is_outgrown(scope: Scope) -> bool:
    return scope.held_rows > ann_indexes.EXACT_ROWS


def _vanished(scope: Scope, state: State) -> bool:
    """Whether the scope may hold what was deleted, and show it.

    What was deleted of a large user is not found when its text is fetched; a new epoch far from the old one
    is that of another user, who came after the erasure of this one.
    """
    if scope.far is None:
        return state.epoch != scope.epoch
    return not 0 <= state.epoch - scope.epoch < _DELETIONS


def _news(session: Session, tenant_id: str, user_id: str, model_id: str, state: State, scope: Scope) -> News:
    pack, since, far = None, scope.revision, scope.far is not None
    if not since and state.revision:
        now = (state.revision, state.epoch)
        pack = index_snapshots.read(session, tenant_id, user_id, model_id, (PACK_FORM, FAR_FORM), now)
        since = pack.revision if pack is not None else 0
        far = pack is not None and pack.form == FAR_FORM
        if far and not indexes.exists(session, tenant_id, user_id, model_id):
            pack, since, far = None, 0, False
    against = opponents(conflicts.open_pairs(session, tenant_id, user_id))
    if since == state.revision:
        return News(state, pack, conflicts=against)
    return News(
        state,
        pack,
        index_feed.turns_since(session, tenant_id, user_id, since),
        index_feed.memories_since(session, tenant_id, user_id, MEMORY_COLUMNS, since),
        index_feed.sources_since(session, tenant_id, user_id, since),
        [] if far else index_feed.vectors_since(session, tenant_id, user_id, model_id, since),
        [] if far else links.starting(session, tenant_id, user_id, WORTH, since=since),
        against,
    )


def _tell(scope: Scope, news: News) -> None:
    if news.pack is not None:
        scope.unpack(news.pack.index, news.pack.vectors)
    scope.conflicts = news.conflicts
    for row in news.turns:
        scope.put_turn(present_turn(row))
    for memory in memory_rows(news.memories, news.sources):
        scope.put_memory(memory)
    if news.memories and scope.far is None:
        scope.put_links([memory.id for memory in news.memories], [link_row(row) for row in news.links])
    for row_id, of_turn, vector in news.vectors:
        scope.put_vector(row_id, of_turn, vector)
    scope.revision = news.state.revision


def pack(
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

    def work(in_use: InUse) -> bool:
        large = ann_indexes.is_large(resources, in_use, principal, user_id, exact_rows)
        if large and not ann_indexes.make(resources, in_use, principal, user_id):
            return False
        with _PACKING:
            if large:
                scope = large_user_indexes.make(resources, in_use, principal, user_id, after)
            else:
                scope = Scope(in_use.active.dimensions)
                _, rows = _bring_up(resources, in_use, principal, user_id, scope)
                scope = scope if rows > (PACK_AFTER if after is None else after) else None
            return scope is not None and _pack(resources, in_use, principal, user_id, scope)

    return with_models(resources, work)


def _pack(resources: Resources, in_use: InUse, principal: Principal, user_id: str, scope: Scope) -> bool:
    index, vectors = scope.pack()
    values = {"tenant_id": principal.tenant_id, "user_id": user_id, "model_id": in_use.active.model_id}
    form = PACK_FORM if scope.far is None else FAR_FORM
    values |= {"form": form, "revision": scope.revision, "epoch": scope.epoch}
    if not keep(resources, principal, values | {"index": index, "vectors": vectors}):
        return False
    log.info("scope_packed", tenant_id=principal.tenant_id, rows=len(scope.turns) + len(scope.memories))
    return True


def keep(resources: Resources, principal: Principal, values: dict[str, Any]) -> bool:
    """Write a pack, the row `values`; False when the user's rows are of another epoch by now."""
    of_user = (values["tenant_id"], values["user_id"])
    with resources.transaction(principal) as session:
        index_snapshots.reserve(session, *of_user, values["model_id"])
    with resources.transaction(principal) as session:
        # Whoever moves the epoch deletes the row: before it is written, or after having waited for that.
        if (
            index_snapshots.write(session, values)
            and index_snapshots.epoch(session, *of_user) == values["epoch"]
        ):
            return True
        session.rollback()
        return False
