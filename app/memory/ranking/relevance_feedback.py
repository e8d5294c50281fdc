"""A question widened by the turns that answer it best: pseudo-relevance feedback (Rocchio 1971, "Relevance
feedback in information retrieval", in Salton's "The SMART retrieval system").
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import Scope
from app.memory.numeric import Array, best_first

BEST = 3  # so many turns widen the question
SHARE = 0.4  # what the mean of their vectors weighs beside the question's
KEPT = 5  # the first turns stay where they are: a wider question knows less well what is best
REACH = 200  # so many turns are put in order again
SAMPLE = 256  # by so many turns it is known how far cosines lie apart
_BEHIND = 1e-3


class Turns(Protocol):
    """The vectors of turns: of all, or of the candidates of a large user."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        ...

    def rows(self, places: NDArray[np.intp]) -> Array:
        """The vectors at these places, (k, d)."""
        ...

    def cosines(self, vector: Array, places: NDArray[np.intp]) -> tuple[Array, Array]:
        """Of a vector with these turns and with the means of their windows, (k,) each."""
        ...

    def sample(self, vector: Array) -> tuple[Array, Array]:
        """As `cosines`, of at most `SAMPLE` of all turns."""
        ...


@dataclass(frozen=True, slots=True)
class AllTurns:
    """Those of a scope that holds all vectors."""

    scope: Scope

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which have a vector, (n,)."""
        return self.scope.turns.vectors.known

    def rows(self, places: NDArray[np.intp]) -> Array:
        """The vectors at these places, (k, d)."""
        return self.scope.turns.vectors.rows(places)

    def cosines(self, vector: Array, places: NDArray[np.intp]) -> tuple[Array, Array]:
        """Of a vector with these turns and with the means of their windows, (k,) each."""
        own = self.rows(places) @ vector
        total = own.copy()
        for side in (self.scope.places.before[places], self.scope.places.after[places]):
            inside = side < len(self.known)
            total[inside] += self.rows(side[inside]) @ vector
        return own, total / self.scope.turns.norms()[places]

    def sample(self, vector: Array) -> tuple[Array, Array]:
        """As `cosines`, of every so many-th of all turns."""
        kept = self.scope.places.sampled
        if not kept:
            kept += self._sampled()
        return kept[0] @ vector, kept[1] @ vector

    def _sampled(self) -> tuple[Array, Array]:
        """The vectors of every so many-th of all turns, and of their windows, (k, d) each."""
        places = np.flatnonzero(self.known)[:: max(1, -(-len(self.known) // SAMPLE))]
        own = self.rows(places)
        total = own.copy()
        for side in (self.scope.places.before[places], self.scope.places.after[places]):
            inside = side < len(self.known)
            total[inside] += self.rows(side[inside])
        return own, total / self.scope.turns.norms()[places, np.newaxis]


def expansion(turns: Turns, vector: Array, features: dict[str, Array], scores: Array, weight: float) -> Array:
    """How much better the best turns and their windows match the wider question than the question, (n,).

    In deviations, 0 for the first `KEPT` and for what is not among the best `REACH`. With this `weight` in
    the score nothing passes the first `KEPT`. `features` and `scores` (n,) are those of the question.
    """
    added = np.zeros(len(scores), np.float32)
    order = best_first(scores, REACH)
    best, rest = (part[turns.known[part]] for part in (order[:BEST], order[KEPT:]))
    if not weight or not len(best) or not len(rest):
        return added
    wider = vector + np.float32(SHARE) * turns.rows(best).mean(axis=0)
    wider /= np.linalg.norm(wider)
    change = np.zeros(len(rest), np.float32)
    pairs = zip(turns.cosines(wider, rest), turns.sample(wider), strict=True)
    for name, (cosines, among) in zip(("dense", "window_dense"), pairs, strict=True):
        deviation = float(among.std())
        if deviation > 0:
            change += (cosines - among.mean()) / np.float32(deviation) - features[name][rest]
    room = scores[order[KEPT - 1]] - scores[rest] - _BEHIND
    added[rest] = np.minimum(change, room / weight)
    return added
