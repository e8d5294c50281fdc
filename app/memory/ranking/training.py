"""The ranker's weights, learned from which items of an answer were used.

The reward is RMM's (arXiv 2503.08026, section 3.3: what is cited was right to be shown above what is not);
the step is that of pairwise logistic ranking (Burges et al. 2005, RankNet, section 3) on a linear score, with
no noise: the same feedback in the same order gives the same weights.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.memory.numeric import Array
from app.memory.ranking.weights import RankingWeights

NAMES = tuple(part.name for part in fields(RankingWeights))
TOP = 5
RATE = 0.2
PULL = 0.02  # back to the built-in weights at each step: what nobody cites for fades
HOLD_OUT = 4  # one event in so many is not learned from; it judges
LEAST_HELD_OUT = 10
DEVIATIONS = 2


@dataclass(frozen=True, slots=True)
class Event:
    """One answer: the features of its items (k, f), best first, and which of them were used (k,)."""

    features: Array
    used: NDArray[np.bool_]

    @property
    def tells(self) -> bool:
        """Whether some were used and some were not."""
        return bool(self.used.any() and not self.used.all())


@dataclass(frozen=True, slots=True)
class Training:
    """How a training went: useful@5 of the weights in use and of the learned ones, on what was held out."""

    weights: RankingWeights
    learned_from: int
    held_out: int
    useful_before: float
    useful_after: float
    better: bool


def event(shown: Sequence[tuple[Mapping[str, float], bool]]) -> Event:
    """The items of an answer as (features by name, whether used); a feature that is not named is average."""
    rows = np.asarray([_row(features) for features, _ in shown], np.float32).reshape(-1, len(NAMES))
    return Event(rows, np.asarray([used for _, used in shown], np.bool_))


def _row(features: Mapping[str, float]) -> list[float]:
    if "memory" in features:
        # A memory without a turn: its own match counts for both, see `RankingWeights.memory`.
        match = features["memory"]
        features = {**features, "dense": match, "window_dense": match}
    return [features.get(name, 0.0) for name in NAMES]


def train(current: RankingWeights, events: Sequence[Event]) -> Training:
    """Learn from the events, oldest first, beginning at the built-in weights; judge by those held out.

    The learned weights are better when they lift useful@5 of more held-out events than they lower, by more
    than chance would (two deviations of a sign test: it is taken again and again), and there are enough.
    """
    telling = [one for one in events if one.tells]
    judges = telling[HOLD_OUT - 1 :: HOLD_OUT]
    learned_from = [one for place, one in enumerate(telling) if place % HOLD_OUT != HOLD_OUT - 1]
    found = learned(learned_from)
    before, after = useful(current, judges), useful(found, judges)
    lifted, lowered = int((after > before).sum()), int((after < before).sum())
    enough = len(judges) >= LEAST_HELD_OUT and lifted - lowered > DEVIATIONS * math.sqrt(lifted + lowered)
    better = enough and float(after.mean()) > float(before.mean())
    return Training(found, len(learned_from), len(judges), _mean(before), _mean(after), better)


def learned(events: Sequence[Event]) -> RankingWeights:
    """The weights after one step for each event, in order; none is below 0."""
    start = vector_of(RankingWeights())
    weights = start.copy()
    for one in events:
        if one.tells:
            above = one.features[one.used][:, None, :] - one.features[~one.used][None, :, :]
            pairs = above.reshape(-1, len(NAMES))
            wrong = 1.0 / (1.0 + np.exp(np.clip(pairs @ weights, -30, 30)))
            weights += RATE * (wrong[:, None] * pairs).mean(axis=0) - PULL * (weights - start)
            np.maximum(weights, 0.0, out=weights)
    return RankingWeights(**{name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True)})


def useful(weights: RankingWeights, events: Sequence[Event]) -> Array:
    """useful@5 of each event when its items are put in the order of these weights, (n,).

    That is the share of the used items, at most 5 of them, that come among the first 5.
    """
    vector = vector_of(weights)
    found = np.zeros(len(events), np.float32)
    for place, one in enumerate(events):
        order = np.argsort(-(one.features @ vector), kind="stable")
        found[place] = one.used[order[:TOP]].sum() / min(TOP, max(1, int(one.used.sum())))
    return found


def vector_of(weights: RankingWeights) -> Array:
    """The weights in the order of `NAMES`, (f,)."""
    return np.asarray([asdict(weights)[name] for name in NAMES], np.float32)


def weights_of(stored: Mapping[str, float]) -> RankingWeights:
    """Weights by name; a name that is not stored keeps its built-in weight, one that is not known is left."""
    return RankingWeights(**{name: float(value) for name, value in stored.items() if name in NAMES})


def _mean(values: Array) -> float:
    return round(float(values.mean()), 4) if len(values) else 0.0
