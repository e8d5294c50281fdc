"""What a large user's scope has instead of texts and vectors: where they are, and how its cosines lie."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import Ids
from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.serialization import Parts
from app.memory.numeric import Array

KINDS = ("turns", "windows", "memories")
SAMPLE = 256  # vectors that are kept of each
Scans = Callable[[], tuple[bytes, bytes]]


class Store(Protocol):
    """The texts and vectors of one user, of one moment. Rows that are gone are left out."""

    def nearest(self, vector: Array, turns: int, memories: int) -> AbstractContextManager[Scans]:
        """Look for so many turns and memories nearest to a vector while the block goes on.

        Nothing else can be asked within it. What it gives waits for their ids, of 16 bytes each, the nearest
        first.
        """
        ...

    def vectors(self, ids: bytes) -> tuple[NDArray[np.intp], Array]:
        """Which of these ids, of 16 bytes each, have a vector, (k,), and those vectors, (k, d)."""
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
        return self.scale(query).standardise(dots, known)

    def scale(self, query: Array) -> "Scale":
        """Of the dot products of all vectors with a query (d,)."""
        deviation = float(np.sqrt(max(0.0, float(query @ self.covariance @ query))))
        return Scale(float(self.mean @ query), deviation, self.vectors @ query)


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and deviation of dot products, and those of the sample, (s,)."""

    mean: float
    deviation: float
    sample: Array

    def standardise(self, dots: Array, known: NDArray[np.bool_] | None = None) -> Array:
        """These (k,) as among all; what is not `known` counts as average."""
        if self.deviation < 1e-9:
            return np.zeros_like(dots)
        scaled = (dots - np.float32(self.mean)) / np.float32(self.deviation)
        return scaled if known is None else np.where(known, scaled, np.float32(0))


_FIELDS = tuple(Spread.__dataclass_fields__)


class Fetched:
    """The vectors of rows that were fetched for one question, by the places of the rows."""

    def __init__(self) -> None:
        self._places = np.zeros(0, np.intp)
        self._known = np.zeros(0, np.bool_)
        self._vectors = np.zeros((0, 0), np.float32)

    def at(self, places: NDArray[np.integer], ids: Ids, store: Store) -> tuple[NDArray[np.bool_], Array]:
        """Which of these rows have a vector, (k,), and the vectors, (k, d), zero where there is none."""
        found = np.searchsorted(self._places, places)
        if not len(self._places) or (self._places[np.minimum(found, len(self._places) - 1)] != places).any():
            new = np.setdiff1d(places, self._places)
            if len(new):
                self._add(new, *store.vectors(ids.bytes_of(new)))
            found = np.searchsorted(self._places, places)
        return self._known[found], self._vectors[found]

    def _add(self, new: NDArray[np.integer], there: NDArray[np.intp], vectors: Array) -> None:
        known, held = np.zeros(len(new), np.bool_), np.zeros((len(new), vectors.shape[1]), np.float32)
        known[there], held[there] = True, vectors
        if len(self._places):
            width = max(held.shape[1], self._vectors.shape[1])  # 0 where none was there
            known = np.concatenate([self._known, known])
            held = np.concatenate([_wide(self._vectors, width), _wide(held, width)])
            new = np.concatenate([self._places, new])
        order = np.argsort(new)
        self._places, self._known, self._vectors = new[order], known[order], held[order]


def _wide(rows: Array, width: int) -> Array:
    return rows if rows.shape[1] == width else np.zeros((len(rows), width), np.float32)


class Far:
    """The spreads of the vectors of turns, of windows (their normalised sums) and of memories, and the store.

    The store is set for the length of one question; `turns` and `memories` are vectors fetched for it.
    """

    def __init__(self, spreads: dict[str, Spread], store: Store | None = None) -> None:
        self.spreads = spreads
        self._store = store
        self.turns, self.memories = Fetched(), Fetched()

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
        self.turns, self.memories = Fetched(), Fetched()
