"""Routes of the lifecycle of one memory."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.memories.memories import ChangeReason, MemoryOut
from app.services.memories import lifecycle

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["memories"])
ReasonBody = Annotated[ChangeReason | None, Body()]


@router.post("/memories/{memory_id}/freeze", operation_id="freeze_memory")
def freeze_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """Put a memory under legal hold: no edit, no fading, no deletion until it is unfrozen."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.FREEZE, _reason_text(body)
    )


@router.post("/memories/{memory_id}/unfreeze", operation_id="unfreeze_memory")
def unfreeze_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """End the legal hold."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.UNFREEZE, _reason_text(body)
    )


@router.post("/memories/{memory_id}/pin", operation_id="pin_memory")
def pin_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """Keep a memory from fading and from the quota."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.PIN, _reason_text(body)
    )


@router.post("/memories/{memory_id}/unpin", operation_id="unpin_memory")
def unpin_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """Let a pinned memory fade again."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.UNPIN, _reason_text(body)
    )


@router.post("/memories/{memory_id}/archive", operation_id="archive_memory")
def archive_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """Take a memory out of the default search: true but cold."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.ARCHIVE, _reason_text(body)
    )


@router.post("/memories/{memory_id}/restore", operation_id="restore_memory")
def restore_memory(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep, body: ReasonBody = None
) -> MemoryOut:
    """Bring an archived memory back."""
    return lifecycle.apply_lifecycle_action(
        resources, principal, memory_id, lifecycle.LifecycleAction.RESTORE, _reason_text(body)
    )


def _reason_text(body: ChangeReason | None) -> str | None:
    return body.reason if body is not None else None
