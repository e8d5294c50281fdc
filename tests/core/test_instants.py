"""One bound for every instant, in UTC: what passes it can be shifted, written and read back in any zone."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.instants import (
    MAX_INSTANT,
    MIN_INSTANT,
    clamp_instant,
    find_instant_fault,
    none_if_out_of_range,
    shift_instant,
)

ZONES = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-24 * 60 + 1, 24 * 60 - 1)
)
ENDS = ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999")  # of Python's calendar
EDGES = (
    *map(datetime.fromisoformat, ENDS),
    *(edge.replace(tzinfo=None) for edge in (MIN_INSTANT, MAX_INSTANT)),
)
MOMENTS = st.one_of(
    st.datetimes(timezones=ZONES),
    st.builds(lambda at, zone: at.replace(tzinfo=zone), st.sampled_from(EDGES), ZONES),
)
SHIFTS = st.timedeltas()


@settings(max_examples=300, deadline=None)
@given(MOMENTS)
def test_what_is_bounded_can_be_written_in_every_zone(at: datetime):
    if none_if_out_of_range(at) is None:
        return
    for hours in (-15, 0, 15):
        there = at.astimezone(timezone(timedelta(hours=hours)))
        assert datetime.fromisoformat(there.isoformat()) == at
    assert MIN_INSTANT <= at.astimezone(UTC) <= MAX_INSTANT
    assert at + timedelta(days=364) > at > at - timedelta(days=364)


@settings(max_examples=300, deadline=None)
@given(MOMENTS)
def test_the_nearest_is_bounded_and_that_of_a_bounded_one_is_itself(at: datetime):
    found = clamp_instant(at)
    assert find_instant_fault(found) is None
    if find_instant_fault(at) is None:
        assert found is at
    elif MIN_INSTANT <= at <= MAX_INSTANT:
        assert found == at, "only its zone was too far from UTC"


@settings(max_examples=300, deadline=None)
@given(MOMENTS, SHIFTS)
def test_arithmetic_ends_at_the_bound(at: datetime, by: timedelta):
    found = shift_instant(clamp_instant(at), by)
    assert find_instant_fault(found) is None
    exact = (clamp_instant(at) - MIN_INSTANT) + by if abs(by) < timedelta(days=9_000_000) else None
    if exact is not None and timedelta(0) <= exact <= MAX_INSTANT - MIN_INSTANT:
        assert found - MIN_INSTANT == exact
    elif exact is not None:
        assert found == (MIN_INSTANT if exact < timedelta(0) else MAX_INSTANT)


def test_a_time_without_a_zone_is_none():
    naive = datetime.fromisoformat("2026-01-01")
    assert find_instant_fault(naive) == "must have a zone"
    assert clamp_instant(naive) == naive.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "is_in"),
    [
        ("0001-01-01T00:00:00+00:00", False),
        ("0001-12-31T23:59:59.999999+00:00", False),
        ("0002-01-01T00:00:00+00:00", True),
        ("0002-01-01T13:59:00+14:00", False),
        ("0002-01-01T14:00:00+14:00", True),
        ("0001-12-31T12:00:00-12:00", True),
        ("9998-12-31T23:59:59.999999+00:00", True),
        ("9999-01-01T00:00:00+00:00", False),
        ("9999-01-01T13:59:59+14:00", True),
        ("9998-12-31T23:59:59-00:01", False),
        ("9999-12-31T23:59:59+00:00", False),
        ("2026-03-02T09:30:00+15:59", True),
        ("2026-03-02T09:30:00-15:59", True),
        ("2026-03-02T09:30:00+15:59:01", False),
        ("2026-03-02T09:30:00+16:00", False),
        ("2026-03-02T09:30:00-23:59", False),
        ("1883-11-18T12:00:00-04:56:02", True),
    ],
)
def test_the_edges(at: Any, is_in: bool):
    assert (none_if_out_of_range(datetime.fromisoformat(at)) is not None) is is_in
