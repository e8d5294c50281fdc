"""Values of attributes: two ways to write one value become equal."""

import re
from datetime import date

from app.memory.identity.attribute_names import fold_text
from app.memory.identity.attribute_specs import ValueType
from app.memory.identity.attributes import find_attribute
from app.memory.text.dates.periods import MONTH_NAMES, NUMBER_WORDS

_UNITS = {
    "kilometre": "km", "kilometer": "km", "metre": "m", "meter": "m", "centimetre": "cm",
    "centimeter": "cm", "mile": "miles", "kilogram": "kg", "kilo": "kg", "kgs": "kg", "gram": "g",
    "milligram": "mg", "mgs": "mg", "microgram": "mcg", "pound": "lb", "lbs": "lb", "stone": "st",
    "litre": "l", "liter": "l", "millilitre": "ml", "milliliter": "ml", "foot": "ft", "feet": "ft",
    "inch": "in", "inches": "in", "hour": "h", "hr": "h", "hrs": "h", "minute": "min", "mins": "min",
    "percent": "%", "kms": "km", "cms": "cm", "year": "years", "yr": "years", "yrs": "years",
    "month": "months", "week": "weeks", "day": "days",
}  # fmt: skip
_UNIT_NAMES = frozenset(_UNITS.values())
_CURRENCIES = {
    "€": "eur", "euro": "eur", "euros": "eur", "eur": "eur", "£": "gbp", "pound": "gbp",
    "pounds": "gbp", "quid": "gbp", "gbp": "gbp", "sterling": "gbp", "$": "usd", "dollar": "usd",
    "dollars": "usd", "usd": "usd", "bucks": "usd", "us$": "usd", "¥": "jpy", "yen": "jpy",
    "jpy": "jpy", "chf": "chf", "francs": "chf", "₹": "inr", "rupees": "inr", "inr": "inr",
    "sek": "sek", "nok": "nok", "dkk": "dkk", "kr": "kr", "kronor": "sek", "zł": "pln", "pln": "pln",
    "zloty": "pln",
}  # fmt: skip
_ONES = (
    *NUMBER_WORDS,
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBER_WORDS = {word: number for number, word in enumerate(_ONES)} | {
    word: 20 + 10 * index for index, word in enumerate(_TENS)
}
_SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "grand": 1000, "million": 1_000_000, "m": 1_000_000}
_SMALL, _ANY = "|".join(_NUMBER_WORDS), "|".join([*_NUMBER_WORDS, "hundred", "thousand", "million"])
_NUMBER_RUN = re.compile(rf"\b(?:{_SMALL})(?:(?:[ -]| and )(?:{_ANY}))*\b")
_ARTICLE = re.compile(r"^(?:(?:a|an|the|my|our|his|her|their|its|some)\s+)+(?=\S)")
_PLACE_PREFIX = re.compile(
    r"(?:(?:\w+ ){0,3}(?:flat|apartment|house|home|place|room|studio|cottage|condo|bungalow|"
    r"suburb|outskirts|centre|center|city|town|village|neighbourhood|district|area) (?:in|of|"
    r"near|at) |(?:in|at|near|to) )(?:the )?(?=\w)"
)
_GROUPED = re.compile(r"(?<=\d)[,\s'’](?=\d{3}(?:\D|$))")
_MONEY = re.compile(
    r"(?P<before>us\$|[€£$¥₹]|[a-z]{3}\s)?\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<scale>k|thousand|"
    r"grand|million|m)?\b\s*(?P<after>[€£$¥₹]|[a-zł]+)?(?P<rest>.*)"
)
_QUANTITY = re.compile(r"(\d(?:[\d.]*\d)?)\s*-?\s*([a-z%]+)\b")
_CLOCK = re.compile(
    r"(?:at\s+)?(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>a\.?m\.?|p\.?m\.?|"
    r"o'?clock|in the (?:morning|evening|afternoon)|at night)?"
)
_SPOKEN_CLOCK = re.compile(
    r"(?:at\s+)?(?P<part>quarter|half|\d{1,2}(?: minutes)?)\s+(?P<side>past|to|after|before)"
    r"\s+(?P<hour>\d{1,2})\s*(?P<half>a\.?m\.?|p\.?m\.?|in the (?:morning|evening|afternoon)|"
    r"at night)?"
)
_MONTHS = (
    {name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
    | {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)}
    | {"sept": 9}
)
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:t[\d:.z+-]*)?"),
    re.compile(
        rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_MONTH})\.?(?:,? (?P<year>\d{{4}}))?"
    ),
    re.compile(
        rf"(?P<name>{_MONTH})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?"
    ),
)
_YES = frozenset(["yes", "true", "y", "yeah", "yep"])
_NO = frozenset(["no", "false", "n", "nope"])


def normalise_value(attribute: str, value: str) -> str:
    """The value in the form in which equal values are equal: case, articles, numbers, money, units, dates.

    `attribute` says what the value is; what cannot be read as that keeps its words.
    """
    text = fold_text(value)
    if text in _YES | _NO:
        return "yes" if text in _YES else "no"
    spec = find_attribute(attribute)
    kind = spec.value_type if spec is not None else ValueType.TEXT
    if kind is ValueType.EMAIL:
        return text.removeprefix("mailto:").replace(" ", "")
    if kind is ValueType.PHONE:
        return _normalise_phone(text)
    text = _digits_for_words(_ARTICLE.sub("", text))
    if kind is ValueType.PLACE:
        text = _PLACE_PREFIX.sub("", text) or text
    reader = {ValueType.MONEY: _read_money, ValueType.TIME: _read_time}.get(kind)
    for read in (reader, _read_date, _read_time if _looks_like_clock(text) else None):
        if read is not None and (found := read(text)) is not None:
            return found
    if text[:1] in "€£$¥₹" and (found := _read_money(text)) is not None:
        return found
    return _QUANTITY.sub(_normalise_quantity, _GROUPED.sub("", text))


def _normalise_phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if not digits:
        return text
    return f"+{digits[2:]}" if digits.startswith("00") else f"+{digits}" if text.startswith("+") else digits


def _digits_for_words(text: str) -> str:
    """Number words as digits ("twenty-one" -> "21"); a lone "one" stays, as it is mostly a pronoun."""

    def to_digits(match: re.Match[str]) -> str:
        words = re.split(r"[ -]", match[0].replace(" and ", " "))
        if words == ["one"] and match[0] != text:
            return match[0]
        total = current = 0
        for word in words:
            if word in _SCALES:
                current = max(current, 1) * _SCALES[word]
                if _SCALES[word] >= 1000:
                    total, current = total + current, 0
            else:
                current += _NUMBER_WORDS[word]
        return str(total + current)

    return _NUMBER_RUN.sub(to_digits, text)


def _read_money(text: str) -> str | None:
    match = _MONEY.fullmatch(_GROUPED.sub("", text))
    if match is None:
        return None
    unit = _CURRENCIES.get((match["before"] or "").strip()) or _CURRENCIES.get(match["after"] or "")
    if unit is None and (match["before"] or match["after"]):
        return None
    amount = float(match["number"].replace(",", ".")) * _SCALES.get(match["scale"] or "", 1)
    shown = f"{amount:.2f}".rstrip("0").rstrip(".")
    rest = re.sub(r"^\s*(?:(?:a|per|each|every)\s+|/\s*)", " per ", match["rest"])
    return " ".join(f"{shown} {unit or ''}{rest}".split())


def _looks_like_clock(text: str) -> bool:
    return (
        re.search(r"\d:\d\d|\d ?[ap]\.?m|o'?clock|(?:past|to) \d|in the (?:morning|evening)", text)
        is not None
    )


def _read_time(text: str) -> str | None:
    spoken = _SPOKEN_CLOCK.fullmatch(text)
    match = spoken or _CLOCK.fullmatch(text)
    if match is None or int(match["hour"]) > 24:
        return None
    hour, minute = int(match["hour"]), 0
    if spoken is not None:
        part = {"quarter": 15, "half": 30}.get(spoken["part"])
        part = int(re.sub(r"\D", "", spoken["part"])) if part is None else part
        hour, minute = (hour, part) if spoken["side"] in ("past", "after") else (hour - 1, 60 - part)
    elif match["minute"] is None and match["half"] is None:
        return None
    else:
        minute = int(match["minute"] or 0)
    half = (match["half"] or "").replace(".", "")
    if half in ("pm", "in the evening", "in the afternoon", "at night") and 0 < hour < 12:
        hour += 12
    if half in ("am", "in the morning") and hour == 12:
        hour = 0
    return f"{hour % 24:02d}:{minute:02d}" if 0 <= minute < 60 else None


def _read_date(text: str) -> str | None:
    """An ISO date, or day and month ("3 may") if there is no year; None if it is no date."""
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        groups = match.groupdict()
        month = _MONTHS[groups["name"]] if groups.get("name") else int(groups["month"])
        try:
            day = date(int(groups["year"] or 2000), month, int(groups["day"]))
        except ValueError:
            return None
        return day.isoformat() if groups["year"] else f"{day.day} {MONTH_NAMES[day.month - 1].lower()}"
    return None


def _normalise_quantity(match: re.Match[str]) -> str:
    number, unit = match[1], match[2]
    unit = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s")) or unit
    return f"{number}{'' if unit == '%' else ' '}{unit}" if unit in _UNIT_NAMES else match[0]
