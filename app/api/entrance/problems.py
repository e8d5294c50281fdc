"""Error responses: RFC 9457 problem+json that names the field."""

import re
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.entrance.query_validation import RENAMED
from app.core.errors import MemcubedError
from app.core.telemetry import REQUEST_ID
from app.core.vocabulary import ProblemCode
from app.schemas.common import FieldError, Problem
from app.schemas.faults import describe_faults

MEDIA_TYPE = "application/problem+json"


_CODES = {404: ProblemCode.NOT_FOUND, 405: ProblemCode.METHOD_NOT_ALLOWED}
MAX_ERRORS, MAX_CHARACTERS = 100, 300


def add_exception_handlers(app: FastAPI) -> None:
    """Answer every error as problem+json; the outermost middleware answers unexpected exceptions."""
    app.add_exception_handler(MemcubedError, _handle_service_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_exception_handler(ClientDisconnect, _handle_disconnect)


def internal_error_response() -> Response:
    """The response to an unexpected exception. It says nothing about it, as its text may quote anything."""
    return _problem_response(
        500, ProblemCode.INTERNAL, "Something went wrong here; the request id finds it in the logs."
    )


def refused_origin_response(refused: Sequence[str], headers: dict[str, str]) -> Response:
    """The response to a page that may not send what it asks for: its origin, method, headers or several."""
    detail = f"A page may not send this: {', '.join(refused)} not allowed."
    if "origin" in refused:
        detail += " Pages of the origins in MEMCUBED_CORS_ORIGINS may call the API."
    return _problem_response(400, ProblemCode.BAD_REQUEST, detail, headers)


def _problem_response(
    status: int, code: ProblemCode, detail: str, headers: dict[str, str] | None = None, **rest: Any
) -> Response:
    return Response(
        encode_problem(status, code, detail, REQUEST_ID.get(), **rest), status, headers, MEDIA_TYPE
    )


def to_problem(error: MemcubedError) -> Problem:
    """The problem of an error that is part of an answer."""
    return Problem(
        title=error.code.replace("_", " ").capitalize(),
        status=error.status,
        code=error.code,
        detail=_truncate_text(error.message),
        field=error.field,
    )


def encode_problem(status: int, code: ProblemCode, detail: str, request_id: str | None, **rest: Any) -> bytes:
    """The body of an error response."""
    problem = Problem(
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=_truncate_text(detail),
        request_id=request_id,
        **rest,
    )
    return orjson.dumps(problem.model_dump(exclude_none=True))


# The handlers are coroutines, as a plain function would be run in a thread.


async def _handle_service_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, MemcubedError)
    headers, detail = {}, exc.message
    if exc.status == 401:
        headers, detail = {"WWW-Authenticate": "Bearer"}, detail + _describe_credentials(request)
    if exc.status in {429, 503}:
        headers["Retry-After"] = "1"
    field = _client_field_name(request, exc.field)
    field = _truncate_text(field) if field is not None else None
    return _problem_response(exc.status, exc.code, detail, headers, field=field)


def _describe_credentials(request: Request) -> str:
    """What came in place of a bearer key. What it says is never repeated: it may be a key."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest:
        return ""
    if rest and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,19}", scheme):
        return f" The scheme that came is `{scheme}`."
    if scheme:
        return " What came is no scheme and a key."
    if "x-api-key" in request.headers:
        return " `X-API-Key` came, which is not read."
    return ""


async def _handle_validation_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    errors = [
        FieldError(
            field=_truncate_text(_client_field_name(request, field) or ""), message=_truncate_text(message)
        )
        for field, message in _describe_request(request, exc.errors()[:MAX_ERRORS])
    ]
    first = errors[0] if errors else FieldError(field="body", message="invalid")
    detail = f"{first.field}: {first.message}"
    return _problem_response(422, ProblemCode.INVALID_INPUT, detail, field=first.field, errors=errors)


def _describe_request(request: Request, errors: Sequence[Any]) -> list[tuple[str, str]]:
    """The faults of body and parameters, by what the client calls them."""
    body = getattr(getattr(request.scope.get("route"), "body_field", None), "field_info", None)
    of_body = [error | {"loc": error["loc"][1:]} for error in errors if error["loc"][0] == "body"]
    others = [error | {"loc": error["loc"][1:]} for error in errors if error["loc"][0] != "body"]
    found = describe_faults(body.annotation if body is not None else None, of_body)
    return [*((path or "body", text) for path, text in found), *describe_faults(None, others)]


async def _handle_http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    code = _CODES.get(exc.status_code, ProblemCode.BAD_REQUEST)
    headers, detail = dict(exc.headers or {}), str(exc.detail)
    if exc.status_code == 404:
        detail = "There is no such path here; /docs lists those that there are."
    if exc.status_code == 405:
        detail = f"This path does not take {request.method}, but {headers.get('Allow', 'other methods')}."
    return _problem_response(exc.status_code, code, detail, headers)


async def _handle_disconnect(_request: Request, _exc: Exception) -> Response:
    return Response(status_code=499)  # no client reads it; it is for the log and the metrics


def _client_field_name(request: Request, field: str | None) -> str | None:
    """The field by the name that the client used."""
    renamed = request.scope.get(RENAMED)
    if renamed is None or field is None:
        return field
    name, bracket, rest = field.partition("[")
    return renamed.get(name, name) + bracket + rest


def _truncate_text(text: str) -> str:
    """A text that may quote the client, shortened to MAX_CHARACTERS and made valid Unicode."""
    text = text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "…"
    return text.encode(errors="replace").decode()
