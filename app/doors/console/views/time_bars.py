"""Bars on a line of time, as numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

WIDTH = 1000.0
_LEAST_WIDTH = 6.0
_MOST_TICKS = 6
_STEPS_IN_MONTHS = (1, 3, 6, 12, 24, 60, 120, 300, 600, 1200, 6000, 12000)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something was so; None = from the beginning, or still."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a bar begins and how long it is, and whether it goes on."""

    x: float
    width: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the line of time."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bars in their order, and the marks above them."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]


def draw_bars(spans: Sequence[Span], now: datetime) -> Drawing:
    """Lay bars out from the earliest beginning to the latest end, or to now for what still holds."""
    known = [at for span in spans for at in (span.since, span.until) if at is not None]
    if not known:
        return Drawing([Bar(0, WIDTH, is_open=True) for _ in spans], [])
    first, last = min(known), max([*known, now])
    seconds = max((last - first).total_seconds(), 86_400.0)

    def place(at: datetime) -> float:
        return round(WIDTH * (at - first).total_seconds() / seconds, 1)

    bars: list[Bar] = []
    for span in spans:
        start = place(span.since) if span.since is not None else 0.0
        end = place(span.until) if span.until is not None else WIDTH
        start = min(start, WIDTH - _LEAST_WIDTH)
        bars.append(Bar(start, max(_LEAST_WIDTH, round(end - start, 1)), is_open=span.until is None))
    ticks = [Tick(place(at), label) for at, label in _list_months(first, last)]
    return Drawing(bars, ticks)


def _list_months(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Beginnings of months within the time, evenly apart and few, each with its name."""
    start, end = first.year * 12 + first.month, last.year * 12 + last.month - 1  # months since the year 0
    step = next(
        (step for step in _STEPS_IN_MONTHS if (end - start) / step < _MOST_TICKS), _STEPS_IN_MONTHS[-1]
    )
    months = range(-(-start // step) * step, end + 1, step)
    named = [
        datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months if 12 <= month < 120_000
    ]
    return [(at, f"{at.year}" if step % 12 == 0 else f"{at:%b} {at.year}") for at in named]
