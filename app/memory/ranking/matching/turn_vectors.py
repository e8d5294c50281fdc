"""The vectors of the candidate turns and of their windows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import LoadedVectors, SingleRows, VectorRows, sum_windows, window_norms
from app.memory.numeric import FloatArray

DocIds = NDArray[np.intp]
Cosines = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class TurnVectors:
    """Vectors of candidate turns (c,): rows, among which their neighbours' vectors are too.

    `own`, `previous` and `following` (c,) are the rows of each turn and of its neighbours in its session; a
    missing neighbour has the number of rows. `window_norms` (c,) are the norms of the three vectors' sum.
    `samples` are vectors of a sample of all turns of the user and of their windows, (s, d) each.
    """

    rows: VectorRows
    has_vector: NDArray[np.bool_]
    own: DocIds
    previous: DocIds
    following: DocIds
    window_norms: FloatArray
    samples: tuple[FloatArray, FloatArray]

    @classmethod
    def of_index(cls, index: UserIndex) -> Self:
        """The vectors of all turns of an index that keeps them."""
        view, vectors = index.index_view, index.turns.vectors
        return cls(
            vectors,
            vectors.has_vector,
            np.arange(len(index.turns)),
            view.previous_turn,
            view.next_turn,
            index.turns.window_vector_norms(),
            index.sample_vectors(),
        )

    @classmethod
    def of_loaded(cls, index: UserIndex, turns: DocIds, loaded: LoadedVectors) -> Self:
        """The vectors of these turns out of those that were loaded with their neighbours'."""
        own, previous, following = (loaded.find_rows(side) for side in index.index_view.window_sides(turns))
        rows = SingleRows(loaded.rows)
        norms = window_norms(sum_windows(rows, own, previous, following))
        is_present = loaded.is_present[own]
        return cls(rows, is_present, own, previous, following, norms, index.sample_vectors())

    def get_vectors(self, turns: DocIds) -> FloatArray:
        """The vectors of the candidates with these positions, (k, d)."""
        return self.rows.get_rows(self.own[turns])

    def all_cosines(self, vector: FloatArray) -> Cosines:
        """Cosines of a vector with each candidate and with the mean of its window, (c,) each."""
        dots: FloatArray = np.append(self.rows.dot_products(vector), np.float32(0))
        own = dots[self.own]
        sums: FloatArray = own + dots[self.previous] + dots[self.following]
        return own, sums / self.window_norms

    def some_cosines(self, vector: FloatArray, turns: DocIds) -> Cosines:
        """As `all_cosines`, for the candidates with these positions, (k,) each."""
        own = self.get_vectors(turns) @ vector
        total = own.copy()
        for side in (self.previous[turns], self.following[turns]):
            inside = side < len(self.rows)
            total[inside] += self.rows.get_rows(side[inside]) @ vector
        return own, total / self.window_norms[turns]

    def sample_cosines(self, vector: FloatArray) -> Cosines:
        """As `all_cosines`, for a sample of all turns of the user, (s,) each."""
        return self.samples[0] @ vector, self.samples[1] @ vector
