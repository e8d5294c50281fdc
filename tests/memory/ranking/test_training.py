import numpy as np
import pytest

from app.memory.ranking.training import (
    FEATURE_NAMES,
    MIN_HELD_OUT,
    FeedbackEvent,
    build_feedback_event,
    fit_weights,
    train_weights,
    useful_at_k,
    weights_from_mapping,
)
from app.memory.ranking.weights import RankingWeights

FRESH = FEATURE_NAMES.index("recency")


def answers(count: int, seed: int = 0, *, wanted: int = FRESH) -> list[FeedbackEvent]:
    """Answers of ten items, of which the three that are greatest in one feature are used."""
    random = np.random.default_rng(seed)
    found: list[FeedbackEvent] = []
    for _ in range(count):
        features = random.normal(size=(10, len(FEATURE_NAMES))).astype(np.float32)
        used = np.zeros(10, np.bool_)
        used[np.argsort(-features[:, wanted])[:3]] = True
        found.append(FeedbackEvent(features, used))
    return found


class TestLearned:
    def test_what_is_used_for_a_feature_raises_its_weight(self):
        found = fit_weights(answers(100))
        assert found.recency > RankingWeights().recency + 1

    def test_useful_at_5_rises_on_answers_that_were_not_learned_from(self):
        judges = answers(100, seed=1)
        found = fit_weights(answers(150))
        assert useful_at_k(found, judges).mean() > useful_at_k(RankingWeights(), judges).mean() + 0.1

    def test_the_same_feedback_gives_the_same_weights(self):
        assert fit_weights(answers(50)) == fit_weights(answers(50))

    def test_answers_of_which_all_or_nothing_was_used_teach_nothing(self):
        some = answers(20)
        for one in some[:10]:
            one.was_used[:] = True
        for one in some[10:]:
            one.was_used[:] = False
        assert fit_weights(some) == RankingWeights()

    def test_no_weight_falls_below_zero(self):
        against = [
            FeedbackEvent(-one.features, one.was_used)
            for one in answers(200, wanted=FEATURE_NAMES.index("lexical"))
        ]
        assert fit_weights(against).lexical == 0.0


class TestTrain:
    def test_what_is_better_on_held_out_answers_is_to_be_used(self):
        found = train_weights(RankingWeights(), answers(200))
        assert found.better
        assert (found.learned_from, found.held_out) == (150, 50)
        assert found.useful_after > found.useful_before

    def test_what_is_used_at_random_changes_nothing(self):
        random = np.random.default_rng(5)
        better = 0
        for seed in range(20):
            noise = answers(200, seed=seed)
            for one in noise:
                one.was_used[:] = False
                one.was_used[random.choice(10, 3, replace=False)] = True
            better += train_weights(RankingWeights(), noise).better
        assert better <= 2  # two deviations: about one in forty by chance

    def test_a_few_answers_are_not_enough(self):
        assert not train_weights(RankingWeights(), answers(4 * MIN_HELD_OUT - 1)).better

    def test_the_weights_in_use_are_the_ones_to_beat(self):
        first = train_weights(RankingWeights(), answers(400)).weights
        assert not train_weights(first, answers(400)).better

    def test_no_feedback_at_all(self):
        found = train_weights(RankingWeights(), [])
        assert (found.weights, found.better) == (RankingWeights(), False)


class TestUseful:
    def test_is_the_share_of_the_used_that_come_first(self):
        features = np.zeros((10, len(FEATURE_NAMES)), np.float32)
        features[:, FEATURE_NAMES.index("dense")] = np.arange(10, 0, -1)
        used = np.zeros(10, np.bool_)
        used[[0, 4, 9]] = True
        assert useful_at_k(RankingWeights(), [FeedbackEvent(features, used)]) == pytest.approx([2 / 3])


class TestEvent:
    def test_a_memory_without_a_turn_counts_as_its_score_does(self):
        found = build_feedback_event([({"memory": 2.0, "speaker": 1.0}, True), ({"dense": 1.0}, False)])
        weights = RankingWeights()
        vector = [getattr(weights, name) for name in FEATURE_NAMES]
        assert found.features @ np.asarray(vector) == pytest.approx(
            [2.0 * weights.memory + weights.speaker, weights.dense]
        )

    def test_an_empty_answer(self):
        assert not build_feedback_event([]).is_informative


class TestStored:
    def test_weights_of_other_releases_are_read(self):
        found = weights_from_mapping({"dense": 3.0, "a_feature_of_long_ago": 2.0})
        assert found == RankingWeights(dense=3.0)
