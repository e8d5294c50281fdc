"""How much each granularity counts for a query: MemGAS's entropy-based router (arXiv 2505.19549).

A granularity in which few items stand out says which to take; one whose scores are all alike says nothing.
Entropies are divided by ln N, the greatest entropy of N items, as granularities differ in size. TEMPERATURE
and MIN_SHARPNESS are chosen.
"""

import math
from collections.abc import Mapping

import numpy as np

from app.memory.numeric import FloatArray, Statistics
from app.memory.ranking.matching.candidates import GranularityScores
from app.memory.ranking.weights import RankingWeights

TEMPERATURE = 0.2
MIN_SHARPNESS = 0.05
GRANULARITIES = {
    "turn": ("dense", "lexical"),
    "window": ("window_dense", "window_lexical"),
    "session": ("session_lexical",),
    "fact": ("fact",),
}


def score_sharpness(items: GranularityScores) -> float:
    """1 - H / ln N of the softmax of the standardised scores of N items, at least MIN_SHARPNESS.

    It is 1 if one score stands out.
    """
    counts = items.counts if items.counts is not None else np.ones(len(items.scores), np.float32)
    standard = Statistics.of(items.scores, items.counts).standardise(items.scores)
    return _softmax_sharpness(standard, counts)


def _softmax_sharpness(standard: FloatArray, counts: FloatArray) -> float:
    exponents = standard / np.float32(TEMPERATURE)
    exponents -= exponents.max()
    shares = counts * np.exp(exponents)
    total = float(shares.sum())
    entropy = math.log(total) - float(shares @ exponents) / total
    return max(MIN_SHARPNESS, 1 - entropy / math.log(float(counts.sum())))


def feature_factors(granularities: Mapping[str, GranularityScores]) -> dict[str, float]:
    """The factor of each routed feature, by name; around 1. Other features have the factor 1.

    Only differences between granularities count: the factor is the square root of the sharpness divided by
    the mean sharpness.
    """
    sharpness = {
        name: score_sharpness(items) for name, items in granularities.items() if len(items.scores) > 1
    }
    mean = sum(sharpness.values()) / max(1, len(sharpness))
    return {
        name: math.sqrt(value / mean)
        for granularity, value in sharpness.items()
        for name in GRANULARITIES[granularity]
    }


def sum_granularity_features(
    granularity: str, features: Mapping[str, FloatArray], weights: RankingWeights
) -> FloatArray:
    """The weighted sum of a granularity's features, (k,)."""
    total = np.zeros_like(next(iter(features.values())))
    for name in GRANULARITIES[granularity]:
        if name in features:
            total += np.float32(getattr(weights, name)) * features[name]
    return total
