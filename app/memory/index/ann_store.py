"""ANN-backed index of a large user: the store that has the texts and vectors, and mean and covariance of the
vectors, from which scores are standardised.
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
SAMPLE_SIZE = 256  # vectors that are kept of each
PendingNeighbours = Callable[[], tuple[bytes, bytes]]


class AnnStore(Protocol):
    """The texts and vectors of one user, of one moment. Rows that are gone are left out."""

    def search_nearest(
        self, vector: FloatArray, turns: int, memories: int
    ) -> AbstractContextManager[PendingNeighbours]:
        """Look for so many turns and memories nearest to a vector while the block goes on.

        Nothing else can be asked within it. What it gives waits for their ids, of 16 bytes each, the nearest
        first.
        """
        ...

    def fetch_vectors(self, ids: bytes) -> tuple[NDArray[np.intp], FloatArray]:
        """Which of these ids, of 16 bytes each, have a vector, (k,), and those vectors, (k, d)."""
        ...

    def fetch_turns(self, ids: Sequence[UUID]) -> Sequence[TurnRow]:
        """These turns."""
        ...

    def fetch_memories(self, ids: Sequence[UUID]) -> Sequence[MemoryRow]:
        """These memories with their sources."""
        ...


@dataclass(frozen=True, slots=True)
class VectorStatistics:
    """Mean (d,) and covariance (d, d) of vectors: with them the mean and deviation of all dot products.

    `places` (s,) are the rows of a few of them, `vectors` (s, d).
    """

    mean: FloatArray
    covariance: FloatArray
    doc_ids: NDArray[np.int64]
    sample_vectors: FloatArray

    @classmethod
    def from_vectors(cls, doc_ids: NDArray[np.integer], vectors: NDArray[np.floating]) -> Self:
        """Of vectors (n, d) at these places, (n,)."""
        wide = vectors.astype(np.float64)
        mean = wide.mean(axis=0) if len(wide) else np.zeros(wide.shape[1])
        wide -= mean
        covariance = wide.T @ wide / max(1, len(wide))
        few = slice(None, None, max(1, len(wide) // SAMPLE_SIZE))
        kept = doc_ids[few].astype(np.int64), vectors[few].astype(np.float32)
        return cls(mean.astype(np.float32), covariance.astype(np.float32), *kept)

    def standardise_scores(
        self, dots: FloatArray, has_vector: NDArray[np.bool_], query: FloatArray
    ) -> FloatArray:
        """Dot products (k,) with a query (d,) as `ranking.standardise` of all would give them."""
        return self.score_statistics(query).standardise_scores(dots, has_vector)

    def score_statistics(self, query: FloatArray) -> "ScoreStatistics":
        """Of the dot products of all vectors with a query (d,)."""
        deviation = float(np.sqrt(max(0.0, float(query @ self.covariance @ query))))
        return ScoreStatistics(float(self.mean @ query), deviation, self.sample_vectors @ query)


@dataclass(frozen=True, slots=True)
class ScoreStatistics:
    """Mean and deviation of dot products, and those of the sample, (s,)."""

    mean: float
    deviation: float
    sample_scores: FloatArray

    def standardise_scores(self, dots: FloatArray, has_vector: NDArray[np.bool_] | None = None) -> FloatArray:
        """These (k,) as among all; what is not `known` counts as average."""
        if self.deviation < 1e-9:
            return np.zeros_like(dots)
        scaled = (dots - np.float32(self.mean)) / np.float32(self.deviation)
        return scaled if has_vector is None else np.where(has_vector, scaled, np.float32(0))


_STATISTICS_FIELDS = tuple(VectorStatistics.__dataclass_fields__)


class VectorCache:
    """The vectors of rows that were fetched for one question, by the places of the rows."""

    def __init__(self) -> None:
        self._doc_ids = np.zeros(0, np.intp)
        self._has_vector = np.zeros(0, np.bool_)
        self._vectors = np.zeros((0, 0), np.float32)

    def get_vectors(
        self, doc_ids: NDArray[np.integer], ids: IdMap, store: AnnStore
    ) -> tuple[NDArray[np.bool_], FloatArray]:
        """Which of these rows have a vector, (k,), and the vectors, (k, d), zero where there is none."""
        found = np.searchsorted(self._doc_ids, doc_ids)
        if (
            not len(self._doc_ids)
            or (self._doc_ids[np.minimum(found, len(self._doc_ids) - 1)] != doc_ids).any()
        ):
            new = np.setdiff1d(doc_ids, self._doc_ids)
            if len(new):
                self._add_vectors(new, *store.fetch_vectors(ids.get_id_bytes(new)))
            found = np.searchsorted(self._doc_ids, doc_ids)
        return self._has_vector[found], self._vectors[found]

    def _add_vectors(self, new: NDArray[np.integer], there: NDArray[np.intp], vectors: FloatArray) -> None:
        known, held = np.zeros(len(new), np.bool_), np.zeros((len(new), vectors.shape[1]), np.float32)
        known[there], held[there] = True, vectors
        if len(self._doc_ids):
            width = max(held.shape[1], self._vectors.shape[1])  # 0 where none was there
            known = np.concatenate([self._has_vector, known])
            held = np.concatenate([_pad_width(self._vectors, width), _pad_width(held, width)])
            new = np.concatenate([self._doc_ids, new])
        order = np.argsort(new)
        self._doc_ids, self._has_vector, self._vectors = new[order], known[order], held[order]


def _pad_width(rows: FloatArray, width: int) -> FloatArray:
    return rows if rows.shape[1] == width else np.zeros((len(rows), width), np.float32)


class AnnIndex:
    """The spreads of the vectors of turns, of windows (their normalised sums) and of memories, and the store.

    The store is set for the length of one question; `turns` and `memories` are vectors fetched for it.
    """

    def __init__(self, spreads: dict[str, VectorStatistics], store: AnnStore | None = None) -> None:
        self.vector_statistics = spreads
        self._ann_store = store
        self.turn_vectors, self.memory_vectors = VectorCache(), VectorCache()

    @classmethod
    def from_arrays(cls, parts: NamedArrays) -> Self:
        """What gave `parts`."""
        return cls(
            {
                kind: VectorStatistics(*(parts[f"{kind}.{name}"] for name in _STATISTICS_FIELDS))
                for kind in VECTOR_KINDS
            }
        )

    def to_arrays(self) -> NamedArrays:
        """The spreads as arrays."""
        spreads = self.vector_statistics.items()
        return {
            f"{kind}.{name}": getattr(spread, name) for kind, spread in spreads for name in _STATISTICS_FIELDS
        }

    @property
    def ann_store(self) -> AnnStore:
        """Where texts and vectors are."""
        assert self._ann_store is not None
        return self._ann_store

    def open_store(self, store: AnnStore) -> None:
        """Read from this store until `let_go`."""
        self._ann_store = store

    def close_store(self) -> None:
        """Forget the store and what was fetched from it."""
        self._ann_store = None
        self.turn_vectors, self.memory_vectors = VectorCache(), VectorCache()
