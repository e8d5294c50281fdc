"""One linear score over named, standardised features. The formula is explained in docs/search.md."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_MANY, _STEP = 50_000, 16  # of so many scores a sample, of each so many-th, says which can be among the best


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """What one standard deviation of a feature is worth; of `length`, `speaker` and `time`, one.

    Fitted on LoCoMo with LongMemEval beside it, rounded: `python -m benchmarks.quality --ablate`. `recency`
    pays on neither; a tenant's feedback may raise it (`memory.learning`).
    """

    dense: float = 1.0
    lexical: float = 0.5
    window_dense: float = 1.0
    window_lexical: float = 0.5
    session_lexical: float = 0.5
    speaker: float = 4.0
    length: float = 1.2
    fact: float = 0.5
    time: float = 2.0
    expansion: float = 1.0
    graph: float = 1.0
    recency: float = 0.0

    @property
    def memory(self) -> float:
        """Of the evidence of a memory without a turn: it has no window, so its own match counts for both."""
        return self.dense + self.window_dense


def standardise(values: Array, known: NDArray[np.bool_] | None = None) -> Array:
    """(x - mean) / deviation, (n,); entries that are not `known` count as average."""
    if known is not None and known.all():
        known = None
    usable = values if known is None else values[known]
    if not usable.size:
        return np.zeros_like(values)
    mean = usable.mean()
    # numpy's own deviation takes ten times as long.
    apart = usable - mean
    deviation = math.sqrt(float(apart @ apart) / usable.size)
    if is_noise(deviation, float(mean)):
        return np.zeros_like(values)
    scaled = (apart if known is None else values - mean) * np.float32(1 / deviation)
    return scaled if known is None else np.where(known, scaled, np.float32(0))


def is_noise(deviation: float, mean: float) -> bool:
    """Whether values are all alike: a sum of equal ones in single precision differs from them a little."""
    return deviation < max(1e-9, 1e-6 * abs(mean))


def weighted(features: Mapping[str, Array], weights: RankingWeights) -> Array:
    """The score: sum of weight times feature, (n,)."""
    total = np.zeros_like(next(iter(features.values())))
    for part in fields(weights):
        weight = getattr(weights, part.name)
        if weight and part.name in features:
            total += np.float32(weight) * features[part.name]
    return total


def best_first(scores: Array, count: int) -> NDArray[np.intp]:
    """Places of the `count` greatest scores, best first; equal scores keep their order."""
    if count < len(scores):
        likely = _likely(scores, count)
        part = scores[likely]
        candidates = likely[np.sort(np.argpartition(-part, count)[:count])] if count < len(part) else likely
    else:
        candidates = np.arange(len(scores))
    return candidates[np.argsort(-scores[candidates], kind="stable")]


def _likely(scores: Array, count: int) -> NDArray[np.intp]:
    """In order, places of at least `count` scores, of which none that is not here is greater."""
    if len(scores) > _MANY and count < len(scores) // 100:
        sample = scores[::_STEP]
        some = 2 * count // _STEP + _STEP
        found = np.flatnonzero(scores >= np.partition(sample, -some)[-some])
        if len(found) >= count:
            return found
    return np.arange(len(scores))
