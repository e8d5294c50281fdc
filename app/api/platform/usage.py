"""The route of what a tenant's memory has cost."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.platform.usage import UsageReport
from app.services.platform import usage_reports

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["usage"])


@router.get("/usage", operation_id="get_usage")
def get_usage(
    resources: ResourcesDep,
    principal: PrincipalDep,
    days: Annotated[
        int,
        Query(
            ge=1, le=usage_reports.MOST_DAYS, description="How many days (UTC), the last of which is today"
        ),
    ] = 30,
) -> UsageReport:
    """Tokens, calls and times by day, the LLM by purpose, and how many jobs have not succeeded."""
    return usage_reports.report_usage(resources, principal, days)
