"""The JSON that clients may store: values that Postgres returns with the same value and type.

`jsonb` has no U+0000 and stores a number as digits: 1e17 returns as an integer, -0.0 without its sign. So
values that would return as something else are rejected. JSON that is stored as text has fewer limits.
"""

from typing import Any

import orjson

MAX_DEPTH = 32
_LEAST, _MOST = -(2**63), 2**64 - 1  # the integers that orjson reads as integers
_EXPONENT_FROM = 1e16  # from here on a float without a fraction is written with an exponent


def find_json_fault(value: Any, *, as_text: bool = False) -> str | None:
    """Why a JSON value is not accepted: it would not return unchanged. Works without recursion."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            fault = None
            if isinstance(item, dict):
                fault = next(
                    (key_fault for key in item if (key_fault := _find_key_fault(key, as_text))), None
                )
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            else:
                fault = _find_scalar_fault(item, as_text)
            if fault is not None:
                return fault
        if not below:
            return None
        level = below
    return f"must not be nested more than {MAX_DEPTH} deep"


def parse_json(data: str | bytes) -> Any:
    """JSON as Postgres returns it; a number beyond 64 bits is the float that it was when it was stored."""
    return orjson.loads(data)


def _find_key_fault(key: Any, as_text: bool) -> str | None:
    return _find_text_fault(key, as_text) if isinstance(key, str) else "must have strings as keys"


def _find_scalar_fault(value: Any, as_text: bool) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _find_text_fault(value, as_text)
    if isinstance(value, int):
        return None if _LEAST <= value <= _MOST else "must have 64-bit integers only"
    if isinstance(value, float):
        return _find_float_fault(value, as_text)
    return "must be JSON"


def _find_text_fault(value: str, as_text: bool) -> str | None:
    if "\x00" in value and not as_text:
        return "must not contain the character U+0000"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return "must be valid Unicode"
    return None


def _find_float_fault(value: float, as_text: bool) -> str | None:
    if not abs(value) < float("inf"):
        return "must not contain NaN or an infinite number"
    if as_text:
        return None
    if value == 0 and str(value).startswith("-"):
        return "must not contain -0.0, which is not kept: write 0.0"
    if value.is_integer() and abs(value) >= _EXPONENT_FROM and _LEAST <= value <= _MOST:
        return "must not contain a whole number with an exponent or fraction from 1e16 on: write its digits"
    return None
