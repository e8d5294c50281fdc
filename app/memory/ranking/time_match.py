"""How well turns match the time that a query names."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.memory.index.tables import NEVER, to_microseconds
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

# Outside the time the closeness begins at this (chosen) and falls by e in so many days: "last week", said on
# a Monday, rarely means from midnight to midnight, and of two days the nearer one is the likelier.
NEAR_CLOSENESS = 0.6
DECAY_DAYS = 2.0
VAGUE_CLOSENESS = 0.5  # of an event of which only a longer time is known, such as its month (chosen)
# What is further away than `DECAY_DAYS` is not of that time.
MIN_CLOSENESS = NEAR_CLOSENESS * float(np.exp(-1))
_LEAST_CLOSENESS = 0.02  # of about a week; anything less is 0
_TELLING_DOUBLINGS = 5.0  # a time that is longer by so many doublings counts half (chosen)
_DAY = timedelta(days=1) // timedelta(microseconds=1)


def compute_time_closeness(index: UserIndex, since: datetime, until: datetime) -> FloatArray:
    """How near each turn, or an event that it states, is to [since, until), in [0, 1], (n,).

    1 is within that time. Days and longer times are those on the speaker's clock: `since` and `until` are
    read as dates without a zone. A shorter time is one of instants.
    """
    view, turns, memories = index.index_view, index.turns.columns, index.memories.columns
    said_at = turns["said_at"].as_array
    offsets = turns["local_at"].as_array - said_at
    if until - since >= timedelta(days=1):
        since, until = since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)
    else:
        offsets = np.zeros_like(offsets)
    start, end = to_microseconds(since), to_microseconds(until)
    local = said_at + offsets
    closeness = _closeness_by_gap(np.maximum(start - local, local - end + 1))
    begun = memories["event_from"].as_array[view.pair_memories]
    pairs = np.flatnonzero(begun != NEVER)
    if len(pairs):
        shift = offsets[view.pair_turns[pairs]]
        first = begun[pairs] + shift
        last = np.maximum(memories["event_to"].as_array[view.pair_memories[pairs]] + shift, first + 1)
        np.maximum.at(closeness, view.pair_turns[pairs], _closeness_of_events(first, last, start, end))
    return closeness * np.float32(compute_telling_share(since, until))


def compute_telling_share(since: datetime, until: datetime) -> float:
    """How much [since, until) tells of a turn, in (0, 1]: a day 1, a month .5, a year .37 (chosen)."""
    return 1 / (1 + math.log2(max((until - since) / timedelta(days=1), 1)) / _TELLING_DOUBLINGS)


def _closeness_of_events(
    first: NDArray[np.int64], last: NDArray[np.int64], start: int, end: int
) -> FloatArray:
    """The closeness of events [first, last), (p,): 1 if most of the event is within [start, end)."""
    overlap = np.minimum(last, end) - np.maximum(first, start)
    share = overlap / (last - first)
    inside = np.where(share >= 0.5, 1.0, np.maximum(VAGUE_CLOSENESS, share))
    return np.where(overlap > 0, inside, _closeness_by_gap(1 - overlap)).astype(np.float32)


def _closeness_by_gap(gap: NDArray[np.int64]) -> FloatArray:
    """1 where the distance from the time, in microseconds, is 0 or less, else what has been left by then.

    Each day that has begun counts: the evening before is one day away, as is its morning.
    """
    days = np.ceil(np.maximum(gap, 0) / _DAY)
    closeness = np.where(gap <= 0, 1.0, NEAR_CLOSENESS * np.exp(-days / DECAY_DAYS))
    closeness[closeness < _LEAST_CLOSENESS] = 0
    return closeness.astype(np.float32)
