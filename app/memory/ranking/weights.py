"""One linear score over named features. The formula is explained in docs/search-algorithm.md."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from app.memory.numeric import FloatArray

FACT_ALONE = 2.5  # chosen on histories of changes, of which memories alone are asked


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """What one unit of each feature adds to the score.

    A unit is one standard deviation where the table in docs/search-algorithm.md calls a feature standardised.

    Fitted on LoCoMo with LongMemEval as a check, rounded: `python -m benchmarks.quality --ablate`. `recency`
    helps on neither; a tenant's feedback may raise it (`memory.ranking.training`).
    """

    dense: float = 1.0
    lexical: float = 0.35
    unread_lexical: float = 0.6
    window_dense: float = 1.0
    window_lexical: float = 0.5
    session_lexical: float = 0.5
    speaker: float = 5.0
    subject: float = 3.0
    length: float = 1.0
    fact: float = 0.2
    answer: float = 0.5
    time: float = 14.0
    expansion: float = 1.0
    graph: float = 1.0
    recency: float = 0.0

    @property
    def memory(self) -> float:
        """Weight of an orphan's memory score: it has no window, so its own match counts for both."""
        return self.dense + self.window_dense

    def for_memories(self) -> Self:
        """The weights where only memories are asked for: how well each matches by itself counts most."""
        return replace(self, fact=max(self.fact, FACT_ALONE))


@dataclass(frozen=True, slots=True)
class RelevanceScale:
    """What one unit of each measure adds to the log-odds of relevance, for one embedding model."""

    bias: float
    cosine: float
    words: float
    time: float


def weighted_sum(features: Mapping[str, FloatArray], weights: RankingWeights) -> FloatArray:
    """The score: sum of weight times feature, (n,)."""
    total = np.zeros_like(next(iter(features.values())))
    for part in fields(weights):
        weight = getattr(weights, part.name)
        if weight and part.name in features:
            total += np.float32(weight) * features[part.name]
    return total
