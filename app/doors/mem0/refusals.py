"""What this door refuses: in mem0's form of an error, saying what and why, instead of ignoring it."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from app.core.errors import MemcubedError
from app.core.telemetry import REQUEST_ID
from app.core.vocabulary import ProblemCode

_MAX_CHARACTERS = 500


class NotOffered(MemcubedError):
    """memcubed has nothing like this."""

    status = 501
    code = ProblemCode.BAD_REQUEST


def error_response(
    status: int, code: str, detail: str, field: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An error as mem0's clients read it: they look for `detail`, its documents name `error`."""
    text = (detail if len(detail) <= _MAX_CHARACTERS else detail[:_MAX_CHARACTERS] + "…").encode(
        errors="replace"
    )
    body = {"detail": text.decode(), "error": text.decode(), "code": code, "request_id": REQUEST_ID.get()}
    if field is not None:
        body["field"] = field[:_MAX_CHARACTERS].encode(errors="replace").decode()
    return Response(orjson.dumps(body), status, dict(headers or {}), "application/json")


async def _answer_service_error(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, MemcubedError)
    status = 400 if exc.status == 422 else exc.status  # mem0 answers what is not valid with a 400
    headers = {"WWW-Authenticate": "Token"} if status == 401 else {}
    if status in {429, 503}:
        headers["Retry-After"] = "1"
    message = exc.message
    if exc.field is not None and exc.field not in message:
        message = f"{exc.field}: {message}"
    code = "not_offered" if isinstance(exc, NotOffered) else exc.code
    return error_response(status, code, message, exc.field, headers)


async def _answer_validation_error(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    place = first["loc"][1:] if first["loc"][:1] in {("body",), ("query",), ("path",)} else first["loc"]
    field = join_path(place) or "body"
    if first["type"] == "json_invalid":
        return error_response(400, "bad_request", f"The body is not JSON at byte {first['loc'][-1]}.", "body")
    return error_response(400, "invalid_input", f"{field}: {first['msg']}", field)


async def _answer_http_error(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(exc.status_code, "bad_request")
    return error_response(exc.status_code, code, str(exc.detail), headers=exc.headers)


async def _answer_disconnect(_request: Request, _exc: Exception) -> Response:
    return Response(status_code=499)  # no client reads it; it is for the log and the metrics


HANDLERS: Mapping[Any, ExceptionHandler] = {
    MemcubedError: _answer_service_error,
    RequestValidationError: _answer_validation_error,
    HTTPException: _answer_http_error,
    ClientDisconnect: _answer_disconnect,
}


def join_path(parts: Iterable[int | str]) -> str:
    """The place of a fault: `("messages", 3, "role")` becomes `messages[3].role`."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
