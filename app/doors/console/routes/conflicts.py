"""Conflicts: memories that can't all be true, to keep one or let all stay."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import build_url, render
from app.doors.console.visits import Fields, UserFields, VisitDep, validate
from app.schemas.memories.conflicts import ResolveConflict
from app.services.memories import conflicts

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 20


class ResolutionFields(Fields):
    """The form of a decision."""

    user: str
    decision: Literal["keep", "dismiss"]
    keep: UUID | None = None
    reason: str | None = None


class ConflictListFields(UserFields):
    """The query of the list of conflicts."""

    done: Literal["keep", "dismiss"] | None = None


@router.get("/conflicts")
def show_conflicts(visit: VisitDep) -> Response:
    """A user's open conflicts with the sources and dates of each side."""
    asked = visit.parse_query(ConflictListFields)
    user = visit.resolve_user(asked.user)
    page = conflicts.list_conflicts(
        visit.resources, visit.principal, user_id=user, cursor=asked.cursor, limit=_PAGE
    )
    return render(visit, "conflicts.html", user=user, page=page, done=asked.done)


@router.post("/conflicts/{conflict_id}")
def resolve_conflict(visit: VisitDep, conflict_id: UUID) -> Response:
    """Keep one side, or dismiss the conflict."""
    given = visit.parse_form(ResolutionFields)
    user = visit.resolve_user(given.user)
    values = {
        "keep": given.keep if given.decision == "keep" else None,
        "dismiss": given.decision == "dismiss",
        "reason": given.reason,
    }
    resolution = validate(ResolveConflict, values)
    conflicts.resolve_conflict(visit.resources, visit.principal, conflict_id, resolution)
    return RedirectResponse(build_url("/conflicts", user=user, done=given.decision), 303)
