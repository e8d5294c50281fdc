"""Errors on the wire: RFC 9457 problem+json, naming the field."""

from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.query import RENAMED
from app.core.errors import MemcubedError
from app.core.telemetry import REQUEST_ID
from app.schemas.common import Problem

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


def add_handlers(app: FastAPI) -> None:
    """Answer every error in the one form."""
    app.add_exception_handler(MemcubedError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _answer(
    status: int, code: str, detail: str, headers: dict[str, str] | None = None, **rest: Any
) -> Response:
    problem = Problem(
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        request_id=REQUEST_ID.get(),
        **rest,
    )
    body = orjson.dumps(problem.model_dump(exclude_none=True))
    return Response(body, status, headers, MEDIA_TYPE)


def _ours(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, MemcubedError)
    headers = {"WWW-Authenticate": "Bearer"} if exc.status == 401 else {}
    if exc.status == 503:
        headers["Retry-After"] = "1"
    return _answer(exc.status, exc.code, exc.message, headers, field=_given(request, exc.field))


def _invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    errors = [
        {"field": _given(request, _path(error["loc"])) or "", "message": str(error["msg"])}
        for error in exc.errors()
    ]
    first = errors[0] if errors else {"field": "body", "message": "invalid"}
    detail = f"{first['field']}: {first['message']}"
    return _answer(422, "invalid_input", detail, field=first["field"], errors=errors)


def _http(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(exc.status_code, "bad_request")
    return _answer(exc.status_code, code, str(exc.detail), dict(exc.headers or {}))


def _unexpected(_request: Request, exc: Exception) -> Response:
    # The text of an unknown exception may hold message text, so only its type is told and logged.
    log.error("unexpected_error", error=type(exc).__name__, exc_info=False)
    return _answer(500, "internal", "Something went wrong here; the request id finds it in the logs.")


def _given(request: Request, field: str | None) -> str | None:
    """The field by the name that the client gave it."""
    renamed = request.scope.get(RENAMED)
    if renamed is None or field is None:
        return field
    name, bracket, rest = field.partition("[")
    return renamed.get(name, name) + bracket + rest


def _path(location: tuple[int | str, ...]) -> str:
    """`("body", "turns", 3, "role")` as `turns[3].role`."""
    parts = list(location)
    if parts and parts[0] in {"body", "query", "path", "header"} and len(parts) > 1:
        parts = parts[1:]
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    # The name of an unknown field is the client's, and need not be valid Unicode.
    return path.encode(errors="replace").decode()
