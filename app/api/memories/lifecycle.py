"""Routes of the lifecycle of one memory."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.responses import set_version_tag
from app.core.security import Principal
from app.resources import Resources
from app.schemas.memories.memories import ChangeReason, MemoryOut
from app.services.memories import lifecycle
from app.services.memories.lifecycle import LifecycleAction

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["memories"])
ReasonBody = Annotated[ChangeReason | None, Body()]


@router.post("/memories/{memory_id}/freeze", operation_id="freeze_memory")
def freeze_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """Put a memory under legal hold: no edit, no fading, no deletion until it is unfrozen."""
    return _move(resources, principal, memory_id, LifecycleAction.FREEZE, body, response)


@router.post("/memories/{memory_id}/unfreeze", operation_id="unfreeze_memory")
def unfreeze_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """End the legal hold."""
    return _move(resources, principal, memory_id, LifecycleAction.UNFREEZE, body, response)


@router.post("/memories/{memory_id}/pin", operation_id="pin_memory")
def pin_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """Keep a memory from fading and from the quota."""
    return _move(resources, principal, memory_id, LifecycleAction.PIN, body, response)


@router.post("/memories/{memory_id}/unpin", operation_id="unpin_memory")
def unpin_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """Let a pinned memory fade again."""
    return _move(resources, principal, memory_id, LifecycleAction.UNPIN, body, response)


@router.post("/memories/{memory_id}/archive", operation_id="archive_memory")
def archive_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """Take a memory out of the default search: true but cold."""
    return _move(resources, principal, memory_id, LifecycleAction.ARCHIVE, body, response)


@router.post("/memories/{memory_id}/restore", operation_id="restore_memory")
def restore_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    body: ReasonBody = None,
) -> MemoryOut:
    """Bring an archived memory back."""
    return _move(resources, principal, memory_id, LifecycleAction.RESTORE, body, response)


def _move(
    resources: Resources,
    principal: Principal,
    memory_id: UUID,
    action: LifecycleAction,
    body: ChangeReason | None,
    response: Response,
) -> MemoryOut:
    reason = body.reason if body is not None else None
    memory = lifecycle.apply_lifecycle_action(resources, principal, memory_id, action, reason)
    set_version_tag(response, memory.version)
    return memory
