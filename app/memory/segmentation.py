"""Cuts a session into segments: runs of turns on one topic.

After EM-LLM (arXiv 2407.09450, section 3.1-3.2), moved from tokens to turns: a boundary where the
surprise 1 - cos(turn, mean of the three before) stands out, then shifted to where the modularity of
the turn-similarity graph is greatest.
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
    """`gamma` standard deviations over the mean surprise of the last `history` turns make a boundary."""

    gamma: float = 1.0
    history: int = 12
    shortest: int = 4
    longest: int = 12
    shift: int = 3
    gap: timedelta = timedelta(minutes=30)


def cut(
    turns: Sequence[Turn], vectors: NDArray[np.float32] | None, rules: SegmentRules = SegmentRules()
) -> list[list[Turn]]:
    """Segments of one session's turns; `vectors` (n, d) are L2-normalised, None = cut by length only."""
    segments: list[list[Turn]] = []
    start = 0
    for index in range(1, len(turns) + 1):
        if index < len(turns) and turns[index].observed_at - turns[index - 1].observed_at <= rules.gap:
            continue
        block = vectors[start:index] if vectors is not None else None
        bounds = _boundaries(index - start, block, rules)
        segments += [list(turns[start + a : start + b]) for a, b in pairwise(bounds)]
        start = index
    return segments


def _boundaries(count: int, vectors: NDArray[np.float32] | None, rules: SegmentRules) -> list[int]:
    bounds = [0]
    surprise = _surprise(vectors) if vectors is not None else np.zeros(count)
    for index in range(1, count):
        length = index - bounds[-1]
        if length >= rules.longest:
            bounds.append(index)
        elif length >= rules.shortest and count - index >= rules.shortest:
            recent = surprise[max(1, index - rules.history) : index]
            if surprise[index] > recent.mean() + rules.gamma * recent.std() and recent.std() > 0:
                bounds.append(_refined(index, bounds[-1], count, vectors, rules))
    return [*dict.fromkeys(bounds), count]


def _surprise(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 - cos(turn, mean of the up to three turns before it), (n,); 0 for the first."""
    surprise = np.zeros(len(vectors))
    for index in range(1, len(vectors)):
        before = vectors[max(0, index - 3) : index].mean(axis=0)
        surprise[index] = 1.0 - float(vectors[index] @ before) / max(float(np.linalg.norm(before)), 1e-9)
    return surprise


def _refined(
    index: int, last: int, count: int, vectors: NDArray[np.float32] | None, rules: SegmentRules
) -> int:
    """The boundary within ± `shift` turns that parts the similarity graph best."""
    if vectors is None:
        return index
    low = max(last + rules.shortest, index - rules.shift)
    high = min(index, count - rules.shortest)
    window = vectors[last : min(count, index + rules.longest)]
    likeness = np.clip(window @ window.T, 0.0, None)
    np.fill_diagonal(likeness, 0.0)
    degree, total = likeness.sum(axis=1), max(float(likeness.sum()), 1e-9)

    def modularity(bound: int) -> float:
        cut_at = bound - last
        return sum(
            float(likeness[part, part].sum()) / total - (float(degree[part].sum()) / total) ** 2
            for part in (slice(0, cut_at), slice(cut_at, None))
        )

    return max(range(low, high + 1), key=lambda bound: (modularity(bound), -bound), default=index)
