"""How much each granularity counts for a query: MemGAS's entropy-based router (arXiv 2505.19549).

A granularity in which few items stand out says which to take; one whose scores are all alike says nothing.
Entropies are divided by ln N, the greatest entropy of N items, as granularities differ in size. TEMPERATURE
and MIN_SHARPNESS are chosen.
"""

import math
from collections.abc import Mapping

import numpy as np

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.ranking.weights import RankingWeights

TEMPERATURE = 0.2
MIN_SHARPNESS = 0.05
GRANULARITIES = {
    "turn": ("dense", "lexical"),
    "window": ("window_dense", "window_lexical"),
    "session": ("session_lexical",),
    "fact": ("fact",),
}


def score_sharpness(scores: FloatArray) -> float:
    """1 - H / ln N of the softmax of N standardised scores, (N,), at least MIN_SHARPNESS.

    It is 1 if one score stands out.
    """
    return _softmax_sharpness(standardise_scores(scores), np.ones(len(scores), np.float32))


def weighted_sharpness(scores: FloatArray, counts: FloatArray) -> float:
    """As `score_sharpness`, for scores (k,) of which each stands for `counts` (k,) items."""
    mean = np.average(scores, weights=counts)
    deviation = math.sqrt(float(np.average((scores - mean) ** 2, weights=counts)))
    standard = (scores - mean) / deviation if deviation > 1e-9 else np.zeros_like(scores)
    return _softmax_sharpness(standard.astype(np.float32), counts)


def _softmax_sharpness(standard: FloatArray, counts: FloatArray) -> float:
    exponents = standard / np.float32(TEMPERATURE)
    exponents -= exponents.max()
    shares = counts * np.exp(exponents)
    total = float(shares.sum())
    entropy = math.log(total) - float(shares @ exponents) / total
    return max(MIN_SHARPNESS, 1 - entropy / math.log(float(counts.sum())))


def route_features(
    index: UserIndex, features: Mapping[str, FloatArray], memory_scores: FloatArray, weights: RankingWeights
) -> dict[str, float]:
    """The factor of each routed feature, by name; around 1. Other features have the factor 1.

    `features` (n,) are those of turns, `memory_scores` (m,) the scores of memories.
    """
    scores = {
        name: _granularity_scores(index, name, features, memory_scores, weights) for name in GRANULARITIES
    }
    return feature_factors(
        {name: score_sharpness(values) for name, values in scores.items() if len(values) > 1}
    )


def feature_factors(sharpness: Mapping[str, float]) -> dict[str, float]:
    """The factor of each feature by the sharpness of each granularity.

    Only differences between granularities count: the factor is the square root of the sharpness divided by
    the mean sharpness.
    """
    mean = sum(sharpness.values()) / max(1, len(sharpness))
    return {
        name: math.sqrt(value / mean)
        for granularity, value in sharpness.items()
        for name in GRANULARITIES[granularity]
    }


def _granularity_scores(
    index: UserIndex,
    granularity: str,
    features: Mapping[str, FloatArray],
    memory_scores: FloatArray,
    weights: RankingWeights,
) -> FloatArray:
    """The scores of the items of a granularity: turns, windows, sessions or current memories."""
    if granularity == "fact":
        return memory_scores[index.memories.current_mask]
    if granularity == "session":
        return features["session_lexical"][index.index_view.session_turn]
    return sum_granularity_features(granularity, features, weights)


def sum_granularity_features(
    granularity: str, features: Mapping[str, FloatArray], weights: RankingWeights
) -> FloatArray:
    """The weighted sum of a granularity's features, (k,)."""
    total = np.zeros_like(next(iter(features.values())))
    for name in GRANULARITIES[granularity]:
        if name in features:
            total += np.float32(getattr(weights, name)) * features[name]
    return total
