"""How much each granularity counts for one question: MemGAS's entropy-based router (arXiv 2505.19549).

A granularity in which few things stand out tells what to take; one in which all are alike tells nothing.
Entropies are divided by ln N, the greatest that N things can have: granularities have different numbers.
"""

import math
from collections.abc import Mapping

import numpy as np

from app.memory.ranking import Array, RankingWeights, standardise
from app.memory.scope import Scope

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
    exponents = standardise(scores) / np.float32(TEMPERATURE)
    exponents -= exponents.max()
    shares = np.exp(exponents)
    total = float(shares.sum())
    entropy = math.log(total) - float(shares @ exponents) / total
    return max(FLOOR, 1 - entropy / math.log(len(scores)))


def routes(
    scope: Scope, features: Mapping[str, Array], evidence: Array, weights: RankingWeights
) -> dict[str, float]:
    """What to multiply features with, by their names; around 1, 1 for what is not named.

    `features` (n,) are those of turns, `evidence` (m,) that of memories. Only differences between
    granularities count: the square root of each one's sharpness beside their mean.
    """
    found: dict[str, float] = {}
    for granularity, names in GRANULARITIES.items():
        scores = _scores(scope, granularity, features, evidence, weights)
        if len(scores) > 1:
            found |= dict.fromkeys(names, sharpness(scores))
    of_each = [found[names[0]] for names in GRANULARITIES.values() if names[0] in found]
    mean = sum(of_each) / max(1, len(of_each))
    return {name: math.sqrt(sharp / mean) for name, sharp in found.items()}


def _scores(
    scope: Scope, granularity: str, features: Mapping[str, Array], evidence: Array, weights: RankingWeights
) -> Array:
    """The scores of the things of a granularity: turns, windows, sessions or current memories."""
    if granularity == "fact":
        return evidence[scope.memories.current]
    if granularity == "session":
        of_sessions = np.zeros(int(scope.turns.sessions.max(initial=-1)) + 1, np.float32)
        of_sessions[scope.turns.sessions] = features["session_lexical"]
        return of_sessions
    total = np.zeros(len(scope.turns), np.float32)
    for name in GRANULARITIES[granularity]:
        if name in features:
            total += np.float32(getattr(weights, name)) * features[name]
    return total
