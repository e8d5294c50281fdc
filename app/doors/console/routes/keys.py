"""API keys: create, show once, revoke."""

from datetime import UTC, date, datetime, time
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from app.core.vocabulary import KeyScope
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import build_url, render
from app.doors.console.visits import Fields, VisitDep, validate
from app.schemas.platform.keys import CreateKey, KeyCreated
from app.services.platform import keys

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)


class KeyListFields(Fields):
    """The query of the list of keys."""

    done: Literal["revoked"] | None = None


class KeyFields(Fields):
    """The form of a new key."""

    name: str
    scope: KeyScope
    user: str | None = None
    expires: date | None = None


@router.get("/keys")
def show_keys(visit: VisitDep) -> Response:
    """The tenant's keys."""
    return _render_keys(visit, None, is_revoked=visit.parse_query(KeyListFields).done is not None)


@router.post("/keys")
def create_key(visit: VisitDep) -> Response:
    """Make a key; this answer is the only one that shows its text."""
    given = visit.parse_form(KeyFields)
    end = datetime.combine(given.expires, time.max, UTC) if given.expires is not None else None
    values = {"name": given.name, "scopes": [given.scope], "user_id": given.user, "expires_at": end}
    created = keys.create_key(visit.resources, visit.principal, validate(CreateKey, values))
    return _render_keys(visit, created, is_revoked=False)


@router.post("/keys/{key_id}/revoke")
def revoke_key(visit: VisitDep, key_id: UUID) -> Response:
    """Revoke a key at once and for good; it may be the one of this session, which ends then."""
    visit.parse_form(Fields)
    keys.revoke_key(visit.resources, visit.principal, key_id)
    return RedirectResponse(build_url("/keys", done="revoked"), 303)


def _render_keys(visit: VisitDep, created: KeyCreated | None, *, is_revoked: bool) -> Response:
    listed = keys.list_keys(visit.resources, visit.principal)
    return render(
        visit,
        "keys.html",
        user=None,
        keys=listed.items,
        created=created,
        is_revoked=is_revoked,
        own_key=visit.principal.key_id,
        scopes=list(KeyScope),
        now=visit.resources.now(),
    )
