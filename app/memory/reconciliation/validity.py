"""The state of a memory as of a point in valid time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Status
from app.memory.reconciliation.decisions import replay_slot
from app.memory.types import Assertion

_TIMED_STATUSES = frozenset({Status.ACTIVATED, Status.SUPERSEDED})
ValiditySpan = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class StateAsOf:
    """A memory's status at a moment, and the interval [valid_from, valid_to) that decides it."""

    status: str
    valid_from: datetime | None
    valid_to: datetime | None


def validity_spans(assertions: Sequence[Assertion]) -> dict[UUID, list[ValiditySpan]]:
    """When each memory of one slot held it, oldest first; a value may hold it more than once."""
    found: dict[UUID, list[ValiditySpan]] = {}
    timeline, _ = replay_slot(assertions)
    for interval in timeline:
        found.setdefault(interval.memory_id, []).append((interval.since, interval.until))
    return found


def state_as_of(status: str, spans: Sequence[ValiditySpan], as_of: datetime) -> StateAsOf | None:
    """How a memory that holds in `spans` stood at `as_of`; None when it had not begun.

    What had begun and ended is superseded. A status that is no question of time (archived, merged) stays.
    """
    begun = [span for span in spans if span[0] is None or span[0] <= as_of]
    if not begun:
        return None
    since, until = begun[-1]
    if status not in _TIMED_STATUSES:
        return StateAsOf(status, since, until)
    holds = until is None or as_of < until
    return StateAsOf(Status.ACTIVATED if holds else Status.SUPERSEDED, since, until)
