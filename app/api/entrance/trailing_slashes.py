"""Serves a path with a slash at its end as the one without: no client needs to follow a redirection."""

from typing import Any

from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlashes:
    """Takes the last slash off a path that no route has with it.

    Where an id may end in a slash the route has the path as it is, so nobody else's data is reached.
    """

    def __init__(self, app: ASGIApp, router: Router) -> None:
        self._app, self._router = app, router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        raw_path: bytes = scope.get("raw_path") or b""
        if scope["type"] == "http" and raw_path.endswith(b"/") and len(scope["path"]) > 1:
            path: str = scope["path"]
            if not is_served(self._router, scope, path):
                scope = {**scope, "path": path[:-1], "raw_path": raw_path[:-1]}
        await self._app(scope, receive, send)


def is_served(router: Router, scope: Any, path: str) -> bool:
    """Whether a route takes this path with the method of the request."""
    asked = scope | {"path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in router.routes)
