"""The three times of a memory, and which of two dated turns or memories came first."""

from dataclasses import dataclass
from datetime import datetime

from app.core.vocabulary import Form, Order
from app.memory.types import Fact

PLAN_TAG = "plan"


@dataclass(frozen=True, slots=True)
class DatedItem:
    """A turn or memory in time: the interval [from_, to).

    `stated` says that a text names the dates. Otherwise the turn log dates the item, and `session_id` and
    `position` give its place in the log.
    """

    from_: datetime
    to: datetime
    stated: bool
    session_id: str = ""
    position: int = 0


def holds_since(fact: Fact, said_at: datetime) -> datetime:
    """Since when a fact holds, of the three times: when it was said, since when it holds, when its event is.

    A state holds since the date that it names, else since it was said. An event that has begun holds since it
    began; one that lies ahead is a plan, and a plan holds since it was said.
    """
    asserted_at = fact.asserted_at or said_at
    if fact.form is not Form.EVENT or fact.event_from is None:
        return asserted_at
    lies_ahead = PLAN_TAG in fact.tags or fact.event_from > said_at
    return min(asserted_at, said_at) if lies_ahead else fact.event_from


def temporal_order(first: DatedItem, second: DatedItem) -> Order:
    """Compare by interval, then, for items dated by the turn log, by position within one session."""
    if _is_before(first, second):
        return Order.FIRST
    if _is_before(second, first):
        return Order.SECOND
    if (first.from_, first.to, first.stated) != (second.from_, second.to, second.stated):
        return Order.INDETERMINATE
    if first.stated or (first.session_id, first.position) == (second.session_id, second.position):
        return Order.SAME
    if first.session_id != second.session_id:
        return Order.INDETERMINATE
    return Order.FIRST if first.position < second.position else Order.SECOND


def _is_before(left: DatedItem, right: DatedItem) -> bool:
    return left.to <= right.from_ and left.from_ < right.from_
