"""Routes of feedback on retrieved items, and of the ranker trained on it."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.feedback import FeedbackIn, FeedbackOut, RankerOut
from app.services.search import ranker, retrievals

router = APIRouter(route_class=GuardedRoute, prefix="/v1")


@router.post("/retrievals/{retrieval_id}/feedback", operation_id="give_feedback", tags=["search"])
def give_feedback(
    retrieval_id: UUID, body: FeedbackIn, resources: ResourcesDep, principal: PrincipalDep
) -> FeedbackOut:
    """Say which items of a search or a context were used, within an hour.

    Those memories fade more slowly, and the tenant's ranker learns from it. The same again changes nothing.
    """
    return retrievals.give_feedback(resources, principal, retrieval_id, body)


@router.get("/ranker", operation_id="get_ranker", tags=["admin"])
def get_ranker(resources: ResourcesDep, principal: PrincipalDep) -> RankerOut:
    """The weights of the tenant's searches, and how the last training went."""
    return ranker.get_ranker(resources, principal)


@router.post("/ranker/reset", operation_id="reset_ranker", tags=["admin"])
def reset_ranker(resources: ResourcesDep, principal: PrincipalDep) -> RankerOut:
    """Go back to the built-in weights; older feedback is not learned from any more."""
    return ranker.reset_ranker(resources, principal)
