"""Dates that a sentence takes from those before it: "On 3 May we drove to Siena. That evening we …"."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.instants import none_if_out_of_range, shift_instant
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.dates.periods import (
    NUMBER_WORDS,
    Period,
    day_period,
    month_period,
    week_period,
    weekend_period,
    year_period,
)

_ANAPHOR = re.compile(
    r"\b(?:on |in |at )?(?:"
    r"(?P<later>later (?:that|the same) (?:day|evening|night))"
    r"|(?:that|the same|that same|that very) "
    r"(?P<same>day|morning|afternoon|evening|night|weekend|week|month|year)"
    r"|the (?:next|following) (?P<next>day|morning|afternoon|evening|night|weekend|week|month|year)"
    r"|the (?P<previous>day|night|evening|week|month|year) before"
    r"|the previous (?P<former>day|night|evening|week|month|year)"
    r"|the (?P<after>day|week|month|year) after"
    rf"|(?P<count>an?|\d{{1,2}}|{'|'.join(NUMBER_WORDS[1:])}) (?P<unit>day|week|month|year)s? "
    r"(?P<way>later|earlier|after that|before that)"
    r")(?=\W|$)(?! (?:that|which|who)\b)",
    re.IGNORECASE,
)
# A place or moment that stands for the one that was told of; it says nothing of a date by itself.
_THERE = re.compile(r"\b(?:there|then)\b(?! (?:is|are|was|were|has|have|will|'s)\b)", re.IGNORECASE)
_PARTS = frozenset(["morning", "afternoon", "evening", "night"])
_DAYLIKE = frozenset(["day", *_PARTS])
_FINE = frozenset(["day", "hour", "minute"])


def inherit_date(previous: Sequence[DateSpan], text: str, own: Sequence[DateSpan] = ()) -> DateSpan | None:
    """The date that a sentence has from the dates of those before it, in order; None if it has none.

    "That evening", "the next day", "two weeks later" are resolved from the last date before them; the span is
    theirs, and stands for those of `own` (the sentence's own dates) that it overlaps. Without own dates, a
    sentence with "there" or "then" has that date too: its span is empty and stands at its end, and its
    `absolute_text` begins with a space.
    """
    last = next((span for span in reversed(previous) if not span.since), None)
    found = _ANAPHOR.search(text)
    if last is None or any(found is None or not _overlaps(span, found) for span in own):
        return None
    if found is None:
        return _at_end(last, text) if _THERE.search(text) and last.precision in _FINE else None
    period = _resolve_anaphor(found, last)
    if period is None:
        return None
    words = f"{period.preposition} {period.words}".strip()
    return DateSpan(
        found.start(), found.end(), found[0], period.from_, period.to, period.precision, words, since=False
    )


def _overlaps(span: DateSpan, found: re.Match[str]) -> bool:
    return span.start_char < found.end() and found.start() < span.end_char


def _at_end(last: DateSpan, text: str) -> DateSpan:
    end = len(text.rstrip(" .!?"))
    return DateSpan(end, end, "", last.from_, last.to, last.precision, f" {last.absolute_text}")


def _resolve_anaphor(found: re.Match[str], last: DateSpan) -> Period | None:
    if found["later"]:
        unit, shift = found["later"].lower().rsplit(maxsplit=1)[-1], 0
    elif found["same"]:
        unit, shift = found["same"].lower(), 0
    elif found["next"] or found["after"]:
        unit, shift = (found["next"] or found["after"]).lower(), 1
    elif found["previous"] or found["former"]:
        unit, shift = (found["previous"] or found["former"]).lower(), -1
    else:
        count = found["count"].lower()
        number = NUMBER_WORDS.index(count) if count in NUMBER_WORDS else 1
        number = int(count) if count.isdigit() else number
        back = found["way"].lower() in {"earlier", "before that"}
        unit, shift = found["unit"].lower(), -number if back else number
    if unit in _DAYLIKE and last.precision not in _FINE:
        return None  # "in May … that evening": of which day is not told
    try:
        period = _shift_period(last, unit, shift)
    except (ValueError, OverflowError):
        return None
    return period if none_if_out_of_range(period.to) is not None else None


def _midnight_of(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _shift_period(last: DateSpan, unit: str, shift: int) -> Period:
    midnight = _midnight_of(last.from_)
    if unit in _DAYLIKE:
        # "The next day" is the one after the last day of "from 3 to 7 May".
        final = _midnight_of(shift_instant(last.to, -timedelta(microseconds=1)))
        period = day_period((final if shift > 0 else midnight) + timedelta(days=shift))
        if unit in _PARTS:
            words = f"the {unit} of {period.words}"
            return Period(period.from_, period.to, "day", words)
        return period
    if unit == "week":
        return week_period(midnight + timedelta(weeks=shift))
    if unit == "weekend":
        return weekend_period(midnight + timedelta(weeks=shift))
    if unit == "month":
        return month_period(midnight, midnight.year, midnight.month + shift)
    return year_period(midnight, midnight.year + shift)
