"""A rule or a model that names a time outside loses the date: never the fact, never the job."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.instants import MAX_INSTANT, MIN_INSTANT, find_instant_fault
from app.core.vocabulary import Kind, Layer, Role
from app.memory.consolidation.retention import MemoryTrace, RetentionCandidate, select_forgettable
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline import extractor
from app.memory.extraction.parsing import parse_facts
from app.memory.text.dates.date_spans import find_dates
from app.memory.text.dates.query_dates import resolve_query_range
from app.memory.types import Fact, Turn
from tests.parsing import PARSER

TEXT = "I rowed in Lima."
OBSERVED = st.one_of(
    st.datetimes(timezones=st.integers(-959, 959).map(lambda m: timezone(timedelta(minutes=m)))).filter(
        lambda at: find_instant_fault(at) is None
    ),
    st.sampled_from([MIN_INSTANT, MAX_INSTANT, datetime(2026, 3, 2, 9, 30, tzinfo=UTC)]),
)
COUNTS = st.sampled_from(["a", "two", "1", "9", "400", "9000", "9999", "1000000000", "9" * 30])
UNITS = st.sampled_from(["minutes", "hours", "days", "weeks", "months", "years", "decades", "weekends"])
YEARS = st.sampled_from(["1", "0001", "1000", "1899", "2023", "2099", "9998", "9999"])
PHRASES = st.one_of(
    st.builds("{} {} ago".format, COUNTS, UNITS),
    st.builds("in {} {}".format, COUNTS, UNITS),
    st.builds("the last {} {}".format, COUNTS, UNITS),
    st.builds("for {} {}".format, COUNTS, UNITS),
    st.builds("in May {}".format, YEARS),
    st.builds("on 31 December {}".format, YEARS),
    st.builds("on {}-12-31 23:59".format, YEARS),
    st.builds("on 12/31/{} at 11 pm".format, YEARS),
    st.builds("in the winter of {}".format, YEARS),
    st.builds("since {}".format, YEARS),
    st.sampled_from(
        [
            "last year",
            "next year",
            "yesterday",
            "tomorrow",
            "next week",
            "last winter",
            "this weekend",
            "before last year",
            "after next year",
            "until tomorrow",
            "next Friday",
            "last month",
            "tonight",
        ]
    ),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),  # a longer one may be the number of a card, which no fact holds
    st.floats().filter(lambda number: not 1e11 <= abs(number) < 1e20),  # so may a float
    st.text(max_size=12),
    st.sampled_from([10**400, "9" * 30, "9" * 5_000, float("nan")]),
)
DATES = st.one_of(
    VALUES,
    st.datetimes().map(datetime.isoformat),
    st.builds(
        lambda at, sign, hours: f"{at.isoformat()}{sign}{hours:02d}:59",
        st.datetimes(),
        st.sampled_from("+-"),
        st.integers(0, 23),
    ),
    st.dates().map(str),
    st.sampled_from(
        ["0001", "9999", "9999-12", "9998-12", "0001-01-01", "9999-12-31T23:59", "0000", "infinity"]
    ),
)
ENTRIES = st.fixed_dictionaries(
    {"turn": st.just(1), "content": st.just(TEXT), "quote": st.just(TEXT)},
    optional={
        "when": DATES | st.tuples(DATES, DATES).map(lambda span: f"{span[0]}/{span[1]}"),
        "kind": st.sampled_from(["fact", "event", None, 7]),
        "mode": st.sampled_from(["is", "not", "plan", True, None]),
        "attribute": st.sampled_from(["residence", "likes", None]),
        "value": VALUES,
    },
)


def turn(content: str, at: datetime) -> Turn:
    return Turn(UUID(int=1), "ann", "s1", 0, Role.USER, content, at, name="Ann")


def admitted(facts: list[Fact], said: Turn) -> list[Fact]:
    found, rejected = filter_facts(facts, [said], {})
    assert len(found) + len(rejected) == len(facts)
    for fact in found:
        dates = (fact.asserted_at, fact.event_from, fact.event_to)
        assert all(at is None or find_instant_fault(at) is None for at in dates)
        assert fact.event_to is None or fact.event_from is not None
    return found


@settings(max_examples=300, deadline=None)
@given(PHRASES, PHRASES, OBSERVED)
def test_rules_name_only_times_that_can_be_kept(one: str, other: str, at: datetime):
    text = f"I rowed {one} and I moved to Lima {other}."
    for span in find_dates(text, at):
        assert find_instant_fault(span.from_) is None
        assert find_instant_fault(span.to) is None
    for query in (f"Who rowed {one}?", f"Who rowed before {one}?", f"Who rowed after {other}?"):
        named = resolve_query_range(query, at)
        assert named is None or [find_instant_fault(end) for end in named] == [None, None]


@settings(max_examples=150, deadline=None)
@given(PHRASES, OBSERVED)
def test_the_offline_extractor_keeps_the_fact(phrase: str, at: datetime):
    said = turn(f"I moved to Lima {phrase}.", at)
    found = list(extractor.extract_facts([said], PARSER))
    assert len(admitted(found, said)) == len(found)


@settings(max_examples=600, deadline=None)
@given(ENTRIES, OBSERVED)
def test_a_models_fact_is_kept_without_a_date_outside(entry: dict[str, Any], at: datetime):
    said = turn(TEXT, at)
    facts, reasons = parse_facts({"facts": [entry]}, [said])
    assert (len(facts), reasons) == (1, [])
    assert len(admitted(facts, said)) == 1


@settings(max_examples=200, deadline=None)
@given(OBSERVED, OBSERVED, st.integers(1, 10**7))
def test_a_time_to_live_ends_within_time(anchor: datetime, now: datetime, days: int):
    trace = MemoryTrace(Layer.SHORT, 1.0, anchor, 0)
    memory = RetentionCandidate(UUID(int=1), Kind.FACT, TEXT, None, None, 0.3, trace, pinned=True)
    gone = select_forgettable([memory], now, 10, {Kind.FACT: days})
    lived = (now - anchor) / timedelta(days=1)
    assert bool(gone) is (lived >= days or now == MAX_INSTANT)


@pytest.mark.parametrize(
    "phrase",
    [
        "in 9,000 years",
        "10^9 weeks ago",
        "9000 years ago",
        "in 9000 years",
        "1000000000 weeks ago",
        "in May 9999",
        "on 31 December 9999",
        "since 0001",
        "next year",
        "last year",
    ],
)
@pytest.mark.parametrize("at", [MIN_INSTANT, MAX_INSTANT, datetime(2026, 3, 2, tzinfo=UTC)])
def test_a_fact_outlives_its_date(phrase: str, at: datetime):
    said = turn(f"I work at Acme {phrase}.", at)
    found = list(extractor.extract_facts([said], PARSER))
    assert len(admitted(found, said)) == len(found)


@pytest.mark.parametrize(
    "phrase",
    [
        "2.5 years ago",
        "0.5 years ago",
        "1,000 days ago",
        "1-2 weeks ago",
        "3\u20134 months ago",
        "1/2 year ago",
        "2*3 weeks ago",
        "2x3 weeks ago",
        "10^3 days ago",
        "in 1.5 years",
        "in 1-2 weeks",
        "1.5 years from now",
        "over the last 2.5 years",
        "in the past 1-2 years",
        "in May 1850",
        "in early June 1799",
        "since March 1600",
        "on 3 May 1066",
        "on the 3rd of May 1066",
        "on May 3rd 1492",
        "on 24 December 2100",
        "at the end of June 1812",
    ],
)
@pytest.mark.parametrize("at", [datetime(2, 6, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)])
def test_a_date_of_which_only_a_part_is_read_stays_as_it_was_said(phrase: str, at: datetime):
    assert [span.absolute_text for span in find_dates(f"I went to Oslo {phrase}.", at)] == []


@pytest.mark.parametrize("phrase", ["yesterday", "last year", "two weeks ago", "in May", "on Friday"])
@pytest.mark.parametrize(
    ("at", "spelled"),
    [
        (datetime(1000, 6, 1, tzinfo=UTC), False),
        (datetime(1898, 6, 1, tzinfo=UTC), False),
        (datetime(1902, 6, 1, tzinfo=UTC), True),
        (datetime(2098, 6, 1, tzinfo=UTC), True),
        (datetime(2102, 6, 1, tzinfo=UTC), False),
        (datetime(9000, 6, 1, tzinfo=UTC), False),
    ],
)
def test_a_year_is_written_only_if_it_can_be_read_back(phrase: str, at: datetime, spelled: bool):
    [span] = find_dates(f"I went to Oslo {phrase}.", at)
    assert (span.absolute_text != phrase) is spelled
    assert abs(span.from_.year - at.year) <= 1
