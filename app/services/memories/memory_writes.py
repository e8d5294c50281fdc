"""Create, edit and delete memories on a client's request; every change is a version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Op, Origin, Status
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import links, memories
from app.db.repositories.platform import users
from app.llm.embedders import EmbeddersInUse
from app.memory.chronology import holds_since
from app.memory.reconciliation.decisions import (
    SOURCE_RELIABILITY,
    content_hash,
    normalise_text,
)
from app.memory.reconciliation.edited_values import derive_edited_value
from app.memory.reconciliation.linking import LinkingLimits
from app.memory.types import Fact, Location, Slot
from app.resources import Resources
from app.schemas.memories.memories import (
    CreateMemory,
    MemoryOut,
    UpdateMemory,
)
from app.services.memories.change_set import SlotKey
from app.services.memories.identities import resolve_posted_fact
from app.services.memories.memory_reads import get_memory, require_memory
from app.services.memories.posted_again import merged_columns
from app.services.memories.reconciliation.new_memories import new_memory
from app.services.memories.reconciliation.reconcile import link_neighbours
from app.services.memories.unit_of_work import UserWrite, join_user_write, refuse_duplicates, user_write
from app.services.memories.validity_replay import slots_of
from app.services.models.model_registry import EmbeddedTexts, embed_texts, with_models
from app.services.platform.idempotency import find_stored_response, hash_request, store_response
from app.services.platform.user_context import UserContext
from app.services.sessions import session_states

_NO_TURN = UUID(int=0)
_EMPTY_VALUES: Mapping[str, object] = {"metadata": {}, "keywords": [], "tags": [], "entities": []}


def create_memory(
    resources: Resources, principal: Principal, request: CreateMemory, idempotency_key: str | None
) -> MemoryOut:
    """Store a ready-made memory as the user's own statement, which outranks what was extracted.

    The same content, or the same value of the same slot, is the same memory: it gets one more assertion, and
    what the request says beside that is merged into it. Raises `Conflict`, naming the field, when the two
    contradict each other, and when another current memory of the user has the same content with another slot.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(request.user_id)
    ctx = UserContext(resources, principal, request.user_id)
    with refuse_duplicates(field="content"):
        memory_id, written_at = with_models(
            resources, lambda in_use: _create_memory(ctx, in_use, request, idempotency_key)
        )
    return get_memory(resources, principal, memory_id, served_at=written_at)


def _create_memory(
    ctx: UserContext, in_use: EmbeddersInUse, request: CreateMemory, idempotency_key: str | None
) -> tuple[UUID, datetime | None]:
    """Return the memory's id, and when it was written; None = before, by the same Idempotency-Key."""
    digest = hash_request(request) if idempotency_key is not None else b""
    fact = _to_fact(request)
    embedded = embed_texts(in_use, [fact.content])
    with user_write(ctx, in_use=in_use) as change:
        stored_response = find_stored_response(change.user, idempotency_key, digest)
        if stored_response is not None:
            return UUID(stored_response["id"]), None
        _require_future(request.expires_at, change.now)
        fact = resolve_posted_fact(change.user, fact)
        memory_id = _find_same_memory(change, fact)
        if memory_id is None:
            memory_id = _add_memory(change, request, fact, embedded)
        else:
            _assert_again(change, request, fact, memory_id, embedded)
        change.assert_edit(memory_id, request.asserted_at or change.now)
        if fact.slot is not None:
            change.replay_slots([(fact.slot.subject, fact.slot.attribute)])
        change.flush()
        store_response(change.user, idempotency_key, digest, {"id": str(memory_id)})
        return memory_id, change.now


def _add_memory(change: UserWrite, request: CreateMemory, fact: Fact, embedded: EmbeddedTexts) -> UUID:
    """Create a memory, link it to its near neighbours, and return its id."""
    asserted_at = request.asserted_at or change.now
    draft = new_memory(
        new_id(),
        fact,
        origin=Origin.EDIT,
        confidence=SOURCE_RELIABILITY[Origin.EDIT],
        valid_from=holds_since(fact, asserted_at),
        anchor_at=asserted_at,
    )
    owned = replace(
        draft,
        subject=draft.subject or fact.subject,
        agent_id=request.agent_id,
        metadata_=request.metadata,
        pinned=request.pinned,
        expires_at=request.expires_at,
    )
    change.create(owned, embedded.vector_pair(0))
    _link_near_memories(change, draft.id, embedded)
    return draft.id


def _assert_again(
    change: UserWrite, request: CreateMemory, fact: Fact, memory_id: UUID, embedded: EmbeddedTexts
) -> None:
    """Assert a stored memory again; one that was archived or had expired becomes current."""
    (row,) = memories.list_memories_by_ids(change.session, change.tenant_id, [memory_id])
    values = merged_columns(row, request, fact.subject)
    if row.frozen and values.keys() - {"confidence", "status"}:
        raise Conflict("The memory is frozen.")
    if memories.has_expired(row, change.now):
        values["expires_at"] = request.expires_at
    change.edit(memory_id, Op.ASSERT, "posted again", values)
    if "content" in values:
        change.vectors[memory_id] = embedded.vector_pair(0)


def _link_near_memories(change: UserWrite, memory_id: UUID, embedded: EmbeddedTexts) -> None:
    """Link a new memory to its near neighbours."""
    limits = LinkingLimits()
    near = memories.find_nearest_memories(
        change.user,
        change.active_model_id,
        embedded.active,
        limit=limits.neighbour_count,
        least=limits.min_similarity,
    )
    link_neighbours(change, memory_id, {row_id: similarity for _, row_id, similarity in near})


def update_memory(
    resources: Resources, principal: Principal, memory_id: UUID, request: UpdateMemory, match: IfMatch
) -> MemoryOut:
    """Change a memory if it is still at the version of `match`.

    Raises `NotFound`, `PreconditionFailed` when its version is another one, `Conflict` when it is frozen or
    when another current memory has the same content.
    """
    principal.require_scope(KeyScope.WRITE)
    values, written_at = _patched_columns(request), resources.now()
    _require_future(request.expires_at, written_at)
    if request.content is not None:
        values |= MemoryChanges(
            content_hash=content_hash(request.content),
            origin=Origin.EDIT,
            stale=False,
            confidence=SOURCE_RELIABILITY[Origin.EDIT],
        )
    patched = (memory_id, request, match, values)
    with refuse_duplicates(field="content"):
        with_models(resources, lambda in_use: _update_memory(resources, in_use, principal, *patched))
    return get_memory(resources, principal, memory_id, served_at=written_at)


def _patched_columns(request: UpdateMemory) -> MemoryChanges:
    """Return the columns that a request sets; null empties what can be empty. Raises `InvalidInput`."""
    columns = request.model_dump(exclude_unset=True, exclude={"reason"})
    for name in (name for name, value in columns.items() if value is None and name != "expires_at"):
        if name not in _EMPTY_VALUES:
            raise InvalidInput("This field can be changed but not be null.", field=name)
        columns[name] = _EMPTY_VALUES[name]
    if "metadata" in columns:
        columns["metadata_"] = columns.pop("metadata")
    return cast("MemoryChanges", columns)


def _update_memory(
    resources: Resources,
    in_use: EmbeddersInUse,
    principal: Principal,
    memory_id: UUID,
    request: UpdateMemory,
    match: IfMatch,
    values: MemoryChanges,
) -> None:
    embedded = embed_texts(in_use, [request.content]) if request.content is not None else None
    with resources.open_transaction(principal) as session:
        ctx = UserContext(resources, principal, require_memory(session, principal, memory_id).user_id)
        with join_user_write(ctx, session, in_use=in_use) as change:
            row = require_memory(session, principal, memory_id, for_update=True, served_at=change.now)
            match.check_version(row.version, "memory")
            if row.frozen:
                raise Conflict("The memory is frozen.")
            change.edit(memory_id, Op.EDIT, request.reason or "edited", values | _slot_value(row, request))
            if embedded is not None:
                change.vectors[memory_id] = embedded.vector_pair(0)
                # An edit of a memory that is no longer true corrects its text and does not make it true
                # again.
                if row.status == Status.ACTIVATED:
                    change.assert_edit(memory_id, change.now)


def _require_future(expires_at: datetime | None, now: datetime) -> None:
    """Raise `InvalidInput` when a memory would be expired as soon as it is written.

    A clock that is behind gets no grace: what would be accepted then could never be read. The message says
    what time it is here instead, so that the caller sees the difference.
    """
    if expires_at is not None and expires_at <= now:
        message = f"This time has passed: here it is {now.astimezone(UTC).isoformat(timespec='seconds')}."
        raise InvalidInput(message, field="expires_at")


def delete_memory(resources: Resources, principal: Principal, memory_id: UUID) -> None:
    """Delete a memory: its text is erased from every version, and only its id and dates stay.

    The source turns stay in the log; `DELETE /v1/turns/{id}` removes those. A slot that the memory held
    returns to the value before. Raises `NotFound`, and `Conflict` when the memory is frozen.
    """
    principal.require_scope(KeyScope.WRITE)
    with refuse_duplicates(), resources.open_transaction(principal) as session:
        ctx = UserContext(resources, principal, require_memory(session, principal, memory_id).user_id)
        with join_user_write(ctx, session) as change:
            row = require_memory(session, principal, memory_id, for_update=True)
            slots = slots_of([row])  # read now, because an expired memory has no slot
            expire_memory(change, row, "deleted")
            freed = links.delete_endings(change.user, memory_id)
            write_removals(change, [memory_id], slots, freed)
    resources.cache.delete_user_keys(principal.tenant_id, ctx.user_id)


def delete_turn(resources: Resources, principal: Principal, turn_id: UUID) -> None:
    """Delete a turn and the memories that have no other source; a slot that it set returns to the value
    before.

    Raises `NotFound`, and `Conflict` when such a memory is frozen.
    """
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    with refuse_duplicates(), resources.open_transaction(principal) as session:
        turn = turns.get_turn(session, tenant_id, turn_id)
        if turn is None:
            raise NotFound("There is no such turn.")
        ctx = UserContext(resources, principal, turn.user_id)
        with join_user_write(ctx, session) as change:
            touched = memories.list_memories_by_ids(
                session, tenant_id, memories.list_memory_ids_of_turn(session, tenant_id, turn_id)
            )
            if not turns.delete_turn(session, tenant_id, turn_id):
                raise NotFound("There is no such turn.")
            remaining = {
                a.memory_id
                for a in memories.list_assertions(session, tenant_id, [m.id for m in touched])
                if a.polarity > 0
            }
            slots = slots_of(touched)  # read now, because an expired memory has no slot
            change.lost_source |= remaining
            unsourced = [row for row in touched if row.id not in remaining and row.status != Status.EXPIRED]
            for row in unsourced:
                expire_memory(change, row, "its only source was deleted")
            session_states.forget_turn(change.user, principal, turn.session_id, turn_id, change.now)
            # What the turn had ended holds again.
            freed = [row.id for row in touched if row.id in remaining]
            write_removals(change, [row.id for row in unsourced], slots, freed)
    resources.cache.delete_user_keys(tenant_id, ctx.user_id)


def write_removals(
    change: UserWrite, gone: Sequence[UUID], slots: set[SlotKey], freed: Iterable[UUID] = ()
) -> None:
    """Write the expirations, wipe the texts, and replay the slots and the memories that lost an assertion."""
    # The expirations are written before the timelines, so that a slot does not see what is about to be
    # deleted.
    change.flush()
    change.redact(gone)
    change.session.expire_all()
    change.advance_revision()
    change.replay_slots(slots)
    change.replay_memories(set(freed) - set(gone))
    change.flush()
    users.bump_epoch(change.user)


def _find_same_memory(change: UserWrite, fact: Fact) -> UUID | None:
    """Return the id of the memory that has this content or slot value already, or None."""
    if fact.slot is not None:
        slot = (fact.slot.subject, fact.slot.attribute)
        rows: Sequence[models.Memory] = memories.list_memories_by_slots(change.user, [slot])
        return next((row.id for row in rows if row.value == fact.slot.value), None)
    rows = memories.list_memories_by_hashes(change.user, [content_hash(fact.content)])
    return next((row.id for row in rows if row.kind == fact.kind), None)


def expire_memory(change: UserWrite, row: models.Memory, reason: str) -> None:
    """Note that a memory is deleted. Raises `Conflict` when it is frozen."""
    if row.frozen:
        raise Conflict("The memory is frozen.")
    change.expire(row.id, reason)


def _slot_value(row: models.Memory, request: UpdateMemory) -> MemoryChanges:
    """Return the value that goes with an edit, in its normal form: the one given, else that of the content.

    Raises `InvalidInput` for a value of a memory without a slot, or without the content that says it.
    """
    if request.value is None:
        if request.content is None or row.attribute is None:
            return {}
        derived = derive_edited_value(row.content, row.value, request.content)
        return {"value": derived} if derived is not None else {}
    if row.attribute is None:
        raise InvalidInput("This memory has no slot, so it has no value.", field="value")
    value = normalise_text(request.value)
    if value != row.value and request.content is None:
        raise InvalidInput("A new value needs the content that says it.", field="content")
    return {"value": value}


def _to_fact(request: CreateMemory) -> Fact:
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
        subject=normalise_text(request.subject) if request.subject is not None else None,
    )
