"""The vectors of the candidate turns and of their windows."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import LoadedVectors, SingleRows, VectorRows, sum_windows, window_norms
from app.memory.numeric import FloatArray

DocIds = NDArray[np.intp]
Cosines = tuple[FloatArray, FloatArray]


class TurnCosines(NamedTuple):
    """Cosines of a vector with each candidate, the mean of its window and the turn before it, (c,) each.

    That of a missing turn is 0.
    """

    own: FloatArray
    window: FloatArray
    previous: FloatArray


@dataclass(frozen=True, slots=True)
class TurnVectors:
    """Vectors of candidate turns (c,): rows, among which their neighbours' vectors are too.

    `own`, `previous` and `following` (c,) are the rows of each turn and of its neighbours in its session; a
    missing neighbour has the number of rows. `has_previous` (c,): the turn before has a vector.
    `window_norms` (c,) are the norms of the three vectors' sum. `samples` are vectors of a sample of all
    turns of the user and of their windows, (s, d) each.
    """

    rows: VectorRows
    has_vector: NDArray[np.bool_]
    has_previous: NDArray[np.bool_]
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
            np.append(vectors.has_vector, np.False_)[view.previous_turn],
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
        is_present = np.append(loaded.is_present, np.False_)
        return cls(
            rows,
            is_present[own],
            is_present[previous],
            own,
            previous,
            following,
            norms,
            index.sample_vectors(),
        )

    def get_vectors(self, turns: DocIds) -> FloatArray:
        """The vectors of the candidates with these positions, (k, d)."""
        return self.rows.get_rows(self.own[turns])

    def all_cosines(self, vector: FloatArray) -> TurnCosines:
        """Cosines of a vector with the candidates and what is around them."""
        dots: FloatArray = np.append(self.rows.dot_products(vector), np.float32(0))
        own, previous = dots[self.own], dots[self.previous]
        sums: FloatArray = own + previous + dots[self.following]
        return TurnCosines(own, sums / self.window_norms, previous)

    def some_cosines(self, vector: FloatArray, turns: DocIds) -> Cosines:
        """Cosines of a vector with these candidates, by position, and with their windows, (k,) each."""
        own = self.get_vectors(turns) @ vector
        total = own.copy()
        for side in (self.previous[turns], self.following[turns]):
            inside = side < len(self.rows)
            total[inside] += self.rows.get_rows(side[inside]) @ vector
        return own, total / self.window_norms[turns]

    def sample_cosines(self, vector: FloatArray) -> Cosines:
        """Cosines of a vector with a sample of all turns of the user and with their windows, (s,) each."""
        return self.samples[0] @ vector, self.samples[1] @ vector
