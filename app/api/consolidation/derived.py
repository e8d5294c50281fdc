"""Routes of memories derived from a user's memories."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep, SessionPath, UserPath, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.consolidation.derived import DerivedOut
from app.services.consolidation import derived_reads as service

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["derived"])


@router.get("/sessions/{session_id:path}/summary", operation_id="get_session_summary")
def get_session_summary(
    session_id: SessionPath, resources: ResourcesDep, principal: PrincipalDep, user_id: UserQuery
) -> DerivedOut:
    """The summary of a session that has ended, with the memories that it was made from."""
    return service.get_session_summary(resources, principal, user_id, session_id)


@router.get("/users/{user_id:path}/portrait", operation_id="get_portrait")
def get_portrait(user_id: UserPath, resources: ResourcesDep, principal: PrincipalDep) -> DerivedOut:
    """Who the user is, concluded from what was said on at least two days, with its sources."""
    return service.get_portrait(resources, principal, user_id)
