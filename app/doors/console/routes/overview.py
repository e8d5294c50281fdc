"""The first page: whether all parts work, what waits, and what the last days cost."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import build_url, render
from app.doors.console.visits import Fields, VisitDep
from app.services.operations import operations
from app.services.platform import usage_reports, user_lists

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_DAYS = 14
_USERS = 8


@router.get("")
@router.get("/")
def show_overview(visit: VisitDep) -> Response:
    """The overview of the tenant; a key that is bound to a user goes to that user's page."""
    visit.parse_query(Fields)
    if visit.bound_user is not None:
        return RedirectResponse(build_url("/user", user=visit.bound_user), 303)
    return render(
        visit,
        "overview.html",
        readiness=operations.check_readiness(visit.resources),
        report=usage_reports.report_usage(visit.resources, visit.principal, _DAYS),
        users=user_lists.list_users(
            visit.resources, visit.principal, prefix=None, cursor=None, limit=_USERS, is_counted=True
        ),
        days=_DAYS,
    )
