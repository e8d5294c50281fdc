"""CORS: which pages of other origins may call the API with a key of their own."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match")
_EXPOSED = ("Content-Disposition", "ETag", "Location", "Retry-After", "X-Request-ID")


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of these origins call the app. Added last, so that a 500 is readable for them too.

    Without credentials: a key is sent by the page's own code, and no cookie of the browser's ever is.
    """
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_HEADERS,
        expose_headers=_EXPOSED,
        allow_credentials=False,
    )
