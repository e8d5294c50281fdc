"""Array operations that the index and the ranking share."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
# above _MANY scores, every _STEP-th score gives a lower bound for the best ones (chosen)
_MANY, _STEP = 50_000, 16


_MOST = np.float32(127)  # the greatest number that a signed byte has on both sides of zero


def quantise_rows(rows: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """Rows (n, d) as whole numbers of -127 to 127, (n, d), and what each row is to be multiplied with, (n,).

    A row keeps its length; one of zeros has the factor 0.
    """
    greatest = np.abs(rows).max(axis=1, initial=0)
    steps = np.divide(_MOST, greatest, out=np.zeros_like(greatest), where=greatest > 0)
    whole = np.rint(rows * steps[:, np.newaxis])
    lengths = np.sqrt(np.einsum("nd,nd->n", whole, whole))
    factors = np.zeros_like(lengths)
    np.divide(np.sqrt(np.einsum("nd,nd->n", rows, rows)), lengths, out=factors, where=lengths > 0)
    return whole.astype(np.int8), factors


@dataclass(frozen=True, slots=True)
class Statistics:
    """Mean and standard deviation of a feature over all rows of a user."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: FloatArray, counts: FloatArray | None = None) -> Self:
        """The statistics of values (k,), each of which stands for as many rows as `counts` (k,) says."""
        total = float(values.size if counts is None else counts.sum())
        if not total:
            return cls(0.0, 0.0)
        mean = float(values.mean() if counts is None else (values @ counts) / np.float32(total))
        # numpy's own std() takes ten times as long.
        centred = values - np.float32(mean)
        squares = centred @ centred if counts is None else (centred * centred) @ counts
        return cls(mean, math.sqrt(float(squares) / total))

    def standardise(self, values: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
        """(x - mean) / deviation, (k,); entries without a vector (`has_vector` False) become 0.

        All are 0 if the values of the statistics differ by no more than rounding in single precision.
        """
        if self.deviation < max(1e-9, 1e-6 * abs(self.mean)):
            return np.zeros_like(values)
        scaled = (values - np.float32(self.mean)) * np.float32(1 / self.deviation)
        return scaled if has_vector is None else np.where(has_vector, scaled, np.float32(0))


def standardise_scores(values: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
    """The values (n,), standardised over those that have a vector; the others become 0."""
    if has_vector is None or has_vector.all():
        return Statistics.of(values).standardise(values)
    return Statistics.of(values[has_vector]).standardise(values, has_vector)


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
