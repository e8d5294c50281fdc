"""Renders the templates; every value in them is escaped."""

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import MemcubedError
from app.core.telemetry import REQUEST_ID
from app.core.version import VERSION
from app.doors.console.views.hostile_text import shorten_text, show_text
from app.doors.console.visits import THEME_COOKIE, Visit

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
STATIC_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "uplot.min.js": "text/javascript; charset=utf-8",
    "uplot.min.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_TITLES = {
    401: "Not logged in",
    403: "Not allowed",
    404: "Not here",
    409: "Not now",
    429: "Too many requests",
}


def render(visit: Visit, template: str, code: int = 200, /, **values: Any) -> Response:
    """A page, answered with this status code."""
    return _to_response(visit.request, template, code, {"visit": visit, **values})


def render_error(request: Request, visit: Visit | None, error: MemcubedError) -> Response:
    """The page of an error; as a part of a page if that is what was asked for."""
    template = "error_part.html" if "hx-request" in request.headers else "error.html"
    values = {
        "visit": visit,
        "title": _TITLES.get(error.status, "That did not work"),
        "message": error.message,
        "status": error.status,
        "request_id": REQUEST_ID.get(),
    }
    answer = _to_response(request, template, error.status, values)
    if error.status in {429, 503}:
        answer.headers["Retry-After"] = "5"
    return answer


def _to_response(request: Request, template: str, code: int, values: dict[str, Any]) -> Response:
    theme = request.cookies.get(THEME_COOKIE)
    values.setdefault("user", None)
    values |= {"theme": theme if theme in {"light", "dark"} else None, "path": request.url.path}
    return HTMLResponse(_environment().get_template(template).render(values), code)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    functions: dict[str, Any] = {"url": build_url, "asset": build_asset_url, "version": VERSION}
    environment.globals |= functions
    environment.filters.update(
        text=show_text,
        short=shorten_text,
        moment=show_moment,
        day=show_day,
        words=show_words,
        seconds=show_seconds,
    )
    return environment


def build_url(path: str, **query: Any) -> str:
    """The address of a page of the console; what is None is left out."""
    given = [(name, str(value)) for name, value in query.items() if value is not None]
    return f"/console{path}" + (f"?{urlencode(given)}" if given else "")


@lru_cache(maxsize=32)
def build_asset_url(name: str) -> str:
    """The address of a static file, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/console/static/{name}?v={digest}"


def show_moment(value: datetime | None) -> Markup | str:
    """A date and time in UTC."""
    return "–" if value is None else _to_time(value, f"{value.day} {value:%b} {value.year:04} {value:%H:%M}")


def show_day(value: datetime | None) -> Markup | str:
    """A date in UTC."""
    return "–" if value is None else _to_time(value, f"{value.day} {value:%b} {value.year:04}")


def _to_time(value: datetime, words: str) -> Markup:
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(value.isoformat(), words)


def show_words(value: str) -> str:
    """A name of the vocabulary as words."""
    return value.replace("_", " ")


def show_seconds(value: float | None) -> str:
    """A duration."""
    if value is None:
        return "–"
    if value < 1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.0f} min"
