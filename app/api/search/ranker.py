"""Routes of the ranker that is trained on feedback."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.search.feedback import RankerOut
from app.services.search import ranker

router = APIRouter(route_class=GuardedRoute, prefix="/v1/ranker", tags=["ranker"])


@router.get("", operation_id="get_ranker")
def get_ranker(resources: ResourcesDep, principal: PrincipalDep) -> RankerOut:
    """The weights of the tenant's searches, and how the last training went."""
    return ranker.get_ranker(resources, principal)


@router.post("/reset", operation_id="reset_ranker")
def reset_ranker(resources: ResourcesDep, principal: PrincipalDep) -> RankerOut:
    """Go back to the built-in weights; older feedback is not learned from any more."""
    return ranker.reset_ranker(resources, principal)
