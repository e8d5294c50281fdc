"""Routes of jobs."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.api.entrance.dependencies import (
    CursorQuery,
    LimitQuery,
    OptionalUserQuery,
    PrincipalDep,
    ResourcesDep,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.responses import set_location
from app.core.vocabulary import JobStatus
from app.schemas.platform.jobs import JobDetail, JobPage
from app.services.platform import jobs

router = APIRouter(route_class=GuardedRoute, prefix="/v1/jobs", tags=["jobs"])


@router.get("", operation_id="list_jobs")
def list_jobs(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: OptionalUserQuery,
    status: JobStatus | None = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> JobPage:
    """Jobs, newest first."""
    return jobs.list_jobs(resources, principal, user_id=user_id, status=status, cursor=cursor, limit=limit)


@router.get("/{job_id}", operation_id="get_job")
def get_job(job_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> JobDetail:
    """One job with the outcome of each of its turns."""
    return jobs.get_job(resources, principal, job_id)


@router.post("/{job_id}/retry", status_code=202, operation_id="retry_job")
def retry_job(
    job_id: UUID, resources: ResourcesDep, principal: PrincipalDep, response: Response
) -> JobDetail:
    """Start a failed or dead job again."""
    set_location(response, f"/v1/jobs/{job_id}")
    return jobs.retry_job(resources, principal, job_id)
