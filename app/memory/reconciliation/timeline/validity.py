"""The state of a memory as of a point in valid time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Status
from app.memory.reconciliation.timeline.replay import replay_memory, replay_slot
from app.memory.types import Assertion

_TIMED_STATUSES = frozenset({Status.ACTIVATED, Status.SUPERSEDED})
ValiditySpan = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class MemoryStateAsOf:
    """A memory's status at a point in valid time, and the interval [valid_from, valid_to) that decides it."""

    status: str
    valid_from: datetime | None
    valid_to: datetime | None


def validity_spans(assertions: Sequence[Assertion]) -> dict[UUID, list[ValiditySpan]]:
    """The intervals in which each memory of one slot held it, oldest first; there may be several."""
    spans: dict[UUID, list[ValiditySpan]] = {}
    timeline, _ = replay_slot(assertions)
    for interval in timeline:
        spans.setdefault(interval.memory_id, []).append((interval.since, interval.until))
    return spans


def memory_spans(valid_from: datetime | None, assertions: Sequence[Assertion]) -> list[ValiditySpan] | None:
    """The intervals of a memory without a slot; None if nothing ever ended it, so that its columns tell.

    What happened, or has been so for longer, began before it was said: the columns have that date.
    """
    if all(one.polarity > 0 for one in assertions):
        return None
    spans: list[ValiditySpan] = [(one.since, one.until) for one in replay_memory(assertions)[0]]
    if spans and valid_from is not None and spans[0][0] is not None and valid_from < spans[0][0]:
        spans[0] = (valid_from, spans[0][1])
    return spans


def state_as_of(status: str, spans: Sequence[ValiditySpan], as_of: datetime) -> MemoryStateAsOf | None:
    """The state at `as_of` of a memory that holds in `spans`; None if it had not begun.

    A memory whose interval has ended is superseded. A status that does not depend on time (archived, merged)
    stays.
    """
    begun = [span for span in spans if span[0] is None or span[0] <= as_of]
    if not begun:
        return None
    since, until = begun[-1]
    if status not in _TIMED_STATUSES:
        return MemoryStateAsOf(status, since, until)
    is_valid = until is None or as_of < until
    return MemoryStateAsOf(Status.ACTIVATED if is_valid else Status.SUPERSEDED, since, until)
