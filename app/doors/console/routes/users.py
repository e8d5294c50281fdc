"""Users, and the page of one user with sessions and portrait."""

from contextlib import suppress

from fastapi import APIRouter
from starlette.responses import Response

from app.core.errors import NotFound
from app.core.vocabulary import Status
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.visits import PageFields, UserFields, VisitDep
from app.memory.types import MemoryFilter
from app.schemas.consolidation.derived import DerivedOut
from app.services.consolidation import derived_reads
from app.services.memories import memory_reads
from app.services.platform import user_lists

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 50
_NEWEST = 5


class UserListFields(PageFields):
    """The query of the list of users."""

    prefix: str | None = None


@router.get("/users")
def show_users(visit: VisitDep) -> Response:
    """The users of the tenant with what is stored for each."""
    asked = visit.parse_query(UserListFields)
    page = user_lists.list_users(
        visit.resources,
        visit.principal,
        prefix=asked.prefix,
        cursor=asked.cursor,
        limit=_PAGE,
        is_counted=True,
    )
    return render(visit, "users.html", page=page, prefix=asked.prefix)


@router.get("/user")
def show_user(visit: VisitDep) -> Response:
    """One user: numbers, sessions, portrait, and the newest memories."""
    asked = visit.parse_query(UserFields)
    user = visit.resolve_user(asked.user)
    known = user_lists.list_users(visit.resources, visit.principal, prefix=user, cursor=None, limit=1)
    summary = next((one for one in known.items if one.user_id == user), None)
    portrait: DerivedOut | None = None
    with suppress(NotFound):
        portrait = derived_reads.get_portrait(visit.resources, visit.principal, user)
    newest = memory_reads.list_memories(
        visit.resources,
        visit.principal,
        user_id=user,
        matching=MemoryFilter([Status.ACTIVATED]),
        cursor=None,
        limit=_NEWEST,
    )
    sessions = user_lists.list_sessions(
        visit.resources, visit.principal, user_id=user, cursor=asked.cursor, limit=_PAGE, is_counted=True
    )
    return render(
        visit,
        "user.html",
        200 if summary is not None else 404,
        user=user,
        summary=summary,
        portrait=portrait,
        newest=newest.items,
        sessions=sessions,
    )
