"""Adds the console to the app."""

from fastapi import FastAPI

from app.doors.console.console_route import ConsoleHeaders
from app.doors.console.routes import (
    conflicts,
    entities,
    erasures,
    jobs,
    login,
    memories,
    overview,
    search,
    turns,
    usage,
    users,
)
from app.doors.console.routes import keys as key_routes

_ROUTE_MODULES = (
    overview,
    users,
    turns,
    memories,
    conflicts,
    entities,
    search,
    jobs,
    usage,
    key_routes,
    erasures,
)


def add_console(app: FastAPI) -> None:
    """Add the pages, and the headers that every answer below `/console` has."""
    app.include_router(login.router)
    for part in _ROUTE_MODULES:
        app.include_router(part.router)
    app.include_router(login.unknown_router)  # the last one: it takes what no other route has
    app.add_middleware(ConsoleHeaders)
