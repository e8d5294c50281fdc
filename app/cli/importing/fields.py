"""Read the fields of foreign JSON; one of another type than it should have is a fault that names it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.core.instants import find_instant_fault

JsonObject = Mapping[str, Any]
_MILLISECONDS_FROM = 1e11  # seconds since 1970 reach this number in the year 5138
_NANOSECONDS_FROM = 1e17


class FieldFault(Exception):
    """A field is not what it should be."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


def as_object(value: Any, field: str) -> JsonObject:
    """The value as an object. Raises `FieldFault`."""
    if not isinstance(value, Mapping):
        raise FieldFault(field, f"should be an object, and is {_kind(value)}")
    return value


def as_list(value: Any, field: str) -> list[Any]:
    """The value as a list; None is empty. Raises `FieldFault`."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise FieldFault(field, f"should be a list, and is {_kind(value)}")
    return value


def text_of(record: JsonObject, name: str, field: str) -> str:
    """The text of a field. Raises `FieldFault` if there is none."""
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise FieldFault(field, "is missing" if value is None else f"should be a text, and is {_kind(value)}")
    return value


def optional_text(record: JsonObject, name: str, field: str) -> str | None:
    """The text of a field that may be missing, null or empty. Raises `FieldFault`."""
    value = record.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise FieldFault(field, f"should be a text, and is {_kind(value)}")
    return value


def id_of(record: JsonObject, name: str, field: str) -> str:
    """The id in a field: a text or a number. Raises `FieldFault` if there is none."""
    value = optional_text(record, name, field)
    if value is None or not value.strip():
        raise FieldFault(field, "is missing")
    return value.strip()


def instant_of(record: JsonObject, name: str, field: str) -> datetime | None:
    """The time in a field: ISO 8601 (UTC without a zone), or seconds, milliseconds or nanoseconds since 1970.

    None if there is none. Raises `FieldFault`.
    """
    value = record.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            seconds = float(value)
            if seconds >= _NANOSECONDS_FROM:
                seconds /= 1e9
            elif seconds >= _MILLISECONDS_FROM:
                seconds /= 1e3
            at = datetime.fromtimestamp(seconds, UTC)
        else:
            raise FieldFault(field, f"should be a time, and is {_kind(value)}")
    except (ValueError, OverflowError, OSError) as exc:
        raise FieldFault(field, f"is no time: {str(value)[:40]}") from exc
    fault = find_instant_fault(at)
    if fault is not None:
        raise FieldFault(field, fault)
    return at


def object_of(record: JsonObject, name: str, field: str) -> JsonObject:
    """The object in a field that may be missing or null. Raises `FieldFault`."""
    value = record.get(name)
    return {} if value is None else as_object(value, field)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (str, "an empty text" if value == "" else "a text"),
        ((int, float, Decimal), "a number"),
        (list, "a list"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), "an object")
