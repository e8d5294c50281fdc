"""Recompute when memories held, from all of their assertions, and collect the changes that follow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import cast
from uuid import UUID

from app.core.vocabulary import Form, LinkType, Op, Status, Volatility
from app.db import models
from app.db.memory_rows import MemoryChanges, MemoryState, NewMemory, select_changes
from app.db.repositories.memories import links, memories
from app.db.user_session import UserSession
from app.memory.reconciliation.decisions import CONFLICT_FACTOR, is_retraction
from app.memory.reconciliation.stays import own_end
from app.memory.reconciliation.timeline.reliance import default_volatility
from app.memory.reconciliation.timeline.replay import ValidityInterval, replay_memory, replay_slot
from app.memory.types import Assertion, Slot
from app.services.memories.change_set import ChangeSet, SlotKey, sources_by_memory

AnyMemory = models.Memory | NewMemory
_UNTIMED_STATUSES = frozenset({Status.MERGED, Status.EXPIRED, Status.GENERATED})


def slot_of(row: models.Memory | NewMemory | MemoryState) -> SlotKey | None:
    """Return the slot whose timeline decides when a memory holds; None where its own assertions do.

    A denial says what its slot is not, and so never holds it.
    """
    if row.subject is None or row.attribute is None:
        return None
    is_denial = is_retraction(Slot(row.subject, row.attribute, row.value or ""), row.polarity)
    return None if is_denial else (row.subject, row.attribute)


def slots_of(rows: Sequence[models.Memory]) -> set[SlotKey]:
    """Return the slots that these memories hold or held."""
    return {key for row in rows if (key := slot_of(row)) is not None}


def replay_validity(user: UserSession, change: ChangeSet) -> None:
    """Replay the slots and the memories that the change names, and collect what follows."""
    members = _load_members(user, change, change.replays)
    change.slots |= {key for row in members.values() if (key := slot_of(row)) is not None}
    for key in sorted(change.slots):
        _replay_slot(user, change, key)
    own = {i: row for i, row in members.items() if slot_of(row) is None}
    if not own:
        return
    assertions = sources_by_memory(_list_assertions(user, change, own))
    for memory_id, before in own.items():
        if change.pending_values(memory_id).get("status", before.status) not in _UNTIMED_STATUSES:
            _replay_memory(change, before, assertions.get(memory_id, ()))


def _load_members(user: UserSession, change: ChangeSet, ids: Iterable[UUID]) -> dict[UUID, AnyMemory]:
    created = {i: change.created[i] for i in ids if i in change.created}
    missing = set(ids) - set(created)
    rows = memories.list_memories_by_ids(user.session, user.tenant_id, missing) if missing else ()
    return {**{row.id: row for row in rows if row.status not in _UNTIMED_STATUSES}, **created}


def _list_assertions(
    user: UserSession, change: ChangeSet, members: Mapping[UUID, AnyMemory]
) -> list[Assertion]:
    stored = memories.list_assertions(user.session, user.tenant_id, set(members) - set(change.created))
    return _deduplicate_assertions([*stored, *(one for one in change.assertions if one.memory_id in members)])


def _replay_memory(change: ChangeSet, before: AnyMemory, assertions: Sequence[Assertion]) -> None:
    """Collect what the assertions of a memory without a slot say of its validity."""
    timeline, is_doubted = replay_memory(assertions)
    values = _memory_columns(timeline, is_doubted, before, change.now)
    _collect_columns(change, before, values, "replay of what was said of it", assertions)


def _memory_columns(
    timeline: Sequence[ValidityInterval], is_doubted: bool, before: AnyMemory, now: datetime
) -> MemoryChanges:
    if is_doubted and timeline and timeline[-1].until is None:
        return _slot_columns(timeline[-1], True, before, now)
    if not timeline:
        return _slot_columns(None, False, before, now)
    since, until = timeline[-1].since, timeline[-1].until
    if len(timeline) == 1 and before.valid_from is not None:
        since = min(since, before.valid_from)  # what happened began before it was said
    until = max(since, until) if until is not None else None
    return _slot_columns(ValidityInterval(timeline[-1].memory_id, since, until), False, before, now)


def _collect_columns(
    change: ChangeSet,
    before: AnyMemory,
    values: MemoryChanges,
    reason: str,
    assertions: Sequence[Assertion],
) -> None:
    """Collect the columns that differ; an archived memory that nobody states again stays archived."""
    is_stated = any(one.memory_id == before.id and one.polarity > 0 for one in change.assertions)
    if before.status == Status.ARCHIVED and not is_stated:
        values = values if values.get("status") == Status.SUPERSEDED else MemoryChanges()
    if before.id in change.edits:
        pending = change.pending_values(before.id)
        changed = cast(
            "MemoryChanges", {n: v for n, v in values.items() if pending.get(n, getattr(before, n)) != v}
        )
    else:
        changed = select_changes(before, values)
    if changed and not before.frozen and assertions:
        change.edit(before.id, _replay_op(changed), reason, changed)


def _replay_slot(user: UserSession, change: ChangeSet, key: SlotKey) -> None:
    """Recompute which memory held the slot when, and collect the changes that follow."""
    rows = [row for row in memories.list_memories_by_slots(user, [key]) if slot_of(row) == key]
    stored = {row.id: row for row in rows}
    fresh = {i: draft for i, draft in change.created.items() if slot_of(draft) == key}
    members: dict[UUID, AnyMemory] = {**stored, **fresh}
    assertions = _list_assertions(user, change, members)
    timeline, conflicts = replay_slot(assertions)
    latest = {interval.memory_id: interval for interval in timeline}
    current = next((i.memory_id for i in timeline if i.until is None), None)
    for memory_id, before in members.items():
        values = _slot_columns(latest.get(memory_id), memory_id in conflicts, before, change.now)
        _collect_columns(change, before, values, f"timeline of {key[1]}", assertions)
    _link_timeline(user, change, members, timeline)
    for memory_id in conflicts:
        if current is not None:
            change.link(memory_id, current, LinkType.CONTRADICTS)


def _link_timeline(
    user: UserSession,
    change: ChangeSet,
    members: Mapping[UUID, AnyMemory],
    timeline: Sequence[ValidityInterval],
) -> None:
    """Link each value of a slot to the one before it, and no other ones, in whatever order they came."""
    pairs = {
        (after_it.memory_id, before_it.memory_id)
        for before_it, after_it in pairwise(timeline)
        if before_it.memory_id != after_it.memory_id
    }
    stored = set(members) - set(change.created)
    if len(members) > 1 and stored:
        links.delete_links_among(user, stored, LinkType.SUPERSEDES, keep=pairs)
    for after_it, before_it in sorted(pairs):
        change.link(after_it, before_it, LinkType.SUPERSEDES)


def _replay_op(changed: MemoryChanges) -> Op:
    if changed.get("status") == Status.SUPERSEDED:
        return Op.SUPERSEDE
    return Op.RESTORE if changed.get("status") == Status.ACTIVATED else Op.FOLD


def _slot_columns(
    interval: ValidityInterval | None, conflict: bool, before: models.Memory | NewMemory, now: datetime
) -> MemoryChanges:
    """Return the columns that the timeline decides for one memory of a slot."""
    disputed = before.volatility == Volatility.DISPUTABLE
    if conflict:
        # This includes an earlier holder of the slot: a claim that is in dispute must not look resolved.
        return {
            "volatility": Volatility.DISPUTABLE,
            "status": Status.ACTIVATED,
            "valid_to": None,
            "retired_at": None,
            "confidence": round(before.confidence * (1.0 if disputed else CONFLICT_FACTOR), 4),
        }
    if interval is None:
        # Every assertion of it was a denial, is deleted or lost a dispute: it was never true by itself.
        return {
            "volatility": default_volatility(before.form, before.attribute),
            "status": Status.SUPERSEDED,
            "valid_to": before.valid_from,
            "retired_at": before.retired_at or now,
        }
    ended = interval.until is not None
    return {
        "volatility": default_volatility(before.form, before.attribute) if disputed else before.volatility,
        "status": Status.SUPERSEDED if ended else Status.ACTIVATED,
        "valid_from": interval.since,
        "valid_to": interval.until or _own_end(before, interval.since),
        "retired_at": (before.retired_at or now) if ended else None,
    }


def _own_end(memory: AnyMemory, since: datetime) -> datetime | None:
    """Return when what a memory tells is over by its own words ("for six weeks")."""
    return own_end(memory.content, since) if memory.form == Form.STATE else None


def _deduplicate_assertions(assertions: Iterable[Assertion]) -> list[Assertion]:
    """Keep each (memory, turn) pair once: a segment that is read again asserts nothing new."""
    seen: dict[tuple[UUID, UUID | int], Assertion] = {}
    for index, assertion in enumerate(assertions):
        seen.setdefault((assertion.memory_id, assertion.turn_id or index), assertion)
    return list(seen.values())
