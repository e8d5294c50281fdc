"""Counts of times by fixed bounds, small enough to be stored by day, and the percentiles that they give."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

# Upper bounds in seconds, each 1.6 times the one before it (five to a decade, the Renard series R5). What is
# stored has one count for each of them and one for what took longer; so no bound may be changed or added.
BOUNDS = (0.1, 0.16, 0.25, 0.4, 0.63, 1, 1.6, 2.5, 4, 6.3, 10, 16, 25, 40, 63, 100, 160, 250, 400)
COUNTS = len(BOUNDS) + 1


def count_by_bound(seconds: Iterable[float]) -> list[int]:
    """How many times lie up to each bound and above the one before it; the last count is of the rest."""
    counts = [0] * COUNTS
    for one in seconds:
        counts[bisect_left(BOUNDS, one)] += 1
    return counts


def add_counts(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """The counts of both."""
    return [a + b for a, b in zip(one, other, strict=True)]


def cumulate_counts(counts: Sequence[int]) -> dict[float, float]:
    """How many times lie at or below each bound, the last of which is infinite."""
    return dict(zip((*BOUNDS, float("inf")), accumulate(counts), strict=True))


def estimate_quantile(cumulative: Mapping[float, float], share: float) -> float | None:
    """The quantile of cumulative counts by upper bound, evenly spread within a bucket; None without counts.

    It lies in the bucket of the true one. What lies above the last finite bound is told as that bound.
    """
    total = cumulative.get(float("inf"), 0)
    if not total:
        return None
    wanted = share * total
    bound_before, count_before = 0.0, 0.0
    for bound in sorted(cumulative):
        if cumulative[bound] >= wanted:
            if bound == float("inf"):
                break
            inside = cumulative[bound] - count_before
            part = (wanted - count_before) / inside if inside else 1.0
            return bound_before + part * (bound - bound_before)
        bound_before, count_before = bound, cumulative[bound]
    return bound_before
