"""The pages that a browser opens: the start page and the document of the API. None needs the internet."""

from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api.entrance.trailing_slashes import is_served
from app.core.version import VERSION

# Swagger UI is in the package; the page has no script and no address but its own.
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_START = """\
const base = document.currentScript.dataset.base;
SwaggerUIBundle({
  url: base + "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, docExpansion: "list",
  defaultModelsExpandDepth: 0, persistAuthorization: false, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""
_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>memcubed API</title><link rel="stylesheet" href="{base}/docs/swagger-ui.css">
<link rel="icon" href="{base}/docs/favicon-32x32.png"></head>
<body><div id="swagger-ui"></div><script src="{base}/docs/swagger-ui-bundle.js"></script>
<script src="{base}/docs/start.js" data-base="{base}"></script></body></html>
"""
_WELCOME = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>memcubed</title></head>
<body><h1>memcubed {version}</h1><p>Memory as a service for LLM chat apps and agents.</p>
<ul>{links}</ul></body></html>
"""
_LINKS = {
    "docs": ("/docs", "All calls, to read and to try"),
    "openapi": ("/openapi.json", "The OpenAPI file, to generate a client from"),
    "console": ("/console", "The console: users, turns, memories, jobs"),
    "ready": ("/readyz", "Whether requests can be answered"),
}
_NOTHING_ELSE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_CSP_DOCS = (
    f"{_NOTHING_ELSE}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'"
)


def add_pages(app: FastAPI) -> None:
    """Serve the pages of the app."""
    app.add_route("/", show_start_page, include_in_schema=False)
    app.add_route("/docs", show_docs, include_in_schema=False)
    app.add_route("/docs/start.js", _serve_text(_START, "text/javascript"), include_in_schema=False)
    for name, media_type in _ASSETS.items():
        app.add_route(f"/docs/{name}", _serve_asset(name, media_type), include_in_schema=False)


async def show_start_page(request: Request) -> Response:
    """What is here, as a page or, for a program, as JSON."""
    router, scope = request.scope["router"], request.scope
    links = {name: link for name, link in _LINKS.items() if is_served(router, scope, link[0])}
    base = request.scope.get("root_path", "")
    if "application/json" in request.headers.get("accept", ""):
        paths = {name: base + path for name, (path, _) in links.items()}
        return JSONResponse({"name": "memcubed", "version": VERSION} | paths)
    items = "".join(
        f'<li><a href="{escape(base + path)}">{escape(path)}</a>: {escape(text)}</li>'
        for path, text in links.values()
    )
    page = _WELCOME.format(version=escape(VERSION), links=items)
    return HTMLResponse(page, headers=_headers(_NOTHING_ELSE))


async def show_docs(request: Request) -> Response:
    """The document of the API, to read and to try."""
    base = escape(request.scope.get("root_path", ""))
    return HTMLResponse(_PAGE.format(base=base), headers=_headers(_CSP_DOCS))


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept",
    }


@cache
def _read_asset(name: str) -> bytes:
    return files("fastapi_swagger").joinpath("resources", name).read_bytes()


def _serve_asset(name: str, media_type: str) -> Callable[[Request], Response]:
    def serve(_request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Response(_read_asset(name), media_type=media_type, headers=headers)

    return serve


def _serve_text(text: str, media_type: str) -> Callable[[Request], Response]:
    def serve(_request: Request) -> Response:
        return Response(text, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})

    return serve
