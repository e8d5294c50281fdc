"""Reads the one date field of a model's fact: a day, month, year, week, moment, or a span of these."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from app.core.instants import none_if_out_of_range

_SHORT_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_OPEN_END = frozenset(["", "..", "now", "present"])


@dataclass(frozen=True, slots=True)
class When:
    """A range [start, end) and its precision; `has_end` tells that the text named the end."""

    start: datetime
    end: datetime | None
    precision: str
    has_end: bool = False


def parse_when(text: str | None, said_at: datetime) -> When | None:
    """Read an ISO date or an interval "from/to", whose second date is included; None for anything else.

    A date without a zone is in that of `said_at`.
    """
    zone = said_at.tzinfo or UTC
    first, slash, second = (part.strip() for part in (text or "").partition("/"))
    start = _parse_point(first, zone)
    if start is None:
        return None
    begin, precision = start
    period_end = end_of_period(begin, precision)
    if not slash or second.lower() in _OPEN_END:
        return When(begin, period_end, precision)
    last = _parse_point(second, zone)
    if last is None or last[0] < begin:
        return When(begin, period_end, precision)
    end = last[0] if last[1] == "minute" and last[0] > begin else end_of_period(*last)
    return When(begin, end, precision, has_end=end is not None)


def _parse_point(text: str, zone: tzinfo) -> tuple[datetime, str] | None:
    """(its first moment, precision) of one date."""
    short, week = _SHORT_DATE.fullmatch(text), _WEEK.fullmatch(text)
    try:
        if short:
            precision = "month" if short[2] else "year"
            moment = datetime(int(short[1]), int(short[2] or 1), 1, tzinfo=zone)
        elif week:
            precision = "week"
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            moment = datetime.combine(monday, time(), tzinfo=zone)
        else:
            precision = "minute" if len(text) > len("2023-05-08") else "day"
            moment = datetime.fromisoformat(text)
        moment = none_if_out_of_range(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    return (moment, precision) if moment is not None else None


def end_of_period(start: datetime, precision: str) -> datetime | None:
    """Return the end of the period that begins at `start`, or None beyond the range of supported times."""
    months = {"year": 12, "month": 1}.get(precision)
    try:
        if months:
            year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
            return none_if_out_of_range(start.replace(year=year, month=month + 1, day=1))
        return none_if_out_of_range(start + timedelta(**{f"{precision}s": 1}))
    except (ValueError, OverflowError):
        return None
