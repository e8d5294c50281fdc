"""Read memories, now or as of a bitemporal point, with their sources and their history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db import models
from app.db.memory_rows import MemoryState
from app.db.repositories.memories import agents, conflicts, memories
from app.db.repositories.search import metadata_filters
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.memory.metadata_filters import Metadata, matches
from app.memory.reconciliation.timeline.conflicts import conflicts_by_memory
from app.memory.reconciliation.timeline.reliance import assess_reliance
from app.memory.reconciliation.timeline.replay import ValidityInterval, replay_memory, replay_slot
from app.memory.types import Assertion, MemoryFilter
from app.resources import Resources
from app.schemas.memories.memories import (
    CopiedFrom,
    MemoryHistory,
    MemoryOut,
    MemoryPage,
    MemorySource,
    MemorySourceList,
    SlotPeriod,
    TagOut,
    TagPage,
    VersionOut,
)
from app.schemas.memories.memory_snapshots import MemorySnapshot
from app.services.memories.as_of import (
    NOW,
    BitemporalPoint,
    StateAsOf,
    load_state_as_of,
)
from app.services.memories.identities import resolve_filter
from app.services.memories.validity_replay import slot_of, slots_of
from app.services.platform.pagination import decode_cursor, encode_cursor, paginate_rows
from app.services.platform.user_context import UserContext


def list_memories(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    matching: MemoryFilter,
    cursor: str | None,
    limit: int,
    point: BitemporalPoint = NOW,
    is_counted: bool = False,
) -> MemoryPage:
    """List a user's memories, newest first; with a bitemporal point, their state as of it.

    `is_counted`: with the number of all that match.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with UserContext(resources, principal, user_id).read_transaction() as user:
        subject, attribute = resolve_filter(user, matching.subject, matching.attribute)
        matching = replace(matching, subject=subject, attribute=attribute)
        if point:
            state = load_state_as_of(user, point)
            told = _load_agent_ids(user, state, [row.id for row in state.memories])
            is_listed = _AsOfFilter(user, matching, point, state, told)
            rows = [row for row in state.memories if is_listed(row)]
            total = len(rows) if is_counted else None
            rows = [row for row in rows if after is None or row.id < after][: limit + 1]
            ids = [row.id for row in rows]
            answer_time = point.answer_time(resources.now())
            items = [
                _to_memory_out_as_of(row, state, answer_time, told.get(row.id, [])) for row in rows[:limit]
            ]
        else:
            stored = memories.list_memories(user, matching=matching, after=after, limit=limit + 1)
            total = memories.count_memories(user, matching) if is_counted else None
            ids = [row.id for row in stored]
            items = to_memory_outs(user.session, tenant_id, stored[:limit], resources.now())
    return MemoryPage(items=items, next_cursor=encode_cursor(ids, limit), total=total)


def list_tags(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> TagPage:
    """List the tags of a user's current memories, by name."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with UserContext(resources, principal, user_id).read_transaction() as user:
        in_use = sorted(memories.count_tags(user))
    rows, following = paginate_rows(in_use, lambda one: one[0], cursor, limit)
    return TagPage(items=[TagOut(tag=tag, memories=count) for tag, count in rows], next_cursor=following)


def get_memory(
    resources: Resources,
    principal: Principal,
    memory_id: UUID,
    point: BitemporalPoint = NOW,
    *,
    served_at: datetime | None = None,
) -> MemoryOut:
    """Return one memory, as of `point`. Raises `NotFound`, also when it was not known at that point.

    `served_at` is the time by which it must not have expired, if not now: a write answers with what it wrote,
    also if that lives for less time than the answer takes.
    """
    principal.require_scope(KeyScope.READ)
    with resources.read_transaction(principal, served_at=served_at) as session:
        row = require_memory(session, principal, memory_id)
        if not point:
            return to_memory_outs(session, principal.tenant_id, [row], resources.now())[0]
        user = UserSession(session, principal.tenant_id, row.user_id)
        state = load_state_as_of(user, point)
        agent_ids = _load_agent_ids(user, state, [memory_id]).get(memory_id, [])
    match = next((one for one in state.memories if one.id == memory_id), None)
    if match is None:
        raise NotFound("There was no such memory then.")
    return _to_memory_out_as_of(match, state, point.answer_time(resources.now()), agent_ids)


def get_memory_history(resources: Resources, principal: Principal, memory_id: UUID) -> MemoryHistory:
    """Return all versions of a memory, and the timeline of its slot. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        rows = memories.list_memories_by_ids(session, tenant_id, [memory_id])
        if not rows:
            raise NotFound("There is no such memory.")
        slot_memories = {rows[0].id: rows[0]}
        of_slot = memories.list_memories_by_slots(
            UserSession(session, tenant_id, rows[0].user_id), slots_of(rows)
        )
        slot_memories |= {m.id: m for m in of_slot if slot_of(m) is not None}
        assertions = memories.list_assertions(session, tenant_id, slot_memories)
        versions = memories.list_memory_versions(session, tenant_id, [memory_id])
    intervals = _replay_timeline(rows[0], assertions)
    return MemoryHistory(
        items=[_to_version_out(version) for version in versions],
        timeline=[
            SlotPeriod(
                memory_id=interval.memory_id,
                content=slot_memories[interval.memory_id].content,
                value=slot_memories[interval.memory_id].value,
                valid_from=interval.since,
                valid_to=interval.until,
                turn_ids=[
                    a.turn_id
                    for a in assertions
                    if a.memory_id == interval.memory_id and a.turn_id and a.polarity > 0
                ],
            )
            for interval in intervals
        ],
    )


def _replay_timeline(row: models.Memory, assertions: Sequence[Assertion]) -> list[ValidityInterval]:
    """Return the timeline of the memory's slot; without one its own, if something has ended it."""
    if slot_of(row) is not None:
        return replay_slot(assertions)[0]
    has_end = any(one.polarity < 0 for one in assertions)
    return replay_memory(assertions)[0] if has_end else []


def list_sources(resources: Resources, principal: Principal, memory_id: UUID) -> MemorySourceList:
    """List the turns that assert a memory, newest first, with the quotes. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    with resources.read_transaction(principal) as session:
        require_memory(session, principal, memory_id)
        rows = memories.list_sources(session, principal.tenant_id, [memory_id])
    return MemorySourceList(items=to_sources(rows).get(memory_id, []))


def to_sources(rows: Sequence[AnyRow]) -> dict[UUID, list[MemorySource]]:
    """Convert the sources of each memory for the response, in the order given."""
    sources: dict[UUID, list[MemorySource]] = {}
    for row in rows:
        source = MemorySource(
            turn_id=row.turn_id,
            ref=row.ref,
            session_id=row.session_id,
            observed_at=row.observed_at or row.asserted_at,
            role=row.role,
            name=row.name,
            quote=row.quote,
            copied_from=CopiedFrom.from_columns(row.owner_user_id, row.owner_memory_id, row.owner_version),
        )
        sources.setdefault(row.memory_id, []).append(source)
    return sources


def require_memory(
    session: Session,
    principal: Principal,
    memory_id: UUID,
    *,
    for_update: bool = False,
    served_at: datetime | None = None,
) -> models.Memory:
    """Return the stored memory; with `served_at`, only if it had not expired by then. Raises `NotFound`."""
    row = memories.get_memory(session, principal.tenant_id, memory_id, for_update=for_update)
    if row is None or (served_at is not None and memories.has_expired(row, served_at)):
        raise NotFound("There is no such memory.")
    return row


def to_memory_outs(
    session: Session, tenant_id: str, rows: Sequence[models.Memory], now: datetime
) -> list[MemoryOut]:
    """Convert memories for the response, each with the ids of those that contradict it."""
    ids = [row.id for row in rows]
    conflict_ids = conflicts_by_memory(conflicts.list_open_conflicts_of(session, tenant_id, ids))
    last_said_at = memories.load_last_said_at(session, tenant_id, ids)
    agent_ids = agents.load_agent_ids(session, tenant_id, ids)
    return [
        _to_memory_out(
            MemoryState.of_row(row),
            conflict_ids.get(row.id, []),
            agent_ids.get(row.id, []),
            now - last_said_at.get(row.id, row.anchor_at),
        )
        for row in rows
    ]


def _load_agent_ids(user: UserSession, state: StateAsOf, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Load the agents of each memory's sources as far as they were known at a bitemporal point."""
    told = {
        memory_id: {
            a.turn_id for a in state.assertions.get(memory_id, ()) if a.polarity > 0 and a.turn_id is not None
        }
        for memory_id in ids
    }
    turn_ids = {turn_id for turn_ids in told.values() for turn_id in turn_ids}
    agent_by_turn = agents.load_agents_of_turns(user.session, user.tenant_id, turn_ids)
    return {
        memory_id: sorted({agent_by_turn[i] for i in turn_ids if i in agent_by_turn})
        for memory_id, turn_ids in told.items()
    }


def _to_memory_out_as_of(
    row: MemoryState, state: StateAsOf, answer_time: datetime, agent_ids: Sequence[str]
) -> MemoryOut:
    asserted_times = (a.asserted_at for a in state.assertions.get(row.id, ()) if a.polarity > 0)
    last = max((at for at in asserted_times if at <= answer_time), default=row.recorded_at)
    return _to_memory_out(row, state.conflicts.get(row.id, []), agent_ids, answer_time - last)


def _to_memory_out(
    row: MemoryState, conflict_ids: list[UUID], agent_ids: Sequence[str], age: timedelta
) -> MemoryOut:
    derived = {"metadata", "conflicts", "reliance", "agent_ids"}
    first = [row.agent_id] if row.agent_id is not None else []
    values = {name: getattr(row, name) for name in MemoryOut.model_fields if name not in derived}
    reliance = assess_reliance(
        confidence=row.confidence,
        volatility=row.volatility,
        in_conflict=bool(conflict_ids),
        age=age,
        status=row.status,
        stale=row.stale,
    )
    return MemoryOut(
        **values,
        metadata=row.metadata_,
        conflicts=conflict_ids,
        reliance=reliance,
        agent_ids=list(dict.fromkeys([*first, *agent_ids])),
    )


class _AsOfFilter:
    """The filter of a list as of a bitemporal point; `memories.list_memories` applies the same in SQL."""

    def __init__(
        self,
        user: UserSession,
        matching: MemoryFilter,
        point: BitemporalPoint,
        state: StateAsOf,
        agent_ids: Mapping[UUID, Sequence[str]],
    ) -> None:
        self._matching, self._state, self._agent_ids = matching, state, agent_ids
        self._inherited: Mapping[UUID, Sequence[Metadata]] = {}
        if matching.metadata is not None:
            self._inherited = metadata_filters.load_inherited_metadata(user, point.as_of, point.known_at)

    def __call__(self, row: MemoryState) -> bool:
        matching = self._matching
        if not _matches_filter(row, matching, self._agent_ids.get(row.id, ())):
            return False
        if matching.session_id is not None and not any(
            a.session_id == matching.session_id and a.turn_id is not None and a.polarity > 0
            for a in self._state.assertions.get(row.id, ())
        ):
            return False
        inherited = self._inherited.get(row.id, ())
        return matching.metadata is None or matches(matching.metadata, row.metadata_, inherited)


def _matches_filter(row: MemoryState, matching: MemoryFilter, agent_ids: Sequence[str]) -> bool:
    """Return whether a memory matches the part of the filter that its own columns tell."""
    if matching.status and row.status not in matching.status:
        return False
    if matching.kinds and row.kind not in matching.kinds:
        return False
    slot_columns = ((row.subject, matching.subject), (row.attribute, matching.attribute))
    for stored_value, value in slot_columns:
        if value and stored_value != value:
            return False
    if matching.agent_id and matching.agent_id not in {row.agent_id, *agent_ids}:
        return False
    if matching.area is not None and not matching.area.contains_location(row.place):
        return False
    return set(matching.tags or ()) <= set(row.tags)


def _to_version_out(row: models.MemoryVersion) -> VersionOut:
    told = {name: getattr(row, name) for name in VersionOut.model_fields if name != "snapshot"}
    return VersionOut(**told, snapshot=MemorySnapshot.of_stored(row.snapshot))
