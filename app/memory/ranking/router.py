"""How much each granularity counts for one question: MemGAS's entropy-based router (arXiv 2505.19549).

A granularity in which few things stand out tells what to take; one in which all are alike tells nothing.
Entropies are divided by ln N, the greatest that N things can have: granularities have different numbers.
"""

import math
from collections.abc import Mapping

import numpy as np

from app.memory.index.user_index import Scope
from app.memory.numeric import Array, standardise
from app.memory.ranking.weights import RankingWeights

TEMPERATURE = 0.2
FLOOR = 0.05
GRANULARITIES = {
    "turn": ("dense", "lexical"),
    "window": ("window_dense", "window_lexical"),
    "session": ("session_lexical",),
    "fact": ("fact",),
}


def sharpness(scores: Array) -> float:
    """1 - H / ln N of the softmax of N standardised scores, (N,), at least `FLOOR`: 1 = one stands out."""
    return _sharpness(standardise(scores), np.ones(len(scores), np.float32))


def sharpness_of(scores: Array, counts: Array) -> float:
    """As `sharpness`, of things of which each stands for so many that are like it, (k,) both."""
    mean = np.average(scores, weights=counts)
    deviation = math.sqrt(float(np.average((scores - mean) ** 2, weights=counts)))
    standard = (scores - mean) / deviation if deviation > 1e-9 else np.zeros_like(scores)
    return _sharpness(standard.astype(np.float32), counts)


def _sharpness(standard: Array, counts: Array) -> float:
    exponents = standard / np.float32(TEMPERATURE)
    exponents -= exponents.max()
    shares = counts * np.exp(exponents)
    total = float(shares.sum())
    entropy = math.log(total) - float(shares @ exponents) / total
    return max(FLOOR, 1 - entropy / math.log(float(counts.sum())))


def routes(
    scope: Scope, features: Mapping[str, Array], evidence: Array, weights: RankingWeights
) -> dict[str, float]:
    """What to multiply features with, by their names; around 1, 1 for what is not named.

    `features` (n,) are those of turns, `evidence` (m,) that of memories.
    """
    scores = {name: _scores(scope, name, features, evidence, weights) for name in GRANULARITIES}
    return factors({name: sharpness(values) for name, values in scores.items() if len(values) > 1})


def factors(sharp: Mapping[str, float]) -> dict[str, float]:
    """The factor of each feature by the sharpness of each granularity.

    Only differences between granularities count: the square root of each one's sharpness beside their mean.
    """
    mean = sum(sharp.values()) / max(1, len(sharp))
    return {name: math.sqrt(value / mean) for of, value in sharp.items() for name in GRANULARITIES[of]}


def _scores(
    scope: Scope, granularity: str, features: Mapping[str, Array], evidence: Array, weights: RankingWeights
) -> Array:
    """The scores of the things of a granularity: turns, windows, sessions or current memories."""
    if granularity == "fact":
        return evidence[scope.memories.current]
    if granularity == "session":
        return features["session_lexical"][scope.places.of_session]
    return together(granularity, features, weights)


def together(granularity: str, features: Mapping[str, Array], weights: RankingWeights) -> Array:
    """The weighted sum of a granularity's features, (k,) each."""
    total = np.zeros_like(next(iter(features.values())))
    for name in GRANULARITIES[granularity]:
        if name in features:
            total += np.float32(getattr(weights, name)) * features[name]
    return total
