"""Calendar periods (day, week, month, season, year) and their English wording."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# fmt: off
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)
# fmt: on
DIGITS_BY_WORD = {word: str(number) for number, word in enumerate(NUMBER_WORDS)}
SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time [from_, to) and its English wording: `preposition` and `words`."""

    from_: datetime
    to: datetime
    precision: str
    words: str
    preposition: str = "on"
    since: bool = False


def format_day(day: datetime) -> str:
    """A date as English text, such as "7 May 2023"."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def weekday_name(day: datetime) -> str:
    """The English name of the weekday, on the clock of `day`."""
    return WEEKDAY_NAMES[day.weekday()]


def day_period(day: datetime) -> Period:
    """The day that begins at `day` (midnight)."""
    return Period(day, day + timedelta(days=1), "day", format_day(day))


def week_period(day: datetime) -> Period:
    """The week from Monday to Sunday that `day` (midnight) is in."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=7), "week", f"the week of {format_day(monday)}", "in")


def weekend_period(day: datetime) -> Period:
    """The Saturday and Sunday of the week (from Monday) that `day` is in."""
    saturday = day + timedelta(days=5 - day.weekday())
    return Period(
        saturday, saturday + timedelta(days=2), "day", f"the weekend of {format_day(saturday)}", "on"
    )


def month_period(day: datetime, year: int, month: int, length: int = 1) -> Period:
    """`length` months from `month` of `year`; months beyond 1..12 continue in the adjacent years.

    `day` gives the time zone. Raises ValueError outside the years 1..9999.
    """
    first, last = divmod(year * 12 + month - 1, 12), divmod(year * 12 + month - 1 + length, 12)
    start = day.replace(year=first[0], month=first[1] + 1, day=1)
    end = day.replace(year=last[0], month=last[1] + 1, day=1)
    return Period(start, end, "month", f"{MONTH_NAMES[start.month - 1]} {start.year}", "in")


def year_period(day: datetime, year: int) -> Period:
    """The calendar year `year` in the time zone of `day`."""
    start = day.replace(year=year, month=1, day=1)
    return Period(start, start.replace(year=year + 1), "year", str(year), "in")


def season_period(day: datetime, season: str, year: int) -> Period:
    """A season of the northern hemisphere as three whole months; winter has the year in which it begins."""
    label = f"winter {year}/{(year + 1) % 100:02d}" if season == "winter" else f"{season} {year}"
    return replace(month_period(day, year, SEASONS[season], 3), words=label)
