"""Keep the search index of a user as new as its rows: in this process, and packed for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core.security import Principal
from app.core.vocabulary import TurnState
from app.db.repositories import conflicts, embedding_models, links, packs, search
from app.db.repositories.search import State
from app.db.session import AnyRow
from app.db.vectors import Vector
from app.llm.embedders import InUse
from app.memory.conflicts import opponents
from app.memory.links import WORTH
from app.memory.rows import MemoryRow, SourceRow
from app.memory.scope import PACK_FORM, Scope
from app.resources import Resources
from app.services.embedding_models import ModelsChanged, with_models
from app.services.history import MEMORY_COLUMNS, link_row, source_row, turn_row

log = structlog.get_logger(__name__)

_PACKING = Lock()  # one index at a time: making one takes some 100 MB
PACK_AFTER = 500  # rows that a process reads one by one in about 30 ms


def refresh(resources: Resources, in_use: InUse, principal: Principal, user_id: str, scope: Scope) -> int:
    """Read what was written for the user since the scope was last brought up to date.

    Returns the version of the tenant's ranker. A scope that was empty begins with the user's pack. Whoever
    had to read many rows asks a worker to pack them. Raises `ModelsChanged` when another model is in use by
    now than the one that the scope is of.
    """
    with resources.statement() as connection:
        state = search.state(connection, principal.tenant_id, user_id)
    if state is not None and _is_of(scope, state, in_use):
        return state.ranker
    state, rows = _bring_up(resources, in_use, principal, user_id, scope)
    if rows > PACK_AFTER:
        resources.doorbell.ring_pack(principal.tenant_id, user_id)
    return state.ranker


def _is_of(scope: Scope, state: State, in_use: InUse) -> bool:
    return state[:3] == (in_use.serial, scope.revision, scope.epoch)


@dataclass(frozen=True, slots=True)
class News:
    """What of a user's rows a scope lacks: all of them, or what came after its revision or after `pack`."""

    state: State
    pack: packs.Pack | None = None
    turns: Sequence[AnyRow] = ()
    memories: Sequence[AnyRow] = ()
    sources: Sequence[AnyRow] = ()
    vectors: Sequence[tuple[UUID, bool, Vector]] = ()
    links: Sequence[tuple[UUID, UUID, float]] = ()
    conflicts: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])


def _bring_up(
    resources: Resources, in_use: InUse, principal: Principal, user_id: str, scope: Scope
) -> tuple[State, int]:
    """The state that the scope is of by now, and how many rows were read one by one for it."""
    with resources.transaction(principal) as session:
        state = search.state(session, principal.tenant_id, user_id)
        if state is None or state.serial != in_use.serial:
            raise ModelsChanged
        if state.epoch != scope.epoch or state.revision < scope.revision:
            scope.clear()
            scope.epoch = state.epoch
        news = _news(session, principal.tenant_id, user_id, in_use.active.model_id, state, scope.revision)
        if embedding_models.serial(session) != in_use.serial:
            raise ModelsChanged  # the vectors of the old model may have been dropped while we read
    _tell(scope, news)
    return state, len(news.turns) + len(news.memories)


def _news(session: Session, tenant_id: str, user_id: str, model_id: str, state: State, since: int) -> News:
    pack = None
    if not since and state.revision:
        now = (state.revision, state.epoch)
        pack = packs.read(session, tenant_id, user_id, model_id, PACK_FORM, now)
        since = pack.revision if pack is not None else 0
    against = opponents(conflicts.open_pairs(session, tenant_id, user_id))
    if since == state.revision:
        return News(state, pack, conflicts=against)
    return News(
        state,
        pack,
        search.turns_since(session, tenant_id, user_id, since),
        search.memories_since(session, tenant_id, user_id, MEMORY_COLUMNS, since),
        search.sources_since(session, tenant_id, user_id, since),
        search.vectors_since(session, tenant_id, user_id, model_id, since),
        [link_row(row) for row in links.starting(session, tenant_id, user_id, WORTH, since=since)],
        against,
    )


def _tell(scope: Scope, news: News) -> None:
    if news.pack is not None:
        scope.unpack(news.pack.index, news.pack.vectors)
    scope.conflicts = news.conflicts
    for row in news.turns:
        scope.put_turn(turn_row(row, pending=row.state in {TurnState.STORED, TurnState.FAILED}))
    sources: dict[UUID, list[SourceRow]] = {}
    for row in news.sources:
        sources.setdefault(row.memory_id, []).append(source_row(row))
    for memory in news.memories:
        scope.put_memory(MemoryRow(*memory, sources=sources.get(memory.id, [])))
    if news.memories:
        scope.put_links([memory.id for memory in news.memories], news.links)
    for row_id, of_turn, vector in news.vectors:
        scope.put_vector(row_id, of_turn, vector)
    scope.revision = news.state.revision


def pack(resources: Resources, tenant_id: str, user_id: str, after: int = PACK_AFTER) -> bool:
    """Pack the user's index anew if more than `after` rows came since; whether it was packed.

    A pack is never of rows that are deleted: should the user's epoch have moved meanwhile, it is dropped.
    """
    principal = Principal(tenant_id)
    with _PACKING:
        return with_models(resources, lambda in_use: _pack(resources, in_use, principal, user_id, after))


def _pack(resources: Resources, in_use: InUse, principal: Principal, user_id: str, after: int) -> bool:
    scope = Scope(in_use.active.dimensions)
    _, rows = _bring_up(resources, in_use, principal, user_id, scope)
    if rows <= after:
        return False
    index, vectors = scope.pack()
    values = {"tenant_id": principal.tenant_id, "user_id": user_id, "model_id": in_use.active.model_id}
    values |= {"form": PACK_FORM, "revision": scope.revision, "epoch": scope.epoch}
    if not keep(resources, principal, values | {"index": index, "vectors": vectors}):
        return False
    log.info("scope_packed", tenant_id=principal.tenant_id, rows=len(scope.turns) + len(scope.memories))
    return True


def keep(resources: Resources, principal: Principal, values: dict[str, Any]) -> bool:
    """Write a pack, the row `values`; False when the user's rows are of another epoch by now."""
    of_user = (values["tenant_id"], values["user_id"])
    with resources.transaction(principal) as session:
        packs.reserve(session, *of_user, values["model_id"])
    with resources.transaction(principal) as session:
        # Whoever moves the epoch deletes the row: before it is written, or after having waited for that.
        if packs.write(session, values) and packs.epoch(session, *of_user) == values["epoch"]:
            return True
        session.rollback()
        return False
