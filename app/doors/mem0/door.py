"""The door itself: mem0's headers and paths in, our routes, mem0's form of errors out."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.doors.mem0 import platform_routes, refused_routes, server_routes
from app.doors.mem0.platform_routes import PATH
from app.doors.mem0.refusals import HANDLERS

__all__ = ["PATH", "create_door"]
_SCHEMES = (b"token ", b"bearer ")


@dataclass(frozen=True, slots=True)
class _MeasuredRoute:
    """What logs and metrics call a route of the door."""

    path: str


class _Mem0Door:
    """Reads the key wherever mem0's clients send it, and takes every path with and without its slash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        inner = {
            **scope,
            "headers": _with_bearer_key(scope["headers"]),
            "path": path[:-1] if path.endswith("/") else path,
        }
        try:
            await self._app(inner, receive, send)
        finally:
            route = getattr(inner.get("route"), "path", None)
            scope["route"] = _MeasuredRoute(f"{PATH}{route}" if route is not None else PATH)


def _with_bearer_key(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with the key as the rest of the service reads it, whether from `Token` or `X-API-Key`."""
    given = next((value for name, value in headers if name == b"authorization"), None)
    if given is None:
        key = next((value for name, value in headers if name == b"x-api-key"), None)
        return headers if key is None else [*headers, (b"authorization", b"Bearer " + key)]
    for scheme in _SCHEMES:
        if given.lower().startswith(scheme):
            others = [(name, value) for name, value in headers if name != b"authorization"]
            return [*others, (b"authorization", b"Bearer " + given[len(scheme) :].strip())]
    return headers


def create_door() -> ASGIApp:
    """The door, to be mounted at `PATH` of the app."""
    router = APIRouter(redirect_slashes=False)
    for part in (refused_routes, platform_routes, server_routes):
        router.include_router(part.router)
    return _Mem0Door(ExceptionMiddleware(router, handlers=dict(HANDLERS)))
