"""Cuts a session into segments: runs of turns on one topic.

After EM-LLM (arXiv 2407.09450, section 3.2), applied to turns instead of tokens. There, boundaries are set
where the model is surprised and then moved to where the modularity of the similarity graph (Newman and Girvan
2004) is greatest. A session has few turns, so here the segmentation of greatest modularity is computed
exactly. Surprise is not used: it missed half of the boundaries (`benchmarks/segments.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from app.memory.types import Turn


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """The minimum and maximum number of turns per segment, and the pause that always ends a segment.

    A run between two pauses that is shorter than `min_turns` is a segment nevertheless. The defaults were
    measured by `benchmarks/segments.py`.

    With `target_tokens`, segments of one run that follow each other are joined as long as they have no more
    tokens and no more than `max_joined_turns` turns together, and one with more tokens is cut between turns.
    A single turn is never cut here.
    """

    min_turns: int = 4
    max_turns: int = 12
    max_pause: timedelta = timedelta(minutes=30)
    target_tokens: int | None = None
    max_joined_turns: int = 40


# What one request to a model shows: its instructions cost as many tokens, whatever it reads (chosen).
REQUEST_RULES = SegmentRules(target_tokens=2_000)
CHARACTERS_PER_TOKEN, TOKENS_PER_TURN = 4, 20  # an estimate; a turn is shown with speaker and time


def segment_turns(
    turns: Sequence[Turn], vectors: NDArray[np.float32] | None, rules: SegmentRules = SegmentRules()
) -> list[list[Turn]]:
    """Cut one session's turns into segments.

    `vectors` (n, d) are L2-normalised; None cuts by length only. A row of zeros stands for a turn without a
    vector.
    """
    pauses = [
        index
        for index in range(1, len(turns))
        if turns[index].observed_at - turns[index - 1].observed_at > rules.max_pause
    ]
    segments: list[list[Turn]] = []
    for start, end in pairwise([0, *pauses, len(turns)]):
        part = vectors[start:end] if vectors is not None else None
        bounds = find_boundaries(part, rules) if part is not None else _even_boundaries(end - start, rules)
        if rules.target_tokens is not None:
            bounds = _fit_tokens(bounds, [estimate_tokens(turn) for turn in turns[start:end]], rules)
        segments += [list(turns[start + a : start + b]) for a, b in pairwise(bounds)]
    return segments


def find_boundaries(vectors: NDArray[np.float32], rules: SegmentRules = SegmentRules()) -> list[int]:
    """Segment boundaries, ascending from 0 to n, with the greatest modularity that the rules allow.

    `vectors` are (n, d), L2-normalised. The modularity of a segmentation is the sum over its segments of
    (similarity inside / total similarity) - (similarity of its turns / total similarity)². A sum over
    segments is maximised by dynamic programming: the best segmentation up to `end` is the best one up to
    `start` plus one segment.
    """
    count = len(vectors)
    if count < 2 * rules.min_turns:
        return _even_boundaries(count, rules)
    similarity = np.clip(vectors @ vectors.T, 0.0, None).astype(np.float64)
    np.fill_diagonal(similarity, 0.0)
    similarity /= max(float(similarity.sum()), 1e-9)
    inside = np.pad(similarity.cumsum(axis=0).cumsum(axis=1), (1, 0))
    shares = inside[-1]
    best, previous = np.full(count + 1, -np.inf), np.zeros(count + 1, np.intp)
    best[0] = 0.0
    for end in range(rules.min_turns, count + 1):
        start = np.arange(max(0, end - rules.max_turns), end - rules.min_turns + 1)
        within = inside[end, end] - 2 * inside[start, end] + inside[start, start]
        total = best[start] + within - (shares[end] - shares[start]) ** 2
        best[end], previous[end] = total.max(), start[total.argmax()]
    bounds = [count]
    while bounds[-1] > 0:
        bounds.append(int(previous[bounds[-1]]))
    return bounds[::-1]


def _even_boundaries(count: int, rules: SegmentRules) -> list[int]:
    """The boundaries of the smallest number of segments, of nearly equal length."""
    parts = -(-count // rules.max_turns)
    return [count * part // parts for part in range(parts + 1)] if parts else [0]


def estimate_tokens(turn: Turn) -> int:
    """About how many tokens a turn has in a request; bytes count, as scripts without spaces need more."""
    return TOKENS_PER_TURN + len(turn.content.encode()) // CHARACTERS_PER_TOKEN


def _fit_tokens(bounds: Sequence[int], tokens: Sequence[int], rules: SegmentRules) -> list[int]:
    """Cut segments that have too many tokens, then join those that follow each other and have few."""
    target = rules.target_tokens or 0
    sums = [0, *accumulate(tokens)]
    pieces = [0]
    for end in range(1, len(tokens) + 1):
        # Behind a turn that fills a request alone, and before one that no longer fits.
        if end in bounds or (end < len(tokens) and sums[end + 1] - sums[pieces[-1]] > target):
            pieces.append(end)
    share = sums[-1] / max(1, -(-sums[-1] // target))
    joined = [0]
    for begin, end in pairwise(pieces):
        size, taken = sums[end] - sums[begin], sums[begin] - sums[joined[-1]]
        is_full = taken + size > target or end - joined[-1] > rules.max_joined_turns
        # Shares of equal size leave no small rest, which would cost a request of its own.
        if begin > joined[-1] and (is_full or taken + size / 2 > share):
            joined.append(begin)
    return [*joined, len(tokens)] if tokens else [0]
