"""Errors in the form of OpenAI's API, for every fault of a request to this door."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.entrance.guarded_route import GuardedRoute
from app.core.errors import MemcubedError

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def error_response(
    status: int, code: str, message: str, param: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """An error as OpenAI's clients read it."""
    kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Response(orjson.dumps(body), status, headers, "application/json")


def _to_response(error: MemcubedError) -> Response:
    headers = {"Retry-After": "1"} if error.status in {429, 503} else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    status = 400 if error.status == 422 else error.status  # what OpenAI answers to a bad field
    return error_response(status, str(error.code), error.message, error.field, headers)


class OpenAIRoute(GuardedRoute):
    """A guarded route that tells what is wrong in OpenAI's form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, whose errors are answered in OpenAI's form."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except MemcubedError as error:
                return _to_response(error)
            except RequestValidationError:
                return error_response(400, "invalid_input", "Send a JSON object as application/json.", "body")
            except HTTPException as error:
                return error_response(error.status_code, "bad_request", str(error.detail))

        return answer
