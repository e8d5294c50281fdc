"""Learns the ranker's weights from which results of an answer were used.

The reward is RMM's (arXiv 2503.08026, section 3.3): a cited result should rank above one that is not cited.
The step is that of pairwise logistic ranking (Burges et al. 2005, RankNet, section 3) on a linear score.
There is no randomness: the same feedback in the same order gives the same weights. The constants are chosen.
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
WEIGHT_DECAY = 0.02  # pull towards the built-in weights at each step: weights without feedback decay to them
HOLD_OUT_EVERY = 4  # every so many-th event is not used for training but for evaluation
MIN_HELD_OUT = 10
MIN_DEVIATIONS = 2


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """One answer: the features of its results (k, f), best first, and which of them were used (k,)."""

    features: FloatArray
    was_used: NDArray[np.bool_]

    @property
    def is_informative(self) -> bool:
        """Whether some results were used and some were not."""
        return bool(self.was_used.any() and not self.was_used.all())


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The result of a training: useful@5 of the present and of the learned weights on held-out events."""

    weights: RankingWeights
    learned_from: int
    held_out: int
    useful_before: float
    useful_after: float
    better: bool


def build_feedback_event(shown: Sequence[tuple[Mapping[str, float], bool]]) -> FeedbackEvent:
    """Build an answer's event from (features by name, whether used); a missing feature is average (0)."""
    rows = np.asarray([_feature_row(features) for features, _ in shown], np.float32).reshape(
        -1, len(FEATURE_NAMES)
    )
    return FeedbackEvent(rows, np.asarray([used for _, used in shown], np.bool_))


def _feature_row(features: Mapping[str, float]) -> list[float]:
    if "memory" in features:
        # A memory without a turn: its own match counts for both features, see `RankingWeights.memory`.
        match = features["memory"]
        features = {**features, "dense": match, "window_dense": match}
    return [features.get(name, 0.0) for name in FEATURE_NAMES]


def train_weights(current: RankingWeights, events: Sequence[FeedbackEvent]) -> TrainingResult:
    """Learn from the events, oldest first, beginning at the built-in weights; evaluate on held-out events.

    The learned weights are better if there are at least MIN_HELD_OUT held-out events, their mean useful@5
    rises, and they raise more events than they lower by MIN_DEVIATIONS deviations of a sign test (the test is
    repeated with every training).
    """
    informative = [event for event in events if event.is_informative]
    held_out = informative[HOLD_OUT_EVERY - 1 :: HOLD_OUT_EVERY]
    learned_from = [
        event for index, event in enumerate(informative) if index % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1
    ]
    learned = fit_weights(learned_from)
    before, after = useful_at_k(current, held_out), useful_at_k(learned, held_out)
    raised, lowered = int((after > before).sum()), int((after < before).sum())
    is_significant = len(held_out) >= MIN_HELD_OUT and raised - lowered > MIN_DEVIATIONS * math.sqrt(
        raised + lowered
    )
    better = is_significant and float(after.mean()) > float(before.mean())
    return TrainingResult(
        learned, len(learned_from), len(held_out), _rounded_mean(before), _rounded_mean(after), better
    )


def fit_weights(events: Sequence[FeedbackEvent]) -> RankingWeights:
    """The weights after one gradient step per event, in order; none is below 0."""
    start = weights_to_vector(RankingWeights())
    weights = start.copy()
    for event in events:
        if event.is_informative:
            differences = (
                event.features[event.was_used][:, None, :] - event.features[~event.was_used][None, :, :]
            )
            pairs = differences.reshape(-1, len(FEATURE_NAMES))
            errors = 1.0 / (1.0 + np.exp(np.clip(pairs @ weights, -30, 30)))
            weights += LEARNING_RATE * (errors[:, None] * pairs).mean(axis=0) - WEIGHT_DECAY * (
                weights - start
            )
            np.maximum(weights, 0.0, out=weights)
    return RankingWeights(
        **{name: round(float(weight), 4) for name, weight in zip(FEATURE_NAMES, weights, strict=True)}
    )


def useful_at_k(weights: RankingWeights, events: Sequence[FeedbackEvent]) -> FloatArray:
    """useful@5 of each event when its results are ranked by these weights, (n,), in [0, 1].

    It is the share of the used results, at most 5 of them, that are among the first 5.
    """
    vector = weights_to_vector(weights)
    useful = np.zeros(len(events), np.float32)
    for index, event in enumerate(events):
        order = np.argsort(-(event.features @ vector), kind="stable")
        useful[index] = event.was_used[order[:TOP_K]].sum() / min(TOP_K, max(1, int(event.was_used.sum())))
    return useful


def weights_to_vector(weights: RankingWeights) -> FloatArray:
    """The weights as an array in the order of `FEATURE_NAMES`, (f,)."""
    return np.asarray([asdict(weights)[name] for name in FEATURE_NAMES], np.float32)


def weights_from_mapping(stored: Mapping[str, float]) -> RankingWeights:
    """Weights by name; a missing name keeps its built-in weight, an unknown one is ignored."""
    return RankingWeights(**{name: float(value) for name, value in stored.items() if name in FEATURE_NAMES})


def _rounded_mean(values: FloatArray) -> float:
    return round(float(values.mean()), 4) if len(values) else 0.0
