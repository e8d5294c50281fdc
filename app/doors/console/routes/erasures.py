"""Erase a user, and the receipts of erasures."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.core.errors import InvalidInput
from app.core.vocabulary import KeyScope
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.visits import Fields, PageFields, UserFields, VisitDep
from app.services.platform import user_lists
from app.services.portability import erasure, erasure_receipts

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 50


class ErasureFields(Fields):
    """The form of an erasure: the id of the user is typed again."""

    user: str
    confirm: str | None = None


@router.get("/erase")
def show_erase(visit: VisitDep) -> Response:
    """What an erasure does, and the form for it."""
    visit.principal.require_scope(KeyScope.ADMIN)
    user = visit.resolve_user(visit.parse_query(UserFields).user)
    page = user_lists.list_users(visit.resources, visit.principal, prefix=user, cursor=None, limit=1)
    summary = next((one for one in page.items if one.user_id == user), None)
    return render(visit, "erase.html", user=user, summary=summary)


@router.post("/erase")
def erase_user(visit: VisitDep) -> Response:
    """Erase a user, and show the receipt."""
    given = visit.parse_form(ErasureFields)
    visit.principal.require_scope(KeyScope.ADMIN)
    user = visit.resolve_user(given.user)
    if given.confirm != given.user:
        raise InvalidInput("Type the id of the user exactly, to confirm the erasure.", field="confirm")
    receipt = erasure.erase_user(visit.resources, visit.principal, user)
    return render(visit, "receipt.html", user=None, receipt=receipt, erased_user=user)


@router.get("/erasures")
def show_erasures(visit: VisitDep) -> Response:
    """The tenant's erasures, newest first."""
    cursor = visit.parse_query(PageFields).cursor
    page = erasure_receipts.list_erasures(visit.resources, visit.principal, cursor, _PAGE)
    return render(visit, "erasures.html", user=None, page=page)


@router.get("/erasures/{erasure_id}")
def show_erasure(visit: VisitDep, erasure_id: UUID) -> Response:
    """A receipt as it stands: what is done, and what is due by when."""
    visit.parse_query(Fields)
    receipt = erasure_receipts.get_erasure(visit.resources, visit.principal, erasure_id)
    return render(visit, "receipt.html", user=None, receipt=receipt, erased_user=None)
