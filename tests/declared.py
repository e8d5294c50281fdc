"""Fails a test whose answer the document of the API does not declare: its status, and the headers it has."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx

# What any request may get: a method or a path that is not there, slow bodies, our faults.
ANYWHERE = {405, 408, 499, 500}
_DOCUMENT = Path(__file__).parents[1] / "openapi" / "openapi.json"


@cache
def _document() -> dict[str, Any]:
    return json.loads(_DOCUMENT.read_text())


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """The paths, those with the longest literal part first, as the parameters may hold slashes."""
    paths = sorted(_document()["paths"].items(), key=lambda item: -len(re.sub(r"\{\w+\}", "", item[0])))
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(path)) + "/?"), operations)
        for path, operations in paths
    ]


def find_operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, operations in _patterns():
        if pattern.fullmatch(path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def check_declared(response: httpx.Response) -> None:
    """An event hook of httpx."""
    request = response.request
    operation = find_operation(request.method, request.url.path)
    if operation is None or response.status_code in ANYWHERE:
        return
    told = operation["responses"].get(str(response.status_code))
    where = f"{operation['operationId']} answers {response.status_code}, which the document does not say"
    assert told is not None, where
    if "$ref" in told:
        told = _document()["components"]["responses"][told["$ref"].rsplit("/", 1)[-1]]
    missing = [name for name in told.get("headers", {}) if name not in response.headers]
    assert not missing, f"{operation['operationId']} answers {response.status_code} without {missing}"
