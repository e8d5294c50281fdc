"""Percentiles of times that were counted by bounds: as near to the true ones as is said."""

import math
import random
from itertools import pairwise

import pytest

from app.core.histograms import BOUNDS, COUNTS, add_counts, count_by_bound, cumulate_counts, estimate_quantile

RATIO = 1.6
KINDS = {
    "one": [2.3],
    "two": [0.2, 90.0],
    "all the same": [1.0] * 50,
    "on a bound": [0.25, 0.25, 0.4],
    "even": [n / 10 for n in range(2, 300)],
    "falling": [300.0, 100.0, 30.0, 10.0, 3.0, 1.0],
    "two humps": [0.3] * 60 + [45.0] * 40,
    "one slow of a hundred": [0.5] * 99 + [200.0],
    "six slow of a hundred": [0.5] * 94 + [200.0] * 6,
    "exponential": [0.11 + random.Random(1).expovariate(0.4) for _ in range(2000)],
    "log-normal": [0.11 + random.Random(n).lognormvariate(0.7, 1.1) for n in range(2000)],
    "narrow": [random.Random(n).uniform(1.61, 1.62) for n in range(500)],
}


def true_quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[max(0, math.ceil(share * len(seconds)) - 1)]


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize("kind", KINDS)
def test_is_right_to_the_factor_between_two_bounds(kind: str, share: float):
    seconds = [min(one, 400.0) for one in KINDS[kind]]
    told = estimate_quantile(cumulate_counts(count_by_bound(seconds)), share)
    assert told is not None
    assert 1 / RATIO <= told / true_quantile(seconds, share) <= RATIO


def test_the_bounds_are_no_farther_apart():
    assert all(1.5 < above / below <= RATIO for below, above in pairwise(BOUNDS))


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [
        (0.0, 0),
        (0.1, 0),
        (0.1000001, 1),
        (1.0, 5),
        (400.0, COUNTS - 2),
        (400.1, COUNTS - 1),
        (1e9, COUNTS - 1),
    ],
)
def test_a_time_is_counted_once(seconds: float, bucket: int):
    counts = count_by_bound([seconds])
    assert (counts[bucket], sum(counts)) == (1, 1)


def test_what_took_longer_than_the_last_bound_is_told_as_that():
    assert estimate_quantile(cumulate_counts(count_by_bound([5_000.0])), 0.5) == BOUNDS[-1]


def test_nothing_has_no_percentile():
    assert estimate_quantile(cumulate_counts(count_by_bound([])), 0.5) is None
    assert estimate_quantile({}, 0.5) is None


def test_sums_are_those_of_all_times_together():
    one, other = KINDS["even"], KINDS["two humps"]
    assert add_counts(count_by_bound(one), count_by_bound(other)) == count_by_bound([*one, *other])
