"""How well turns fit the time that a question names."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.memory.index.tables import to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

TIME_SLACK = timedelta(days=2)  # "last week", said on a Monday, rarely means from midnight to midnight

_EARLIEST = datetime.min.replace(tzinfo=UTC) + 2 * TIME_SLACK
_LATEST = datetime.max.replace(tzinfo=UTC) - 2 * TIME_SLACK


def match_time_range(index: UserIndex, since: datetime, until: datetime) -> FloatArray:
    """1 where a turn was said, or tells of an event, within [since, until) and two days around it, (n,)."""
    early = max(since, _EARLIEST) - TIME_SLACK
    late = min(until, _LATEST) + TIME_SLACK
    said_at = index.turns.columns["said_at"].as_array
    fits = (said_at >= to_microseconds(early)) & (said_at < to_microseconds(late))
    places = index.index_view
    fits[places.pair_turns[index.memories.match_event_time(since, until)[places.pair_memories]]] = True
    return fits.astype(np.float32)
