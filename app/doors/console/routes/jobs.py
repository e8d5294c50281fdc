"""Jobs, dead letters among them, and their retry."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.core.vocabulary import JobStatus
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import build_url, render
from app.doors.console.visits import Fields, PageFields, VisitDep
from app.services.platform import jobs, usage_reports

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 50
_ONE_DAY = 1


class JobListFields(PageFields):
    """The query of the list of jobs."""

    user: str | None = None
    status: JobStatus | None = None


class JobFields(Fields):
    """The query of one job."""

    retried: Literal["yes"] | None = None


@router.get("/jobs")
def show_jobs(visit: VisitDep) -> Response:
    """Jobs, newest first."""
    asked = visit.parse_query(JobListFields)
    user = visit.resolve_user(asked.user) if asked.user is not None else visit.bound_user
    page = jobs.list_jobs(
        visit.resources, visit.principal, user_id=user, status=asked.status, cursor=asked.cursor, limit=_PAGE
    )
    is_bound = visit.bound_user is not None
    counts = [] if is_bound else usage_reports.report_usage(visit.resources, visit.principal, _ONE_DAY).jobs
    return render(
        visit,
        "jobs.html",
        user=user,
        page=page,
        status=asked.status,
        statuses=list(JobStatus),
        counts=counts,
        now=visit.resources.now(),
    )


@router.get("/jobs/{job_id}")
def show_job(visit: VisitDep, job_id: UUID) -> Response:
    """One job with the outcome of each of its turns."""
    asked = visit.parse_query(JobFields)
    job = jobs.get_job(visit.resources, visit.principal, job_id)
    return render(visit, "job.html", user=job.user_id, job=job, is_retried=asked.retried is not None)


@router.post("/jobs/{job_id}/retry")
def retry_job(visit: VisitDep, job_id: UUID) -> Response:
    """Start a failed or dead job again."""
    visit.parse_form(Fields)
    jobs.retry_job(visit.resources, visit.principal, job_id)
    return RedirectResponse(build_url(f"/jobs/{job_id}", retried="yes"), 303)
