"""ANN index of a large user: a store with the texts and vectors, and statistics of the vectors.

Scores are standardised by the mean and covariance of the vectors.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import IdMap
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.serialization import NamedArrays
from app.memory.numeric import FloatArray

VECTOR_KINDS = ("turns", "windows", "memories")
SAMPLE_SIZE = 256  # sample vectors that are kept of each kind (chosen)
PendingNeighbours = Callable[[], tuple[bytes, bytes]]


class AnnStore(Protocol):
    """Reads texts and vectors of one user from a read snapshot. Deleted rows are left out."""

    def search_nearest(
        self, vector: FloatArray, turns: int, memories: int
    ) -> AbstractContextManager[PendingNeighbours]:
        """Search the nearest `turns` turns and `memories` memories of a vector while the block runs.

        Nothing else can be read from the store within the block. The yielded function waits for their ids, 16
        bytes each, nearest first.
        """
        ...

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """(which of these ids, 16 bytes each, have a vector, (k,), their vectors, (k, d))."""
        ...

    def fetch_turns(self, ids: Sequence[UUID]) -> Sequence[TurnRow]:
        """The turns with these ids."""
        ...

    def fetch_memories(self, ids: Sequence[UUID]) -> Sequence[MemoryRow]:
        """The memories with these ids, with their sources."""
        ...


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
    def from_vectors(cls, doc_ids: NDArray[np.integer], vectors: NDArray[np.floating]) -> Self:
        """Compute the statistics of vectors (n, d) with these doc ids, (n,)."""
        centred = vectors.astype(np.float64)
        mean = centred.mean(axis=0) if len(centred) else np.zeros(centred.shape[1])
        centred -= mean
        covariance = centred.T @ centred / max(1, len(centred))
        sample = slice(None, None, max(1, len(centred) // SAMPLE_SIZE))
        sampled = doc_ids[sample].astype(np.int64), vectors[sample].astype(np.float32)
        return cls(mean.astype(np.float32), covariance.astype(np.float32), *sampled)

    def standardise_scores(
        self, dots: FloatArray, has_vector: NDArray[np.bool_], query: FloatArray
    ) -> FloatArray:
        """Standardise dot products (k,) with a query (d,) over all vectors of the user."""
        return self.score_statistics(query).standardise_scores(dots, has_vector)

    def score_statistics(self, query: FloatArray) -> "ScoreStatistics":
        """Mean and deviation of the dot products of all vectors with a query (d,)."""
        deviation = float(np.sqrt(max(0.0, float(query @ self.covariance @ query))))
        return ScoreStatistics(float(self.mean @ query), deviation, self.sample_vectors @ query)


@dataclass(frozen=True, slots=True)
class ScoreStatistics:
    """Mean and deviation of dot products, and those of the sample, (s,)."""

    mean: float
    deviation: float
    sample_scores: FloatArray

    def standardise_scores(self, dots: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
        """Standardise dot products (k,); entries without a vector (`has_vector` False) become 0."""
        if self.deviation < 1e-9:
            return np.zeros_like(dots)
        scaled = (dots - np.float32(self.mean)) / np.float32(self.deviation)
        return scaled if has_vector is None else np.where(has_vector, scaled, np.float32(0))


_STATISTICS_FIELDS = tuple(VectorStatistics.__dataclass_fields__)


class VectorCache:
    """The vectors of rows that were fetched for one query, by doc id."""

    def __init__(self) -> None:
        self._doc_ids = np.zeros(0, np.intp)
        self._has_vector = np.zeros(0, np.bool_)
        self._vectors = np.zeros((0, 0), np.float32)

    def get_vectors(
        self, doc_ids: NDArray[np.integer], ids: IdMap, store: AnnStore
    ) -> tuple[NDArray[np.bool_], FloatArray]:
        """(which of these rows have a vector, (k,), the vectors, (k, d), zero where there is none)."""
        position = np.searchsorted(self._doc_ids, doc_ids)
        if (
            not len(self._doc_ids)
            or (self._doc_ids[np.minimum(position, len(self._doc_ids) - 1)] != doc_ids).any()
        ):
            new = np.setdiff1d(doc_ids, self._doc_ids)
            if len(new):
                self._add_vectors(new, *store.fetch_vectors(ids.get_id_bytes(new)))
            position = np.searchsorted(self._doc_ids, doc_ids)
        return self._has_vector[position], self._vectors[position]

    def _add_vectors(
        self, doc_ids: NDArray[np.integer], present: NDArray[np.intp], vectors: FloatArray
    ) -> None:
        has_vector, rows = (
            np.zeros(len(doc_ids), np.bool_),
            np.zeros((len(doc_ids), vectors.shape[1]), np.float32),
        )
        has_vector[present], rows[present] = True, vectors
        if len(self._doc_ids):
            width = max(rows.shape[1], self._vectors.shape[1])  # 0 where none was present
            has_vector = np.concatenate([self._has_vector, has_vector])
            rows = np.concatenate([_pad_width(self._vectors, width), _pad_width(rows, width)])
            doc_ids = np.concatenate([self._doc_ids, doc_ids])
        order = np.argsort(doc_ids)
        self._doc_ids, self._has_vector, self._vectors = doc_ids[order], has_vector[order], rows[order]


def _pad_width(rows: FloatArray, width: int) -> FloatArray:
    return rows if rows.shape[1] == width else np.zeros((len(rows), width), np.float32)


class AnnIndex:
    """The vector statistics of turns, windows (normalised sums of vectors) and memories, and the store.

    The store is set for the duration of one query; `turn_vectors` and `memory_vectors` cache vectors fetched
    for it.
    """

    def __init__(self, vector_statistics: dict[str, VectorStatistics], store: AnnStore | None = None) -> None:
        self.vector_statistics = vector_statistics
        self._ann_store = store
        self.turn_vectors, self.memory_vectors = VectorCache(), VectorCache()

    @classmethod
    def from_arrays(cls, parts: NamedArrays) -> Self:
        """Read what `to_arrays` wrote."""
        return cls(
            {
                kind: VectorStatistics(*(parts[f"{kind}.{name}"] for name in _STATISTICS_FIELDS))
                for kind in VECTOR_KINDS
            }
        )

    def to_arrays(self) -> NamedArrays:
        """The vector statistics as arrays."""
        items = self.vector_statistics.items()
        return {
            f"{kind}.{name}": getattr(statistics, name)
            for kind, statistics in items
            for name in _STATISTICS_FIELDS
        }

    @property
    def ann_store(self) -> AnnStore:
        """The store of texts and vectors; only available within a query."""
        assert self._ann_store is not None
        return self._ann_store

    def open_store(self, store: AnnStore) -> None:
        """Read from this store until `close_store`."""
        self._ann_store = store

    def close_store(self) -> None:
        """Drop the store and the vectors that were fetched from it."""
        self._ann_store = None
        self.turn_vectors, self.memory_vectors = VectorCache(), VectorCache()
