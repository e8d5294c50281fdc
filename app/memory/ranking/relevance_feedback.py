"""Query expansion by the best turns: pseudo-relevance feedback.

Method: Rocchio 1971, "Relevance feedback in information retrieval", in Salton's "The SMART retrieval system".
The constants were chosen with `benchmarks/quality.py`.
"""

from collections.abc import Mapping

import numpy as np

from app.memory.numeric import FloatArray, top_k_indices
from app.memory.ranking.matching.turn_vectors import TurnVectors

FEEDBACK_TURNS = 3  # the best turns that expand the query
FEEDBACK_WEIGHT = 0.4  # weight of the mean of their vectors beside the query's vector
FIXED_TURNS = 5  # the first turns keep their rank: the expanded query is less precise about the best ones
RERANK_DEPTH = 200  # turns that are reranked
_RANK_MARGIN = 1e-3


def relevance_feedback_scores(
    turns: TurnVectors,
    vector: FloatArray,
    features: Mapping[str, FloatArray],
    scores: FloatArray,
    weight: float,
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
    pairs = zip(turns.some_cosines(expanded, rest), turns.sample_cosines(expanded), strict=True)
    for name, (cosines, sample) in zip(("dense", "window_dense"), pairs, strict=True):
        deviation = float(sample.std())
        if deviation > 0:
            change += (cosines - sample.mean()) / np.float32(deviation) - features[name][rest]
    room = scores[order[FIXED_TURNS - 1]] - scores[rest] - _RANK_MARGIN
    gain[rest] = np.minimum(change, room / weight)
    return gain
