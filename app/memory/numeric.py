"""Array operations that the index and the ranking share."""

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
_MANY, _STEP = 50_000, 16  # of so many scores a sample, of each so many-th, says which can be among the best


def standardise_scores(values: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
    """(x - mean) / deviation, (n,); entries that are not `known` count as average."""
    if has_vector is not None and has_vector.all():
        has_vector = None
    usable = values if has_vector is None else values[has_vector]
    if not usable.size:
        return np.zeros_like(values)
    mean = usable.mean()
    # numpy's own deviation takes ten times as long.
    apart = usable - mean
    deviation = math.sqrt(float(apart @ apart) / usable.size)
    if is_noise(deviation, float(mean)):
        return np.zeros_like(values)
    scaled = (apart if has_vector is None else values - mean) * np.float32(1 / deviation)
    return scaled if has_vector is None else np.where(has_vector, scaled, np.float32(0))


def is_noise(deviation: float, mean: float) -> bool:
    """Whether values are all alike: a sum of equal ones in single precision differs from them a little."""
    return deviation < max(1e-9, 1e-6 * abs(mean))


def top_k_indices(scores: FloatArray, count: int) -> NDArray[np.intp]:
    """Places of the `count` greatest scores, best first; equal scores keep their order."""
    if count < len(scores):
        likely = _prefilter_top_k(scores, count)
        part = scores[likely]
        candidates = likely[np.sort(np.argpartition(-part, count)[:count])] if count < len(part) else likely
    else:
        candidates = np.arange(len(scores))
    return candidates[np.argsort(-scores[candidates], kind="stable")]


def _prefilter_top_k(scores: FloatArray, count: int) -> NDArray[np.intp]:
    """In order, places of at least `count` scores, of which none that is not here is greater."""
    if len(scores) > _MANY and count < len(scores) // 100:
        sample = scores[::_STEP]
        some = 2 * count // _STEP + _STEP
        found = np.flatnonzero(scores >= np.partition(sample, -some)[-some])
        if len(found) >= count:
            return found
    return np.arange(len(scores))
