"""The vectors of a large user, which stay in Postgres: their statistics, and those that one search loaded."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from app.memory.index.serialization import NamedArrays
from app.memory.numeric import FloatArray, Statistics

VECTOR_KINDS = ("turns", "windows", "memories")
SAMPLE_SIZE = 256  # sample vectors that are kept of each kind (chosen)


@dataclass(frozen=True, slots=True)
class VectorStatistics:
    """Mean (d,) and covariance (d, d) of vectors, which give mean and deviation of their dot products.

    `doc_ids` (s,) and `sample_vectors` (s, d) are a sample of them.
    """

    mean: FloatArray
    covariance: FloatArray
    doc_ids: NDArray[np.int64]
    sample_vectors: FloatArray

    @classmethod
    def from_vectors(cls, doc_ids: NDArray[np.intp], vectors: NDArray[np.floating]) -> Self:
        """Compute the statistics of vectors (n, d) with these doc ids, (n,)."""
        centred = vectors.astype(np.float64)
        mean = centred.mean(axis=0) if len(centred) else np.zeros(centred.shape[1])
        centred -= mean
        covariance = centred.T @ centred / max(1, len(centred))
        sample = slice(None, None, max(1, len(centred) // SAMPLE_SIZE))
        sampled = doc_ids[sample].astype(np.int64), vectors[sample].astype(np.float32)
        return cls(mean.astype(np.float32), covariance.astype(np.float32), *sampled)

    def of_cosines(self, query: FloatArray) -> Statistics:
        """The statistics of the dot products of all vectors with a query (d,)."""
        deviation = float(np.sqrt(max(0.0, float(query @ self.covariance @ query))))
        return Statistics(float(self.mean @ query), deviation)


_STATISTICS_FIELDS = tuple(VectorStatistics.__dataclass_fields__)


def statistics_to_arrays(statistics: dict[str, VectorStatistics]) -> NamedArrays:
    """The statistics of each kind as arrays."""
    return {
        f"{kind}.{name}": getattr(of_kind, name)
        for kind, of_kind in statistics.items()
        for name in _STATISTICS_FIELDS
    }


def statistics_from_arrays(parts: NamedArrays) -> dict[str, VectorStatistics]:
    """Read what `statistics_to_arrays` wrote."""
    return {
        kind: VectorStatistics(*(parts[f"{kind}.{name}"] for name in _STATISTICS_FIELDS))
        for kind in VECTOR_KINDS
    }


@dataclass(frozen=True, slots=True)
class LoadedVectors:
    """The vectors of some rows: ascending doc ids (k,), which of them have a vector, and the vectors (k, d).

    The vector of a row that has none is zero.
    """

    doc_ids: NDArray[np.intp]
    is_present: NDArray[np.bool_]
    rows: FloatArray

    @classmethod
    def empty(cls, dimensions: int) -> Self:
        """No rows."""
        return cls(np.zeros(0, np.intp), np.zeros(0, np.bool_), np.zeros((0, dimensions), np.float32))

    def find_rows(self, doc_ids: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of these doc ids, (k,); the number of rows for one above all that were loaded."""
        return np.searchsorted(self.doc_ids, doc_ids)

    def lookup(self, doc_ids: NDArray[np.intp]) -> tuple[NDArray[np.bool_], FloatArray]:
        """(which of these rows, all of which were loaded, have a vector, (k,), the vectors, (k, d))."""
        at = self.find_rows(doc_ids)
        return self.is_present[at], self.rows[at]

    def find_missing(self, doc_ids: NDArray[np.intp]) -> NDArray[np.intp]:
        """Those of these doc ids that were not loaded, ascending."""
        return np.setdiff1d(doc_ids, self.doc_ids)

    def with_rows(self, doc_ids: NDArray[np.intp], positions: NDArray[np.intp], vectors: FloatArray) -> Self:
        """Add rows that were missing; `vectors` (k, d) are those of the rows at `positions` (k,)."""
        is_present = np.zeros(len(doc_ids), np.bool_)
        rows = np.zeros((len(doc_ids), self.rows.shape[1]), np.float32)
        if len(positions):
            is_present[positions], rows[positions] = True, vectors
        all_ids = np.concatenate([self.doc_ids, doc_ids])
        order = np.argsort(all_ids)
        return type(self)(
            all_ids[order],
            np.concatenate([self.is_present, is_present])[order],
            np.concatenate([self.rows, rows])[order],
        )


class VectorRows(Protocol):
    """Vectors (n, d) by row, in whatever precision they are kept."""

    def __len__(self) -> int: ...

    def get_rows(self, doc_ids: NDArray[Any]) -> FloatArray:
        """The vectors (k, d) of these rows (k,)."""
        ...

    def dot_products(self, query: FloatArray) -> FloatArray:
        """The dot products (n,) of all rows and a vector (d,)."""
        ...


@dataclass(frozen=True, slots=True)
class SingleRows:
    """Vectors in single precision, (n, d)."""

    rows: FloatArray

    def __len__(self) -> int:
        return len(self.rows)

    def get_rows(self, doc_ids: NDArray[Any]) -> FloatArray:
        """The vectors (k, d) of these rows (k,)."""
        return self.rows[doc_ids]

    def dot_products(self, query: FloatArray) -> FloatArray:
        """The dot products (n,) of all rows and a vector (d,)."""
        return self.rows @ query


def sum_windows(
    vectors: VectorRows,
    own: NDArray[np.intp],
    previous: NDArray[np.intp],
    following: NDArray[np.intp],
) -> FloatArray:
    """The sums of the vectors of turns and their neighbours, (c, d), by their rows (c,) in the matrix.

    A missing neighbour has the number of rows.
    """
    total = vectors.get_rows(own)
    for side in (previous, following):
        inside = side < len(vectors)
        total[inside] += vectors.get_rows(side[inside])
    return total


def window_norms(sums: FloatArray) -> FloatArray:
    """The norms (c,) by which the sums of windows are divided."""
    return np.maximum(np.linalg.norm(sums, axis=1), 1e-6).astype(np.float32)
