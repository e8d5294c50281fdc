"""Tolerant parsing of values in an LLM's JSON reply: a malformed value becomes empty, nothing raises."""

from collections.abc import Mapping
from typing import Any

_MAX_DIGITS = 9  # of a number in a text that counts something; Python refuses to read thousands


def parse_entries(reply: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list of the reply; what is no object is left out."""
    found = reply.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def parse_text(value: Any, max_chars: int) -> str:
    """`value` as clean text, "" if it is none or too long; Postgres takes no NUL and no lone surrogate."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(value, int) and abs(value) >= 10 ** min(max_chars, 1_000):
        return ""  # Python does not write out a number of thousands of digits
    clean = strip_invalid_chars(str(value)).strip()
    return clean if len(clean) <= max_chars else ""


def strip_invalid_chars(value: str) -> str:
    """Without what Postgres does not take."""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode()


def parse_number(value: Any) -> int | None:
    """`value` as a whole number; None if it is none."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) <= _MAX_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
