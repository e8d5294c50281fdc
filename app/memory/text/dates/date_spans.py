"""Finds time expressions in a text and resolves them relative to the time at which it was said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from app.core.instants import none_if_out_of_range
from app.core.text_caches import text_cache
from app.memory.text.dates.date_resolvers import ReferenceTime
from app.memory.text.dates.date_rules import DATE_RULES
from app.memory.text.dates.periods import Period
from app.memory.text.dates.tense import Tense, TenseFinder
from app.memory.text.limits import ASCII_LETTER_FOLDING
from app.memory.text.word_lists import TIME_WORDS

# No rule can match without one of TIME_WORDS; looking them up in a set costs 4 µs, a regex 30.
_WORD = re.compile(r"[^\W\d_]+|\d")
_CALENDAR_MARKER = re.compile(r"\d|May|March")
_CLOCK_TIME = re.compile(
    r",? ?(?:at|@|around) (?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?(?: ?(?P<half>[ap])(?:m\b|\.m\b\.?))?",
    re.IGNORECASE,
)
_SINCE_PREFIX = re.compile(r"(?:ever )?since (?:about |around |early |late )?$", re.IGNORECASE)
_KEPT_PREPOSITION = re.compile(r"(?:until|till|by|from|before|after) (?!next|last)", re.IGNORECASE)
_MAX_SINCE_CHARS = 40  # characters; every match of `_SINCE_PREFIX` is shorter
_PREPOSITION = re.compile(r"^(?:on|in|at|for|over) (?=\S)")
_MAX_ADDED_DATES = 8
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_WEEK_DAYS = 7
_DATED_TEXTS = 512  # texts of which the dates are kept
_FIRST_READ_YEAR, _LAST_READ_YEAR = 1900, 2099
_HALF_DAY_HOURS = 12


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A time expression text[start_char:end_char] and the period [from_, to) that it denotes, to `precision`.

    `absolute_text` may replace it ("on 7 May 2023"). `since` says that something has held from then until the
    text was said, rather than that it happened within the period.
    """

    start_char: int
    end_char: int
    text: str
    from_: datetime
    to: datetime
    precision: str
    absolute_text: str
    since: bool = False


def find_dates(text: str, observed_at: datetime, tense: Tense | None = None) -> list[DateSpan]:
    """The time expressions of `text` in order, without overlaps, in the time zone of `observed_at`.

    `tense`, where the caller knows it, is that of all of them; otherwise each has that of its verb.
    """
    if TIME_WORDS.isdisjoint(_WORD.findall(text.lower())) and not _CALENDAR_MARKER.search(text):
        return []
    return list(_find_dates(text, observed_at, observed_at.tzinfo, tense))


# An extracted sentence and its evidence are read one after the other, the same words several times.
@text_cache(_DATED_TEXTS)
def _find_dates(
    text: str, observed_at: datetime, _zone: tzinfo | None, tense: Tense | None
) -> tuple[DateSpan, ...]:
    """The zone is a part of the key: an instant has another date in another, and compares as equal."""
    text = text.translate(ASCII_LETTER_FOLDING)
    midnight = observed_at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    spans: list[DateSpan] = []
    for match, period in _find_periods(text, ReferenceTime(observed_at, midnight, tense), spans):
        spans.append(_build_span(text, match, period, observed_at))
    return tuple(_join_weekdays(text, sorted(spans, key=lambda span: span.start_char)))


def _join_weekdays(text: str, spans: Sequence[DateSpan]) -> Iterator[DateSpan]:
    """Yield the spans, "on Friday last week" as one: the day of the week that follows it."""
    joined: DateSpan | None = None
    for day, week in pairwise([*spans, None]):
        if day is None or day is joined:
            continue
        if week is None or (day.precision, week.precision) != ("day", "week"):
            yield day
            continue
        is_whole = text[day.end_char : week.start_char] in (" ", ", ", " of ")
        if not is_whole or not _WEEKDAY.search(day.text) or day.since or week.since:
            yield day
            continue
        joined = week
        start = week.from_ + timedelta(days=(day.from_.weekday() - week.from_.weekday()) % _WEEK_DAYS)
        yield replace(
            week,
            start_char=day.start_char,
            text=text[day.start_char : week.end_char],
            from_=start,
            to=start + timedelta(days=1),
            precision="day",
            absolute_text=f"on {start.day} {start:%B %Y}",
        )


def add_absolute_dates(text: str, observed_at: datetime) -> str:
    """The text with the date behind each relative time: "we met yesterday (7 May 2023)".

    A reader need not reckon from the day on which it was said. The first `_MAX_ADDED_DATES` get theirs.
    """
    spans = [
        span
        for span in find_dates(text, observed_at)
        if span.absolute_text != span.text and not re.search(r"\d{4}", span.text)
    ]
    for span in reversed(spans[:_MAX_ADDED_DATES]):
        date = _PREPOSITION.sub("", span.absolute_text)
        text = f"{text[: span.end_char]} ({date}){text[span.end_char :]}"
    return text


def _find_periods(
    text: str, reference: ReferenceTime, spans: Sequence[DateSpan]
) -> Iterator[tuple[re.Match[str], Period]]:
    """Yield what the rules find beside the spans that are made of it by and by."""
    tenses, lowered = TenseFinder(text), text.lower()
    for rule in DATE_RULES:
        for match in rule.pattern.finditer(text) if rule.may_match(lowered) else ():
            if any(match.end() > span.start_char and match.start() < span.end_char for span in spans):
                continue
            tense = reference.tense or tenses.tense_of(match.start(), match.end())
            tensed_reference = replace(reference, tense=tense)
            try:
                period = rule.resolve(match, tensed_reference)
            except (ValueError, OverflowError):  # the 31st of June, or a count that leaves the calendar
                continue
            if period is not None and none_if_out_of_range(period.from_) and none_if_out_of_range(period.to):
                yield match, period


def _build_span(text: str, match: re.Match[str], period: Period, observed_at: datetime) -> DateSpan:
    start, end = match.start(), match.end()
    since = _SINCE_PREFIX.search(text, max(0, start - _MAX_SINCE_CHARS), start)
    if since or "since" in match[0].lower():
        start = since.start() if since else start
        period = replace(period, since=True, preposition="since")
    clock_time = _CLOCK_TIME.match(text, end)
    if clock_time and period.precision == "day" and period.to.toordinal() - period.from_.toordinal() == 1:
        timed = _narrow_to_hour(period, clock_time)
        period, end = (timed, clock_time.end()) if timed else (period, end)
    until = max(observed_at, period.to) if period.since else period.to
    lead = _KEPT_PREPOSITION.match(match[0])
    if period.since or lead:
        period = replace(
            period, preposition="since" if period.since or lead is None else lead[0].strip().lower()
        )
    expression = text[start:end]
    has_year = re.search(r"\b(?:19|20)\d\d\b", expression) and not re.search(r"\d{4}-|[/.]\d", expression)
    # The rules read only these years back from a text.
    is_readable = _FIRST_READ_YEAR <= period.from_.year <= _LAST_READ_YEAR
    absolute = expression if has_year or not is_readable else f"{period.preposition} {period.words}".strip()
    return DateSpan(start, end, expression, period.from_, until, period.precision, absolute, period.since)


def _narrow_to_hour(period: Period, clock_time: re.Match[str]) -> Period | None:
    """The hour that the clock time names; None for an hour without am, pm or minutes."""
    hour, half = int(clock_time["hour"]), (clock_time["half"] or "").lower()
    if not (half or clock_time["minute"]) or hour > (_HALF_DAY_HOURS if half else 23):
        return None
    if half:
        hour = hour % _HALF_DAY_HOURS + (_HALF_DAY_HOURS if half == "p" else 0)
    start = period.from_.replace(hour=hour)
    words = f"{period.words} at {hour:02d}:{clock_time['minute'] or '00'}"
    end = period.to if hour == 23 else start.replace(hour=hour + 1)
    return replace(period, from_=start, to=end, precision="hour", words=words)
