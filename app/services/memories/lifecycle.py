"""Moves in the life of one memory that a client may ask for; each is a version."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.errors import Conflict
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Status
from app.db import models
from app.db.repositories.platform import users
from app.resources import Resources
from app.schemas.memories import MemoryOut
from app.services.memories.memory_reads import get_memory, require_memory
from app.services.memories.memory_versions import ChangeSet, write_changes
from app.services.models.model_registry import current_models


class LifecycleAction(StrEnum):
    """`freeze` is a legal hold: no edit, no fading, no deletion. `pin` only keeps a memory from fading."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    PIN = "pin"
    UNPIN = "unpin"
    ARCHIVE = "archive"
    RESTORE = "restore"


_REQUIRED_STATUS = {LifecycleAction.ARCHIVE: Status.ACTIVATED, LifecycleAction.RESTORE: Status.ARCHIVED}


def apply_lifecycle_action(
    resources: Resources, principal: Principal, memory_id: UUID, action: LifecycleAction, reason: str | None
) -> MemoryOut:
    """Make the move; one that has been made already changes nothing.

    Raises `NotFound`, and `Conflict` when the memory is frozen, when its status does not allow the move, or
    when another memory has taken its slot meanwhile.
    """
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    try:
        with resources.open_transaction(principal) as session:
            row = require_memory(session, principal, memory_id, served_at=resources.now())
            users.lock_user(session, tenant_id, row.user_id)
            session.refresh(row)
            values = _action_values(row, action)
            if any(getattr(row, name) != value for name, value in values.items()):
                revision = users.next_revision(session, tenant_id, row.user_id)
                actor = f"key:{principal.key_id}"
                change = ChangeSet(tenant_id, row.user_id, revision, resources.now(), actor)
                if action is LifecycleAction.RESTORE:
                    values["anchor_at"] = change.now
                change.edit_memory(memory_id, action.value, reason or f"{action} asked for", values)
                write_changes(session, change, current_models(resources))
    except IntegrityError as exc:
        raise Conflict("Another current memory has taken its place.") from exc
    return get_memory(resources, principal, memory_id)


def _action_values(row: models.Memory, action: LifecycleAction) -> dict[str, Any]:
    if action in {LifecycleAction.FREEZE, LifecycleAction.UNFREEZE}:
        return {"frozen": action is LifecycleAction.FREEZE}
    if action in {LifecycleAction.PIN, LifecycleAction.UNPIN}:
        return {"pinned": action is LifecycleAction.PIN}
    goal = Status.ARCHIVED if action is LifecycleAction.ARCHIVE else Status.ACTIVATED
    if row.frozen and row.status != goal:
        raise Conflict("The memory is frozen.")
    if row.status not in {_REQUIRED_STATUS[action], goal}:
        raise Conflict(f"A memory that is {row.status} can't be moved by {action}.")
    return {"status": goal}
