"""A question widened by the turns that answer it best: pseudo-relevance feedback (Rocchio 1971, "Relevance
feedback in information retrieval", in Salton's "The SMART retrieval system").
"""

import numpy as np
from numpy.typing import NDArray

from app.memory.ranking import Array, best_first
from app.memory.scope import Scope

BEST = 3  # so many turns widen the question
SHARE = 0.4  # what the mean of their vectors weighs beside the question's
KEPT = 5  # the first turns stay where they are: a wider question knows less well what is best
REACH = 200  # so many turns are put in order again
SAMPLE = 256  # by about so many turns it is known how far cosines lie apart
_BEHIND = 1e-3


def expansion(scope: Scope, vector: Array, features: dict[str, Array], scores: Array, weight: float) -> Array:
    """How much better the best turns and their windows match the wider question than the question, (n,).

    In deviations, 0 for the first `KEPT` and for what is not among the best `REACH`. With this `weight` in
    the score nothing passes the first `KEPT`. `features` and `scores` (n,) are those of the question.
    """
    added = np.zeros(len(scores), np.float32)
    order = best_first(scores, REACH)
    known = scope.turns.vectors.known
    best, rest = (part[known[part]] for part in (order[:BEST], order[KEPT:]))
    sample = np.flatnonzero(known)[:: max(1, len(scores) // SAMPLE)]
    if not weight or not len(best) or not len(rest):
        return added
    wider = vector + np.float32(SHARE) * scope.turns.vectors.rows(best).mean(axis=0)
    wider /= np.linalg.norm(wider)
    change = np.zeros(len(rest), np.float32)
    pairs = zip(_cosines(scope, wider, rest), _cosines(scope, wider, sample), strict=True)
    for name, (cosines, among) in zip(("dense", "window_dense"), pairs, strict=True):
        deviation = float(among.std())
        if deviation > 0:
            change += (cosines - among.mean()) / np.float32(deviation) - features[name][rest]
    room = scores[order[KEPT - 1]] - scores[rest] - _BEHIND
    added[rest] = np.minimum(change, room / weight)
    return added


def _cosines(scope: Scope, vector: Array, rows: NDArray[np.intp]) -> tuple[Array, Array]:
    """Of a vector with these turns and with the means of their windows, (k,) each."""
    vectors, places = scope.turns.vectors, scope.places
    own = vectors.rows(rows) @ vector
    total = own.copy()
    for side in (places.before[rows], places.after[rows]):
        inside = side < len(vectors)
        total[inside] += vectors.rows(side[inside]) @ vector
    return own, total / scope.turns.norms()[rows]
