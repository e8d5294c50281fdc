"""A question widened by the turns that answer it best: pseudo-relevance feedback (Rocchio 1971, "Relevance
feedback in information retrieval", in Salton's "The SMART retrieval system").
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices

FEEDBACK_TURNS = 3  # so many turns widen the question
FEEDBACK_WEIGHT = 0.4  # what the mean of their vectors weighs beside the question's
FIXED_TURNS = 5  # the first turns stay where they are: a wider question knows less well what is best
RERANK_DEPTH = 200  # so many turns are put in order again
SAMPLE_SIZE = 256  # by so many turns it is known how far cosines lie apart
_RANK_MARGIN = 1e-3


class TurnVectors(Protocol):
    """The vectors of turns: of all, or of the candidates of a large user."""

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        ...

    def get_vectors(self, doc_ids: NDArray[np.intp]) -> FloatArray:
        """The vectors at these places, (k, d)."""
        ...

    def compute_cosines(self, vector: FloatArray, doc_ids: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Of a vector with these turns and with the means of their windows, (k,) each."""
        ...

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `cosines`, of at most `SAMPLE` of all turns."""
        ...


@dataclass(frozen=True, slots=True)
class AllTurnVectors:
    """Those of a scope that holds all vectors."""

    index: UserIndex

    @property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        return self.index.turns.vectors.has_vector

    def get_vectors(self, doc_ids: NDArray[np.intp]) -> FloatArray:
        """The vectors at these places, (k, d)."""
        return self.index.turns.vectors.get_rows(doc_ids)

    def compute_cosines(self, vector: FloatArray, doc_ids: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Of a vector with these turns and with the means of their windows, (k,) each."""
        own = self.get_vectors(doc_ids) @ vector
        total = own.copy()
        for side in (self.index.index_view.previous_turn[doc_ids], self.index.index_view.next_turn[doc_ids]):
            inside = side < len(self.has_vector)
            total[inside] += self.get_vectors(side[inside]) @ vector
        return own, total / self.index.turns.window_vector_norms()[doc_ids]

    def sample_cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """As `cosines`, of every so many-th of all turns."""
        kept = self.index.index_view.sampled_vectors
        if not kept:
            kept += self._sample_vectors()
        return kept[0] @ vector, kept[1] @ vector

    def _sample_vectors(self) -> tuple[FloatArray, FloatArray]:
        """The vectors of every so many-th of all turns, and of their windows, (k, d) each."""
        places = np.flatnonzero(self.has_vector)[:: max(1, -(-len(self.has_vector) // SAMPLE_SIZE))]
        own = self.get_vectors(places)
        total = own.copy()
        for side in (self.index.index_view.previous_turn[places], self.index.index_view.next_turn[places]):
            inside = side < len(self.has_vector)
            total[inside] += self.get_vectors(side[inside])
        return own, total / self.index.turns.window_vector_norms()[places, np.newaxis]


def relevance_feedback_scores(
    turns: TurnVectors, vector: FloatArray, features: dict[str, FloatArray], scores: FloatArray, weight: float
) -> FloatArray:
    """How much better the best turns and their windows match the wider question than the question, (n,).

    In deviations, 0 for the first `KEPT` and for what is not among the best `REACH`. With this `weight` in
    the score nothing passes the first `KEPT`. `features` and `scores` (n,) are those of the question.
    """
    added = np.zeros(len(scores), np.float32)
    order = top_k_indices(scores, RERANK_DEPTH)
    best, rest = (part[turns.has_vector[part]] for part in (order[:FEEDBACK_TURNS], order[FIXED_TURNS:]))
    if not weight or not len(best) or not len(rest):
        return added
    wider = vector + np.float32(FEEDBACK_WEIGHT) * turns.get_vectors(best).mean(axis=0)
    wider /= np.linalg.norm(wider)
    change = np.zeros(len(rest), np.float32)
    pairs = zip(turns.compute_cosines(wider, rest), turns.sample_cosines(wider), strict=True)
    for name, (cosines, among) in zip(("dense", "window_dense"), pairs, strict=True):
        deviation = float(among.std())
        if deviation > 0:
            change += (cosines - among.mean()) / np.float32(deviation) - features[name][rest]
    room = scores[order[FIXED_TURNS - 1]] - scores[rest] - _RANK_MARGIN
    added[rest] = np.minimum(change, room / weight)
    return added
