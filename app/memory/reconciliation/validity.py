"""What was true at a moment: the standing of a memory on the valid-time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Status
from app.memory.reconciliation.decisions import fold
from app.memory.types import Assertion

_DATED = frozenset({Status.ACTIVATED, Status.SUPERSEDED})
Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A memory's status at a moment, and the interval [valid_from, valid_to) that decides it."""

    status: str
    valid_from: datetime | None
    valid_to: datetime | None


def intervals(assertions: Sequence[Assertion]) -> dict[UUID, list[Span]]:
    """When each memory of one slot held it, oldest first; a value may hold it more than once."""
    found: dict[UUID, list[Span]] = {}
    timeline, _ = fold(assertions)
    for interval in timeline:
        found.setdefault(interval.memory_id, []).append((interval.since, interval.until))
    return found


def standing(status: str, spans: Sequence[Span], as_of: datetime) -> Standing | None:
    """How a memory that holds in `spans` stood at `as_of`; None when it had not begun.

    What had begun and ended is superseded. A status that is no question of time (archived, merged) stays.
    """
    begun = [span for span in spans if span[0] is None or span[0] <= as_of]
    if not begun:
        return None
    since, until = begun[-1]
    if status not in _DATED:
        return Standing(status, since, until)
    holds = until is None or as_of < until
    return Standing(Status.ACTIVATED if holds else Status.SUPERSEDED, since, until)
