"""What holds for a time only: "is staying in Como until the end of May", "is on crutches for six weeks"."""

import re
from datetime import date, datetime, timedelta

from app.core.text_caches import text_cache
from app.memory.text.dates.date_spans import DateSpan, find_dates
from app.memory.text.quantities import CARDINAL_WORDS

_ENDLESS = re.compile(
    r"\b(?:has been|have been|had been|'ve been|used to|every|each|usually|always|often|going to|planning"
    r"|plans?|(?:has|have) (?:\w+ly )?\w+(?:ed|en|ught|un|one|elt|ept)|hop(?:es|ing)|want(?:s|ing)?"
    r"|saving|thinking|looking for|booked|will|since|waiting)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(?:is|are|am|'m|'re) (?:(?:now|currently|still|also|just|only|out) )*"
    r"(?:(?P<doing>[\w-]+ing)\b|(?:on|in|at|off|with|away|under|without|back|abroad|home)\b)"
    r"|\b(?:stays?|lives?|works?|wears?|takes?|sleeps?|eats?|has|have|rents?|covers?) ",
    re.IGNORECASE,
)
# What takes its time: "is getting married this summer" happens once.
_LASTING = re.compile(
    r"(?:spend|stay|liv|work|do|sit|house-?sitt|visit|travel+|rent|sublet+|study|learn|train|teach|eat"
    r"|drink|wear|tak|cover|commut|sleep|camp|cycl|help|volunteer|mind|fast|crash|lodg|board|tour|intern"
    r"|fill|us|driv|borrow|recover|rest|cook"
    r"|foster|car|walk|run|read|writ|practis|practic|try)ing",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\b(?P<word>until|till|through|to|up to) (?:about |around )?(?P<end>the end of |late )?$", re.IGNORECASE
)
_CARDINALS = "|".join(CARDINAL_WORDS)
_FOR = re.compile(
    rf"\bfor (?:the next |another |about |around )?"
    rf"(?P<n>\d+|an?|a few|a couple of|several|{_CARDINALS})"
    r"(?: more| whole| long)? (?P<unit>days?|weeks?|months?|years?|fortnight)\b",
    re.IGNORECASE,
)
_VAGUE = {"a": 1, "an": 1, "a few": 3, "a couple of": 2, "several": 4}
_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30.44, "year": 365.25}
_PERIODS = frozenset(["week", "month", "season", "year"])
_AWAY = re.compile(
    r"\b(?:stay(?:s|ing)?|house-?sitting|cat-?sitting|dog-?sitting|spending|visiting|crashing|lodging"
    r"|camping|travelling|traveling"
    r"|away|abroad|on (?:holiday|vacation|a (?:\w+ )?(?:trip|retreat|tour|course)|secondment|assignment)"
    r"|in hospital"
    r"|seconded|posted|couch-?surfing|at (?:my|her|his|their|[\w-]+'s) (?:parents|mum|mother|sister"
    r"|brother|aunt|friend)\w*)\b",
    re.IGNORECASE,
)  # fmt: skip


@text_cache()
def is_stay(content: str) -> bool:
    """Whether a sentence tells that somebody is away from home for a time."""
    return _AWAY.search(content) is not None and _GOES_ON.search(content) is not None


@text_cache()
def own_end(content: str, since: datetime) -> datetime | None:
    """When by its own words is over what a sentence, said at `since`, tells as going on."""
    going = _GOES_ON.search(content)
    if going is None or _ENDLESS.search(content):
        return None
    length = _FOR.search(content)
    if length is not None:
        number = length["n"].lower()
        count = _VAGUE.get(number) or CARDINAL_WORDS.get(number) or (int(number) if number.isdigit() else 0)
        days = count * _DAYS[length["unit"].lower().removesuffix("s")]
        return since + timedelta(days=days) if 0 < days < _MAX_DAYS else None
    named = _MONTH_ONLY.search(content)
    if named is not None:
        return _end_of_month(named, since)
    ends = (_end_of(content, span, going, since) for span in find_dates(content, since))
    return next((end for end in ends if end is not None and end > since), None)


_MAX_DAYS = 3_660
_WEEK_OF = re.compile(r"\bthe week of $", re.IGNORECASE)
_MONTHS = [date(2000, number, 1).strftime("%B").lower() for number in range(1, 13)]
_MONTH_ONLY = re.compile(
    rf"\b(?P<word>until|till|through) (?P<end>the end of )?(?P<month>{'|'.join(_MONTHS)})(?! ?\d)",
    re.IGNORECASE,
)


def _end_of_month(named: re.Match[str], since: datetime) -> datetime:
    """The next beginning of a month, or its end, as the words before it say."""
    month = _MONTHS.index(named["month"].lower()) + 1
    if named["end"] or named["word"].lower() == "through":
        month = month % 12 + 1
    day = since.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
    return day if day > since else day.replace(year=day.year + 1)


def _end_of(content: str, span: DateSpan, going: re.Match[str], since: datetime) -> datetime | None:
    until = _UNTIL.search(content, 0, span.start_char) or _UNTIL_INSIDE.match(span.text)
    if until is not None:
        is_whole = (
            until["end"]
            or span.text.lower().startswith("the end of")
            or until["word"].lower() == "through"
            or span.precision not in _PERIODS
        )
        return span.to if is_whole else span.from_
    if _WEEK_OF.search(content, 0, span.start_char) and span.from_ <= since < span.from_ + timedelta(days=7):
        return span.from_ + timedelta(days=7)
    is_lasting = going["doing"] is None or _LASTING.fullmatch(going["doing"]) is not None
    if is_lasting and span.precision in _PERIODS and span.from_ <= since < span.to:
        return span.to
    return None


_UNTIL_INSIDE = re.compile(r"(?P<word>until|till|through) (?P<end>the end of |late )?", re.IGNORECASE)
