"""Date rules: regular expressions for time expressions, each with the function that resolves a match."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.memory.text.periods import (
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

FESTIVAL_DATES = {
    "christmas": (12, 25),
    "halloween": (10, 31),
    "valentine": (2, 14),
    "new year's eve": (12, 31),
}
VAGUE_COUNTS = {"few": (2, 5), "several": (3, 7)}
_ITALIAN = "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
_GERMAN = "januar|februar|märz||mai|juni|juli|||oktober||dezember"
_FRENCH = "janvier|février|mars|avril||juin|juillet|août|septembre|octobre||décembre"
_SPANISH = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
FOREIGN_DAYS = {"ieri": -1, "oggi": 0, "domani": 1, "gestern": -1, "heute": 0, "ayer": -1, "hoy": 0}
FOREIGN_MONTHS = {
    f"{of}{name}": number
    for names, of in ((_ITALIAN, ""), (_GERMAN, ""), (_FRENCH, ""), (_SPANISH, ""), (_SPANISH, "de "))
    for number, name in enumerate(names.split("|"), start=1)
    if name
}
_FOREIGN = "|".join(name for name in FOREIGN_MONTHS if not name.startswith("de "))

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_SHORT_WEEKDAY = r"(?-i:Mon|Tues?|Wed|Thu|Thurs?|Fri|Sat|Sun)"
_PART = r"(?P<part>morning|afternoon|evening|night)"
_COUNT = (
    r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:a )?couple(?: of)?|(?:a )?few|several)"
)
_UNIT = r"(?P<unit>hour|day|week|weekend|month|year)s?\b"
_ABOUT = r"(?:(?:about|around|roughly|over|almost|nearly|just|more than|at least) )?"
_DAY = r"(?P<day>\d{1,2})(?P<ordinal>st|nd|rd|th)?(?:[-\u2013](?P<last>\d{1,2})(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_THEN_YEAR = r"(?:,? \(?(?P<year>(?:19|20)\d\d)\b\)?)?"
_STAGE = r"(?:(?P<stage>early|mid|late)[ -])?"
_ENDS = r"(?=\s*(?:[.,;:!?)]|$)|\s+(?:and|but|with|at|to|I|we|so|because)\b)"


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """When something was said (`said_at`, and its midnight `day`) and its tense: "past", "future" or None."""

    said_at: datetime
    day: datetime
    tense: str | None = None


def _period_before(reference: ReferenceTime, unit: str, count: int) -> Period:
    """The period `count` units before the reference time (after it if `count` is negative)."""
    day = reference.day
    if unit == "hour":
        start = reference.said_at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=count)
        words = f"{format_day(start)} at {start:%H}:00"
        return Period(start, start + timedelta(hours=1), "hour", words)
    if unit == "day":
        return day_period(day - timedelta(days=count))
    if unit == "week":
        return week_period(day - timedelta(weeks=count))
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


def _resolve_calendar_day(reference: ReferenceTime, day: int, month: int, year: int | None) -> Period:
    """A day of a month; without a year the nearest one, or the one that the tense implies."""
    if year is not None:
        return day_period(reference.day.replace(year=year, month=month, day=day))
    years = [
        y
        for y in (reference.day.year - 1, reference.day.year, reference.day.year + 1)
        if _is_valid_date(y, month, day)
    ]
    return _select_by_tense(
        [day_period(reference.day.replace(year=y, month=month, day=day)) for y in years], reference
    )


def _is_valid_date(year: int, month: int, day: int) -> bool:
    return day < 29 or (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def _select_by_tense(periods: list[Period], reference: ReferenceTime) -> Period:
    """Select from periods in order: the newest begun (past), the next to end (future), else the nearest."""
    begun = [p for p in periods if p.from_ <= reference.day]
    coming = [p for p in periods if p.to > reference.day]
    if reference.tense == "past" and begun:
        return begun[-1]
    if reference.tense == "future" and coming:
        return coming[0]
    return min(periods, key=lambda p: abs(p.from_ - reference.day))


def _is_ambiguous_month(match: re.Match[str]) -> bool:
    """Whether the name is also an ordinary English word or prefix, so that a bare number is no date."""
    word = match["month"].rstrip(".")
    return word in ("may", "march", "mar", "sep", "dec", "jan")


def _resolve_iso_date(match: re.Match[str], reference: ReferenceTime) -> Period:
    start = reference.day.replace(year=int(match["year"]), month=int(match["m"]), day=int(match["day"]))
    if match["hour"] is None:
        return day_period(start)
    start = start.replace(hour=int(match["hour"]))
    return Period(start, start + timedelta(hours=1), "hour", f"{format_day(start)} at {start:%H}:00")


def _resolve_numeric_date(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    first, second, year = int(match["a"]), int(match["b"]), int(match["year"])
    if match["sep"] == "." or first > 12 or first == second:
        return _resolve_calendar_day(reference, first, second, year)
    return _resolve_calendar_day(reference, second, first, year) if second > 12 else None


def _resolve_day_month(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    year = match["year"]
    if _is_ambiguous_month(match) and not (year or match["ordinal"]):
        return None
    period = _resolve_calendar_day(
        reference, int(match["day"]), _month_number(match["month"]), int(year) if year else None
    )
    if match["last"] is None:
        return period
    last = day_period(period.from_.replace(day=int(match["last"])))
    return (
        replace(period, to=last.to, words=f"{match['day']}-{last.words}")
        if last.from_ > period.from_
        else None
    )


def _resolve_month_year(match: re.Match[str], reference: ReferenceTime) -> Period:
    period = month_period(reference.day, int(match["year"]), _month_number(match["month"]))
    return _add_stage(match, period)


def _add_stage(match: re.Match[str], period: Period) -> Period:
    stage = match["stage"]
    return replace(period, words=f"{stage.lower()} {period.words}") if stage else period


def _resolve_month(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    if not match["month"][0].isupper():
        return None
    month, year = _month_number(match["month"]), reference.day.year
    return _add_stage(
        match, _select_by_tense([month_period(reference.day, year + i, month) for i in (-1, 0, 1)], reference)
    )


def _resolve_near_day(match: re.Match[str], reference: ReferenceTime) -> Period:
    """Resolve yesterday, today, tomorrow and the days next to them."""
    text = match[0].lower()
    offsets = {"before yesterday": -2, "after tomorrow": 2, "yesterday": -1, "last night": -1, "tomorrow": 1}
    period = day_period(
        reference.day
        + timedelta(days=next((offset for phrase, offset in offsets.items() if phrase in text), 0))
    )
    part = next((p for p in ("morning", "afternoon", "evening", "night") if p in text), None)
    return replace(period, words=f"the {part} of {period.words}") if part else period


def _resolve_relative(match: re.Match[str], reference: ReferenceTime) -> Period | None:
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
    if direction < 0 or (reference.tense == "past" and days_ahead):
        return day_period(reference.day - timedelta(days=7 - days_ahead))
    return day_period(reference.day + timedelta(days=days_ahead))


def _resolve_weekday(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    if not match["weekday"][0].isupper():
        return None
    weekday = WEEKDAY_NAMES.index(match["weekday"].capitalize())
    return _relative_weekday(weekday, -1 if reference.tense == "past" else 0, reference)


def _resolve_ago(match: re.Match[str], reference: ReferenceTime) -> Period:
    unit, bounds = match["unit"].lower(), _parse_vague_count(match["count"])
    if bounds is None:
        return _period_before(reference, unit, _parse_count(match["count"]))
    start, end = (_period_before(reference, unit, n) for n in (bounds[1], bounds[0]))
    words = f"{match['count'].lower()} {unit}s before {format_day(reference.day)}"
    return Period(start.from_, end.to, "day" if unit == "weekend" else unit, words, "")


def _resolve_from_now(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    if reference.tense == "past" or _parse_vague_count(match["count"]) or match["unit"] == "hour":
        return None
    return _period_before(reference, match["unit"].lower(), -_parse_count(match["count"]))


def _resolve_rolling(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    """Resolve "the last n units", which end now."""
    unit, count = match["unit"].lower(), match["count"] or "one"
    if match["count"] is None and match["lead"] is None:
        return None
    bounds = _parse_vague_count(count)
    length = bounds[1] if bounds else _parse_count(count)
    if unit in ("month", "year"):
        start = _shift_months(reference.day, -length * (12 if unit == "year" else 1))
    else:
        start = reference.day - timedelta(**{f"{unit.replace('weekend', 'week')}s": length})
    words = f"the {count.lower()} {unit}s" if match["count"] else f"the {unit}"
    words = f"{words} before {format_day(reference.day)}"
    return Period(start, reference.day + timedelta(days=1), "day" if unit == "weekend" else unit, words, "in")


def _shift_months(day: datetime, months: int) -> datetime:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, 28))


def _resolve_duration(match: re.Match[str], reference: ReferenceTime) -> Period | None:
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


def _resolve_preceding(match: re.Match[str], reference: ReferenceTime) -> Period:
    unit = {"night": "day"}.get(match["name"].lower(), match["name"].lower())
    return _period_before(reference, unit, 2 if match["last"] else 1)


def _resolve_festival(match: re.Match[str], reference: ReferenceTime) -> Period:
    month, day = next(date for name, date in FESTIVAL_DATES.items() if match["name"].lower().startswith(name))
    tense = {"last": "past", "next": "future"}.get(match["way"].lower(), reference.tense)
    return _resolve_calendar_day(replace(reference, tense=tense), day, month, None)


def _resolve_month_day(match: re.Match[str], reference: ReferenceTime) -> Period | None:
    number = int(match["day"])
    if not 1 <= number <= 28:
        return None
    days = [_shift_months(reference.day.replace(day=number), i) for i in (-1, 0, 1)]
    return _select_by_tense([day_period(day) for day in days], reference)


def _resolve_foreign(match: re.Match[str], reference: ReferenceTime) -> Period | None:
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
        if not match["year"] and reference.tense == "past" and day > reference.day:
            day = day.replace(year=day.year - 1)
        elif not match["year"] and reference.tense == "future" and day < reference.day:
            day = day.replace(year=day.year + 1)
    return replace(day_period(day), words=day.date().isoformat(), preposition="")


DateRule = tuple[re.Pattern[str], Callable[[re.Match[str], ReferenceTime], Period | None]]


def _compile_rule(pattern: str, resolve: Callable[[re.Match[str], ReferenceTime], Period | None]) -> DateRule:
    return re.compile(pattern, re.IGNORECASE), resolve


DATE_RULES: tuple[DateRule, ...] = (
    _compile_rule(
        r"\b(?:on )?(?P<year>\d{4})[-/](?P<m>\d\d)[-/](?P<day>\d\d)(?:[T ](?P<hour>[01]\d"
        r"|2[0-3]):\d\d)?\b",
        _resolve_iso_date,
    ),
    _compile_rule(
        r"\b(?:on )?(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<year>\d{4})\b",
        _resolve_numeric_date,
    ),
    _compile_rule(rf"\b(?:on )?(?:the )?{_DAY} (?:of )?{_MONTH}{_THEN_YEAR}", _resolve_day_month),
    _compile_rule(rf"\b(?:on )?{_MONTH} (?:the )?{_DAY}\b(?!:|,\d){_THEN_YEAR}", _resolve_day_month),
    _compile_rule(rf"\b(?:in )?{_STAGE}{_MONTH},? (?:of )?{_YEAR}", _resolve_month_year),
    _compile_rule(
        rf"\b(?:(?:in|during) )?(?:the )?(?P<season>spring|summer|fall|autumn|winter) (?:of )?{_YEAR}",
        lambda m, now: season_period(now.day, m["season"].lower(), int(m["year"])),
    ),
    _compile_rule(
        r"\b(?:(?:the )?day before yesterday|(?:the )?day after tomorrow|last night|tonight|earlier today"
        r"|this (?:morning|afternoon|evening)|today(?!['\u2019]s)|(?:yesterday"
        r"|tomorrow)(?: (?:morning|afternoon|evening|night))?)\b",
        _resolve_near_day,
    ),
    _compile_rule(
        rf"\bfor {_ABOUT}(?:the )?(?:(?P<past>past|last) )?{_COUNT} {_UNIT}(?! (?:ago|old|from now"
        rf"|later))(?P<now> now\b)?",
        _resolve_duration,
    ),
    _compile_rule(
        rf"\b(?P<lead>(?:in|over|during|within|for) the )?(?:past|last) (?:{_COUNT} )?{_UNIT}",
        _resolve_rolling,
    ),
    _compile_rule(
        r"\b(?:(?:on|in|during|over) )?(?:the )?(?P<way>this past|this coming|last|this|next|past"
        r"|previous|coming)"
        rf" (?P<name>weekend|week|month|year|spring|summer|fall|autumn|winter|{_WEEKDAY}"
        rf"|{_SHORT_WEEKDAY}|{_MONTH})\b(?!-)",
        _resolve_relative,
    ),
    _compile_rule(rf"\b{_ABOUT}{_COUNT} {_UNIT} ago\b", _resolve_ago),
    _compile_rule(rf"\bin {_ABOUT}{_COUNT} {_UNIT}(?:['\u2019] time)?{_ENDS}", _resolve_from_now),
    _compile_rule(rf"\b{_COUNT} {_UNIT} from now\b", _resolve_from_now),
    _compile_rule(
        rf"\b(?:in|(?P<since>since)|back in|during|around|of|by|until|from|before"
        rf"|after)(?: the)?(?: year)?(?: early| late| mid)?[ -]{_YEAR}"
        r"(?!\s*[%°$€£]|[-/:.,]\d|-\w| [a-z]+(?:s|ed)\b)",
        lambda m, now: year_period(now.day, int(m["year"])),
    ),
    _compile_rule(rf"\b(?:in|during|since|until) {_STAGE}{_MONTH}", _resolve_month),
    _compile_rule(rf"(?<!every )(?<!each )\bon {_WEEKDAY}(?: {_PART})?\b(?!['\u2019]?s)", _resolve_weekday),
    _compile_rule(
        rf"(?<!every )(?<!each )(?<!black )(?<!good )\b{_WEEKDAY}(?: {_PART}\b|{_ENDS})", _resolve_weekday
    ),
    _compile_rule(
        rf"\bthe (?P<name>weekend|week|month|year|day|night) before(?P<last> last\b)?{_ENDS}",
        _resolve_preceding,
    ),
    _compile_rule(
        r"\b(?P<way>last|this|next) (?P<name>christmas|halloween|valentine['\u2019]s day"
        r"|new year's eve)\b",
        _resolve_festival,
    ),
    _compile_rule(rf"\bon the (?P<day>\d{{1,2}})(?:st|nd|rd|th){_ENDS}", _resolve_month_day),
    _compile_rule(
        rf"\b(?:il |am |le |el )?(?P<date>(?P<day>\d{{1,2}})\.? (?P<month>(?:de )?(?:{_SPANISH})|{_FOREIGN})"
        rf"(?: (?:de |del )?(?P<year>\d{{4}}))?|{'|'.join(FOREIGN_DAYS)})\b",
        _resolve_foreign,
    ),
)
