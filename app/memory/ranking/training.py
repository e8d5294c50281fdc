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

from app.memory.numeric import FloatArray
from app.memory.ranking.weights import RankingWeights

FEATURE_NAMES = tuple(part.name for part in fields(RankingWeights))
TOP_K = 5
LEARNING_RATE = 0.2
WEIGHT_DECAY = 0.02  # back to the built-in weights at each step: what nobody cites for fades
HOLD_OUT_EVERY = 4  # one event in so many is not learned from; it judges
MIN_HELD_OUT = 10
MIN_DEVIATIONS = 2


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """One answer: the features of its items (k, f), best first, and which of them were used (k,)."""

    features: FloatArray
    was_used: NDArray[np.bool_]

    @property
    def is_informative(self) -> bool:
        """Whether some were used and some were not."""
        return bool(self.was_used.any() and not self.was_used.all())


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """How a training went: useful@5 of the weights in use and of the learned ones, on what was held out."""

    weights: RankingWeights
    learned_from: int
    held_out: int
    useful_before: float
    useful_after: float
    better: bool


def build_feedback_event(shown: Sequence[tuple[Mapping[str, float], bool]]) -> FeedbackEvent:
    """The items of an answer as (features by name, whether used); a feature that is not named is average."""
    rows = np.asarray([_feature_row(features) for features, _ in shown], np.float32).reshape(
        -1, len(FEATURE_NAMES)
    )
    return FeedbackEvent(rows, np.asarray([used for _, used in shown], np.bool_))


def _feature_row(features: Mapping[str, float]) -> list[float]:
    if "memory" in features:
        # A memory without a turn: its own match counts for both, see `RankingWeights.memory`.
        match = features["memory"]
        features = {**features, "dense": match, "window_dense": match}
    return [features.get(name, 0.0) for name in FEATURE_NAMES]


def train_weights(current: RankingWeights, events: Sequence[FeedbackEvent]) -> TrainingResult:
    """Learn from the events, oldest first, beginning at the built-in weights; judge by those held out.

    The learned weights are better when they lift useful@5 of more held-out events than they lower, by more
    than chance would (two deviations of a sign test: it is taken again and again), and there are enough.
    """
    telling = [one for one in events if one.is_informative]
    judges = telling[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]
    learned_from = [one for place, one in enumerate(telling) if place % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1]
    found = fit_weights(learned_from)
    before, after = useful_at_k(current, judges), useful_at_k(found, judges)
    lifted, lowered = int((after > before).sum()), int((after < before).sum())
    enough = len(judges) >= MIN_HELD_OUT and lifted - lowered > MIN_DEVIATIONS * math.sqrt(lifted + lowered)
    better = enough and float(after.mean()) > float(before.mean())
    return TrainingResult(
        found, len(learned_from), len(judges), _rounded_mean(before), _rounded_mean(after), better
    )


def fit_weights(events: Sequence[FeedbackEvent]) -> RankingWeights:
    """The weights after one step for each event, in order; none is below 0."""
    start = weights_to_vector(RankingWeights())
    weights = start.copy()
    for one in events:
        if one.is_informative:
            above = one.features[one.was_used][:, None, :] - one.features[~one.was_used][None, :, :]
            pairs = above.reshape(-1, len(FEATURE_NAMES))
            wrong = 1.0 / (1.0 + np.exp(np.clip(pairs @ weights, -30, 30)))
            weights += LEARNING_RATE * (wrong[:, None] * pairs).mean(axis=0) - WEIGHT_DECAY * (
                weights - start
            )
            np.maximum(weights, 0.0, out=weights)
    return RankingWeights(
        **{name: round(float(w), 4) for name, w in zip(FEATURE_NAMES, weights, strict=True)}
    )


def useful_at_k(weights: RankingWeights, events: Sequence[FeedbackEvent]) -> FloatArray:
    """useful@5 of each event when its items are put in the order of these weights, (n,).

    That is the share of the used items, at most 5 of them, that come among the first 5.
    """
    vector = weights_to_vector(weights)
    found = np.zeros(len(events), np.float32)
    for place, one in enumerate(events):
        order = np.argsort(-(one.features @ vector), kind="stable")
        found[place] = one.was_used[order[:TOP_K]].sum() / min(TOP_K, max(1, int(one.was_used.sum())))
    return found


def weights_to_vector(weights: RankingWeights) -> FloatArray:
    """The weights in the order of `NAMES`, (f,)."""
    return np.asarray([asdict(weights)[name] for name in FEATURE_NAMES], np.float32)


def weights_from_mapping(stored: Mapping[str, float]) -> RankingWeights:
    """Weights by name; a name that is not stored keeps its built-in weight, one that is not known is left."""
    return RankingWeights(**{name: float(value) for name, value in stored.items() if name in FEATURE_NAMES})


def _rounded_mean(values: FloatArray) -> float:
    return round(float(values.mean()), 4) if len(values) else 0.0
