"""Finds time expressions of other languages than English, and says each in English.

The words are those of `date_words.json`, made by `scripts/build_date_words.py` of Unicode CLDR.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.memory.text.dates.periods import MONTH_NAMES, WEEKDAY_NAMES
from app.memory.text.word_sets import word_set

_WITHOUT_SPACES = frozenset(["chinese", "japanese", "thai"])
_WITHOUT_CASES = _WITHOUT_SPACES | {"korean"}  # particles follow a noun without a space
_YEAR = r"(?:19|20)\d\d"
# Languages that write the names of months with a small letter.
_SMALL_MONTHS = word_set(
    """
    catalan czech danish dutch finnish french hungarian italian norwegian polish portuguese romanian russian
    spanish swedish ukrainian
    """
)
# "5. Mai", "le 1er mai", "5 de mayo de 2026", and Russian's ordinals
_DAY = r"(?<![\d:.,])(?P<day>\d{1,2})(?:\.|º|ª|er|\. ?den|-?(?:го|е|ое))?\s*(?:de |d['’]|di )?"
_THEN_YEAR = rf"(?:,?\s*(?:de |del |din |d['’])?(?P<year>{_YEAR})\b)?"
_EAST_ASIAN_DAY = re.compile(
    rf"(?:(?P<year>{_YEAR})\s*[年년]\s*)?(?<!\d)"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})\s*[月월]"
    r"(?!曜)(?:\s*(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号號일])?"
)
_HAN_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)}
_COUNTED = "#"
_MAX_DATES = 16  # of one question; each is compared with those before it
_ABBREVIATION = 3  # letters


@dataclass(frozen=True, slots=True)
class ForeignDate:
    """text[start_char:end_char] and what it is in English, such as "on 5 May 2026" or "last week".

    `weekday` (0 is Monday) narrows a week: "上周一" is the Monday of last week.
    """

    start_char: int
    end_char: int
    english: str
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class _DateWords:
    """The words of one language, and the patterns that find them, in the order in which they are tried."""

    weekdays: Mapping[str, int]
    relative: Mapping[str, str]
    shifts: Mapping[str, str]
    numbers: Mapping[str, int]
    patterns: tuple[re.Pattern[str], ...]


def find_foreign_dates(text: str, languages: frozenset[str]) -> list[ForeignDate]:
    """The time expressions of these languages in order, without overlaps.

    A day with the name of its month is found in each language that there are words of.
    """
    lower = text.lower()
    if len(lower) != len(text):
        return []  # a letter whose small form is longer: the offsets would not be those of the text
    found: list[ForeignDate] = []
    for date in _find_all(text, lower, languages):
        if all(date.end_char <= one.start_char or date.start_char >= one.end_char for one in found):
            found.append(date)
            if len(found) == _MAX_DATES:
                break
    return sorted(found, key=lambda date: date.start_char)


def _find_all(original: str, text: str, languages: frozenset[str]) -> Iterator[ForeignDate]:
    for match in _EAST_ASIAN_DAY.finditer(text):
        yield from _read_east_asian(match)
    months = _months()
    for match in (found for pattern in _days_of_months() for found in pattern.finditer(text)):
        day = f"{int(match['day'])} {MONTH_NAMES[months[match['month']] - 1]} {match['year'] or ''}"
        yield ForeignDate(match.start(), match.end(), f"on {day}".rstrip())
    for language in sorted(languages & _load_words().keys()):
        words = _date_words(language)
        for pattern in words.patterns:
            for match in pattern.finditer(text):
                is_name = language in _SMALL_MONTHS and original[match.start()].isupper()
                if not (is_name and match.groupdict().get("month")):  # "Julio" is a person
                    yield _read_match(match, words, months)


def _read_east_asian(match: re.Match[str]) -> Iterator[ForeignDate]:
    month = _read_number(match["month"])
    if not 1 <= month <= len(MONTH_NAMES):
        return
    name, year = MONTH_NAMES[month - 1], match["year"] or ""
    english = f"on {_read_number(match['day'])} {name} {year}" if match["day"] else f"in {name} {year}"
    yield ForeignDate(match.start(), match.end(), english.rstrip())


def _read_number(text: str) -> int:
    """The number of figures or of Han digits up to 99; 0 for what is none."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _HAN_DIGITS.get(text, 0)
    return 10 * _HAN_DIGITS.get(tens, 0 if tens else 1) + _HAN_DIGITS.get(ones, 0)


def _read_match(match: re.Match[str], words: _DateWords, months: Mapping[str, int]) -> ForeignDate:
    parts = match.groupdict()
    start, end = match.span()
    if parts.get("month"):
        return ForeignDate(
            start, end, f"in {MONTH_NAMES[months[parts['month']] - 1]} {parts['year'] or ''}".rstrip()
        )
    shift = words.shifts.get(parts.get("before") or parts.get("after") or "")
    if parts.get("weekend"):
        return ForeignDate(start, end, f"{shift or 'last'} weekend")
    if parts.get("weekday"):
        weekday = words.weekdays[parts["weekday"]]
        week = words.relative.get(parts.get("week") or "")
        if week is not None:
            return ForeignDate(start, end, week, weekday)
        return ForeignDate(start, end, f"{shift or 'on'} {WEEKDAY_NAMES[weekday]}")
    form = match[0]
    count = parts.get("count")
    if count is None:
        return ForeignDate(start, end, words.relative[re.sub(r"\s+", " ", form)])
    key = re.sub(
        r"\s+", " ", form[: match.start("count") - start] + _COUNTED + form[match.end("count") - start :]
    )
    number = count if count.isdecimal() else words.numbers[count]
    return ForeignDate(start, end, words.relative[key].replace(_COUNTED, str(int(number))))


@cache
def _load_words() -> dict[str, dict[str, dict[str, int | str]]]:
    data = files("app.memory.text.dates").joinpath("date_words.json").read_text(encoding="utf-8")
    return json.loads(data)


@cache
def _months() -> dict[str, int]:
    """{name of a month: its number} in all languages, without names that are two months."""
    numbers: dict[str, set[int]] = {}
    for words in _load_words().values():
        for name, number in words["months"].items():
            numbers.setdefault(name.strip("."), set()).add(int(number))
    return {name: min(months) for name, months in numbers.items() if len(months) == 1 and name.isalpha()}


@cache
def _days_of_months() -> tuple[re.Pattern[str], ...]:
    """A day before the name of its month, and behind it, as in Hungarian."""
    month = rf"(?P<month>{_any_of(_months())})\b\.?"
    return (
        re.compile(rf"{_DAY}{month}{_THEN_YEAR}"),
        re.compile(
            rf"(?:(?P<year>{_YEAR})\.?\s+)?\b{month}\s+(?P<day>\d{{1,2}})(?![\d:]|[.,]\d)(?:[.-]\w+)?"
        ),
    )


def _any_of(forms: Mapping[str, object]) -> str:
    """An alternation, longer forms first, in which one space stands for any."""
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in ordered) or r"(?!)"


def _whole_names(months: Mapping[str, int | str]) -> dict[str, int]:
    """The names of months that stand alone: not "dez", but "mai", which is whole."""
    longest = {
        number: max(len(name) for name in months if months[name] == number) for number in months.values()
    }
    return {
        name: 0
        for name, number in months.items()
        if name in _months() and (len(name) > _ABBREVIATION or len(name) == longest[number])
    }


@cache
def _date_words(language: str) -> _DateWords:
    data = _load_words()[language]
    edge = "" if language in _WITHOUT_SPACES else r"\b"
    end = "" if language in _WITHOUT_CASES else r"\b"
    relative = {str(form): str(english) for form, english in data["relative"].items()}
    shifts = {str(word): str(way) for word, way in data["shifts"].items()}
    numbers = {str(word): int(number) for word, number in data["numbers"].items()}
    weekdays = {str(name): int(number) for name, number in data["weekdays"].items()}
    way, gap = _any_of(shifts), r"[\s'’]*" if not edge else r"[\s'’]+"
    week = _any_of({form: 0 for form, english in relative.items() if english.endswith(" week")})
    count = rf"(?P<count>\d{{1,3}}|{_any_of(numbers)})"
    counted = [
        _any_of({form: 0}).replace(re.escape(_COUNTED), count)
        for form in sorted(relative, key=len, reverse=True)
        if _COUNTED in form
    ]
    plain = _any_of({form: 0 for form in relative if _COUNTED not in form})
    name = _any_of(_whole_names(data["months"]))
    weekend = _any_of(dict.fromkeys(map(str, data["weekend"])))
    sources = (
        rf"{edge}(?P<week>{week})(?:{gap}|の)(?P<weekday>{_any_of(weekdays)}){end}",
        rf"{edge}(?:(?P<before>{way}){gap})?(?P<weekday>{_any_of(weekdays)})(?:{gap}(?P<after>{way}))?{end}",
        rf"{edge}(?:(?P<before>{way}){gap})?(?P<weekend>{weekend})(?:{gap}(?P<after>{way}))?{end}",
        rf"{edge}(?:{plain}){end}",
        *(rf"{edge}{form}{end}" for form in counted),
        rf"{edge}(?P<month>{name})\b{_THEN_YEAR}",
    )
    return _DateWords(weekdays, relative, shifts, numbers, tuple(map(re.compile, sources)))
