"""How well turns fit the time that a question names."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.memory.index.tables import microseconds
from app.memory.index.user_index import Scope
from app.memory.numeric import Array

Period = tuple[datetime, datetime]  # [from, to)
SLACK = timedelta(days=2)  # "last week", said on a Monday, rarely means from midnight to midnight

_EARLIEST = datetime.min.replace(tzinfo=UTC) + 2 * SLACK
_LATEST = datetime.max.replace(tzinfo=UTC) - 2 * SLACK


def within(scope: Scope, since: datetime, until: datetime) -> Array:
    """1 where a turn was said, or tells of an event, within [since, until) and two days around it, (n,)."""
    early = max(since, _EARLIEST) - SLACK
    late = min(until, _LATEST) + SLACK
    said_at = scope.turns.columns["said_at"].rows
    fits = (said_at >= microseconds(early)) & (said_at < microseconds(late))
    places = scope.places
    fits[places.telling[scope.memories.happened(since, until)[places.told]]] = True
    return fits.astype(np.float32)
