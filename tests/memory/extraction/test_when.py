"""The date field of a model's fact."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.memory.extraction.when import parse_when

CEST = timezone(timedelta(hours=2))
SAID_AT = datetime(2023, 5, 8, 13, 56, tzinfo=CEST)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2023", "2023-01-01", "2024-01-01", "year"),
        ("٢٠٢٣", "2023-01-01", "2024-01-01", "year"),
        ("2023-12", "2023-12-01", "2024-01-01", "month"),
        ("2023-1", "2023-01-01", "2023-02-01", "month"),
        ("2023-W18", "2023-05-01", "2023-05-08", "week"),
        ("2023w01", "2023-01-02", "2023-01-09", "week"),
        ("2023-05-07", "2023-05-07", "2023-05-08", "day"),
        (" 2023-05-07 ", "2023-05-07", "2023-05-08", "day"),
        ("2024-02-29", "2024-02-29", "2024-03-01", "day"),
        ("2023-05-07/2023-05-07", "2023-05-07", "2023-05-08", "day"),
        ("2023-05-01/2023-05-07", "2023-05-01", "2023-05-08", "day"),
        ("2019/2022", "2019-01-01", "2023-01-01", "year"),
        ("2019-03/2022", "2019-03-01", "2023-01-01", "month"),
        ("2019/..", "2019-01-01", "2020-01-01", "year"),
        ("2019/present", "2019-01-01", "2020-01-01", "year"),
        ("2019/", "2019-01-01", "2020-01-01", "year"),
        ("2023-05-09/2023-05-01", "2023-05-09", "2023-05-10", "day"),
        ("2023-05-09/soon", "2023-05-09", "2023-05-10", "day"),
    ],
)
def test_days_and_longer(text: str, start: str, end: str, precision: str):
    when = parse_when(text, SAID_AT)
    assert when is not None
    assert when.end is not None
    assert (when.start.date().isoformat(), when.end.date().isoformat(), when.precision) == (
        start,
        end,
        precision,
    )
    assert when.start.tzinfo == CEST


def test_moments_have_a_zone_and_an_end():
    when = parse_when("2023-05-07T10:00Z/2023-05-07T11:30Z", SAID_AT)
    assert when is not None
    assert (when.start, when.end) == (
        datetime(2023, 5, 7, 10, tzinfo=UTC),
        datetime(2023, 5, 7, 11, 30, tzinfo=UTC),
    )
    local = parse_when("2023-05-07T10:00", SAID_AT)
    assert local is not None
    assert (local.start, local.precision) == (datetime(2023, 5, 7, 10, tzinfo=CEST), "minute")


@pytest.mark.parametrize(("text", "named"), [("2019/2022", True), ("2019/..", False), ("2019", False)])
def test_an_end_that_was_named_is_told_apart(text: str, named: bool):
    when = parse_when(text, SAID_AT)
    assert when is not None
    assert when.has_end is named


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "2023-13-01", "0000", "2023-13", "2023-W54", "2023-W00", "7", "", None, "null",
        "12023-01-01", "2023-02-30", "/2022", "..", "2023-05-08T25:00", "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59-14:00", "2023-05-08T10:00+99:00", "2023--05", "next week",
    ],
)  # fmt: skip
def test_no_date_is_made_up(text: str | None):
    assert parse_when(text, SAID_AT) is None


def test_the_last_year_has_no_end():
    when = parse_when("9999", SAID_AT)
    assert when is not None
    assert when.end is None
