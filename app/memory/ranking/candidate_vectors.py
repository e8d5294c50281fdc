"""The vectors of a large user's candidates, as far as one question asks for them."""

import numpy as np
from numpy.typing import NDArray

from app.memory.index.ann_store import ScoreStatistics
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

DocIds = NDArray[np.intp]


class CandidateVectors:
    """Those of the turns at `rows` (c,), with their neighbours', and of `memories` (k,), both in order."""

    def __init__(self, index: UserIndex, doc_ids: DocIds, memories: DocIds, dimensions: int) -> None:
        assert index.ann_index is not None
        self._vector_statistics = index.ann_index.vector_statistics
        self.score_statistics: dict[str, ScoreStatistics] = {}
        windows = [doc_ids, index.index_view.previous_turn[doc_ids], index.index_view.next_turn[doc_ids]]
        turns = np.unique(np.concatenate(windows))
        turns = turns[turns < len(index.turns)]
        self._turn_has_vector, held = index.fetch_vectors(index.turns, turns)
        self._memory_has_vector, self._memory_vectors = index.fetch_vectors(index.memories, memories)
        # The last row is zero: the neighbour that there is none of.
        self._turn_vectors = np.zeros((len(turns) + 1, dimensions), np.float32)
        self._turn_vectors[:-1, : held.shape[1]] = held
        self._candidate_rows, *beside = (
            np.where(near < len(index.turns), np.searchsorted(turns, near), len(turns)) for near in windows
        )
        total = (
            self._turn_vectors[self._candidate_rows]
            + self._turn_vectors[beside[0]]
            + self._turn_vectors[beside[1]]
        )
        norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
        self._window_vectors = (total / norms).astype(np.float32, copy=False)

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which of the turns have a vector, (c,)."""
        return self._turn_has_vector[self._candidate_rows]

    def get_vectors(self, doc_ids: DocIds) -> FloatArray:
        """The vectors of some of the turns, (k, d)."""
        return self._turn_vectors[self._candidate_rows[doc_ids]]

    def compute_cosines(self, vector: FloatArray, doc_ids: DocIds) -> tuple[FloatArray, FloatArray]:
        """Of a vector with some of the turns and with the means of their windows, (k,) each."""
        return self.get_vectors(doc_ids) @ vector, self._window_vectors[doc_ids] @ vector

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `cosines`, of a few of all turns of the user."""
        return self._vector_statistics["turns"].sample_vectors @ vector, self._vector_statistics[
            "windows"
        ].sample_vectors @ vector

    def standardised_cosines(self, query: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cosines of turns and of windows, (c,), and of memories, (k,), as among all of the user."""
        self.score_statistics = {
            kind: spread.score_statistics(query) for kind, spread in self._vector_statistics.items()
        }
        own, windows = self.compute_cosines(query, np.arange(len(self._candidate_rows)))
        of_memories = np.zeros(len(self._memory_vectors), np.float32)
        if self._memory_vectors.shape[1]:
            of_memories = self._memory_vectors @ query
        return (
            self.score_statistics["turns"].standardise_scores(own, self.has_vector),
            self.score_statistics["windows"].standardise_scores(windows, self.has_vector),
            self.score_statistics["memories"].standardise_scores(of_memories, self._memory_has_vector),
        )
