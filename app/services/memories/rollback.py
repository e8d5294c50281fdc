"""Roll a user's memory back to a snapshot: new versions and edit assertions, never a deletion."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.errors import Conflict, NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Op, Origin, Status, Volatility
from app.db import models
from app.db.memory_rows import MemoryChanges, MemoryState
from app.db.repositories.memories import memories, snapshots
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.reconciliation.decisions import content_hash, is_retraction
from app.memory.types import Slot
from app.resources import Resources
from app.schemas.snapshots import RolledBack
from app.services.memories.as_of import BitemporalPoint, load_state_as_of
from app.services.memories.change_set import SlotKey
from app.services.memories.unit_of_work import UserWrite, user_write
from app.services.models.model_registry import ModelsChanged, VectorPair, embed_texts, with_models
from app.services.platform.user_context import UserContext

# What a memory says. A legal hold, a pin, a time to live and how far it has faded are not rolled back.
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
) -> RolledBack:
    """Make the current state that of the snapshot again.

    Raises `NotFound`, and `Conflict` when a frozen memory would have to change.
    """
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        snapshot = snapshots.get_snapshot(session, principal.tenant_id, snapshot_id)
    if snapshot is None:
        raise NotFound("There is no such snapshot.")
    ctx = UserContext(resources, principal, snapshot.user_id)
    why = f"{reason or 'rolled back'} (snapshot {snapshot.name or snapshot.id})"
    try:
        changed = with_models(resources, lambda in_use: _write_rollback(ctx, in_use, snapshot, why))
    except IntegrityError as exc:
        raise Conflict("Another current memory of this user says the same.") from exc
    return RolledBack(snapshot_id=snapshot_id, memory_ids=sorted(changed))


def _write_rollback(
    ctx: UserContext, in_use: EmbeddersInUse, snapshot: models.Snapshot, why: str
) -> set[UUID]:
    with ctx.open_transaction() as user:
        then, now = _load_states(user, snapshot)
    texts = sorted({then[i].content for i in then if then[i].content != now[i].content})
    vectors = embed_texts(in_use, texts)
    embedded = {text: vectors.vector_pair(place) for place, text in enumerate(texts)}
    with user_write(ctx, in_use=in_use) as change:
        change.session.expire_all()
        then, now = _load_states(change.user, snapshot)
        _plan_rollback(change, then, now, embedded, why)
        changed = set(change.edits)
        change.flush()
        change.session.expire_all()
        # A move that takes two steps (superseded, activated, archived), each a version.
        _, after = _load_states(change.user, snapshot)
        for memory_id, row in then.items():
            status = row.status
            if after[memory_id].status == Status.ACTIVATED and status not in {
                Status.ACTIVATED,
                Status.GENERATED,
            }:
                moved: MemoryChanges = {"status": status, "valid_to": row.valid_to}
                change.edit(memory_id, Op.ROLLBACK, why, moved)
        return changed | change.flush().edited


def _load_states(user: UserSession, snapshot: models.Snapshot) -> tuple[RowsById, RowsById]:
    """The memories by id, as they stood at the snapshot and as they are; what was deleted is in neither.

    What it said then may have been erased: such a memory stands as it does now.
    """
    stood = load_state_as_of(user, BitemporalPoint(known_at=snapshot.known_at))
    present = load_state_as_of(user, BitemporalPoint()).memories
    now = {row.id: row for row in present}
    emptied = {i: now[i] for i in stood.redacted if i in now}
    return {row.id: row for row in stood.memories if row.id in now} | emptied, now


def _plan_rollback(
    change: UserWrite, then: RowsById, now: RowsById, embedded: VectorsByText, why: str
) -> None:
    slots = {key for row in (*then.values(), *now.values()) if (key := _slot_key(row)) is not None}
    moved = {key for key in slots if _slot_holders(then.values(), key) != _slot_holders(now.values(), key)}
    for memory_id, row in now.items():
        wanted = then.get(memory_id) or _never_true_row(row, change)
        names = CONTENT_COLUMNS if memory_id in then else ()
        differing = [name for name in names if getattr(wanted, name) != getattr(row, name)]
        values = cast("MemoryChanges", {name: getattr(wanted, name) for name in differing})
        if _slot_key(row) is None and wanted.status != row.status:
            values |= _first_step_columns(row.status, wanted, change)
        if "content" in values:
            if wanted.content not in embedded:
                raise ModelsChanged  # it was edited since the texts were embedded: begin anew
            values["content_hash"] = content_hash(wanted.content)
            change.vectors[memory_id] = embedded[wanted.content]
        if values or _slot_key(row) in moved:
            if row.frozen:
                raise Conflict(f"The memory {memory_id} is frozen.")
            change.edit(memory_id, Op.ROLLBACK, why, values)
    for key in sorted(moved):
        _assert_slot_holder(change, key, then, now)


def _slot_key(row: MemoryState) -> SlotKey | None:
    """The slot whose timeline decides the standing of a memory."""
    if row.subject is None or row.attribute is None or row.status == Status.MERGED:
        return None
    if is_retraction(Slot(row.subject, row.attribute, row.value or ""), row.polarity):
        return None
    return row.subject, row.attribute


def _slot_holders(rows: Iterable[MemoryState], key: SlotKey) -> set[tuple[UUID, str, bool]]:
    """What is held of a slot, cold or not, and what disputes it."""
    return {
        (row.id, row.status, row.volatility == Volatility.DISPUTABLE)
        for row in rows
        if _slot_key(row) == key and row.status in LIVING_STATUSES
    }


def _never_true_row(row: MemoryState, change: UserWrite) -> MemoryState:
    """How a memory stands that was not known yet: as one that was never true."""
    ended = row.valid_from or change.now
    living = row.status in LIVING_STATUSES
    return replace(row, status=Status.SUPERSEDED, valid_to=ended) if living else row


def _first_step_columns(status: str, wanted: MemoryState, change: UserWrite) -> MemoryChanges:
    """The columns of a first step towards the standing that is wanted."""
    if status in LIVING_STATUSES and wanted.status == Status.SUPERSEDED:
        return _status_columns(wanted) | MemoryChanges(retired_at=change.now)
    if status == Status.ACTIVATED:
        return {"status": wanted.status}
    if wanted.status in {Status.ACTIVATED, Status.ARCHIVED} or status == Status.ARCHIVED:
        begun = MemoryChanges(status=Status.ACTIVATED, retired_at=None, anchor_at=change.now)
        return _status_columns(wanted) | begun
    return {}  # merged or superseded, it was and is not current


def _status_columns(wanted: MemoryState) -> MemoryChanges:
    return {
        "status": wanted.status,
        "valid_from": wanted.valid_from,
        "valid_to": wanted.valid_to,
        "volatility": wanted.volatility,
    }


def _assert_slot_holder(change: UserWrite, key: SlotKey, then: RowsById, now: RowsById) -> None:
    """Assert who held the slot, so that its timeline says so now and after every later fold."""
    change.replay_slots([key])
    members = [row.id for row in now.values() if _slot_key(row) == key]
    said = memories.list_assertions(change.session, change.tenant_id, members)
    settled = max([change.now, *(assertion.asserted_at for assertion in said)])
    held = _slot_holders(then.values(), key)
    holder = next((memory_id for memory_id, _, disputed in held if not disputed), None)
    if holder is None:
        current = _slot_holders(now.values(), key)
        for memory_id in (i for i, _, _ in current):
            change.assert_edit(memory_id, settled, polarity=-1)
    else:
        own = [a.asserted_at for a in said if a.memory_id == holder and a.polarity > 0]
        begun = then[holder].valid_from
        own = [at for at in own if begun is None or at >= begun]
        # True since it was said, and not only since the rollback.
        for at in sorted({min(own, default=settled), settled}):
            change.assert_edit(holder, at)
    for memory_id, _, disputed in held:
        if disputed:
            change.assert_edit(memory_id, settled, origin=_claim_origin(then[memory_id]))


def _claim_origin(row: MemoryState) -> Origin:
    """Whose word a claim is; the holder's is an edit now, so one of an edit disputes it as the user's."""
    return Origin(row.origin) if row.origin != Origin.EDIT else Origin.USER
