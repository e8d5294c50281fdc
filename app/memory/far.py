"""What a large user's scope has instead of texts and vectors: where they are, and how its cosines lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.packed import Parts
from app.memory.ranking import Array
from app.memory.rows import MemoryRow, TurnRow

KINDS = ("turns", "windows", "memories")
SAMPLE = 256  # vectors that are kept of each


class Store(Protocol):
    """The texts and vectors of one user, of one moment. Rows that are gone are left out."""

    def nearest(self, vector: Array, count: int, *, of_turn: bool) -> Sequence[tuple[UUID, float]]:
        """(id, cosine) of the turns or memories nearest to a vector, nearest first."""
        ...

    def vectors(self, ids: Sequence[UUID]) -> dict[UUID, Array]:
        """The vectors (d,) of these turns and memories."""
        ...

    def turns(self, ids: Sequence[UUID]) -> Sequence[TurnRow]:
        """These turns."""
        ...

    def memories(self, ids: Sequence[UUID]) -> Sequence[MemoryRow]:
        """These memories with their sources."""
        ...


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean (d,) and covariance (d, d) of vectors: with them the mean and deviation of all dot products.

    `places` (s,) are the rows of a few of them, `vectors` (s, d).
    """

    mean: Array
    covariance: Array
    places: NDArray[np.int64]
    vectors: Array

    @classmethod
    def over(cls, places: NDArray[np.integer], vectors: NDArray[np.floating]) -> Self:
        """Of vectors (n, d) at these places, (n,)."""
        wide = vectors.astype(np.float64)
        mean = wide.mean(axis=0) if len(wide) else np.zeros(wide.shape[1])
        wide -= mean
        covariance = wide.T @ wide / max(1, len(wide))
        few = slice(None, None, max(1, len(wide) // SAMPLE))
        kept = places[few].astype(np.int64), vectors[few].astype(np.float32)
        return cls(mean.astype(np.float32), covariance.astype(np.float32), *kept)

    def standardise(self, dots: Array, known: NDArray[np.bool_], query: Array) -> Array:
        """Dot products (k,) with a query (d,) as `ranking.standardise` of all would give them."""
        deviation = float(np.sqrt(max(0.0, float(query @ self.covariance @ query))))
        if deviation < 1e-9:
            return np.zeros_like(dots)
        return np.where(known, (dots - self.mean @ query) / deviation, 0).astype(np.float32)


_FIELDS = tuple(Spread.__dataclass_fields__)


class Far:
    """The spreads of the vectors of turns, of windows (their normalised sums) and of memories, and the store.

    The store is set for the length of one question; `held` are the vectors that were fetched for it.
    """

    def __init__(self, spreads: dict[str, Spread], store: Store | None = None) -> None:
        self.spreads = spreads
        self._store = store
        self._held: dict[UUID, Array] = {}
        self._asked: set[UUID] = set()

    @classmethod
    def of(cls, parts: Parts) -> Self:
        """What gave `parts`."""
        return cls({kind: Spread(*(parts[f"{kind}.{name}"] for name in _FIELDS)) for kind in KINDS})

    def parts(self) -> Parts:
        """The spreads as arrays."""
        spreads = self.spreads.items()
        return {f"{kind}.{name}": getattr(spread, name) for kind, spread in spreads for name in _FIELDS}

    @property
    def store(self) -> Store:
        """Where texts and vectors are."""
        assert self._store is not None
        return self._store

    def open(self, store: Store) -> None:
        """Read from this store until `let_go`."""
        self._store = store

    def let_go(self) -> None:
        """Forget the store and what was fetched from it."""
        self._store = None
        self._held.clear()
        self._asked.clear()

    def vectors(self, ids: Sequence[UUID]) -> dict[UUID, Array]:
        """The vectors (d,) of those that have one; each is fetched once a question."""
        new = [row_id for row_id in dict.fromkeys(ids) if row_id not in self._asked]
        if new:
            self._held |= self.store.vectors(new)
            self._asked.update(new)
        return {row_id: self._held[row_id] for row_id in ids if row_id in self._held}
