"""Roll a user's memories back to a snapshot by new versions and edit assertions, never by a deletion."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import cast
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Op, Origin, Status, Volatility
from app.db import models
from app.db.memory_rows import MemoryChanges, MemoryState
from app.db.repositories.memories import memories, snapshots
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.reconciliation.decisions import content_hash
from app.resources import Resources
from app.schemas.memories.snapshots import RollbackResult
from app.services.memories.as_of import BitemporalPoint, load_state_as_of
from app.services.memories.change_set import SlotKey
from app.services.memories.unit_of_work import UserWrite, refuse_duplicates, user_write
from app.services.memories.validity_replay import slot_of
from app.services.models.model_registry import ModelsChanged, VectorPair, embed_texts, with_models
from app.services.platform.user_context import UserContext

# The columns that make up the content. A legal hold, a pin, a time to live and the strength are not rolled
# back.
CONTENT_COLUMNS = (
    "kind",
    "form",
    "content",
    "subject",
    "attribute",
    "value",
    "polarity",
    "keywords",
    "tags",
    "entities",
    "context",
    "confidence",
    "importance",
    "event_from",
    "event_to",
    "place",
    "origin",
    "metadata_",
)
LIVING_STATUSES = frozenset({Status.ACTIVATED, Status.ARCHIVED})
RowsById = Mapping[UUID, MemoryState]
VectorsByText = Mapping[str, VectorPair]


def roll_back_to_snapshot(
    resources: Resources, principal: Principal, snapshot_id: UUID, reason: str | None
) -> RollbackResult:
    """Restore the state of the snapshot as the current state.

    Raises `NotFound`, and `Conflict` when a frozen memory would have to change.
    """
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        snapshot = snapshots.get_snapshot(session, principal.tenant_id, snapshot_id)
    if snapshot is None:
        raise NotFound("There is no such snapshot.")
    ctx = UserContext(resources, principal, snapshot.user_id)
    why = f"{reason or 'rolled back'} (snapshot {snapshot.name or snapshot.id})"
    with refuse_duplicates():
        changed = with_models(resources, lambda in_use: _write_rollback(ctx, in_use, snapshot, why))
    return RollbackResult(snapshot_id=snapshot_id, memory_ids=sorted(changed))


def _write_rollback(
    ctx: UserContext, in_use: EmbeddersInUse, snapshot: models.Snapshot, why: str
) -> set[UUID]:
    with ctx.open_transaction() as user:
        then, now = _load_states(user, snapshot)
    texts = sorted({then[i].content for i in then if then[i].content != now[i].content})
    vectors = embed_texts(in_use, texts)
    embedded = {text: vectors.vector_pair(index) for index, text in enumerate(texts)}
    with user_write(ctx, in_use=in_use) as change:
        change.session.expire_all()
        then, now = _load_states(change.user, snapshot)
        _plan_rollback(change, then, now, embedded, why)
        changed = set(change.edits)
        change.flush()
        change.session.expire_all()
        # A status may need two steps (superseded, activated, archived), each of which is a version.
        _, after = _load_states(change.user, snapshot)
        for memory_id, row in then.items():
            status = row.status
            if after[memory_id].status == Status.ACTIVATED and status not in {
                Status.ACTIVATED,
                Status.GENERATED,
            }:
                second_step: MemoryChanges = {"status": status, "valid_to": row.valid_to}
                change.edit(memory_id, Op.ROLLBACK, why, second_step)
        return changed | change.flush().edited


def _load_states(user: UserSession, snapshot: models.Snapshot) -> tuple[RowsById, RowsById]:
    """Load the memories by id as of the snapshot and as of now, without those that are deleted.

    A memory whose text of that time was erased has its current state in both.
    """
    state = load_state_as_of(user, BitemporalPoint(known_at=snapshot.known_at))
    present = load_state_as_of(user, BitemporalPoint()).memories
    now = {row.id: row for row in present}
    redacted = {i: now[i] for i in state.redacted if i in now}
    return {row.id: row for row in state.memories if row.id in now} | redacted, now


def _plan_rollback(
    change: UserWrite, then: RowsById, now: RowsById, embedded: VectorsByText, why: str
) -> None:
    slots = {key for row in (*then.values(), *now.values()) if (key := _slot_key(row)) is not None}
    moved = {key for key in slots if _slot_holders(then.values(), key) != _slot_holders(now.values(), key)}
    for memory_id, row in now.items():
        target = then.get(memory_id) or _never_true_row(row, change)
        names = CONTENT_COLUMNS if memory_id in then else ()
        differing = [name for name in names if getattr(target, name) != getattr(row, name)]
        values = cast("MemoryChanges", {name: getattr(target, name) for name in differing})
        if _slot_key(row) is None and target.status != row.status:
            values |= _first_step_columns(row.status, target, change)
            _assert_status(change, row, target)
        if "content" in values:
            if target.content not in embedded:
                raise ModelsChanged  # the text was edited after the vectors were made
            values["content_hash"] = content_hash(target.content)
            change.vectors[memory_id] = embedded[target.content]
        if values or _slot_key(row) in moved:
            if row.frozen:
                raise Conflict(f"The memory {memory_id} is frozen.")
            change.edit(memory_id, Op.ROLLBACK, why, values)
    for key in sorted(moved):
        _assert_slot_holder(change, key, then, now)


def _slot_key(row: MemoryState) -> SlotKey | None:
    """Return the slot whose timeline decides the status of a memory, or None."""
    return None if row.status == Status.MERGED else slot_of(row)


def _slot_holders(rows: Iterable[MemoryState], key: SlotKey) -> set[tuple[UUID, str, bool]]:
    """Return the memories that hold a slot, archived or not, and those that dispute it."""
    return {
        (row.id, row.status, row.volatility == Volatility.DISPUTABLE)
        for row in rows
        if _slot_key(row) == key and row.status in LIVING_STATUSES
    }


def _never_true_row(row: MemoryState, change: UserWrite) -> MemoryState:
    """Return the state of a memory that was not known at the snapshot: it was never true."""
    ended = row.valid_from or change.now
    living = row.status in LIVING_STATUSES
    return replace(row, status=Status.SUPERSEDED, valid_to=ended) if living else row


def _first_step_columns(status: str, target: MemoryState, change: UserWrite) -> MemoryChanges:
    """Return the columns of the first step towards the target state."""
    if status in LIVING_STATUSES and target.status == Status.SUPERSEDED:
        return _status_columns(target) | MemoryChanges(retired_at=change.now)
    if status == Status.ACTIVATED:
        return {"status": target.status}
    if target.status in {Status.ACTIVATED, Status.ARCHIVED} or status == Status.ARCHIVED:
        activation = MemoryChanges(status=Status.ACTIVATED, retired_at=None, anchor_at=change.now)
        return _status_columns(target) | activation
    return {}  # a merged or superseded memory was not current and does not become so


def _assert_status(change: UserWrite, row: MemoryState, target: MemoryState) -> None:
    """Assert that a memory without a slot holds again, or does not, so that every later replay agrees."""
    if target.status in LIVING_STATUSES and row.status == Status.SUPERSEDED:
        ends = [
            one.asserted_at
            for one in memories.list_assertions(change.session, change.tenant_id, [row.id])
            if one.polarity < 0
        ]
        # The edit follows the end at once: it holds as if it had never ended.
        for at in ends:
            change.assert_edit(row.id, at + timedelta(microseconds=1))
    elif target.status == Status.SUPERSEDED and row.status in LIVING_STATUSES:
        change.assert_edit(row.id, target.valid_to or change.now, polarity=-1)


def _status_columns(target: MemoryState) -> MemoryChanges:
    return {
        "status": target.status,
        "valid_from": target.valid_from,
        "valid_to": target.valid_to,
        "volatility": target.volatility,
    }


def _assert_slot_holder(change: UserWrite, key: SlotKey, then: RowsById, now: RowsById) -> None:
    """Assert who held the slot, so that every later replay of its timeline agrees."""
    change.replay_slots([key])
    members = [row.id for row in now.values() if _slot_key(row) == key]
    assertions = memories.list_assertions(change.session, change.tenant_id, members)
    resolved_at = max([change.now, *(assertion.asserted_at for assertion in assertions)])
    holders_then = _slot_holders(then.values(), key)
    holder = next((memory_id for memory_id, _, disputed in holders_then if not disputed), None)
    if holder is None:
        holders_now = _slot_holders(now.values(), key)
        for memory_id in (i for i, _, _ in holders_now):
            change.assert_edit(memory_id, resolved_at, polarity=-1)
    else:
        asserted_times = [a.asserted_at for a in assertions if a.memory_id == holder and a.polarity > 0]
        valid_from = then[holder].valid_from
        asserted_times = [at for at in asserted_times if valid_from is None or at >= valid_from]
        # The value is true since it was said, and not only since the rollback.
        for at in sorted({min(asserted_times, default=resolved_at), resolved_at}):
            change.assert_edit(holder, at)
    for memory_id, _, disputed in holders_then:
        if disputed:
            change.assert_edit(memory_id, resolved_at, origin=_claim_origin(then[memory_id]))


def _claim_origin(row: MemoryState) -> Origin:
    """Return the origin of a claim: the holder's is an edit now, so a claim of an edit disputes it as the
    user's.
    """
    return Origin(row.origin) if row.origin != Origin.EDIT else Origin.USER
