"""Array operations that the index and the ranking share."""

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
# above _MANY scores, every _STEP-th score gives a lower bound for the best ones (chosen)
_MANY, _STEP = 50_000, 16


# Sign and exponent, and the fraction, of a half-precision number that was extended to 32 bits and shifted.
_HALF_BITS, _HALF_BIAS = np.int32(-(2**31) | 0x0FFFE000), np.float32(2.0**112)


def widen_halves(values: NDArray[np.float16]) -> FloatArray:
    """Finite half-precision numbers in single precision: the same, in a third of the time of `astype`.

    The bits of exponent and fraction are moved to where single precision has them; the product makes up for
    the difference of the exponents' offsets, and is right for subnormal numbers too.
    """
    bits = values.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= _HALF_BITS
    wide = bits.view(np.float32)
    wide *= _HALF_BIAS
    return wide


def standardise_scores(values: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
    """(x - mean) / standard deviation, (n,); entries without a vector (`has_vector` False) become 0.

    All entries are 0 if the values differ by no more than rounding noise.
    """
    if has_vector is not None and has_vector.all():
        has_vector = None
    usable = values if has_vector is None else values[has_vector]
    if not usable.size:
        return np.zeros_like(values)
    mean = usable.mean()
    # numpy's own std() takes ten times as long.
    centred = usable - mean
    deviation = math.sqrt(float(centred @ centred) / usable.size)
    if is_noise(deviation, float(mean)):
        return np.zeros_like(values)
    scaled = (centred if has_vector is None else values - mean) * np.float32(1 / deviation)
    return scaled if has_vector is None else np.where(has_vector, scaled, np.float32(0))


def is_noise(deviation: float, mean: float) -> bool:
    """Whether the values are equal up to rounding in single precision: deviation below 1e-6 of the mean."""
    return deviation < max(1e-9, 1e-6 * abs(mean))


def top_k_indices(scores: FloatArray, count: int) -> NDArray[np.intp]:
    """Indices (k,) of the `count` greatest scores (n,), best first; equal scores keep their order."""
    if count < len(scores):
        likely = _prefilter_top_k(scores, count)
        likely_scores = scores[likely]
        candidates = (
            likely[np.sort(np.argpartition(-likely_scores, count)[:count])]
            if count < len(likely_scores)
            else likely
        )
    else:
        candidates = np.arange(len(scores))
    return candidates[np.argsort(-scores[candidates], kind="stable")]


def _prefilter_top_k(scores: FloatArray, count: int) -> NDArray[np.intp]:
    """Ascending indices of at least `count` scores that include the `count` greatest."""
    if len(scores) > _MANY and count < len(scores) // 100:
        sample = scores[::_STEP]
        sample_rank = 2 * count // _STEP + _STEP
        above = np.flatnonzero(scores >= np.partition(sample, -sample_rank)[-sample_rank])
        if len(above) >= count:
            return above
    return np.arange(len(scores))
