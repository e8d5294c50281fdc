"""Routes that list users and sessions."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.entrance.dependencies import (
    CursorQuery,
    LimitQuery,
    PrincipalDep,
    ResourcesDep,
    TotalQuery,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.known_users import tell_unknown_user
from app.schemas.common import Id
from app.schemas.platform.user_lists import SessionPage, UserPage
from app.services.platform import user_lists

router = APIRouter(route_class=GuardedRoute, prefix="/v1")


@router.get("/users", operation_id="list_users", tags=["users"])
def list_users(
    resources: ResourcesDep,
    principal: PrincipalDep,
    prefix: Annotated[Id | None, Query(description="Only users whose id begins so")] = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    include_total: TotalQuery = False,
) -> UserPage:
    """The tenant's users by id, with what is stored for each; a bound key sees its own user."""
    return user_lists.list_users(
        resources, principal, prefix=prefix, cursor=cursor, limit=limit, is_counted=include_total
    )


@router.get("/sessions", operation_id="list_sessions", tags=["sessions"])
def list_sessions(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    response: Response,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    include_total: TotalQuery = False,
) -> SessionPage:
    """A user's sessions, that with the newest turn first."""
    page = user_lists.list_sessions(
        resources, principal, user_id=user_id, cursor=cursor, limit=limit, is_counted=include_total
    )
    if not page.items:
        tell_unknown_user(response, resources, principal, user_id)
    return page
