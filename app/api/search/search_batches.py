"""Route of a batch of searches."""

from fastapi import APIRouter, Response

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.api.entrance.problems import to_problem
from app.api.entrance.responses import json_response
from app.schemas.search.search_batches import SearchBatchOut, SearchBatchResult, SearchMemoryBatch
from app.services.search import search_batches
from app.services.search.search_batches import SearchOutcome

router = APIRouter(route_class=GuardedRoute, prefix="/v1/search", tags=["search"])
MAX_BATCH_BYTES = 2 * 2**20  # 32 queries of 4,000 characters and filters of 16 KiB


@router.post("/batch", operation_id="search_memory_batch", response_model=SearchBatchOut)
@request_policy(bound=MAX_BATCH_BYTES)
def search_memory_batch(
    body: SearchMemoryBatch, resources: ResourcesDep, principal: PrincipalDep
) -> Response:
    """Up to 32 searches of one user or several, each with its own result or problem."""
    outcomes = search_batches.search_batch(resources, principal, body.searches)
    return json_response(SearchBatchOut(results=[_to_result(outcome) for outcome in outcomes]))


def _to_result(outcome: SearchOutcome) -> SearchBatchResult:
    if outcome.error is not None:
        problem = to_problem(outcome.error)
        return SearchBatchResult(status=problem.status, problem=problem)
    return SearchBatchResult(status=200, result=outcome.result)
