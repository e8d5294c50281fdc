"""Validates the query string of every route: unknown, repeated or empty parameters are rejected."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from app.api.entrance.dependencies import get_principal, get_resources
from app.core.errors import InvalidInput

# Former names, and the name that every route and body has for the same parameter.
ALIASES = {"kind": "kinds", "tag": "tags", "from": "since", "to": "until"}
RENAMED = "memcubed.renamed"  # key in the ASGI scope: the names that the client used, by their present names
_LONGEST_NAME = 60
_bearer = HTTPBearer(auto_error=False)
_declared: dict[Callable[..., Any], Mapping[str, bool]] = {}


async def strict_query(request: Request) -> None:
    """Reject parameters that the route would ignore, and rename former ones to their present names.

    A misspelt filter would widen a list silently, and an ignored `dry_run` would erase a user. Raises
    `InvalidInput` naming the parameter to a caller with a valid key; else `Unauthorized`.
    """
    scope = request.scope
    if not scope["query_string"] and b"%" not in scope.get("raw_path", b""):
        return
    try:
        _check_query(scope)
    except InvalidInput:
        credentials = await _bearer(request)
        await run_in_threadpool(get_principal, await get_resources(request), credentials)
        raise
    if RENAMED in scope:
        # The framework has parsed the query already, for this function too: it must do so again.
        vars(request).pop("_query_params", None)


def declared_parameters(route: Any) -> Mapping[str, bool]:
    """The parameters that a route declares, and whether each may be repeated."""
    declared = _declared.get(route.endpoint)
    if declared is None:
        declared = _declared[route.endpoint] = dict(_iter_parameters(route.dependant))
    return declared


def _iter_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        yield field.alias, _is_list(field.field_info.annotation)
    for part in dependant.dependencies:
        yield from _iter_parameters(part)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def _check_query(scope: Any) -> None:
    """Check path and query of a request. Raises `InvalidInput`."""
    _check_utf8(unquote_to_bytes(scope.get("raw_path", b"")), "path")
    if not scope["query_string"]:
        return
    known = declared_parameters(scope["route"])
    given = _parse_query(scope["query_string"])
    for name, value in given:
        if _current_name(name, known) not in known:
            raise InvalidInput(_unknown_parameter_message(name, known), field=name[:_LONGEST_NAME])
        if not value:
            raise InvalidInput(f"The parameter `{name}` is empty: leave it out.", field=name)
    renamed = {_current_name(name, known): name for name, _ in given if _current_name(name, known) != name}
    names = Counter(name for name, _ in given)
    for name in names:
        if names[name] > 1 and not known[_current_name(name, known)]:
            raise InvalidInput(f"The parameter `{name}` takes one value, and has {names[name]}.", field=name)
        if renamed.get(name):
            message = f"`{renamed[name]}` is the name of before for `{name}`: give one of them."
            raise InvalidInput(message, field=renamed[name])
    if renamed:
        scope[RENAMED] = renamed
        scope["query_string"] = urlencode(
            [(_current_name(name, known), value) for name, value in given]
        ).encode()


def _parse_query(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as exc:
        raise InvalidInput("The query is not percent-encoded UTF-8.", field="query") from exc


def _check_utf8(raw: bytes, field: str) -> None:
    # What can't be decoded would reach a route as U+FFFD, so that two different addresses were one id.
    try:
        raw.decode()
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"The {field} is not percent-encoded UTF-8.", field=field) from exc


def _current_name(name: str, known: Mapping[str, bool]) -> str:
    """The present name of a parameter, if the route has it."""
    return ALIASES[name] if name not in known and ALIASES.get(name) in known else name


def _unknown_parameter_message(name: str, known: Mapping[str, bool]) -> str:
    shown = name[:_LONGEST_NAME]
    if not known:
        return f"There is no parameter `{shown}`: this route takes none."
    near = get_close_matches(shown, known, n=1)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else "it takes " + ", ".join(f"`{parameter}`" for parameter in sorted(known))
    )
    return f"This route has no parameter `{shown}`; {hint}"


def add_alias_parameters(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of an operation in the OpenAPI document, followed by deprecated former names."""
    names = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
    old = [
        names[new] | {"name": name, "required": False, "deprecated": True, "description": f"Now `{new}`"}
        for name, new in ALIASES.items()
        if new in names and name not in names
    ]
    return [*parameters, *old]
