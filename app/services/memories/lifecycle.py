"""Lifecycle changes of one memory that a client may ask for; each becomes a version."""

from enum import StrEnum
from uuid import UUID

from app.core.errors import Conflict
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Op, Status
from app.db import models
from app.db.memory_rows import MemoryChanges, select_changes
from app.resources import Resources
from app.schemas.memories.memories import MemoryOut
from app.services.memories.memory_reads import get_memory, require_memory
from app.services.memories.unit_of_work import join_user_write, refuse_duplicates
from app.services.platform.user_context import UserContext


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
    """Apply the action; an action that is in effect already changes nothing.

    Raises `NotFound`, and `Conflict` when the memory is frozen, when its status does not allow the action, or
    when another memory holds its slot by now.
    """
    principal.require_scope(KeyScope.WRITE)
    with (
        refuse_duplicates("Another current memory has taken its place."),
        resources.open_transaction(principal) as session,
    ):
        user_id = require_memory(session, principal, memory_id, served_at=resources.now()).user_id
        with join_user_write(UserContext(resources, principal, user_id), session) as change:
            # Read anew under the lock: it may have changed, or been erased with its user.
            row = require_memory(session, principal, memory_id, for_update=True)
            values = select_changes(row, _action_values(row, action))
            if not values:
                change.abandon()
            else:
                if action is LifecycleAction.RESTORE:
                    values["anchor_at"] = change.now
                change.edit(memory_id, Op(action.value), reason or f"{action} asked for", values)
    return get_memory(resources, principal, memory_id)


def _action_values(row: models.Memory, action: LifecycleAction) -> MemoryChanges:
    if action in {LifecycleAction.FREEZE, LifecycleAction.UNFREEZE}:
        return {"frozen": action is LifecycleAction.FREEZE}
    if action in {LifecycleAction.PIN, LifecycleAction.UNPIN}:
        return {"pinned": action is LifecycleAction.PIN}
    target_status = Status.ARCHIVED if action is LifecycleAction.ARCHIVE else Status.ACTIVATED
    if row.frozen and row.status != target_status:
        raise Conflict("The memory is frozen.")
    if row.status not in {_REQUIRED_STATUS[action], target_status}:
        raise Conflict(f"A memory that is {row.status} can't be moved by {action}.")
    return {"status": target_status}
