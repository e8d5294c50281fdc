"""Routes of tags."""

from fastapi import APIRouter

from app.api.entrance.dependencies import CursorQuery, LimitQuery, PrincipalDep, ResourcesDep, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.memories.memories import TagPage
from app.services.memories import memory_reads

router = APIRouter(route_class=GuardedRoute, prefix="/v1/tags", tags=["memories"])


@router.get("", operation_id="list_tags")
def list_tags(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> TagPage:
    """The tags of a user's current memories, by name."""
    return memory_reads.list_tags(resources, principal, user_id=user_id, cursor=cursor, limit=limit)
