"""Cuts a session into segments: runs of turns on one topic.

After EM-LLM (arXiv 2407.09450, section 3.2), moved from tokens to turns. There a boundary stands where the
model is surprised and is then moved back to where the modularity of the similarity graph (Newman and Girvan
2004) is greatest. A session has few turns, so here the segmentation of greatest modularity is found exactly,
and surprise is not needed: it missed half of the boundaries (`benchmarks/segments.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.memory.types import Turn


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """Turns of a segment, at least and at most, and the pause that ends one whatever is said.

    A stretch between two pauses that is shorter than `shortest` is a segment all the same.
    """

    min_turns: int = 4
    max_turns: int = 12
    max_pause: timedelta = timedelta(minutes=30)


def segment_turns(
    turns: Sequence[Turn], vectors: NDArray[np.float32] | None, rules: SegmentRules = SegmentRules()
) -> list[list[Turn]]:
    """Segments of one session's turns; `vectors` (n, d) are L2-normalised, None = cut by length only.

    A row of zeros stands for a turn whose meaning is not known.
    """
    pauses = [
        index
        for index in range(1, len(turns))
        if turns[index].observed_at - turns[index - 1].observed_at > rules.max_pause
    ]
    segments: list[list[Turn]] = []
    for start, end in pairwise([0, *pauses, len(turns)]):
        known = vectors[start:end] if vectors is not None else None
        bounds = find_boundaries(known, rules) if known is not None else _even_boundaries(end - start, rules)
        segments += [list(turns[start + a : start + b]) for a, b in pairwise(bounds)]
    return segments


def find_boundaries(vectors: NDArray[np.float32], rules: SegmentRules = SegmentRules()) -> list[int]:
    """The ends of segments, from 0 to n, whose modularity is greatest within the rules.

    The modularity of a segmentation is the sum over its segments of (similarity inside / all similarity)
    - (similarity that its turns have / all similarity)². A sum over segments has its maximum by dynamic
    programming: the best segmentation up to `end` is the best one up to `start` and one more segment.
    """
    count = len(vectors)
    if count < 2 * rules.min_turns:
        return _even_boundaries(count, rules)
    likeness = np.clip(vectors @ vectors.T, 0.0, None).astype(np.float64)
    np.fill_diagonal(likeness, 0.0)
    likeness /= max(float(likeness.sum()), 1e-9)
    inside = np.pad(likeness.cumsum(axis=0).cumsum(axis=1), (1, 0))
    shares = inside[-1]
    best, before = np.full(count + 1, -np.inf), np.zeros(count + 1, np.intp)
    best[0] = 0.0
    for end in range(rules.min_turns, count + 1):
        start = np.arange(max(0, end - rules.max_turns), end - rules.min_turns + 1)
        within = inside[end, end] - 2 * inside[start, end] + inside[start, start]
        total = best[start] + within - (shares[end] - shares[start]) ** 2
        best[end], before[end] = total.max(), start[total.argmax()]
    bounds = [count]
    while bounds[-1] > 0:
        bounds.append(int(before[bounds[-1]]))
    return bounds[::-1]


def _even_boundaries(count: int, rules: SegmentRules) -> list[int]:
    """The ends of as few segments as may be, of nearly one length."""
    parts = -(-count // rules.max_turns)
    return [count * part // parts for part in range(parts + 1)] if parts else [0]
