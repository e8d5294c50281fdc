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
from app.core.vocabulary import KeyScope, Origin, Status
from app.db import models
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.memory.reconciliation.decisions import (
    MAX_CONFIDENCE,
    SOURCE_RELIABILITY,
    YES_NO_VALUES,
    content_hash,
    normalise_text,
)
from app.memory.reconciliation.linking import LinkingLimits
from app.memory.types import Fact, Location, Slot
from app.resources import Resources
from app.schemas.memories import (
    MemoryIn,
    MemoryOut,
    MemoryPatch,
)
from app.services.memories.memory_reads import get_memory, require_memory
from app.services.memories.memory_versions import ChangeSet, Row, SlotKey, slots_of, write_changes
from app.services.memories.reconciliation import link_neighbours, new_memory_row
from app.services.models.model_registry import EmbeddedTexts, current_models, embed_texts, with_models
from app.services.platform.idempotency import find_stored_response, hash_request, store_response
from app.services.sessions import session_states

_NO_TURN = UUID(int=0)


def create_memory(
    resources: Resources, principal: Principal, request: MemoryIn, idempotency_key: str | None
) -> MemoryOut:
    """Store a ready-made memory as the user's own word, which outranks what was extracted.

    The same content, or the same value of the same slot, is the same memory and gets one more assertion.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    digest = hash_request(request) if idempotency_key is not None else b""
    memory_id = with_models(
        resources,
        lambda in_use: _create_memory(resources, in_use, principal, request, idempotency_key, digest),
    )
    return get_memory(resources, principal, memory_id)


def _create_memory(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    request: MemoryIn,
    idempotency_key: str | None,
    digest: bytes,
) -> UUID:
    fact = _to_fact(request)
    embedded = embed_texts(in_use, [fact.content])
    with resources.open_transaction(principal) as session:
        change = begin_change(session, resources, principal, request.user_id)
        user = UserSession(session, principal.tenant_id, request.user_id)
        given = find_stored_response(user, idempotency_key, digest)
        if given is not None:
            return UUID(given["id"])
        _require_future(request.expires_at, change.now)
        memory_id = _find_same_memory(session, change, fact)
        if memory_id is None:
            memory_id = new_id()
            said = request.asserted_at or change.now
            change.new_rows[memory_id] = new_memory_row(change, memory_id, fact) | {
                "agent_id": request.agent_id,
                "origin": Origin.EDIT,
                "valid_from": request.event_from or said,
                "confidence": SOURCE_RELIABILITY[Origin.EDIT],
                "anchor_at": said,
                "extractor": None,
                "metadata_": request.metadata,
                "pinned": request.pinned,
                "expires_at": request.expires_at,
            }
            change.vectors[memory_id] = embedded.vector_pair(0)
            _link_near_memories(session, change, memory_id, in_use.active.model_id, embedded)
        else:
            values: dict[str, Any] = {"confidence": MAX_CONFIDENCE}
            (row,) = memories.list_memories_by_ids(session, principal.tenant_id, [memory_id])
            if row.status == Status.ARCHIVED:
                values["status"] = Status.ACTIVATED
            if memories.has_expired(row, change.now):
                values["expires_at"] = request.expires_at
            change.edit_memory(memory_id, "assert", "posted again", values)
        change.assertions.append(edit_assertion(change, memory_id, request.asserted_at or change.now))
        if fact.slot is not None:
            change.slots.add((fact.slot.subject, fact.slot.attribute))
        write_changes(session, change, in_use)
        store_response(user, idempotency_key, digest, {"id": str(memory_id)})
    return memory_id


def _link_near_memories(
    session: Session, change: ChangeSet, memory_id: UUID, model_id: str, embedded: EmbeddedTexts
) -> None:
    """Link a new memory to its near neighbours."""
    limits = LinkingLimits()
    near = memories.find_nearest_memories(
        session,
        change.tenant_id,
        change.user_id,
        model_id,
        embedded.active,
        limit=limits.neighbour_count,
        least=limits.min_similarity,
    )
    link_neighbours(change, memory_id, {row_id: similarity for _, row_id, similarity in near})


def update_memory(
    resources: Resources, principal: Principal, memory_id: UUID, request: MemoryPatch, match: IfMatch
) -> MemoryOut:
    """Change a memory if it is still at the version of `match`.

    Raises `NotFound`, `PreconditionFailed` when it has moved on, `Conflict` when it is frozen or when
    another current memory says the same.
    """
    principal.require_scope(KeyScope.WRITE)
    values = request.model_dump(exclude_unset=True, exclude={"reason", "metadata"})
    if request.metadata is not None:
        values["metadata_"] = request.metadata
    _require_future(request.expires_at, resources.now())
    not_null = {name: value for name, value in values.items() if name != "expires_at"}
    if None in not_null.values():
        field = next(name for name, value in not_null.items() if value is None)
        raise InvalidInput("A field can be changed but not be null.", field=field)
    if request.content is not None:
        values |= {"content_hash": content_hash(request.content), "origin": Origin.EDIT, "stale": False}
        values["confidence"] = SOURCE_RELIABILITY[Origin.EDIT]
    try:
        with_models(
            resources,
            lambda in_use: _update_memory(resources, in_use, principal, memory_id, request, match, values),
        )
    except IntegrityError as exc:
        raise Conflict("Another current memory of this user says the same.", field="content") from exc
    return get_memory(resources, principal, memory_id)


def _update_memory(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    memory_id: UUID,
    request: MemoryPatch,
    match: IfMatch,
    values: dict[str, Any],
) -> None:
    embedded = embed_texts(in_use, [request.content]) if request.content is not None else None
    with resources.open_transaction(principal) as session:
        row = require_memory(session, principal, memory_id)
        change = begin_change(session, resources, principal, row.user_id)
        row = require_memory(session, principal, memory_id, for_update=True, served_at=change.now)
        match.check_version(row.version, "memory")
        if row.frozen:
            raise Conflict("The memory is frozen.")
        _check_slot_value(row, request, values)
        change.edit_memory(memory_id, "edit", request.reason or "edited", values)
        if embedded is not None:
            change.vectors[memory_id] = embedded.vector_pair(0)
            # An edit of what is no longer true mends its words and does not make it true again.
            if row.status == Status.ACTIVATED:
                change.assertions.append(edit_assertion(change, memory_id, change.now))
        write_changes(session, change, in_use)


def _require_future(expires_at: datetime | None, now: datetime) -> None:
    """Raises `InvalidInput`: what is written would be gone already."""
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("This time has passed.", field="expires_at")


def delete_memory(resources: Resources, principal: Principal, memory_id: UUID) -> None:
    """Delete a memory: its text goes from every version, what stays is that it was there.

    The turns that it came from stay in the log; `DELETE /v1/turns/{id}` removes those. A slot that it
    held falls back to the value before.
    """
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        user_id = require_memory(session, principal, memory_id).user_id
        change = begin_change(session, resources, principal, user_id)
        row = require_memory(session, principal, memory_id, for_update=True)
        slots = slots_of([row])  # now: what expires loses its slot
        _expire_memory(change, row, "deleted")
        write_removals(session, resources, change, [memory_id], slots)
    resources.cache.delete_user_keys(principal.tenant_id, user_id)


def delete_turn(resources: Resources, principal: Principal, turn_id: UUID) -> None:
    """Delete a turn and what rests on it alone; a slot that it had set falls back to the value before."""
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    with resources.open_transaction(principal) as session:
        turn = turns.get_turn(session, tenant_id, turn_id)
        if turn is None:
            raise NotFound("There is no such turn.")
        change = begin_change(session, resources, principal, turn.user_id)
        touched = memories.list_memories_by_ids(
            session, tenant_id, memories.list_memory_ids_of_turn(session, tenant_id, turn_id)
        )
        turns.delete_turn(session, tenant_id, turn_id)
        left = {a.memory_id for a in memories.list_assertions(session, tenant_id, [m.id for m in touched])}
        slots = slots_of(touched)  # now: what expires loses its slot
        change.lost_source |= left
        gone = [row for row in touched if row.id not in left and row.status != Status.EXPIRED]
        for row in gone:
            _expire_memory(change, row, "its only source was deleted")
        user_id, session_id = turn.user_id, turn.session_id
        session_states.forget_turn(
            UserSession(session, principal.tenant_id, user_id),
            principal,
            session_id,
            turn_id,
            resources.now(),
        )
        write_removals(session, resources, change, [row.id for row in gone], slots)
    resources.cache.delete_user_keys(tenant_id, user_id)


def write_removals(
    session: Session, resources: Resources, change: ChangeSet, gone: Sequence[UUID], slots: set[SlotKey]
) -> None:
    """Write what expires, wipe its texts, and fold the slots anew."""
    # Before the fold, so that the slot does not see what is about to go.
    write_changes(session, change, current_models(resources))
    for memory_id in gone:
        memories.redact_memory(session, change.tenant_id, memory_id)
    session.expire_all()
    revision = users.next_revision(session, change.tenant_id, change.user_id)
    refolded = ChangeSet(change.tenant_id, change.user_id, revision, change.now, change.actor, slots=slots)
    write_changes(session, refolded, current_models(resources))
    users.bump_epoch(session, change.tenant_id, change.user_id)


def begin_change(session: Session, resources: Resources, principal: Principal, user_id: str) -> ChangeSet:
    """Lock the user's writes and start a change by this key."""
    users.lock_user(session, principal.tenant_id, user_id)
    revision = users.next_revision(session, principal.tenant_id, user_id)
    return ChangeSet(
        principal.tenant_id, user_id, revision, resources.now(), actor=f"key:{principal.key_id}", model=None
    )


def _find_same_memory(session: Session, change: ChangeSet, fact: Fact) -> UUID | None:
    """The memory that says this already."""
    tenant_id, user_id = change.tenant_id, change.user_id
    if fact.slot is not None:
        rows: Sequence[models.Memory] = memories.list_memories_by_slots(
            session, tenant_id, user_id, [(fact.slot.subject, fact.slot.attribute)]
        )
        return next((row.id for row in rows if row.value == fact.slot.value), None)
    rows = memories.list_memories_by_hashes(session, tenant_id, user_id, [content_hash(fact.content)])
    return next((row.id for row in rows if row.kind == fact.kind), None)


def edit_assertion(change: ChangeSet, memory_id: UUID, said: datetime) -> Row:
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


def _expire_memory(change: ChangeSet, row: models.Memory, reason: str) -> None:
    if row.frozen:
        raise Conflict("The memory is frozen.")
    change.expire_memory(row.id, reason)


def _check_slot_value(row: models.Memory, request: MemoryPatch, values: dict[str, Any]) -> None:
    """A memory of a slot must not say one value and hold another. Raises `InvalidInput`."""
    if request.value is not None:
        if row.attribute is None:
            raise InvalidInput("This memory has no slot, so it has no value.", field="value")
        values["value"] = normalise_text(request.value)
        if values["value"] != row.value and request.content is None:
            raise InvalidInput("A new value needs the content that says it.", field="content")
        return
    held = row.value if row.value not in YES_NO_VALUES else None
    if request.content is not None and held is not None and held not in normalise_text(request.content):
        message = f"The memory holds {row.attribute} = {held}; give the value that the new content says."
        raise InvalidInput(message, field="value")


def _to_fact(request: MemoryIn) -> Fact:
    slot = None
    if request.attribute is not None and request.value is not None:
        subject = normalise_text(request.subject or "user")
        slot = Slot(subject, normalise_text(request.attribute), normalise_text(request.value))
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
        location=Location(place.name, place.lat, place.lon) if place is not None else None,
        keywords=tuple(request.keywords),
        tags=tuple(request.tags),
        entities=tuple(request.entities),
        importance=request.importance,
    )
