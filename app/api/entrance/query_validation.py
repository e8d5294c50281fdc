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

# Names of before, and the name that every route and body has for the same thing.
ALIASES = {"kind": "kinds", "tag": "tags", "from": "since", "to": "until"}
RENAMED = "memcubed.renamed"  # in the scope of a request: the names that the client gave, by ours
_LONGEST_NAME = 60
_bearer = HTTPBearer(auto_error=False)
_declared: dict[Callable[..., Any], Mapping[str, bool]] = {}


async def strict_query(request: Request) -> None:
    """Refuse what the route would ignore, and give parameters of before the names of today.

    A misspelt filter widens a list in silence, and a `dry_run` that nobody reads erases a user. Raises
    `InvalidInput` naming the parameter, to whoever has a key; else `Unauthorized`.
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
        # The framework has parsed the query by now, for this function too: it is to do so again.
        vars(request).pop("_query_params", None)


def declared_parameters(route: Any) -> Mapping[str, bool]:
    """The parameters that a route declares, and whether each may be given more than once."""
    found = _declared.get(route.endpoint)
    if found is None:
        found = _declared[route.endpoint] = dict(_iter_parameters(route.dependant))
    return found


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
    # What can't be decoded would reach a route as U+FFFD, so that two addresses were one id.
    try:
        raw.decode()
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"The {field} is not percent-encoded UTF-8.", field=field) from exc


def _current_name(name: str, known: Mapping[str, bool]) -> str:
    """The name of today of a parameter, where the route has it."""
    return ALIASES[name] if name not in known and ALIASES.get(name) in known else name


def _unknown_parameter_message(name: str, known: Mapping[str, bool]) -> str:
    shown = name[:_LONGEST_NAME]
    if not known:
        return f"There is no parameter `{shown}`: this route takes none."
    near = get_close_matches(shown, known, n=1)
    told = (
        f"did you mean `{near[0]}`?" if near else "it takes " + ", ".join(f"`{one}`" for one in sorted(known))
    )
    return f"This route has no parameter `{shown}`; {told}"


def add_alias_parameters(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of an operation in the OpenAPI document, those of before after them as deprecated."""
    names = {one["name"]: one for one in parameters if one["in"] == "query"}
    old = [
        names[new] | {"name": name, "required": False, "deprecated": True, "description": f"Now `{new}`"}
        for name, new in ALIASES.items()
        if new in names and name not in names
    ]
    return [*parameters, *old]
