"""The route class of the console: session, bounded form, CSRF token, request slot, and errors as pages."""

import hmac
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.entrance.admission import AdmissionControl, RequestSlot, get_admission
from app.api.entrance.request_bodies import EMPTY_BODY_BYTES, RequestHead, read_body, reject_body
from app.core.errors import Forbidden, InvalidInput, MemcubedError, NotFound, Unauthorized
from app.doors.console.rendering import render_error
from app.doors.console.visits import COOKIE, FormValues, Visit
from app.services.platform import console_sessions
from app.services.platform.console_sessions import ConsoleSession

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
PREFIX = "/console"
FORM_BYTES = 64 * 1024
_MAX_FIELDS = 600  # a feedback may name 500 items
_MAX_QUERY_FIELDS = 40
_FORM_TYPE = "application/x-www-form-urlencoded"
_ANONYMOUS = b"console without a session"  # they share the slots of one key
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class ConsoleHeaders:
    """Adds the console's security headers to all its answers, those to unknown paths and faults too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PREFIX or path.startswith(PREFIX + "/")):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ConsoleRoute(APIRoute):
    """A page for somebody who is logged in."""

    needs_session: ClassVar[bool] = True

    def get_route_handler(self) -> Handler:
        """The route's handler, preceded by session, form and CSRF token; its errors become pages."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            visit: Visit | None = None
            try:
                visit = await _admit(request, needs_session=self.needs_session)
                request.state.visit = visit
                return await _run_in_slot(visit, handle)
            except Unauthorized as error:
                return (
                    _ask_for_login(request, error)
                    if self.needs_session
                    else render_error(request, visit, error)
                )
            except MemcubedError as error:
                return render_error(request, visit, error)
            except RequestValidationError:
                return render_error(request, visit, NotFound("There is no such page."))

        return handle_page


class OpenRoute(ConsoleRoute):
    """A page that needs no session: the login, and the static files."""

    needs_session = False


async def _admit(request: Request, *, needs_session: bool) -> Visit:
    """Check session, query and form of a request. Raises `MemcubedError`."""
    admission, head = get_admission(request), RequestHead(request)
    token = request.cookies.get(COOKIE)
    session = await _resume_session(request, admission, token) if needs_session else None
    query = _parse_fields(request.scope["query_string"], "query", _MAX_QUERY_FIELDS)
    if request.method != "POST":
        if head.has_body:
            reject_body(await read_body(request, head, EMPTY_BODY_BYTES, admission.limits))
        return Visit(request, request.app.state.resources, session, query, {})
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != _FORM_TYPE:
        raise InvalidInput(f"Send a form as {_FORM_TYPE}.", field="Content-Type")
    # What a browser says of where a form stood can't be forged by a page of somebody else.
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("This form was not sent by the console.")
    raw = await read_body(request, head, FORM_BYTES, admission.limits)
    form = _parse_fields(bytes(raw), "form", _MAX_FIELDS)
    given = form.pop("csrf", [""])
    if session is not None and not hmac.compare_digest(given[0].encode(), session.csrf_token.encode()):
        raise Forbidden("This form is out of date: open the page again, and repeat what you did.")
    if session is None:
        form["csrf"] = given
    return Visit(request, request.app.state.resources, session, query, form)


async def _resume_session(request: Request, admission: AdmissionControl, token: str | None) -> ConsoleSession:
    return await anyio.to_thread.run_sync(
        console_sessions.resume_session, request.app.state.resources, token, limiter=admission.lookups
    )


def _parse_fields(raw: bytes, what: str, most: int) -> FormValues:
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError as exc:
        raise InvalidInput(f"The {what} is not percent-encoded UTF-8 of at most {most} fields.") from exc
    fields: FormValues = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise InvalidInput("must not contain the character U+0000", field=name.replace("\x00", ""))
        fields.setdefault(name, []).append(value)
    return fields


async def _run_in_slot(visit: Visit, handle: Handler) -> Response:
    key = visit.session.key_digest if visit.session is not None else _ANONYMOUS
    slot = RequestSlot(get_admission(visit.request).concurrency, key)
    await slot.acquire_slot()
    try:
        return await handle(visit.request)
    finally:
        slot.release_slot()


def _ask_for_login(request: Request, error: Unauthorized) -> Response:
    address = f"{PREFIX}/login"
    if request.method == "GET" and request.url.path != PREFIX:
        query = f"?{request.url.query}" if request.url.query else ""
        address += "?next=" + quote(request.url.path + query, safe="")
    if "hx-request" in request.headers:
        return Response(error.message, 401, {"HX-Redirect": address}, "text/plain")
    answer = RedirectResponse(address, 303)
    answer.delete_cookie(COOKIE, path=PREFIX)
    return answer
