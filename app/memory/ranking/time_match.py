"""Which turns match the time that a query names."""

from datetime import UTC, datetime, timedelta

import numpy as np

from app.memory.index.tables import to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

TIME_SLACK = timedelta(days=2)  # "last week", said on a Monday, rarely means from midnight to midnight

_EARLIEST = datetime.min.replace(tzinfo=UTC) + 2 * TIME_SLACK
_LATEST = datetime.max.replace(tzinfo=UTC) - 2 * TIME_SLACK


def match_time_range(index: UserIndex, since: datetime, until: datetime) -> FloatArray:
    """1 where a turn, or an event that it states, is within [since, until), (n,).

    The time of a turn may be up to `TIME_SLACK` outside.
    """
    earliest = max(since, _EARLIEST) - TIME_SLACK
    latest = min(until, _LATEST) + TIME_SLACK
    said_at = index.turns.columns["said_at"].as_array
    matches = (said_at >= to_microseconds(earliest)) & (said_at < to_microseconds(latest))
    view = index.index_view
    matches[view.pair_turns[index.memories.match_event_time(since, until)[view.pair_memories]]] = True
    return matches.astype(np.float32)
