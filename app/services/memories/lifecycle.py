"""Moves in the life of one memory that a client may ask for; each is a version."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.errors import Conflict
from app.core.security import Principal
from app.core.vocabulary import Scope, Status
from app.db import models
from app.db.repositories.platform import users
from app.resources import Resources
from app.schemas.memories import MemoryOut
from app.services.memories.memory_reads import found, get
from app.services.memories.memory_versions import Change, write
from app.services.models.model_registry import current


class Move(StrEnum):
    """`freeze` is a legal hold: no edit, no fading, no deletion. `pin` only keeps a memory from fading."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    PIN = "pin"
    UNPIN = "unpin"
    ARCHIVE = "archive"
    RESTORE = "restore"


_FROM = {Move.ARCHIVE: Status.ACTIVATED, Move.RESTORE: Status.ARCHIVED}


def move(
    resources: Resources, principal: Principal, memory_id: UUID, wanted: Move, reason: str | None
) -> MemoryOut:
    """Make the move; one that has been made already changes nothing.

    Raises `NotFound`, and `Conflict` when the memory is frozen, when its status does not allow the move, or
    when another memory has taken its slot meanwhile.
    """
    principal.require(Scope.WRITE)
    tenant_id = principal.tenant_id
    try:
        with resources.transaction(principal) as session:
            row = found(session, principal, memory_id, served_at=resources.now())
            users.lock(session, tenant_id, row.user_id)
            session.refresh(row)
            values = _values(row, wanted)
            if any(getattr(row, name) != value for name, value in values.items()):
                revision = users.next_revision(session, tenant_id, row.user_id)
                actor = f"key:{principal.key_id}"
                change = Change(tenant_id, row.user_id, revision, resources.now(), actor)
                if wanted is Move.RESTORE:
                    values["anchor_at"] = change.now
                change.edit(memory_id, wanted.value, reason or f"{wanted} asked for", values)
                write(session, change, current(resources))
    except IntegrityError as exc:
        raise Conflict("Another current memory has taken its place.") from exc
    return get(resources, principal, memory_id)


def _values(row: models.Memory, wanted: Move) -> dict[str, Any]:
    if wanted in {Move.FREEZE, Move.UNFREEZE}:
        return {"frozen": wanted is Move.FREEZE}
    if wanted in {Move.PIN, Move.UNPIN}:
        return {"pinned": wanted is Move.PIN}
    goal = Status.ARCHIVED if wanted is Move.ARCHIVE else Status.ACTIVATED
    if row.frozen and row.status != goal:
        raise Conflict("The memory is frozen.")
    if row.status not in {_FROM[wanted], goal}:
        raise Conflict(f"A memory that is {row.status} can't be moved by {wanted}.")
    return {"status": goal}
