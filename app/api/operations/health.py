"""Routes of health and metrics; they need no key and show no tenant's data."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.entrance.dependencies import ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.core.telemetry import process_metrics
from app.core.version import VERSION
from app.schemas.operations.health import Liveness, Readiness
from app.services.operations import operations

router = APIRouter(route_class=GuardedRoute, tags=["health"])


@router.get("/healthz", operation_id="get_liveness")
@request_policy(is_open=True)
async def get_liveness() -> Liveness:
    """Whether the process answers."""
    # It waits for nothing, so it takes no thread and answers when all threads are busy.
    return Liveness(version=VERSION)


@router.get(
    "/readyz",
    operation_id="get_readiness",
    responses={503: {"model": Readiness, "description": "No database"}},
)
@request_policy(is_open=True)
def get_readiness(resources: ResourcesDep, response: Response) -> Readiness:
    """Whether requests can be answered, part by part."""
    state = operations.check_readiness(resources)
    response.status_code = 503 if state.status == "unavailable" else 200
    return state


@router.get("/metrics", operation_id="get_metrics", response_class=Response)
@request_policy(is_open=True)
def get_metrics(resources: ResourcesDep) -> Response:
    """Prometheus text format."""
    content = generate_latest(process_metrics()) + generate_latest(
        operations.build_metrics_registry(resources)
    )
    return Response(content, media_type=CONTENT_TYPE_LATEST)
