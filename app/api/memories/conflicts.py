"""Routes of conflicts."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import CursorQuery, LimitQuery, PrincipalDep, ResourcesDep, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.memories.conflicts import ConflictPage, ResolveConflict, ResolvedConflict
from app.services.memories import conflicts

router = APIRouter(route_class=GuardedRoute, prefix="/v1/conflicts", tags=["conflicts"])


@router.get("", operation_id="list_conflicts")
def list_conflicts(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> ConflictPage:
    """Current memories of a user that contradict each other, with the sources and dates of each side."""
    return conflicts.list_conflicts(resources, principal, user_id=user_id, cursor=cursor, limit=limit)


@router.post("/{conflict_id}/resolve", operation_id="resolve_conflict")
def resolve_conflict(
    conflict_id: UUID, body: ResolveConflict, resources: ResourcesDep, principal: PrincipalDep
) -> ResolvedConflict:
    """Keep one side and supersede the others, or let all stay; every side gets a new version."""
    return conflicts.resolve_conflict(resources, principal, conflict_id, body)
