"""The comparisons in mem0's filters, field by field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from app.core.errors import InvalidInput
from app.core.instants import find_instant_fault
from app.doors.mem0.identity import RESERVED_KEY, normalise
from app.doors.mem0.refusals import NotOffered
from app.memory.metadata_filters import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    RowColumn,
    RowComparison,
)

MAX_VALUES = 100
MAX_TEXT = 1_000
_OPERATORS = {"eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "contains", "icontains"}
_ORDER = {"gt": Operator.GT, "gte": Operator.GTE, "lt": Operator.LT, "lte": Operator.LTE}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UserIs:
    """The memory's user is one of these (None = any that is no pseudo-user), or is none if `is_negated`."""

    names: frozenset[str] | None
    is_negated: bool = False


Leaf = UserIs | Condition


def _operators(field: str, value: Any, known: set[str]) -> list[tuple[str, Any]]:
    """The comparisons of a field: a bare value is `eq`. Raises `InvalidInput`."""
    if not isinstance(value, Mapping):
        return [("in" if isinstance(value, list) and "in" in known else "eq", value)]
    if not value:
        raise InvalidInput("This compares with nothing.", field=field)
    unknown = sorted(str(one) for one in value if one not in known)
    if unknown:
        names = ", ".join(sorted(known))
        raise InvalidInput(f"There is no operator {unknown[0][:60]!r} here; there are {names}.", field=field)
    return [(str(operator), operand) for operator, operand in value.items()]


def _operand_values(field: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list) or not 1 <= len(operand) <= MAX_VALUES:
        raise InvalidInput(f"This takes a list of 1 to {MAX_VALUES}.", field=field)
    return operand


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or "\0" in value:
        raise InvalidInput(f"This takes a text of 1 to {MAX_TEXT} characters.", field=field)
    return value


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _parse_user(field: str, value: Any) -> Leaf:
    names, negated = _parse_names("user_id", field, value)
    return UserIs(frozenset(names) if names is not None else None, negated)


def _parse_names(kind: str, field: str, value: Any) -> tuple[list[str] | None, bool]:
    """The names that an entity is compared with (None = any), and whether it must be none of them."""
    if value == "*":
        return None, False
    operators = _operators(field, value, {"eq", "ne", "in", "nin"})
    if len(operators) != 1:
        raise InvalidInput("An id takes one operator.", field=field)
    operator, operand = operators[0]
    names = _operand_values(field, operand) if operator in {"in", "nin"} else [operand]
    if names == ["*"]:
        return None, operator in {"ne", "nin"}
    return [normalise(name, kind) for name in names], operator in {"ne", "nin"}


def _is_agent(names: Sequence[str] | None) -> Condition:
    return RowComparison(RowColumn.AGENT, Operator.IN, tuple(names) if names is not None else None)


def _is_app(names: Sequence[str] | None) -> Condition:
    path = (RESERVED_KEY, "app_id")
    return Comparison(path, Operator.EXISTS) if names is None else Comparison(path, Operator.IN, list(names))


def _is_run(names: Sequence[str] | None) -> Condition:
    path = (RESERVED_KEY, "run_id")
    if names is None:
        return Comparison(path, Operator.EXISTS)
    in_session = RowComparison(RowColumn.SESSION, Operator.IN, tuple(names))
    return AnyOf((in_session, Comparison(path, Operator.IN, list(names))))


_IS: Mapping[str, Callable[[Sequence[str] | None], Condition]] = {
    "agent_id": _is_agent,
    "app_id": _is_app,
    "run_id": _is_run,
}


def _entity_parser(kind: str) -> Callable[[str, Any], Leaf]:
    def parse(field: str, value: Any) -> Leaf:
        names, negated = _parse_names(kind, field, value)
        condition = _IS[kind](names)
        return Not(condition) if negated else condition

    return parse


def names_in(condition: Condition, kind: str) -> Sequence[str] | None:
    """The names that a condition compares this entity with; None if it is about something else."""
    match kind, condition:
        case "agent_id", RowComparison(column=RowColumn.AGENT, value=names):
            return names
        case "app_id", Comparison(path=(_, "app_id"), operator=Operator.IN, value=names):
            return names
        case "run_id", AnyOf(conditions=(RowComparison(column=RowColumn.SESSION, value=names), _)):
            return names
        case _:
            return None


def _parse_metadata(field: str, value: Any) -> Leaf:
    if not isinstance(value, Mapping) or not value:
        raise InvalidInput("This takes an object of keys and what they are compared with.", field=field)
    return _all([parse_metadata_key(str(key), f"{field}.{key}", one) for key, one in value.items()])


def parse_metadata_key(key: str, field: str, value: Any) -> Condition:
    """A comparison of one key of the metadata: a bare value, or operators. Raises `InvalidInput`."""
    if not 1 <= len(key) <= 200 or "\0" in key or key == RESERVED_KEY:
        raise InvalidInput("This is no key of metadata.", field=field)
    if value == "*":
        return Comparison((key,), Operator.EXISTS)
    if isinstance(value, Mapping) and value and set(value) <= _OPERATORS:
        return _all([_compare_metadata(key, field, name, operand) for name, operand in value.items()])
    if isinstance(value, Mapping) and set(value) & _OPERATORS:
        raise InvalidInput("This mixes operators with keys of an object.", field=field)
    return Comparison((key,), Operator.EQ, value)


def _compare_metadata(key: str, field: str, operator: str, operand: Any) -> Condition:
    path = (key,)
    match operator:
        case "eq" | "ne":
            equal = Comparison(path, Operator.EQ, operand)
            return equal if operator == "eq" else Not(equal)
        case "in" | "nin":
            among = Comparison(path, Operator.IN, _operand_values(field, operand))
            return among if operator == "in" else Not(among)
        case "contains":
            if isinstance(operand, list | Mapping):
                raise InvalidInput("contains takes a text, a number, true, false or null.", field=field)
            return Comparison(path, Operator.CONTAINS, operand)
        case "icontains":
            raise NotOffered(
                "Metadata are compared with the case of their letters: use contains.", field=field
            )
        case _:
            if not isinstance(operand, int | float | str) or isinstance(operand, bool):
                raise InvalidInput(f"{operator} takes a number or a text.", field=field)
            return Comparison(path, _ORDER[operator], operand)


def _parse_categories(field: str, value: Any) -> Leaf:
    parts: list[Condition] = []
    for operator, operand in _operators(field, value, {"in", "contains"}):
        if operator == "contains":
            parts.append(
                RowComparison(RowColumn.TAGS, Operator.CONTAINS, _text(field, operand), is_exact=False)
            )
        else:
            names = _operand_values(field, operand if isinstance(operand, list) else [operand])
            parts.append(is_categorised(field, names))
    return _all(parts)


def is_categorised(field: str, names: Sequence[Any]) -> Condition:
    """The condition that a memory has one of these categories, which are its tags here."""
    return RowComparison(RowColumn.TAGS, Operator.IN, tuple(_text(field, name) for name in names))


def _parse_keywords(field: str, value: Any) -> Leaf:
    if isinstance(value, str):
        value = {"icontains": value}
    parts: list[Condition] = [
        RowComparison(
            RowColumn.CONTENT, Operator.CONTAINS, _text(field, operand), is_exact=operator == "contains"
        )
        for operator, operand in _operators(field, value, {"contains", "icontains"})
    ]
    return _all(parts)


def _parse_memory_ids(field: str, value: Any) -> Leaf:
    ((_, operand),) = _operators(field, value, {"in"})[:1]
    texts = _operand_values(field, operand if isinstance(operand, list) else [operand])
    try:
        ids = tuple(str(UUID(text)) for text in texts)
    except (ValueError, AttributeError, TypeError) as exc:
        raise InvalidInput("The id of a memory is a UUID.", field=field) from exc
    return RowComparison(RowColumn.ID, Operator.IN, ids)


def parse_period(field: str, value: Any) -> tuple[datetime, datetime]:
    """The first moment of what a text names, and the first one after it: a date names a whole day in UTC.

    Raises `InvalidInput`.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value, UTC)
            return _in_range(field, at), at
        if isinstance(value, str) and len(value) == 10:
            begin = datetime.combine(date.fromisoformat(value), time(), UTC)
            return _in_range(field, begin), begin + _DAY
        if isinstance(value, str) and value[4:5] == "-":
            at = datetime.fromisoformat(value)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
            return _in_range(field, at), at
    except (ValueError, OverflowError, OSError) as exc:
        raise InvalidInput("This is no date and time.", field=field) from exc
    raise InvalidInput("Times are ISO 8601 texts or seconds since 1970.", field=field)


def _in_range(field: str, at: datetime) -> datetime:
    fault = find_instant_fault(at)
    if fault is not None:
        raise InvalidInput(fault, field=field)
    return at


def _time_parser(column: RowColumn) -> Callable[[str, Any], Leaf]:
    def parse(field: str, value: Any) -> Leaf:
        known = {"gt", "gte", "lt", "lte", "ne", "in"}
        if not isinstance(value, Mapping) and not isinstance(value, list):
            return _is_within(column, field, value)
        return _all([_compare_time(column, field, *one) for one in _operators(field, value, known)])

    return parse


def _compare_time(column: RowColumn, field: str, operator: str, operand: Any) -> Condition:
    if operator == "in":
        return AnyOf(tuple(_is_within(column, field, one) for one in _operand_values(field, operand)))
    if operator == "ne":
        return Not(_is_within(column, field, operand))
    return compare_time(column, field, operator, operand)


def compare_time(column: RowColumn, field: str, operator: str, operand: Any) -> Condition:
    """The condition that a time is before or after what a text names."""
    first, after = parse_period(field, operand)
    is_instant = first == after
    if column is RowColumn.EXPIRES_AT:
        # A memory expires with the end of its expiration date, so its `expires_at` is the day after.
        first, after = (first + _DAY, after + _DAY) if not is_instant else (first, after)
    match operator:
        case "gte":
            return RowComparison(column, Operator.GTE, first)
        case "gt":
            sign = Operator.GT if is_instant else Operator.GTE
            return RowComparison(column, sign, after)
        case "lt":
            return RowComparison(column, Operator.LT, first)
        case _:
            sign = Operator.LTE if is_instant else Operator.LT
            return RowComparison(column, sign, after)


def _is_within(column: RowColumn, field: str, value: Any) -> Condition:
    return AllOf((compare_time(column, field, "gte", value), compare_time(column, field, "lte", value)))


PARSERS: Mapping[str, Callable[[str, Any], Leaf]] = {
    "user_id": _parse_user,
    "agent_id": _entity_parser("agent_id"),
    "app_id": _entity_parser("app_id"),
    "run_id": _entity_parser("run_id"),
    "created_at": _time_parser(RowColumn.RECORDED_AT),
    "updated_at": _time_parser(RowColumn.UPDATED_AT),
    "expiration_date": _time_parser(RowColumn.EXPIRES_AT),
    "categories": _parse_categories,
    "metadata": _parse_metadata,
    "keywords": _parse_keywords,
    "memory_ids": _parse_memory_ids,
}
