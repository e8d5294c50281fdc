"""How well turns fit the time that a question names."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.memory.ranking import Array
from app.memory.scope import Scope

SLACK = timedelta(days=2)  # "last week", said on a Monday, rarely means from midnight to midnight

_EARLIEST = datetime.min.replace(tzinfo=UTC) + 2 * SLACK
_LATEST = datetime.max.replace(tzinfo=UTC) - 2 * SLACK


def within(scope: Scope, since: datetime, until: datetime) -> Array:
    """1 where a turn was said, or tells of an event, within [since, until) and two days around it, (n,)."""
    early = max(since, _EARLIEST) - SLACK
    late = min(until, _LATEST) + SLACK
    told = {
        memory.id
        for memory in scope.memories
        if memory.event_from is not None
        and memory.event_from < until
        and (memory.event_to or memory.event_from) >= since
    }
    fits = (early <= turn.observed_at < late or not told.isdisjoint(turn.memories) for turn in scope.turns)
    return np.fromiter(fits, np.float32, len(scope.turns))
