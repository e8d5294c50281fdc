"""Query expansion by the best turns: pseudo-relevance feedback.

Method: Rocchio 1971, "Relevance feedback in information retrieval", in Salton's "The SMART retrieval system".
The constants were chosen with `benchmarks/quality.py`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices

FEEDBACK_TURNS = 3  # the best turns that expand the query
FEEDBACK_WEIGHT = 0.4  # weight of the mean of their vectors beside the query's vector
FIXED_TURNS = 5  # the first turns keep their rank: the expanded query is less precise about the best ones
RERANK_DEPTH = 200  # turns that are reranked
SAMPLE_SIZE = 256  # turns from which the distribution of cosines is estimated
_RANK_MARGIN = 1e-3


class TurnVectors(Protocol):
    """The vectors of turns: of all, or of the candidates of a large user."""

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        ...

    def get_vectors(self, doc_ids: NDArray[np.intp]) -> FloatArray:
        """The vectors of these rows, (k, d)."""
        ...

    def compute_cosines(self, vector: FloatArray, doc_ids: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Cosines of a vector with these turns and with the means of their windows, (k,) each."""
        ...

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `compute_cosines`, for at most `SAMPLE_SIZE` of all turns."""
        ...


@dataclass(frozen=True, slots=True)
class AllTurnVectors:
    """Turn vectors of an index that holds all vectors in memory."""

    index: UserIndex

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        return self.index.turns.vectors.has_vector

    def get_vectors(self, doc_ids: NDArray[np.intp]) -> FloatArray:
        """The vectors of these turns, (k, d)."""
        return self.index.turns.vectors.get_rows(doc_ids)

    def compute_cosines(self, vector: FloatArray, doc_ids: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Cosines of a vector with these turns and with the means of their windows, (k,) each."""
        own = self.get_vectors(doc_ids) @ vector
        total = own.copy()
        for side in (self.index.index_view.previous_turn[doc_ids], self.index.index_view.next_turn[doc_ids]):
            inside = side < len(self.has_vector)
            total[inside] += self.get_vectors(side[inside]) @ vector
        return own, total / self.index.turns.window_vector_norms()[doc_ids]

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `compute_cosines`, for every k-th turn, at most `SAMPLE_SIZE`; the view keeps the sample."""
        samples = self.index.index_view.sampled_vectors
        if not samples:
            samples += self._sample_vectors()
        return samples[0] @ vector, samples[1] @ vector

    def _sample_vectors(self) -> tuple[FloatArray, FloatArray]:
        """The vectors of every k-th turn and of their windows, (s, d) each."""
        doc_ids = np.flatnonzero(self.has_vector)[:: max(1, -(-len(self.has_vector) // SAMPLE_SIZE))]
        own = self.get_vectors(doc_ids)
        total = own.copy()
        for side in (self.index.index_view.previous_turn[doc_ids], self.index.index_view.next_turn[doc_ids]):
            inside = side < len(self.has_vector)
            total[inside] += self.get_vectors(side[inside])
        return own, total / self.index.turns.window_vector_norms()[doc_ids, np.newaxis]


def relevance_feedback_scores(
    turns: TurnVectors, vector: FloatArray, features: dict[str, FloatArray], scores: FloatArray, weight: float
) -> FloatArray:
    """The score gain of each reranked turn under the expanded query vector, (n,), in standard deviations.

    It is 0 for the first `FIXED_TURNS` and beyond `RERANK_DEPTH`. With this `weight` in the score no turn
    passes the first `FIXED_TURNS`. `features` and `scores` (n,) are those of the original query.
    """
    gain = np.zeros(len(scores), np.float32)
    order = top_k_indices(scores, RERANK_DEPTH)
    best, rest = (part[turns.has_vector[part]] for part in (order[:FEEDBACK_TURNS], order[FIXED_TURNS:]))
    if not weight or not len(best) or not len(rest):
        return gain
    expanded = vector + np.float32(FEEDBACK_WEIGHT) * turns.get_vectors(best).mean(axis=0)
    expanded /= np.linalg.norm(expanded)
    change = np.zeros(len(rest), np.float32)
    pairs = zip(turns.compute_cosines(expanded, rest), turns.sample_cosines(expanded), strict=True)
    for name, (cosines, sample) in zip(("dense", "window_dense"), pairs, strict=True):
        deviation = float(sample.std())
        if deviation > 0:
            change += (cosines - sample.mean()) / np.float32(deviation) - features[name][rest]
    room = scores[order[FIXED_TURNS - 1]] - scores[rest] - _RANK_MARGIN
    gain[rest] = np.minimum(change, room / weight)
    return gain
