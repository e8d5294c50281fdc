"""Resolves the matches of date rules: the period that an expression denotes at the time when it was said."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.memory.text.dates.periods import (
    MONTH_NAMES,
    NUMBER_WORDS,
    SEASONS,
    WEEKDAY_NAMES,
    Period,
    day_period,
    format_day,
    month_period,
    season_period,
    week_period,
    weekend_period,
    year_period,
)
from app.memory.text.dates.tense import Tense

# Feasts of a fixed day, longer names before those that they begin with.
FESTIVAL_DATES = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
    "st patrick's day": (3, 17),
    "new year's eve": (12, 31),
    "new year": (1, 1),
}
MINUTE_COUNTS = {
    "a few": 5,
    "a couple of": 2,
    "ten": 10,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "half an": 30,
}
_WHOLE_UNITS = {"weekend": "week", "fortnight": "week"}
_RANGE_BEFORE = re.compile(r"day (?:to|till|until|through|thru|and) $", re.IGNORECASE)
_RANGE_AFTER = re.compile(
    r" ?(?:to|till|until|through|thru|and|-|\u2013) ?(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
_AHEAD = frozenset([Tense.FUTURE, Tense.PRESENT])
VAGUE_COUNTS = {"few": (2, 5), "several": (3, 7)}
_ITALIAN = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
_GERMAN = "januar|februar|märz||mai|juni|juli|||oktober||dezember"
_FRENCH = "janvier|février|mars|avril||juin|juillet|août|septembre|octobre||décembre"
SPANISH_MONTHS = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
FOREIGN_DAYS = {"ieri": -1, "oggi": 0, "domani": 1, "gestern": -1, "heute": 0, "ayer": -1, "hoy": 0}
FOREIGN_MONTHS = {
    f"{of}{name}": number
    for names, of in (
        (_ITALIAN, ""),
        (_GERMAN, ""),
        (_FRENCH, ""),
        (SPANISH_MONTHS, ""),
        (SPANISH_MONTHS, "de "),
    )
    for number, name in enumerate(names.split("|"), start=1)
    if name
}


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """When something was said (`said_at`, and its midnight `day`) and the tense that speaks of it."""

    said_at: datetime
    day: datetime
    tense: Tense | None = None


def _period_before(reference: ReferenceTime, unit: str, count: int) -> Period:
    """The period `count` units before the reference time (after it if `count` is negative)."""
    day = reference.day
    if unit == "hour":
        start = reference.said_at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=count)
        words = f"{format_day(start)} at {start:%H}:00"
        return Period(start, start + timedelta(hours=1), "hour", words)
    if unit == "day":
        return day_period(day - timedelta(days=count))
    if unit in ("week", "fortnight"):
        return week_period(day - timedelta(weeks=count * (2 if unit == "fortnight" else 1)))
    if unit == "weekend":
        return weekend_period(day - timedelta(weeks=count))
    if unit == "month":
        return month_period(day, day.year, day.month - count)
    return year_period(day, day.year - count)


def _month_number(name: str) -> int:
    return next(i for i, full in enumerate(MONTH_NAMES, 1) if full[:3].lower() == name[:3].lower())


def _parse_count(text: str) -> int:
    word = text.lower()
    if word.isdigit():
        return int(word)
    if word in NUMBER_WORDS:
        return NUMBER_WORDS.index(word)
    return 2 if "couple" in word else 1


def _parse_vague_count(text: str) -> tuple[int, int] | None:
    return next((bounds for word, bounds in VAGUE_COUNTS.items() if word in text.lower()), None)


def _resolve_calendar_day(
    reference: ReferenceTime, day: int, month: int, year: int | None, weekday: int | None = None
) -> Period:
    """A day of a month; without a year the nearest one, or the one that the tense implies.

    A weekday beside it chooses among the years, if it fits one of them.
    """
    if year is not None:
        return day_period(reference.day.replace(year=year, month=month, day=day))
    reach = 8 if (month, day) == (2, 29) else 1  # leap years are up to eight years apart
    years = [reference.day.year + shift for shift in range(-reach, reach + 1)]
    days = [
        reference.day.replace(year=y, month=month, day=day) for y in years if _is_valid_date(y, month, day)
    ]
    fitting = [one for one in days if one.weekday() == weekday]
    return _select_by_tense([day_period(one) for one in fitting or days], reference)


def _is_valid_date(year: int, month: int, day: int) -> bool:
    return day < 29 or (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _select_by_tense(periods: list[Period], reference: ReferenceTime) -> Period:
    """Select from periods in order: the newest begun (past), the next to end (ahead), else the nearest."""
    begun = [p for p in periods if p.from_ <= reference.day]
    coming = [p for p in periods if p.to > reference.day]
    if reference.tense is Tense.PAST and begun:
        return begun[-1]
    if reference.tense in _AHEAD and coming:
        return coming[0]
    return min(periods, key=lambda p: abs(p.from_ - reference.day))


def _is_ambiguous_month(match: re.Match[str]) -> bool:
    """Whether the name is also an ordinary English word or prefix, so that a bare number is no date."""
    word = match["month"].rstrip(".")
    return word in ("may", "march", "mar", "sep", "dec", "jan")


def resolve_iso_date(match: re.Match[str], reference: ReferenceTime) -> Period:
    start = reference.day.replace(year=int(match["year"]), month=int(match["m"]), day=int(match["day"]))
    if match["hour"] is None:
        return day_period(start)
    start = start.replace(hour=int(match["hour"]))
    return Period(start, start + timedelta(hours=1), "hour", f"{format_day(start)} at {start:%H}:00")


def resolve_numeric_date(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve day and month in figures, in either order; None where the order can't be told."""
    first, second = int(match["a"]), int(match["b"])
    year = int(match["year"]) if match["year"] else None
    if year is not None and year < 100:
        year += 2000
    if match["sep"] == "." or first > 12 or first == second:
        return _resolve_calendar_day(reference, first, second, year)
    return _resolve_calendar_day(reference, second, first, year) if second > 12 else None


def resolve_day_month(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    year = match["year"]
    if _is_ambiguous_month(match) and not (year or match["ordinal"]):
        return None
    weekday = _weekday_number(match["weekday"]) if match["weekday"] else None
    period = _resolve_calendar_day(
        reference, int(match["day"]), _month_number(match["month"]), int(year) if year else None, weekday
    )
    if match["last"] is None:
        return period
    last = day_period(period.from_.replace(day=int(match["last"])))
    return (
        replace(period, to=last.to, words=f"{match['day']}-{last.words}")
        if last.from_ > period.from_
        else None
    )


def resolve_month_year(match: re.Match[str], reference: ReferenceTime) -> Period:
    period = month_period(reference.day, int(match["year"]), _month_number(match["month"]))
    return _add_stage(match, period)


def _add_stage(match: re.Match[str], period: Period) -> Period:
    stage = match["stage"]
    return replace(period, words=f"{stage.lower()} {period.words}") if stage else period


def resolve_month(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    if not match["month"][0].isupper() and _is_ambiguous_month(match):
        return None
    month, year = _month_number(match["month"]), reference.day.year
    return _add_stage(
        match, _select_by_tense([month_period(reference.day, year + i, month) for i in (-1, 0, 1)], reference)
    )


def resolve_near_day(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve yesterday, today, tomorrow and the days next to them."""
    text = match[0].lower()
    offsets = {"before yesterday": -2, "after tomorrow": 2, "yesterday": -1, "last night": -1, "tomorrow": 1}
    period = day_period(
        reference.day
        + timedelta(days=next((offset for phrase, offset in offsets.items() if phrase in text), 0))
    )
    part = next((p for p in ("morning", "afternoon", "evening", "night") if p in text), None)
    return replace(period, words=f"the {part} of {period.words}") if part else period


def resolve_relative(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve last, this or next with a unit, month, weekday or season."""
    direction = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}.get(
        match["way"].lower().split()[-1], 0
    )
    name, day = match["name"].lower(), reference.day
    if name in ("week", "weekend", "month", "year"):
        return _period_before(reference, name, -direction)
    if name in SEASONS:
        return _relative_season(name, direction, day)
    weekday = next((i for i, full in enumerate(WEEKDAY_NAMES) if full.lower().startswith(name[:3])), None)
    if weekday is not None:
        return _relative_weekday(weekday, direction, reference)
    if direction == 0 and name in ("may", "march", "mar") and match["name"][0].islower():
        return None
    month = _month_number(name)
    shift = (direction < 0 and month >= day.month and -1) or (direction > 0 and month <= day.month and 1) or 0
    return month_period(day, day.year + shift, month)


def _relative_season(name: str, direction: int, day: datetime) -> Period:
    seasons = [season_period(day, name, day.year + i) for i in (-2, -1, 0, 1)]
    if direction < 0:
        return [s for s in seasons if s.to <= day][-1]
    coming = [s for s in seasons if (s.from_ if direction else s.to) > day]
    return coming[0]


def _relative_weekday(weekday: int, direction: int, reference: ReferenceTime) -> Period:
    days_ahead = (weekday - reference.day.weekday()) % 7
    if direction > 0:
        return day_period(reference.day + timedelta(days=days_ahead or 7))
    if direction < 0 or (reference.tense is Tense.PAST and days_ahead):
        return day_period(reference.day - timedelta(days=7 - days_ahead))
    return day_period(reference.day + timedelta(days=days_ahead))


def resolve_weekday(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve a weekday: the last one (past), the next one (ahead), else today's or the next one.

    What happens on a weekday always, or from one to another, is no date.
    """
    is_range = _RANGE_AFTER.match(match.string, match.end("weekday")) or _RANGE_BEFORE.search(
        match.string[max(0, match.start("weekday") - 16) : match.start("weekday")]
    )
    if reference.tense is Tense.HABIT or (is_range and reference.tense not in (Tense.PAST, Tense.FUTURE)):
        return None
    direction = -1 if reference.tense is Tense.PAST else int(reference.tense in _AHEAD)
    period = _relative_weekday(_weekday_number(match["weekday"]), direction, reference)
    return _add_part(match, period)


def _weekday_number(name: str) -> int:
    return next(i for i, full in enumerate(WEEKDAY_NAMES) if full[:3].lower() == name[:3].lower())


def _add_part(match: re.Match[str], period: Period) -> Period:
    part = match["part"]
    return replace(period, words=f"the {part.lower()} of {period.words}") if part else period


def resolve_weekday_hence(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve "Friday week", "a week on Friday" and "Friday after next"."""
    coming = _relative_weekday(_weekday_number(match["weekday"]), 1, reference)
    weeks = _parse_count(match["count"]) if match["count"] else 1
    return day_period(coming.from_ + timedelta(weeks=weeks))


def resolve_day_hence(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve "a week today", "tomorrow week" and "three days from tomorrow"."""
    count, unit = _parse_count(match["count"] or "one"), (match["unit"] or "week").lower()
    days = count * {"day": 1, "week": 7, "fortnight": 14}[unit]
    start = 1 if match["day"].lower() == "tomorrow" else 0
    return day_period(reference.day + timedelta(days=days + start))


def resolve_unit_after_next(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve "the week after next"."""
    return _period_before(reference, match["unit"].lower(), -2)


def resolve_ago(match: re.Match[str], reference: ReferenceTime) -> Period:
    unit, bounds = match["unit"].lower(), _parse_vague_count(match["count"])
    if bounds is None:
        return _period_before(reference, unit, _parse_count(match["count"]))
    start, end = (_period_before(reference, unit, n) for n in (bounds[1], bounds[0]))
    words = f"{match['count'].lower()} {unit}s before {format_day(reference.day)}"
    return Period(start.from_, end.to, "day" if unit == "weekend" else unit, words, "")


def resolve_from_now(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    if reference.tense is Tense.PAST or _parse_vague_count(match["count"]) or match["unit"] == "hour":
        return None
    return _period_before(reference, match["unit"].lower(), -_parse_count(match["count"]))


def resolve_minutes_ago(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "20 minutes ago" to its hour; a number of hours has a rule of its own."""
    count = match["count"].lower()
    if "hour" in match[0].lower() and count != "half an":
        return None
    minutes = MINUTE_COUNTS.get(count) or int(count)
    return _period_before(
        replace(reference, said_at=reference.said_at - timedelta(minutes=minutes)), "hour", 0
    )


def resolve_rolling(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "the last n units", which end now."""
    unit, count = match["unit"].lower(), match["count"] or "one"
    if match["count"] is None and match["lead"] is None:
        return None
    bounds = _parse_vague_count(count)
    length = bounds[1] if bounds else _parse_count(count)
    if unit in ("month", "year"):
        start = _shift_months(reference.day, -length * (12 if unit == "year" else 1))
    else:
        length *= 2 if unit == "fortnight" else 1
        start = reference.day - timedelta(**{f"{_WHOLE_UNITS.get(unit, unit)}s": length})
    words = f"the {count.lower()} {unit}s" if match["count"] else f"the {unit}"
    words = f"{words} before {format_day(reference.day)}"
    return Period(start, reference.day + timedelta(days=1), "day" if unit == "weekend" else unit, words, "in")


def _shift_months(day: datetime, months: int) -> datetime:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, 28))


def resolve_duration(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "for four years" as since then if it still goes on; None if it is over."""
    is_ongoing = (
        match["past"]
        or match["now"]
        or re.search(r"\b(?:have|has|been)\b|['\u2019]ve\b", match.string[: match.start()])
    )
    if not is_ongoing or match["unit"] == "weekend":
        return None
    bounds = _parse_vague_count(match["count"])
    return replace(
        _period_before(
            reference, match["unit"].lower(), bounds[0] if bounds else _parse_count(match["count"])
        ),
        since=True,
    )


def resolve_preceding(match: re.Match[str], reference: ReferenceTime) -> Period:
    unit = {"night": "day"}.get(match["name"].lower(), match["name"].lower())
    return _period_before(reference, unit, 2 if match["last"] else 1)


def resolve_festival(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve a feast; without "last" or "next" a tense has to say that one of them is meant."""
    month, day = _day_of_festival(match["name"])
    way = (match["way"] or "").lower()
    tense = {"last": Tense.PAST, "next": Tense.FUTURE}.get(way, reference.tense)
    if not way and tense not in (Tense.PAST, Tense.FUTURE):
        return None
    period = _resolve_calendar_day(replace(reference, tense=tense), day, month, None)
    preposition = (match["preposition"] or "at").lower()
    return replace(period, words=f"{match['name']} {period.from_.year}", preposition=preposition)


def resolve_dated_festival(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve a feast of a named year: "on New Year's Day 2020", "since Christmas of 2011"."""
    month, day = _day_of_festival(match["name"])
    period = day_period(reference.day.replace(year=int(match["year"]), month=month, day=day))
    preposition = (match["preposition"] or "on").lower()
    return replace(period, words=f"{match['name']} {match['year']}", preposition=preposition)


def _day_of_festival(name: str) -> tuple[int, int]:
    """The month and the day of a feast."""
    plain = name.lower().replace("\u2019", "'").replace(".", "")
    return next(date for known, date in FESTIVAL_DATES.items() if plain.startswith(known))


def resolve_month_day(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "on the 12th" and "on Friday the 13th"."""
    number, first = int(match["day"]), reference.day.replace(day=1)
    if not 1 <= number <= 31 or reference.tense is Tense.HABIT:
        return None
    weekday = _weekday_number(match["weekday"]) if match["weekday"] else None
    reach, way = (8 if weekday is not None else 2), (match["way"] or "").lower()
    shifts = {"this": [0], "next": [1], "last": [-1]}.get(way) or list(range(-reach, reach + 1))
    months = [_shift_months(first, shift) for shift in shifts]
    days = [one.replace(day=number) for one in months if number <= _month_length(one)]
    fitting = [one for one in days if weekday is None or one.weekday() == weekday]
    return _select_by_tense([day_period(one) for one in fitting], reference) if fitting else None


def _month_length(first: datetime) -> int:
    return (_shift_months(first, 1) - timedelta(days=1)).day


def resolve_weekend(_match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "at the weekend", where the tense says whether the last one or the next one is meant."""
    if reference.tense not in (Tense.PAST, Tense.FUTURE):
        return None
    weekends = [weekend_period(reference.day + timedelta(weeks=i)) for i in (-1, 0, 1)]
    return _select_by_tense(weekends, reference)


def resolve_season(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "in the summer", where the tense says which one is meant."""
    if reference.tense not in (Tense.PAST, Tense.FUTURE):
        return None
    day, season = reference.day, match["season"].lower()
    return _select_by_tense([season_period(day, season, day.year + i) for i in (-2, -1, 0, 1)], reference)


def resolve_new_year(_match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve "in the new year": its first month."""
    day = reference.day
    return _select_by_tense(
        [month_period(day, day.year + i, 1) for i in (0, 1)],
        replace(reference, tense=reference.tense or Tense.FUTURE),
    )


def resolve_edge(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve the start, middle or end of a week, month or year."""
    unit, day = (match["unit"] or "month").lower(), reference.day
    if match["month"]:
        if not match["month"][0].isupper() and _is_ambiguous_month(match):
            return None
        number = _month_number(match["month"])
        years = [int(match["year"])] if match["year"] else [day.year + i for i in (-1, 0, 1)]
        wholes = [month_period(day, year, number) for year in years]
    else:
        shift = {"next": -1, "last": 1, "that": None}.get(match["way"].lower(), 0)
        if shift is None:
            return None
        wholes = [_period_before(reference, unit, shift)]
        if shift == 0 and reference.tense is Tense.PAST:
            wholes.insert(0, _period_before(reference, unit, 1))
    edges = [_edge_period(whole, unit, match["edge"].lower()) for whole in wholes]
    if match["month"] or reference.tense is Tense.PAST:
        return _select_by_tense(edges, reference)
    return edges[-1]


def _edge_period(whole: Period, unit: str, edge: str) -> Period:
    """The first, middle or last part of a whole period: 2 days of a week, 7 of a month, a month of a year."""
    length, precision = {"week": (2, "day"), "month": (7, "week"), "year": (31, "month")}[unit]
    total = (whole.to - whole.from_).days
    first = {"end": total - length, "middle": (total - length) // 2}.get(edge, 0)
    start = whole.from_ + timedelta(days=first)
    words = f"the {edge} of {whole.words}"
    return Period(start, start + timedelta(days=length), precision, words, "")


def resolve_foreign(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve a day named in another language.

    Without a year it is in the year of speaking or as the tense says.
    """
    offset = FOREIGN_DAYS.get(match["date"].lower())
    if offset is not None:
        day = reference.day + timedelta(days=offset)
    else:
        month, number = FOREIGN_MONTHS[match["month"].lower()], int(match["day"])
        year = int(match["year"]) if match["year"] else reference.day.year
        if not (match["year"] or _is_valid_date(year, month, number)):
            day = _resolve_calendar_day(reference, number, month, None).from_
        else:
            day = reference.day.replace(year=year, month=month, day=number)
        if not match["year"] and reference.tense is Tense.PAST and day > reference.day:
            day = day.replace(year=day.year - 1)
        elif not match["year"] and reference.tense is Tense.FUTURE and day < reference.day:
            day = day.replace(year=day.year + 1)
    return replace(day_period(day), words=day.date().isoformat(), preposition="")
