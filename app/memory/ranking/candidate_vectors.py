"""The vectors of a large user's candidates, fetched once per query."""

import numpy as np
from numpy.typing import NDArray

from app.memory.index.ann_store import ScoreStatistics
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

DocIds = NDArray[np.intp]


class CandidateVectors:
    """Vectors of candidate turns (c,), their neighbours and candidate memories (k,), in ascending order."""

    def __init__(self, index: UserIndex, doc_ids: DocIds, memories: DocIds, dimensions: int) -> None:
        assert index.ann_index is not None
        self._vector_statistics = index.ann_index.vector_statistics
        self.score_statistics: dict[str, ScoreStatistics] = {}
        windows = [doc_ids, index.index_view.previous_turn[doc_ids], index.index_view.next_turn[doc_ids]]
        turns = np.unique(np.concatenate(windows))
        turns = turns[turns < len(index.turns)]
        self._turn_has_vector, turn_vectors = index.fetch_vectors(index.turns, turns)
        self._memory_has_vector, self._memory_vectors = index.fetch_vectors(index.memories, memories)
        # The last row is zero: it stands for a missing neighbour.
        self._turn_vectors = np.zeros((len(turns) + 1, dimensions), np.float32)
        self._turn_vectors[:-1, : turn_vectors.shape[1]] = turn_vectors
        self._candidate_rows, *neighbours = (
            np.where(sides < len(index.turns), np.searchsorted(turns, sides), len(turns)) for sides in windows
        )
        total = (
            self._turn_vectors[self._candidate_rows]
            + self._turn_vectors[neighbours[0]]
            + self._turn_vectors[neighbours[1]]
        )
        norms = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6)
        self._window_vectors = (total / norms).astype(np.float32, copy=False)

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which of the turns have a vector, (c,)."""
        return self._turn_has_vector[self._candidate_rows]

    def get_vectors(self, doc_ids: DocIds) -> FloatArray:
        """The vectors of the candidates with these indices, (k, d)."""
        return self._turn_vectors[self._candidate_rows[doc_ids]]

    def compute_cosines(self, vector: FloatArray, doc_ids: DocIds) -> tuple[FloatArray, FloatArray]:
        """Cosines of a vector with these candidates and with the means of their windows, (k,) each."""
        return self.get_vectors(doc_ids) @ vector, self._window_vectors[doc_ids] @ vector

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `compute_cosines`, for a sample of all turns of the user."""
        return self._vector_statistics["turns"].sample_vectors @ vector, self._vector_statistics[
            "windows"
        ].sample_vectors @ vector

    def standardised_cosines(self, query: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cosines of turns and windows, (c,), and memories, (k,), standardised over all rows of the user."""
        self.score_statistics = {
            kind: statistics.score_statistics(query) for kind, statistics in self._vector_statistics.items()
        }
        own, window_cosines = self.compute_cosines(query, np.arange(len(self._candidate_rows)))
        memory_cosines = np.zeros(len(self._memory_vectors), np.float32)
        if self._memory_vectors.shape[1]:
            memory_cosines = self._memory_vectors @ query
        return (
            self.score_statistics["turns"].standardise_scores(own, self.has_vector),
            self.score_statistics["windows"].standardise_scores(window_cosines, self.has_vector),
            self.score_statistics["memories"].standardise_scores(memory_cosines, self._memory_has_vector),
        )
