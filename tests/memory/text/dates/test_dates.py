from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.text.dates.date_spans import add_absolute_dates, find_dates
from app.memory.text.dates.query_dates import remove_relative_dates, resolve_query_range

MONDAY = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def dates(text: str, observed_at: datetime = MONDAY) -> list[tuple[str, str, str]]:
    return [(f"{s.from_:%Y-%m-%d}", f"{s.to:%Y-%m-%d}", s.precision) for s in find_dates(text, observed_at)]


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("I ran yesterday", "2023-05-07", "2023-05-08", "day"),
        ("earlier today", "2023-05-08", "2023-05-09", "day"),
        ("tonight", "2023-05-08", "2023-05-09", "day"),
        ("last night", "2023-05-07", "2023-05-08", "day"),
        ("see you tomorrow", "2023-05-09", "2023-05-10", "day"),
        ("the day before yesterday", "2023-05-06", "2023-05-07", "day"),
        ("last week", "2023-05-01", "2023-05-08", "week"),
        ("last month", "2023-04-01", "2023-05-01", "month"),
        ("last year", "2022-01-01", "2023-01-01", "year"),
        ("last Tuesday", "2023-05-02", "2023-05-03", "day"),
        ("last Monday", "2023-05-01", "2023-05-02", "day"),
        ("last Tues", "2023-05-02", "2023-05-03", "day"),
        ("last weekend", "2023-05-06", "2023-05-08", "day"),
        ("last summer", "2022-06-01", "2022-09-01", "month"),
        ("last Christmas", "2022-12-25", "2022-12-26", "day"),
        ("on New Year's Day 2020", "2020-01-01", "2020-01-02", "day"),
        ("at Christmas 2011", "2011-12-25", "2011-12-26", "day"),
        ("on Halloween, 1990", "1990-10-31", "1990-11-01", "day"),
        ("Valentine’s Day of 2015", "2015-02-14", "2015-02-15", "day"),
        ("on St. Patrick's Day 2027", "2027-03-17", "2027-03-18", "day"),
        ("next month", "2023-06-01", "2023-07-01", "month"),
        ("next May", "2024-05-01", "2024-06-01", "month"),
        ("next Friday", "2023-05-12", "2023-05-13", "day"),
        ("this weekend", "2023-05-13", "2023-05-15", "day"),
        ("this year", "2023-01-01", "2024-01-01", "year"),
        ("two weeks ago", "2023-04-24", "2023-05-01", "week"),
        ("10 days ago", "2023-04-28", "2023-04-29", "day"),
        ("3 years ago", "2020-01-01", "2021-01-01", "year"),
        ("a couple of months ago", "2023-03-01", "2023-04-01", "month"),
        ("a few days ago", "2023-05-03", "2023-05-07", "day"),
        ("the week before.", "2023-05-01", "2023-05-08", "week"),
        ("the week before last", "2023-04-24", "2023-05-01", "week"),
        ("we leave in two weeks", "2023-05-22", "2023-05-29", "week"),
        ("in 2019", "2019-01-01", "2020-01-01", "year"),
        ("in summer 2021", "2021-06-01", "2021-09-01", "month"),
        ("in early May 2020", "2020-05-01", "2020-06-01", "month"),
        ("on 7 May 2021", "2021-05-07", "2021-05-08", "day"),
        ("on 7 May (2021)", "2021-05-07", "2021-05-08", "day"),
        ("I went on May 7th", "2023-05-07", "2023-05-08", "day"),
        ("February 26-27, 2023", "2023-02-26", "2023-02-28", "day"),
        ("on the 21st of April 2023", "2023-04-21", "2023-04-22", "day"),
        ("I will go on the 21st", "2023-05-21", "2023-05-22", "day"),
        ("2023-05-07", "2023-05-07", "2023-05-08", "day"),
        ("25/12/2022", "2022-12-25", "2022-12-26", "day"),
        ("12/25/2022", "2022-12-25", "2022-12-26", "day"),
        ("il 7 maggio 2023", "2023-05-07", "2023-05-08", "day"),
        ("am 3. Oktober 2022", "2022-10-03", "2022-10-04", "day"),
    ],
)
def test_expression_is_resolved(text: str, start: str, end: str, precision: str) -> None:
    assert dates(text) == [(start, end, precision)]


@pytest.mark.parametrize(
    "text",
    [
        "I may go",
        "may I? May I ask?",
        "this may be",
        "the sun is out and Sun is a name",
        "wait a second, I sat down",
        "march on",
        "05/07/2023",
        "31 June",
        "9000 years ago",
        "I lived there for four years",
        "I finished it in two weeks.",
        "every Friday",
        "in 2500 words",
        "in today's world",
        "20 apples, room 12, 3rd place",
        "",
    ],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert find_dates(text, MONDAY) == []


@pytest.mark.parametrize(
    ("text", "observed", "start"),
    [
        ("last May", datetime(2023, 8, 10, tzinfo=UTC), "2023-05-01"),
        ("last May", datetime(2023, 3, 10, tzinfo=UTC), "2022-05-01"),
        ("last May", datetime(2023, 5, 31, tzinfo=UTC), "2022-05-01"),
        ("last Saturday", datetime(2023, 5, 25, tzinfo=UTC), "2023-05-20"),
        ("last summer", datetime(2023, 9, 1, tzinfo=UTC), "2023-06-01"),
        ("last month", datetime(2023, 1, 31, tzinfo=UTC), "2022-12-01"),
        ("yesterday", datetime(2024, 3, 1, tzinfo=UTC), "2024-02-29"),
    ],
)
def test_depends_on_when_it_was_said(text: str, observed: datetime, start: str) -> None:
    assert [found[0] for found in dates(text, observed)] == [start]


def test_tense_tells_which_friday_is_meant() -> None:
    assert dates("I met Bob on Friday")[0][0] == "2023-05-05"
    assert dates("I'm leaving on Friday")[0][0] == "2023-05-12"
    assert dates("I met Bob on Friday and will call him")[0][0] == "2023-05-05"


def test_tense_tells_which_june_is_meant() -> None:
    assert dates("I was there in June")[0][0] == "2022-06-01"
    assert dates("I will be there in June")[0][0] == "2023-06-01"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("I have painted since 2016", "2016-01-01"),
        ("I have lived here for four years now", "2019-01-01"),
        ("We've been married for 5 years", "2018-01-01"),
        ("since last March", "2023-03-01"),
    ],
)
def test_since_runs_from_then_until_it_was_said(text: str, start: str) -> None:
    (span,) = find_dates(text, MONDAY)
    assert span.since
    assert (f"{span.from_:%Y-%m-%d}", span.to) == (start, MONDAY)


def test_clock_time_narrows_a_day_to_an_hour() -> None:
    (span,) = find_dates("call me tomorrow at 3 pm", MONDAY)
    assert (span.from_, span.precision) == (datetime(2023, 5, 9, 15, tzinfo=UTC), "hour")
    assert span.absolute_text == "on 9 May 2023 at 15:00"


def test_span_is_cut_out_of_the_text_and_keeps_the_zone() -> None:
    zone = timezone(timedelta(hours=9))
    text = "Well, I went last week and in 2019."
    spans = find_dates(text, datetime(2023, 5, 8, 1, 0, tzinfo=zone))
    assert (
        [text[s.start_char : s.end_char] for s in spans]
        == [s.text for s in spans]
        == ["last week", "in 2019"]
    )
    assert {s.from_.tzinfo for s in spans} == {zone}


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("yesterday", "on 7 May 2023"),
        ("last week", "in the week of 1 May 2023"),
        ("last May", "in May 2022"),
        ("a few weeks ago", "a few weeks before 8 May 2023"),
        ("on May 7, 2020", "on May 7, 2020"),
        ("for four years now", "since 2019"),
    ],
)
def test_absolute_wording(text: str, absolute: str) -> None:
    assert [span.absolute_text for span in find_dates(text, MONDAY)] == [absolute]


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("What did I do last week?", "2023-05-01", "2023-05-08"),
        ("What happened between May 2022 and July 2022?", "2022-05-01", "2022-08-01"),
        ("in the last two weeks", "2023-04-24", "2023-05-09"),
        ("after March 2022", "2022-04-01", "2023-05-08"),
    ],
)
def test_query_range(query: str, start: str, end: str) -> None:
    found = resolve_query_range(query, MONDAY)
    assert found is not None
    assert (f"{found[0]:%Y-%m-%d}", f"{found[1]:%Y-%m-%d}") == (start, end)


def test_before_leaves_the_start_open() -> None:
    found = resolve_query_range("Where did I live before 2020?", MONDAY)
    assert found is not None
    assert found[0].year < 1950
    assert found[1] == datetime(2020, 1, 1, tzinfo=UTC)


def test_until_takes_the_year_named_with_it() -> None:
    found = resolve_query_range("Where did I live until 2020?", MONDAY)
    assert found is not None
    assert found[1] == datetime(2021, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("query", ["When did I go to Rome?", "How long ago was it?", "Who is my boss?"])
def test_question_without_a_time_has_no_range(query: str) -> None:
    assert resolve_query_range(query, MONDAY) is None


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("Which trips did I take in the past three months?", "Which trips did I take ?"),
        ("What did I buy 10 days ago", "What did I buy"),
        ("Where was I last week, and where yesterday?", "Where was I , and where ?"),
        ("Who came in May?", "Who came in May?"),
        ("Who came last Friday?", "Who came last Friday?"),
        ("Who came in summer 2021?", "Who came in summer 2021?"),
        ("Who is my boss?", "Who is my boss?"),
    ],
)
def test_what_counts_from_now_is_taken_out_of_a_question(query: str, left: str) -> None:
    assert " ".join(remove_relative_dates(query, MONDAY).split()) == left


WORDS = (
    "last next this May Tuesday week year ago 2 two 2019 31 June since for now yesterday 7th 2/3/2020 5 pm"
)


@given(st.lists(st.sampled_from(WORDS.split())).map(" ".join) | st.text(), st.datetimes())
def test_spans_never_overlap_and_never_run_backwards(text: str, when: datetime) -> None:
    observed = when.replace(tzinfo=UTC)
    spans = find_dates(text, observed)
    resolve_query_range(text, observed)
    assert all(a.end_char <= b.start_char for a, b in pairwise(spans))
    for span in spans:
        assert span.text == text[span.start_char : span.end_char]
        assert span.from_ < span.to


class TestEdgesOfTheCalendar:
    @pytest.mark.parametrize("at", [datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)])
    @pytest.mark.parametrize("when", ["before", "after", "since", "until", "in"])
    @pytest.mark.parametrize(
        "what",
        [
            "last year",
            "2022",
            "29 February 2024",
            "next month",
            "9 years ago",
            "999 weeks ago",
            "next weekend",
        ],
    )
    def test_a_question_gets_a_range_or_none(self, when, what, at):
        found = resolve_query_range(f"What did Ann do {when} {what}?", at)
        assert found is None or found[0] <= found[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met yesterday.", "We met yesterday (9 May 2023)."),
        ("We met last Saturday and danced.", "We met last Saturday (6 May 2023) and danced."),
        ("I moved here two years ago.", "I moved here two years ago (2021)."),
        ("We met on 3 May.", "We met on 3 May (3 May 2023)."),
        ("We met on 3 May 2023.", "We met on 3 May 2023."),
        ("We met in 2019.", "We met in 2019."),
        ("Nothing happened.", "Nothing happened."),
        (
            "I ran yesterday and will swim tomorrow.",
            "I ran yesterday (9 May 2023) and will swim tomorrow (11 May 2023).",
        ),
        ("See you next month!", "See you next month (June 2023)!"),
        ("We went there last week.", "We went there last week (the week of 1 May 2023)."),
    ],
)
def test_a_relative_time_gets_its_date_behind_it(text: str, expected: str):
    assert add_absolute_dates(text, datetime(2023, 5, 10, 18, tzinfo=UTC)) == expected
