"""The range of instants that the service accepts: one bound for all of them, in UTC, wherever they come from.

Postgres and Python each support years that the other does not, and both shift an instant by its zone. Bounds
one year away from either limit keep instants readable in every zone and arithmetic of a year in range.
"""

from datetime import UTC, datetime, timedelta, timezone

MIN_INSTANT = datetime(2, 1, 1, tzinfo=UTC)
MAX_INSTANT = datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
# the greatest offset that Postgres reads; clocks are at -12:00 to +14:00
MAX_OFFSET = timedelta(hours=15, minutes=59)
_ZERO = timedelta(0)
_MINUTE = timedelta(minutes=1)


def find_instant_fault(instant: datetime) -> str | None:
    """Why an instant is not accepted; None if it is."""
    offset = instant.utcoffset()
    if offset is None:
        return "must have a zone"
    if offset and abs(offset) > MAX_OFFSET:
        return "must have a zone of at most 15:59 hours from UTC"
    if not MIN_INSTANT <= instant <= MAX_INSTANT:
        return "must be within the years 2 to 9998 in UTC"
    return None


def none_if_out_of_range(instant: datetime | None) -> datetime | None:
    """The instant, or None if it is not accepted."""
    return None if instant is None or find_instant_fault(instant) is not None else instant


def clamp_instant(instant: datetime) -> datetime:
    """The instant, or the nearest accepted one (then in UTC)."""
    if find_instant_fault(instant) is None:
        return instant
    # Compared without converting the zone, which could leave Python's calendar.
    aware = instant if instant.utcoffset() is not None else instant.replace(tzinfo=UTC)
    if aware < MIN_INSTANT:
        return MIN_INSTANT
    return MAX_INSTANT if aware > MAX_INSTANT else aware.astimezone(UTC)


def utc_offset_minutes(instant: datetime | None) -> int:
    """The offset from UTC of the clock that tells this instant, in whole minutes east; 0 if it has none."""
    offset = instant.utcoffset() if instant is not None else None
    return round(offset / _MINUTE) if offset else 0


def in_utc_offset(instant: datetime, minutes: int) -> datetime:
    """The same instant on a clock that is `minutes` ahead of UTC: its date is the day there."""
    return instant.astimezone(timezone(minutes * _MINUTE)) if minutes else instant


def shift_instant(instant: datetime, by: timedelta) -> datetime:
    """`instant + by`, limited to the accepted range."""
    try:
        return clamp_instant(instant + by)
    except OverflowError:
        return MAX_INSTANT if by > _ZERO else MIN_INSTANT
