"""Shapes the messages of the document so that generators make code of them that compiles."""

from collections.abc import Iterator
from typing import Any

import orjson

from app.api.contract.texts import OWN_PROPERTIES, PROPERTIES

# Answers that leave out what is null or empty; `app/schemas/search/search.py` says which fields.
LEAVE_OUT_EMPTY = {"SearchItem", "SearchResults", "MemorySource", "MemorySnapshot"}
_ALWAYS_THERE = {"SearchResults": {"items", "abstained"}}
_PREFIX = "#/components/schemas/"
_INSTANT = "ISO 8601 with zone"


def shape_messages(document: dict[str, Any]) -> None:
    """Describe all properties, and tell requests and answers apart in what they say of absent fields."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    requested = find_requested(document)
    for name, schema in schemas.items():
        if "properties" not in schema:
            continue
        _describe_properties(name, schema["properties"])
        for part in schema["properties"].values():
            part.pop("title", None)
        if name in requested:
            for part in schema["properties"].values():
                _move_default(part)
        else:
            _require_answered(name, schema)


def find_requested(document: dict[str, Any]) -> set[str]:
    """The names of all components that a request may have."""
    bodies = [
        operation["requestBody"]
        for path in document["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    found: set[str] = set()
    waiting = list(_iter_references(bodies))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_iter_references(document["components"]["schemas"][name]))
    return found


def _iter_references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _iter_references(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value.removeprefix(_PREFIX)
            else:
                yield from _iter_references(value)


def _describe_properties(component: str, properties: dict[str, Any]) -> None:
    for name, part in properties.items():
        text = OWN_PROPERTIES.get(f"{component}.{name}")
        if text is None and part.get("description") in {None, _INSTANT}:
            text = PROPERTIES.get(name)
        if text is not None:
            part["description"] = text


def _move_default(part: dict[str, Any]) -> None:
    """Say the default in words: to some generators a field that has one in the schema must be there."""
    if "default" not in part:
        return
    default = part.pop("default")
    said: str = part.get("description", "")
    if default not in (None, {}, []) and "default" not in said.lower():
        part["description"] = f"{said}; default: `{orjson.dumps(default).decode()}`".lstrip("; ")


def _require_answered(component: str, schema: dict[str, Any]) -> None:
    """An answer has all of its fields, but for those that are left out when they are empty."""
    properties: dict[str, Any] = schema["properties"]
    for part in properties.values():
        part.pop("default", None)
    if component in LEAVE_OUT_EMPTY:
        there = _ALWAYS_THERE.get(component) or {
            name for name in schema.get("required", ()) if not _may_be_null(properties[name])
        }
        schema["required"] = [name for name in properties if name in there]
        if not there:
            schema.pop("required")
    elif component != "Problem":
        schema["required"] = list(properties)


def _may_be_null(part: dict[str, Any]) -> bool:
    return {"type": "null"} in part.get("anyOf", ())
