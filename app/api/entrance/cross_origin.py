"""CORS: which pages of other origins may call the API with a key of their own."""

from collections.abc import Sequence

from fastapi import FastAPI, Response
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from app.api.entrance.problems import refused_origin_response

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match")
_EXPOSED = ("Content-Disposition", "ETag", "Location", "Retry-After", "X-Request-ID")


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of these origins call the app. Added last, so that a 500 is readable for them too.

    Without credentials: a key is sent by the page's own code, and no cookie of the browser's ever is.
    """
    app.add_middleware(
        _CrossOrigin,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_HEADERS,
        expose_headers=_EXPOSED,
        allow_credentials=False,
    )


class _CrossOrigin(CORSMiddleware):
    """Answers a preflight request that it refuses in the form of all errors, not as a text."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer what a browser asks before it sends a request of a page."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        refused = bytes(answer.body).decode().removeprefix("Disallowed CORS ").split(", ")
        kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return refused_origin_response(refused, kept)
