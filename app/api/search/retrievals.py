"""Route of feedback on retrieved items."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.search.feedback import FeedbackOut, SendFeedback
from app.services.search import retrievals

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["search"])


@router.post("/retrievals/{retrieval_id}/feedback", operation_id="send_feedback")
def send_feedback(
    retrieval_id: UUID, body: SendFeedback, resources: ResourcesDep, principal: PrincipalDep
) -> FeedbackOut:
    """Say which items of a search or a context were used, within an hour.

    Those memories fade more slowly, and the tenant's ranker learns from it. The same again changes nothing.
    """
    return retrievals.give_feedback(resources, principal, retrieval_id, body)
