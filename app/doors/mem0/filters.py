"""mem0's filters: AND, OR and NOT of comparisons, as conditions for each user whom they allow.

A filter names users in the middle of everything else ("user ann, or run 7"), while memories are searched
user by user. So it is parsed to one tree, the tree says which users can pass it at all, and for each of these
it is evaluated as far as the user decides; what is left is a condition on the memories.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import InvalidInput
from app.core.json_values import find_json_fault
from app.doors.mem0 import filter_leaves as leaves
from app.doors.mem0.filter_leaves import UserIs
from app.doors.mem0.refusals import NotOffered
from app.memory.metadata_filters import AllOf, AnyOf, Condition, Not

ENTITY_FIELDS = ("user_id", "agent_id", "app_id", "run_id")
MAX_DEPTH = 8
MAX_LEAVES = 64
_LOGIC = {"AND", "OR", "NOT"}
_NOT_OFFERED = {
    "timestamp": "when it was said is not the time that mem0 filters by; use created_at",
    "text": "filter by keywords",
    "keywords_search": "filter by keywords",
    "feedback": "feedback strengthens memories and is no field of theirs",
}


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """At least one part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class No:
    """The part does not hold."""

    part: "Node"


Node = All | Any_ | No | UserIs | Condition
_Parser = Callable[[str, Any], Node]


class FilterParser:
    """Parses one filter; `is_open` takes unknown fields as keys of metadata, as mem0's own server does."""

    def __init__(self, *, is_open: bool) -> None:
        self._is_open = is_open
        self._leaves = 0

    def parse(self, filters: Any, field: str = "filters", depth: int = 0) -> Node:
        """The tree of a filter. Raises `InvalidInput` and `NotOffered`, naming the part."""
        if not isinstance(filters, Mapping):
            raise InvalidInput("A filter is an object.", field=field)
        if depth >= MAX_DEPTH:
            raise InvalidInput(f"Filters are nested at most {MAX_DEPTH} deep.", field="filters")
        parts = [
            self._parse_member(str(key), value, f"{field}.{key}", depth) for key, value in filters.items()
        ]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _parse_member(self, key: str, value: Any, field: str, depth: int) -> Node:
        if key not in _LOGIC:
            return self._parse_leaf(key, value, field)
        if key == "NOT" and isinstance(value, Mapping):
            return No(self.parse(value, field, depth + 1))
        if not isinstance(value, list) or not value:
            raise InvalidInput("This takes a list of conditions.", field=field)
        if len(value) > MAX_LEAVES:
            raise _too_many()
        parts = tuple(self.parse(part, f"{field}[{at}]", depth + 1) for at, part in enumerate(value))
        if key == "AND":
            return All(parts)
        return Any_(parts) if key == "OR" else No(Any_(parts))

    def _parse_leaf(self, key: str, value: Any, field: str) -> Node:
        self._leaves += 1
        if self._leaves > MAX_LEAVES:
            raise _too_many()
        if key in _NOT_OFFERED:
            raise NotOffered(f"Filter by {key}: {_NOT_OFFERED[key]}.", field=field)
        fault = find_json_fault(value)
        if fault is not None:
            raise InvalidInput(fault, field=field)
        if key in leaves.PARSERS:
            return leaves.PARSERS[key](field, value)
        if self._is_open:
            return leaves.parse_metadata_key(key, field, value)
        known = ", ".join([*sorted(_LOGIC), *leaves.PARSERS])
        raise InvalidInput(f"There is no field {key[:60]!r}; there are {known}.", field="filters")


def _too_many() -> InvalidInput:
    return InvalidInput(f"A filter has at most {MAX_LEAVES} conditions.", field="filters")


def names_an_entity(value: Any, depth: int = 0) -> bool:
    """Whether a filter, which may not be valid, says anything of a user, agent, app or run."""
    if isinstance(value, list):
        return depth <= 2 * MAX_DEPTH and any(names_an_entity(part, depth + 1) for part in value[:MAX_LEAVES])
    if not isinstance(value, Mapping) or depth > 2 * MAX_DEPTH:
        return False
    return any(key in ENTITY_FIELDS for key in value) or any(
        names_an_entity(value[key], depth + 1) for key in _LOGIC & value.keys()
    )


def find_named_users(node: Node) -> frozenset[str] | None:
    """The users who can pass a filter; None when it does not say."""
    match node:
        case UserIs():
            return None if node.is_negated else node.names
        case All():
            named = [users for users in map(find_named_users, node.parts) if users is not None]
            return frozenset.intersection(*named) if named else None
        case Any_():
            branches = [find_named_users(part) for part in node.parts]
            if any(users is None for users in branches):
                return None
            return frozenset[str]().union(*(users for users in branches if users is not None))
        case _:
            return None


def find_named(node: Node, field: str) -> Sequence[str] | None:
    """The agents, apps or runs that whatever passes the filter has one of; None when it does not say."""
    if isinstance(node, All):
        found = (find_named(part, field) for part in node.parts)
        return next((names for names in found if names is not None), None)
    return leaves.names_in(node, field) if isinstance(node, Condition) else None


def resolve_for_user(node: Node, user_id: str, is_pseudo: bool) -> Condition | bool:
    """What is left of the filter for one user: a condition, or whether everything of the user passes."""
    match node:
        case UserIs():
            is_meant = user_id in node.names if node.names is not None else not is_pseudo
            return is_meant is not node.is_negated
        case All() | Any_():
            parts = [resolve_for_user(part, user_id, is_pseudo) for part in node.parts]
            return _combine(parts, is_any=isinstance(node, Any_))
        case No():
            part = resolve_for_user(node.part, user_id, is_pseudo)
            return not part if isinstance(part, bool) else Not(part)
        case _:
            return node


def _combine(parts: Sequence[Condition | bool], *, is_any: bool) -> Condition | bool:
    if any(part is is_any for part in parts):
        return is_any  # one part decides
    left = tuple(part for part in parts if not isinstance(part, bool))
    if len(left) <= 1:
        return left[0] if left else not is_any
    return AnyOf(left) if is_any else AllOf(left)


def parse_filters(filters: Any, *, is_open: bool = False) -> Node:
    """The tree of a filter; an empty one passes everything."""
    return FilterParser(is_open=is_open).parse(filters if filters is not None else {})
