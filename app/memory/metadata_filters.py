"""Conditions on metadata, evaluated here and compiled to SQL by `db/repositories/search/metadata_filters.py`.

A row has metadata of its own and may inherit that of other rows: a memory that of the turns that state it.
A comparison looks at the row's own value if the row has the key, else at each inherited one, and holds if it
holds for any of them. Negations are exact: `ne` holds where `eq` does not, also where nothing is there. So
"not confidential" leaves out a memory that any confidential turn says.

Values are compared as JSON: nothing is converted, true is not 1, and 1 is 1.0.

A condition may also compare what the rows themselves hold (`RowComparison`). Only the database evaluates
that, as of now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Metadata = Mapping[str, Any]


class Operator(StrEnum):
    """How a comparison compares; those that negate are the negation of one of these."""

    EQ = "eq"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: what stands at `path` (keys of nested objects) with `value`.

    `value` is a JSON value: a list of them for `in`, nothing for `exists`.
    """

    path: tuple[str, ...]
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: "Condition"


class RowColumn(StrEnum):
    """What of a row itself can be compared; agents and sessions of a memory are those of its turns too."""

    ID = "id"
    CONTENT = "content"
    TAGS = "tags"
    RECORDED_AT = "recorded_at"
    UPDATED_AT = "updated_at"
    EXPIRES_AT = "expires_at"
    AGENT = "agent"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class RowComparison:
    """A comparison of a column of the row.

    `value` is a list of texts for `in`, a text for `contains` (the case of letters counts if `is_exact`), and
    a time with its zone for the columns of time; nothing for `exists`.
    """

    column: RowColumn
    operator: Operator
    value: Any = None
    is_exact: bool = True


Condition = Comparison | RowComparison | AllOf | AnyOf | Not
_ABSENT = object()


def matches(condition: Condition, own: Metadata, inherited: Sequence[Metadata] = ()) -> bool:
    """Whether a row with this metadata fulfils the condition."""
    match condition:
        case AllOf():
            return all(matches(part, own, inherited) for part in condition.conditions)
        case AnyOf():
            return any(matches(part, own, inherited) for part in condition.conditions)
        case Not():
            return not matches(condition.condition, own, inherited)
        case RowComparison():
            raise TypeError("a column of the row is compared by the database")
        case Comparison():
            looked_at = (own,) if condition.path[0] in own else inherited
            return any(_holds(condition, _find_value(metadata, condition.path)) for metadata in looked_at)


def _find_value(metadata: Metadata, path: Sequence[str]) -> Any:
    value: Any = metadata
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return _ABSENT
        value = value[key]
    return value


def _holds(comparison: Comparison, found: Any) -> bool:
    if found is _ABSENT:
        return False
    match comparison.operator:
        case Operator.EXISTS:
            return True
        case Operator.EQ:
            return is_same_json(found, comparison.value)
        case Operator.IN:
            return any(is_same_json(found, value) for value in comparison.value)
        case Operator.CONTAINS:
            return _contains(found, comparison.value)
        case _:
            return _is_ordered(comparison.operator, found, comparison.value)


def _contains(found: Any, value: Any) -> bool:
    """Whether a text has this part, or a list this element."""
    if isinstance(found, str):
        return isinstance(value, str) and value in found
    return isinstance(found, list) and any(is_same_json(item, value) for item in found)


def _is_ordered(operator: Operator, found: Any, value: Any) -> bool:
    """Whether two numbers, or two texts by their code points, stand in this order."""
    if _is_number(found) != _is_number(value) or isinstance(found, str) != isinstance(value, str):
        return False
    if not _is_number(found) and not isinstance(found, str):
        return False
    match operator:
        case Operator.GT:
            return found > value
        case Operator.GTE:
            return found >= value
        case Operator.LT:
            return found < value
        case _:
            return found <= value


def is_same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, of the same type at every level; 1 and 1.0 are one number."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same_json, one, other))
    if _is_number(one) and _is_number(other):
        return one == other
    return type(one) is type(other) and one == other


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
