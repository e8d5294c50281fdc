"""The vectors of a large user's candidates, as far as one question asks for them."""

import numpy as np
from numpy.typing import NDArray

from app.memory.index.ann_store import Scale
from app.memory.index.user_index import Scope
from app.memory.numeric import Array

Rows = NDArray[np.intp]


class CandidateVectors:
    """Those of the turns at `rows` (c,), with their neighbours', and of `memories` (k,), both in order."""

    def __init__(self, scope: Scope, rows: Rows, memories: Rows, dimensions: int) -> None:
        assert scope.far is not None
        self._spreads = scope.far.spreads
        self.scales: dict[str, Scale] = {}
        windows = [rows, scope.places.before[rows], scope.places.after[rows]]
        turns = np.unique(np.concatenate(windows))
        turns = turns[turns < len(scope.turns)]
        self._there, held = scope.vectors_of(scope.turns, turns)
        self._memories_there, self._memories = scope.vectors_of(scope.memories, memories)
        # The last row is zero: the neighbour that there is none of.
        self._all = np.zeros((len(turns) + 1, dimensions), np.float32)
        self._all[:-1, : held.shape[1]] = held
        self._own, *beside = (
            np.where(near < len(scope.turns), np.searchsorted(turns, near), len(turns)) for near in windows
        )
        total = self._all[self._own] + self._all[beside[0]] + self._all[beside[1]]
        norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
        self._windows = (total / norms).astype(np.float32, copy=False)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which of the turns have a vector, (c,)."""
        return self._there[self._own]

    def rows(self, places: Rows) -> Array:
        """The vectors of some of the turns, (k, d)."""
        return self._all[self._own[places]]

    def cosines(self, vector: Array, places: Rows) -> tuple[Array, Array]:
        """Of a vector with some of the turns and with the means of their windows, (k,) each."""
        return self.rows(places) @ vector, self._windows[places] @ vector

    def sample(self, vector: Array) -> tuple[Array, Array]:
        """As `cosines`, of a few of all turns of the user."""
        return self._spreads["turns"].vectors @ vector, self._spreads["windows"].vectors @ vector

    def standardised(self, query: Array) -> tuple[Array, Array, Array]:
        """Cosines of turns and of windows, (c,), and of memories, (k,), as among all of the user."""
        self.scales = {kind: spread.scale(query) for kind, spread in self._spreads.items()}
        own, windows = self.cosines(query, np.arange(len(self._own)))
        of_memories = np.zeros(len(self._memories), np.float32)
        if self._memories.shape[1]:
            of_memories = self._memories @ query
        return (
            self.scales["turns"].standardise(own, self.known),
            self.scales["windows"].standardise(windows, self.known),
            self.scales["memories"].standardise(of_memories, self._memories_there),
        )
