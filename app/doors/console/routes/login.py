"""Login and logout, the static files, and the page for what is not there."""

import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import FileResponse, RedirectResponse, Response

from app.core.errors import Forbidden, MemcubedError, NotFound, Unauthorized
from app.doors.console.console_route import PREFIX, ConsoleRoute, OpenRoute
from app.doors.console.rendering import STATIC, STATIC_TYPES, render, render_error
from app.doors.console.visits import COOKIE, Fields, Visit, VisitDep
from app.services.platform import console_sessions

LOGIN_COOKIE = "memcubed_console_login"
_MAX_KEY = 200
_LOGIN_FORM_SECONDS = 3_600
_FOREVER = "public, max-age=31536000, immutable"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
router = APIRouter(prefix=PREFIX, route_class=OpenRoute, include_in_schema=False)
unknown_router = APIRouter(prefix=PREFIX, route_class=OpenRoute, include_in_schema=False)


class LoginFields(Fields):
    """The query of the login page, and its form."""

    next: str | None = None
    key: str | None = None
    csrf: str | None = None


@router.get("/login")
def show_login(visit: VisitDep) -> Response:
    """The login page."""
    return _render_login(visit, visit.parse_query(LoginFields).next)


@router.post("/login")
def log_in(visit: VisitDep) -> Response:
    """Start a session with a key, which is kept nowhere but in the table of keys, as a hash."""
    given = visit.parse_form(LoginFields)
    form_token = visit.request.cookies.get(LOGIN_COOKIE)
    expected = console_sessions.derive_csrf_token(form_token) if form_token else ""
    if not expected or not hmac.compare_digest((given.csrf or "").encode(), expected.encode()):
        raise Forbidden("This form is out of date: open the login page again.")
    key = (given.key or "").strip()
    address = visit.request.client.host if visit.request.client is not None else "unknown"
    try:
        if not key or len(key) > _MAX_KEY:
            raise Unauthorized
        token = console_sessions.start_session(visit.resources, key, address)
    except MemcubedError as error:
        message = "This is no valid key." if error.status == 401 else error.message
        return _render_login(visit, given.next, message, error.status)
    answer = RedirectResponse(_to_own_path(given.next), 303)
    _set_cookie(visit, answer, COOKIE, token, console_sessions.SESSION_SECONDS)
    answer.delete_cookie(LOGIN_COOKIE, path=PREFIX)
    return answer


def log_out(visit: VisitDep) -> Response:
    """End the session."""
    visit.parse_form(Fields)
    console_sessions.end_session(visit.resources, visit.request.cookies[COOKIE])
    answer = RedirectResponse(f"{PREFIX}/login", 303)
    answer.delete_cookie(COOKIE, path=PREFIX)
    return answer


router.add_api_route("/logout", log_out, methods=["POST"], route_class_override=ConsoleRoute)


class StaticFields(Fields):
    """The query of a static file."""

    v: str | None = None


@router.get("/static/{name}")
def get_static(visit: VisitDep, name: Annotated[str, Path(max_length=40)]) -> Response:
    """One of the static files; its address changes with its content."""
    visit.parse_query(StaticFields)
    if name not in STATIC_TYPES:
        raise NotFound
    return FileResponse(STATIC / name, media_type=STATIC_TYPES[name], headers={"Cache-Control": _FOREVER})


@unknown_router.api_route("/{rest:path}", methods=_METHODS)
def refuse_unknown(visit: VisitDep, rest: str) -> Response:  # noqa: ARG001 -- the path takes it
    """The page for an address that leads nowhere, or does not take this method."""
    return render_error(visit.request, None, NotFound("The console has no such page."))


def _render_login(
    visit: Visit, following: str | None, message: str | None = None, status: int = 200
) -> Response:
    form_token = visit.request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(32)
    csrf = console_sessions.derive_csrf_token(form_token)
    answer = render(
        visit, "login.html", status, csrf=csrf, following=_to_own_path(following), message=message
    )
    _set_cookie(visit, answer, LOGIN_COOKIE, form_token, _LOGIN_FORM_SECONDS)
    if status in {429, 503}:
        answer.headers["Retry-After"] = "60"
    return answer


def _to_own_path(address: str | None) -> str:
    """The address to go to after the login; none but a page of the console."""
    plain = address is not None and address.isascii() and address.isprintable() and "\\" not in address
    if address is None or not plain or not address.startswith(PREFIX + "/"):
        return PREFIX
    return address


def _set_cookie(visit: Visit, answer: Response, name: str, value: str, seconds: int) -> None:
    forwarded = visit.request.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    # A false header could only keep its sender's own cookie from being sent without encryption.
    is_encrypted = visit.request.url.scheme == "https" or forwarded == "https"
    answer.set_cookie(
        name, value, max_age=seconds, path=PREFIX, secure=is_encrypted, httponly=True, samesite="strict"
    )
