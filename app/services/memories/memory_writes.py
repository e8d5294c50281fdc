"""Read, make, edit and delete memories; every change is a version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import Origin, Scope, Status
from app.db import models
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.llm.embedders import InUse
from app.memory.reconciliation.decisions import MAX_CONFIDENCE, RELIABILITY, YES_NO, content_hash, normalise
from app.memory.reconciliation.linking import LinkingLimits
from app.memory.types import Fact, Place, Slot
from app.resources import Resources
from app.schemas.memories import (
    MemoryIn,
    MemoryOut,
    MemoryPatch,
)
from app.services.memories.memory_reads import found, get
from app.services.memories.memory_versions import Change, Row, SlotKey, slots_of, write
from app.services.memories.reconciliation import new_row, relate
from app.services.models.model_registry import Embedded, current, embed, with_models
from app.services.platform.idempotency import keep, replay, request_hash
from app.services.sessions import session_states

_NO_TURN = UUID(int=0)


def create(
    resources: Resources, principal: Principal, request: MemoryIn, idempotency_key: str | None
) -> MemoryOut:
    """Store a ready-made memory as the user's own word, which outranks what was extracted.

    The same content, or the same value of the same slot, is the same memory and gets one more assertion.
    """
    principal.require(Scope.WRITE)
    principal.require_user(request.user_id)
    digest = request_hash(request) if idempotency_key is not None else b""
    memory_id = with_models(
        resources, lambda in_use: _create(resources, in_use, principal, request, idempotency_key, digest)
    )
    return get(resources, principal, memory_id)


def _create(
    resources: Resources,
    in_use: InUse,
    principal: Principal,
    request: MemoryIn,
    idempotency_key: str | None,
    digest: bytes,
) -> UUID:
    fact = _as_fact(request)
    embedded = embed(in_use, [fact.content])
    with resources.transaction(principal) as session:
        change = begin_change(session, resources, principal, request.user_id)
        given = replay(session, principal, request.user_id, idempotency_key, digest)
        if given is not None:
            return UUID(given["id"])
        _in_future(request.expires_at, change.now)
        memory_id = _same(session, change, fact)
        if memory_id is None:
            memory_id = new_id()
            said = request.asserted_at or change.now
            change.new[memory_id] = new_row(change, memory_id, fact) | {
                "agent_id": request.agent_id,
                "origin": Origin.EDIT,
                "valid_from": request.event_from or said,
                "confidence": RELIABILITY[Origin.EDIT],
                "anchor_at": said,
                "extractor": None,
                "metadata_": request.metadata,
                "pinned": request.pinned,
                "expires_at": request.expires_at,
            }
            change.vectors[memory_id] = embedded.pair(0)
            _relate(session, change, memory_id, in_use.active.model_id, embedded)
        else:
            values: dict[str, Any] = {"confidence": MAX_CONFIDENCE}
            (row,) = memories.by_ids(session, principal.tenant_id, [memory_id])
            if row.status == Status.ARCHIVED:
                values["status"] = Status.ACTIVATED
            if memories.has_expired(row, change.now):
                values["expires_at"] = request.expires_at
            change.edit(memory_id, "assert", "posted again", values)
        change.assertions.append(edit_assertion(change, memory_id, request.asserted_at or change.now))
        if fact.slot is not None:
            change.slots.add((fact.slot.subject, fact.slot.attribute))
        write(session, change, in_use)
        keep(session, principal, request.user_id, idempotency_key, digest, {"id": str(memory_id)})
    return memory_id


def _relate(session: Session, change: Change, memory_id: UUID, model_id: str, embedded: Embedded) -> None:
    """Link a new memory to its near neighbours."""
    limits = LinkingLimits()
    near = memories.nearest(
        session,
        change.tenant_id,
        change.user_id,
        model_id,
        embedded.active,
        limit=limits.neighbours,
        least=limits.least,
    )
    relate(change, memory_id, {row_id: similarity for _, row_id, similarity in near})


def update(
    resources: Resources, principal: Principal, memory_id: UUID, request: MemoryPatch, match: IfMatch
) -> MemoryOut:
    """Change a memory if it is still at the version of `match`.

    Raises `NotFound`, `PreconditionFailed` when it has moved on, `Conflict` when it is frozen or when
    another current memory says the same.
    """
    principal.require(Scope.WRITE)
    values = request.model_dump(exclude_unset=True, exclude={"reason", "metadata"})
    if request.metadata is not None:
        values["metadata_"] = request.metadata
    _in_future(request.expires_at, resources.now())
    not_null = {name: value for name, value in values.items() if name != "expires_at"}
    if None in not_null.values():
        field = next(name for name, value in not_null.items() if value is None)
        raise InvalidInput("A field can be changed but not be null.", field=field)
    if request.content is not None:
        values |= {"content_hash": content_hash(request.content), "origin": Origin.EDIT, "stale": False}
        values["confidence"] = RELIABILITY[Origin.EDIT]
    try:
        with_models(
            resources, lambda in_use: _edit(resources, in_use, principal, memory_id, request, match, values)
        )
    except IntegrityError as exc:
        raise Conflict("Another current memory of this user says the same.", field="content") from exc
    return get(resources, principal, memory_id)


def _edit(
    resources: Resources,
    in_use: InUse,
    principal: Principal,
    memory_id: UUID,
    request: MemoryPatch,
    match: IfMatch,
    values: dict[str, Any],
) -> None:
    embedded = embed(in_use, [request.content]) if request.content is not None else None
    with resources.transaction(principal) as session:
        row = found(session, principal, memory_id)
        change = begin_change(session, resources, principal, row.user_id)
        row = found(session, principal, memory_id, for_update=True, served_at=change.now)
        match.check(row.version, "memory")
        if row.frozen:
            raise Conflict("The memory is frozen.")
        _keep_slot_true(row, request, values)
        change.edit(memory_id, "edit", request.reason or "edited", values)
        if embedded is not None:
            change.vectors[memory_id] = embedded.pair(0)
            # An edit of what is no longer true mends its words and does not make it true again.
            if row.status == Status.ACTIVATED:
                change.assertions.append(edit_assertion(change, memory_id, change.now))
        write(session, change, in_use)


def _in_future(expires_at: datetime | None, now: datetime) -> None:
    """Raises `InvalidInput`: what is written would be gone already."""
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("This time has passed.", field="expires_at")


def delete(resources: Resources, principal: Principal, memory_id: UUID) -> None:
    """Delete a memory: its text goes from every version, what stays is that it was there.

    The turns that it came from stay in the log; `DELETE /v1/turns/{id}` removes those. A slot that it
    held falls back to the value before.
    """
    principal.require(Scope.WRITE)
    with resources.transaction(principal) as session:
        user_id = found(session, principal, memory_id).user_id
        change = begin_change(session, resources, principal, user_id)
        row = found(session, principal, memory_id, for_update=True)
        slots = slots_of([row])  # now: what expires loses its slot
        _expire(change, row, "deleted")
        remove(session, resources, change, [memory_id], slots)
    resources.cache.forget_user(principal.tenant_id, user_id)


def delete_turn(resources: Resources, principal: Principal, turn_id: UUID) -> None:
    """Delete a turn and what rests on it alone; a slot that it had set falls back to the value before."""
    principal.require(Scope.WRITE)
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        turn = turns.get(session, tenant_id, turn_id)
        if turn is None:
            raise NotFound("There is no such turn.")
        change = begin_change(session, resources, principal, turn.user_id)
        touched = memories.by_ids(session, tenant_id, memories.memories_of_turn(session, tenant_id, turn_id))
        turns.remove(session, tenant_id, turn_id)
        left = {a.memory_id for a in memories.assertions_of(session, tenant_id, [m.id for m in touched])}
        slots = slots_of(touched)  # now: what expires loses its slot
        change.robbed |= left
        gone = [row for row in touched if row.id not in left and row.status != Status.EXPIRED]
        for row in gone:
            _expire(change, row, "its only source was deleted")
        user_id, session_id = turn.user_id, turn.session_id
        session_states.forget_turn(session, resources, principal, (user_id, session_id), turn_id)
        remove(session, resources, change, [row.id for row in gone], slots)
    resources.cache.forget_user(tenant_id, user_id)


def remove(
    session: Session, resources: Resources, change: Change, gone: Sequence[UUID], slots: set[SlotKey]
) -> None:
    """Write what expires, wipe its texts, and fold the slots anew."""
    # Before the fold, so that the slot does not see what is about to go.
    write(session, change, current(resources))
    for memory_id in gone:
        memories.wipe(session, change.tenant_id, memory_id)
    session.expire_all()
    revision = users.next_revision(session, change.tenant_id, change.user_id)
    refolded = Change(change.tenant_id, change.user_id, revision, change.now, change.actor, slots=slots)
    write(session, refolded, current(resources))
    users.bump_epoch(session, change.tenant_id, change.user_id)


def begin_change(session: Session, resources: Resources, principal: Principal, user_id: str) -> Change:
    """Lock the user's writes and start a change by this key."""
    users.lock(session, principal.tenant_id, user_id)
    revision = users.next_revision(session, principal.tenant_id, user_id)
    return Change(
        principal.tenant_id, user_id, revision, resources.now(), actor=f"key:{principal.key_id}", model=None
    )


def _same(session: Session, change: Change, fact: Fact) -> UUID | None:
    """The memory that says this already."""
    tenant_id, user_id = change.tenant_id, change.user_id
    if fact.slot is not None:
        rows: Sequence[models.Memory] = memories.by_slots(
            session, tenant_id, user_id, [(fact.slot.subject, fact.slot.attribute)]
        )
        return next((row.id for row in rows if row.value == fact.slot.value), None)
    rows = memories.by_hashes(session, tenant_id, user_id, [content_hash(fact.content)])
    return next((row.id for row in rows if row.kind == fact.kind), None)


def edit_assertion(change: Change, memory_id: UUID, said: datetime) -> Row:
    """Somebody's own word, without a turn, that a memory is true from `said` on."""
    return {
        "tenant_id": change.tenant_id,
        "id": new_id(),
        "user_id": change.user_id,
        "memory_id": memory_id,
        "turn_id": None,
        "origin": Origin.EDIT,
        "asserted_at": said,
        "recorded_at": change.now,
        "session_id": "",
        "position": 0,
        "polarity": 1,
        "quote": "",
    }


def _expire(change: Change, row: models.Memory, reason: str) -> None:
    if row.frozen:
        raise Conflict("The memory is frozen.")
    change.expire(row.id, reason)


def _keep_slot_true(row: models.Memory, request: MemoryPatch, values: dict[str, Any]) -> None:
    """A memory of a slot must not say one value and hold another. Raises `InvalidInput`."""
    if request.value is not None:
        if row.attribute is None:
            raise InvalidInput("This memory has no slot, so it has no value.", field="value")
        values["value"] = normalise(request.value)
        if values["value"] != row.value and request.content is None:
            raise InvalidInput("A new value needs the content that says it.", field="content")
        return
    held = row.value if row.value not in YES_NO else None
    if request.content is not None and held is not None and held not in normalise(request.content):
        message = f"The memory holds {row.attribute} = {held}; give the value that the new content says."
        raise InvalidInput(message, field="value")


def _as_fact(request: MemoryIn) -> Fact:
    slot = None
    if request.attribute is not None and request.value is not None:
        subject = normalise(request.subject or "user")
        slot = Slot(subject, normalise(request.attribute), normalise(request.value))
    place = request.place
    return Fact(
        turn_id=_NO_TURN,
        content=request.content,
        quote="",
        kind=request.kind,
        form=request.form,
        slot=slot,
        event_from=request.event_from,
        event_to=request.event_to,
        place=Place(place.name, place.lat, place.lon) if place is not None else None,
        keywords=tuple(request.keywords),
        tags=tuple(request.tags),
        entities=tuple(request.entities),
        importance=request.importance,
    )
