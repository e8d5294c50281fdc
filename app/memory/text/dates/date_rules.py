"""Date rules: regular expressions for time expressions, each with the function that resolves a match."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.memory.text.dates import date_resolvers as resolvers
from app.memory.text.dates.date_resolvers import ReferenceTime
from app.memory.text.dates.periods import Period, season_period, year_period

_FOREIGN = "|".join(name for name in resolvers.FOREIGN_MONTHS if not name.startswith("de "))
# The point of an abbreviation belongs to it, that of a sentence does not.
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
    r"(?:(?<!may)(?:(?<=\b\w\w\w)|(?<=\b\w\w\w\w))\.(?=\s?(?-i:[\da-z])))?"
)
_DAY_NAMES = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WEEKDAY = rf"(?P<weekday>{_DAY_NAMES})"
_SHORT_WEEKDAY = r"(?-i:Mon|Tues?|Wed|Thu|Thurs?|Fri|Sat|Sun)"
_WITH_WEEKDAY = rf"(?:(?P<weekday>{_DAY_NAMES}|{_SHORT_WEEKDAY}\b\.?),? )?"
_PART = r"(?P<part>morning|afternoon|evening|night)"
_COUNT = (  # and no part of a number, as in "2.5 years" and "1-2 weeks"
    r"(?<!\d[.,:/^*x\u00d7\u2013-])(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:a )?couple(?: of)?|(?:a )?few|several)"
)
_UNIT = r"(?P<unit>hour|day|week|weekend|fortnight|month|year)s?\b"
_ABOUT = r"(?:(?:about|around|roughly|over|almost|nearly|just|more than|at least) )?"
_TO_DAY = r"(?: ?[-\u2013] ?| (?:to|till|until|through) (?:the )?)(?P<last>\d{1,2})(?:st|nd|rd|th)?"
_DAY = rf"(?P<day>\d{{1,2}})(?P<ordinal>st|nd|rd|th)?(?:{_TO_DAY})?"
_ORDINAL_DAY = r"the (?P<day>\d{1,2})(?:st|nd|rd|th)"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
# A year that is not read would be left beside the one that the date was resolved to.
_NO_OTHER_YEAR = r"(?! \(?\d{4}\b)"
_THEN_YEAR = rf"(?:,? \(?(?P<year>(?:19|20)\d\d)\b\)?)?{_NO_OTHER_YEAR}"
_STAGE = r"(?:(?P<stage>early|mid|late)[ -])?"
# No noun follows, which the expression would be the attribute of ("the 3rd floor", "Monday blues").
_ENDS = (
    r"(?=\s*(?:[.,;:!?)\u2013\u2014]|$)|\s+[-\u2013]\s|\s+(?:and|but|or|with|without|at|to|in|from|until|till|for"
    r"|near|I|we|he|she|they|you|it|my|our|his|her|their|the|a|an|so|because|when|where|if|as|which|who|then"
    r"|there|together|again|instead|please|this|next|after|before|around|between|by)\b)"
)
# What stands before a date that is the aim of a change or a bound; it stays in the text.
_AIMS = ("to", "till", "until", "by", "for", "from", "before", "after", "since")
_AIMED = "(?:" + "|".join(rf"(?<=\b{word} )" for word in _AIMS) + ")"
# Before a look back at each character, one ahead: most characters begin no date.
_AIMED_NUMBER, _AIMED_NAME = rf"(?=\d){_AIMED}", rf"(?=[mtwfs]){_AIMED}"
_NO_HABIT = r"(?!['\u2019]?s\b)(?! (?:mornings|afternoons|evenings|nights)\b)"
_OF_MONTH = rf"(?: of (?P<way>this|next|last) month\b|{_ENDS})"
_FEAST = (
    r"(?P<name>christmas(?: eve| day)?|boxing day|halloween|valentine['\u2019]?s day"
    r"|st\.? patrick['\u2019]?s day|new year['\u2019]?s (?:eve|day)|new year)"
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = ("spring", "summer", "fall", "autumn", "winter")
_FEASTS = ("christmas", "boxing", "halloween", "valentine", "patrick", "new year")


class DateRule(NamedTuple):
    """An expression, and what it denotes. Without one of `signs` in lower case no text can match it."""

    pattern: re.Pattern[str]
    resolve: Callable[[re.Match[str], ReferenceTime], Period | None]
    signs: Sequence[str]

    def may_match(self, lowered: str) -> bool:
        """Whether a text in lower case has a sign: looking for one costs a tenth of matching."""
        for sign in self.signs:
            if sign in lowered:
                return True
        return not self.signs


def _compile_rule(
    pattern: str, resolve: Callable[[re.Match[str], ReferenceTime], Period | None], *signs: str
) -> DateRule:
    return DateRule(re.compile(pattern, re.IGNORECASE), resolve, signs)


_CALENDAR_RULES = (
    _compile_rule(
        rf"\b(?:(?P<preposition>at|on|over|for|by|until|before|after|since|from) )?{_FEAST}"
        rf"(?:,? | (?:of|in) )(?P<year>(?:19|20)\d\d)\b",
        resolvers.resolve_dated_festival,
        *_FEASTS,
    ),
    _compile_rule(
        r"\b(?:on )?(?P<year>\d{4})[-/](?P<m>\d\d)[-/](?P<day>\d\d)(?:[T ](?P<hour>[01]\d"
        r"|2[0-3]):\d\d)?\b",
        resolvers.resolve_iso_date,
    ),
    _compile_rule(
        r"\b(?:on )?(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<year>\d{4})\b",
        resolvers.resolve_numeric_date,
    ),
    _compile_rule(
        rf"(?:\bon |{_AIMED_NUMBER})(?P<a>\d{{1,2}})(?P<sep>[/.])(?P<b>\d{{1,2}})"
        rf"(?:(?P=sep)(?P<year>\d\d)?)?{_ENDS}",
        resolvers.resolve_numeric_date,
    ),
    _compile_rule(
        rf"\b(?:on )?{_WITH_WEEKDAY}(?:the )?{_DAY} (?:of )?{_MONTH}{_THEN_YEAR}",
        resolvers.resolve_day_month,
        *_MONTHS,
    ),
    _compile_rule(
        rf"\b(?:on )?{_WITH_WEEKDAY}{_MONTH} (?:the )?{_DAY}\b(?!:|,\d){_THEN_YEAR}",
        resolvers.resolve_day_month,
        *_MONTHS,
    ),
    _compile_rule(
        rf"(?:\bon |{_AIMED_NAME})(?:{_WEEKDAY},? )?{_ORDINAL_DAY}{_OF_MONTH}", resolvers.resolve_month_day
    ),
    _compile_rule(
        rf"\bthe (?P<edge>end|start|beginning|middle) of (?:(?P<way>the|this|next|last) "
        r"(?P<unit>week|month|year)\b"
        rf"|{_MONTH}{_THEN_YEAR})",
        resolvers.resolve_edge,
    ),
    _compile_rule(rf"\b(?:in )?{_STAGE}{_MONTH},? (?:of )?{_YEAR}", resolvers.resolve_month_year, *_MONTHS),
    _compile_rule(
        rf"\b(?:(?:in|during) )?(?:the )?(?P<season>spring|summer|fall|autumn|winter) (?:of )?{_YEAR}"
        r"(?:/\d\d\b)?",
        lambda m, now: season_period(now.day, m["season"].lower(), int(m["year"])),
        *_SEASONS,
    ),
)
_RELATIVE_RULES = (
    _compile_rule(
        r"\b(?P<count>an?|one|two|three|four) (?P<unit>day|week|fortnight)s? "
        r"(?:from )?(?P<day>today|tomorrow)\b",
        resolvers.resolve_day_hence,
        "today",
        "tomorrow",
    ),
    _compile_rule(
        rf"\b(?P<count>x)?(?P<day>today|tomorrow) (?P<unit>week){_ENDS}", resolvers.resolve_day_hence, "week"
    ),
    _compile_rule(
        r"\b(?:(?:the )?day before yesterday|(?:the )?day after tomorrow|last night|tonight|earlier today"
        r"|later today|this (?:morning|afternoon|evening)|today(?!['\u2019]s)|(?:yesterday"
        r"|tomorrow)(?: (?:morning|afternoon|evening|night))?)\b",
        resolvers.resolve_near_day,
        "day",
        "tomorrow",
        "night",
        "this",
    ),
    _compile_rule(
        rf"\bfor {_ABOUT}(?:the )?(?:(?P<past>past|last) )?{_COUNT} {_UNIT}(?! (?:ago|old|from now"
        rf"|later))(?P<now> now\b)?",
        resolvers.resolve_duration,
        "for",
    ),
    _compile_rule(
        rf"\b(?P<lead>(?:in|over|during|within|for) the )?(?:past|last) (?:{_COUNT} )?{_UNIT}",
        resolvers.resolve_rolling,
        "past",
        "last",
    ),
    _compile_rule(
        r"\b(?:(?:at|on|in|during|over) )?(?:the )?(?P<way>this past|this coming|last|this|next|past"
        r"|previous|coming)"
        rf" (?P<name>weekend|week|month|year|spring|summer|fall|autumn|winter|{_WEEKDAY}"
        rf"|{_SHORT_WEEKDAY}|{_MONTH})\b(?!-)",
        resolvers.resolve_relative,
        "this",
        "last",
        "next",
        "past",
        "previous",
        "coming",
    ),
    _compile_rule(rf"\b{_ABOUT}{_COUNT} {_UNIT} ago\b", resolvers.resolve_ago, "ago"),
    _compile_rule(
        rf"\b{_ABOUT}(?P<count>\d{{1,3}}|a few|a couple of|ten|twenty|thirty|forty|half an) "
        r"(?:minute|min|hour)s? ago\b",
        resolvers.resolve_minutes_ago,
        "ago",
    ),
    _compile_rule(rf"\bin {_ABOUT}{_COUNT} {_UNIT}(?:['\u2019] time)?{_ENDS}", resolvers.resolve_from_now),
    _compile_rule(rf"\b{_COUNT} {_UNIT} from now\b", resolvers.resolve_from_now, "from now"),
    _compile_rule(
        r"\b(?:the )?(?P<unit>weekend|week|month|year) after next\b",
        resolvers.resolve_unit_after_next,
        "after next",
    ),
    _compile_rule(
        rf"\b(?:in|(?P<since>since)|back in|during|around|of|by|until|from|before"
        rf"|after)(?: the)?(?: year)?(?: early| late| mid)?[ -]{_YEAR}"
        r"(?!\s*[%°$€£]|[-/:.,]\d|-\w| [a-z]+(?:s|ed)\b)",
        lambda m, now: year_period(now.day, int(m["year"])),
        "19",
        "20",
    ),
    _compile_rule(
        rf"\b(?:in|during|since|until|till) {_STAGE}{_MONTH}{_NO_OTHER_YEAR}",
        resolvers.resolve_month,
        *_MONTHS,
    ),
    _compile_rule(
        rf"\b(?:on )?(?P<count>a|one|two|three) weeks? (?:on|from|this|next) {_WEEKDAY}\b",
        resolvers.resolve_weekday_hence,
        "week",
    ),
    _compile_rule(
        rf"\b(?:on )?(?P<count>x)?{_WEEKDAY} (?:week{_ENDS}|after next\b)",
        resolvers.resolve_weekday_hence,
        "day",
    ),
    _compile_rule(
        rf"(?<!every )(?<!each )\bon {_WEEKDAY}(?: {_PART}\b)?\b{_NO_HABIT}", resolvers.resolve_weekday, "day"
    ),
    _compile_rule(
        rf"(?<!every )(?<!each )(?<!black )(?<!good )\b{_WEEKDAY}(?: {_PART}\b|{_ENDS}){_NO_HABIT}",
        resolvers.resolve_weekday,
        "day",
    ),
    _compile_rule(rf"{_AIMED_NAME}{_WEEKDAY}(?: {_PART}\b)?\b{_NO_HABIT}", resolvers.resolve_weekday, "day"),
    _compile_rule(r"\b(?:at|over|on|for) the weekend\b(?! of\b)", resolvers.resolve_weekend, "weekend"),
    _compile_rule(
        rf"\b(?:in|over|during) (?:the )?(?P<season>spring|summer|autumn|winter){_ENDS}",
        resolvers.resolve_season,
        *_SEASONS,
    ),
    _compile_rule(r"\bin the new year\b", resolvers.resolve_new_year),
    _compile_rule(
        rf"\bthe (?P<name>weekend|week|month|year|day|night) before(?P<last> last\b)?{_ENDS}",
        resolvers.resolve_preceding,
        "before",
    ),
    _compile_rule(
        rf"\b(?:(?P<preposition>at|on|over|for|by|until|before|after) )?(?P<way>last|this|next) {_FEAST}\b",
        resolvers.resolve_festival,
        *_FEASTS,
    ),
    _compile_rule(
        rf"\b(?P<preposition>at|on|over|for|by|until|before|after|since) (?P<way>x)?{_FEAST}{_ENDS}",
        resolvers.resolve_festival,
        *_FEASTS,
    ),
)
_FOREIGN_RULE = _compile_rule(
    rf"\b(?:il |am |le |el )?(?P<date>(?P<day>\d{{1,2}})\.? "
    rf"(?P<month>(?:de )?(?:{resolvers.SPANISH_MONTHS})|{_FOREIGN})"
    rf"(?: (?:de |del )?(?P<year>\d{{4}}))?|{'|'.join(resolvers.FOREIGN_DAYS)})\b",
    resolvers.resolve_foreign,
)
DATE_RULES: tuple[DateRule, ...] = (*_CALENDAR_RULES, *_RELATIVE_RULES, _FOREIGN_RULE)
