"""What the rule lets through comes back from Postgres with the same value and type."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.core.json_values import MAX_DEPTH, find_json_fault, parse_json

NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([1e15, 1e16, 1e17, 1e19, 1.8446744073709552e19, 1e20, 1e308, 5e-324, -0.0, 0.0, 2**63]),
    st.integers(0, 400).map(lambda n: 10**n),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(st.characters()))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def same(one: Any, other: Any) -> bool:
    """Equal, of the same type and with the same sign: 1 is not 1.0, and 0.0 is not -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return one == other


@settings(max_examples=120, deadline=None)
@given(st.lists(VALUES, max_size=5))
def test_what_passes_comes_back_from_jsonb(owner: Engine, values: list[Any]):
    passing = [value for value in values if find_json_fault(value) is None]
    with owner.connect() as connection:
        stored = connection.execute(text("SELECT CAST(:value AS jsonb)"), {"value": json.dumps(passing)})
        assert same(stored.scalar_one(), passing)


@settings(max_examples=120, deadline=None)
@given(VALUES)
def test_what_passes_as_text_comes_back_from_text(value: Any):
    if find_json_fault(value, as_text=True) is None:
        assert same(parse_json(json.dumps(value)), value)


def deep(levels: int, leaf: Any = 1) -> Any:
    value = leaf
    for _ in range(levels):
        value = [value]
    return value


ACCEPTED: dict[str, Any] = {
    "one": 1,
    "one as a float": 1.0,
    "a third": 0.1 + 0.2,
    "the least positive": 5e-324,
    "the greatest": 1.7976931348623157e308,
    "1e15": 1e15,
    "1e20": 1e20,
    "-1e300": -1e300,
    "the least integer": -(2**63),
    "the greatest integer": 2**64 - 1,
    "beyond what a double counts": 2**53 + 1,
    "no text": "",
    "a text of a number": "1e20",
    "no object": {},
    "an empty key": {"": 0},
    "a long key": {"k" * 10_000: 0},
    "many": list(range(10_000)),
    "as deep as may be": deep(MAX_DEPTH),
    "astral": "😀",
    "true": True,
}
REFUSED: dict[str, Any] = {
    "NaN": math.nan,
    "infinity": math.inf,
    "-infinity": -math.inf,
    "-0.0": -0.0,
    "1e16": 1e16,
    "1e17 inside": {"a": [1e17]},
    "-1e18": -1e18,
    "an integer of 65 bits": 2**64,
    "a negative one of 65 bits": -(2**63) - 1,
    "an integer of 5,000 digits": 10**5_000,
    "NUL": "a\x00b",
    "NUL in a key": {"a\x00b": 1},
    "a lone surrogate": "\ud800",
    "a lone surrogate in a key": {"\udfff": 1},
    "a level too deep": deep(MAX_DEPTH + 1),
    "far too deep": deep(100_000),
    "a set": {1},
    "bytes": b"1",
    "a key that is none": {1: 1},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_is_accepted(name: str):
    assert find_json_fault(ACCEPTED[name]) is None


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused(name: str):
    assert find_json_fault(REFUSED[name])


@pytest.mark.parametrize("kept", [1e20, 1.7976931348623157e308, -1e25])
def test_what_older_versions_kept_is_read_as_the_float_that_it_was(owner: Engine, kept: float):
    with owner.connect() as connection:
        found = connection.execute(text("SELECT CAST(:value AS jsonb)"), {"value": json.dumps({"n": kept})})
        assert same(found.scalar_one(), {"n": kept})
