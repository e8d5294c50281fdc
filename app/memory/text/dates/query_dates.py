"""Finds the times that a question names, in English and in other languages."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from app.core.instants import MIN_INSTANT, shift_instant
from app.core.text_caches import text_cache
from app.memory.text.dates.date_spans import DateSpan, find_dates
from app.memory.text.dates.foreign_dates import ForeignDate, find_foreign_dates
from app.memory.text.dates.tense import Tense
from app.memory.text.languages import MIN_STOP_WORDS, detect_language, detect_sentence_language
from app.memory.text.stop_words import ENGLISH, STOP_WORDS
from app.memory.text.word_lists import MONTHS_AND_DAYS

_WORD = re.compile(r"[^\W\d_]+")
_OPEN_RANGE_PREFIX = re.compile(r"\b(?P<word>before|until|after|since)\s+(?:early |late )?$", re.IGNORECASE)
_PAST_QUESTION = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
_OTHER_VERB = re.compile(
    r"\b(?:will|shall|would|going|gonna|am|is|are|do|does|can|could|should|must|may(?! \d)|might)\b"
    r"|\w['\u2019](?:ll|m|re)\b",
    re.IGNORECASE,
)
# Questions are often typed without capitals; the rules for statements need one where the word is ambiguous.
_SMALL_MONTH = re.compile(
    r"(?:(?<=\bon )|(?<=\bin )|(?<=\bof )|(?<=\d )|(?<=\d(?:st|nd|rd|th) ))(?:may|march|mar|sep|dec|jan)\b"
    r"|\b(?:may|march)(?= \d{1,2}(?:st|nd|rd|th)?\b)"
)
_MAX_YEARS_BACK = 100
_ONE_YEAR = timedelta(days=365)
# Languages that are written in the letters of another one which is detected by its script.
_SAME_SCRIPT = {"russian": "ukrainian", "arabic": "persian", "chinese": "japanese", "japanese": "chinese"}


def find_query_dates(query: str, reference_time: datetime) -> list[DateSpan]:
    """The times that a question names, in order, without overlaps, in the time zone of the reference time."""
    return list(_find_query_dates(query, reference_time, reference_time.tzinfo))


# A search asks for the period, the topic and the words of one question: its dates are looked for once.
@text_cache()
def _find_query_dates(query: str, reference_time: datetime, _zone: tzinfo | None) -> tuple[DateSpan, ...]:
    """The zone is a part of the key: an instant has another date in another, and compares as equal."""
    spans = _find_english_dates(query, reference_time)
    words = _WORD.findall(query.lower())
    language = detect_language(words)
    if language == ENGLISH and len(STOP_WORDS.intersection(words)) >= MIN_STOP_WORDS:
        return tuple(spans)  # "3 mars" are sweets there
    languages = {language, detect_sentence_language(query)}
    languages |= {_SAME_SCRIPT[one] for one in languages & _SAME_SCRIPT.keys()}
    foreign = [
        span
        for date in find_foreign_dates(query, frozenset(languages))
        if (span := _resolve_foreign(query, date, reference_time)) is not None
    ]
    # A foreign expression is found whole, where the English rules may find a part of it.
    spans = [
        span
        for span in spans
        if all(span.end_char <= one.start_char or span.start_char >= one.end_char for one in foreign)
    ]
    return tuple(sorted([*spans, *foreign], key=lambda span: span.start_char))


def resolve_query_range(query: str, reference_time: datetime) -> tuple[datetime, datetime] | None:
    """The period [from, to) that a question asks about; None if it names none.

    "Before" and "until" reach back at most `_MAX_YEARS_BACK` years; "after" ends at the reference time, or a
    year after its date.
    """
    spans = find_query_dates(query, reference_time)
    if not spans:
        return None
    start, end = min(span.from_ for span in spans), max(span.to for span in spans)
    first, is_only = spans[0], len(spans) == 1
    open_range = _OPEN_RANGE_PREFIX.search(query[: first.start_char]) or re.match(
        r"(before|until|after) ", first.text, re.IGNORECASE
    )
    if open_range and is_only and not first.since:
        word = open_range[1].lower()
        if word == "after":
            return end, max(reference_time, shift_instant(end, _ONE_YEAR))
        earliest = max(
            start.replace(year=max(MIN_INSTANT.year, start.year - _MAX_YEARS_BACK), day=1), MIN_INSTANT
        )
        return earliest, start if word == "before" else end
    return start, end


def remove_dates(query: str, reference_time: datetime) -> str:
    """The question without its times: what it asks about."""
    for span in reversed(find_query_dates(query, reference_time)):
        query = f"{query[: span.start_char]} {query[span.end_char :]}"
    return query


def remove_relative_dates(query: str, reference_time: datetime) -> str:
    """The question without times that are relative to the reference time, such as "two weeks ago".

    Expressions that name the calendar ("in May", "on Friday", "2023") stay, as a matching text may contain
    them.
    """
    for span in reversed(find_query_dates(query, reference_time)):
        named = not MONTHS_AND_DAYS.isdisjoint(_WORD.findall(span.text.lower()))
        if not (named or re.search(r"\d{4}", span.text)):
            query = f"{query[: span.start_char]} {query[span.end_char :]}"
    return query


def _find_english_dates(query: str, reference_time: datetime) -> list[DateSpan]:
    """The times by the rules for statements; a time ahead only if the question is not of the past.

    Without a verb ("dinner on 5 May?") the nearer one is meant.
    """
    query = _SMALL_MONTH.sub(lambda month: month[0].title(), query)
    spans = find_dates(query, reference_time)
    if all(span.from_ <= reference_time for span in spans) or _OTHER_VERB.search(query):
        return spans
    past = find_dates(query, reference_time, Tense.PAST)
    if not past or _PAST_QUESTION.search(query):
        return past
    is_nearer = abs(past[0].from_ - reference_time) < abs(spans[0].from_ - reference_time)
    return past if is_nearer else spans


def _resolve_foreign(query: str, date: ForeignDate, reference_time: datetime) -> DateSpan | None:
    """The period of an expression; a weekday without more is the last one, as questions are of the past."""
    tense = Tense.PAST if date.english.startswith("on ") and not any(map(str.isdigit, date.english)) else None
    found = find_dates(date.english, reference_time, tense)
    if not found:
        return None
    span = found[0]
    if date.weekday is not None:
        day = shift_instant(span.from_, timedelta(days=date.weekday))
        span = replace(span, from_=day, to=shift_instant(day, timedelta(days=1)), precision="day")
    return replace(
        span,
        start_char=date.start_char,
        end_char=date.end_char,
        text=query[date.start_char : date.end_char],
        since=False,
    )
