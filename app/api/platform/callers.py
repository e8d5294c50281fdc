"""The route by which a key learns what it is."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.platform.callers import Caller
from app.services.platform import keys

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["keys"])


@router.get("/me", operation_id="get_me")
def get_me(resources: ResourcesDep, principal: PrincipalDep) -> Caller:
    """The key of this request: its tenant, scopes, user and end."""
    return keys.get_caller(resources, principal)
