"""Standardised features, the weighted sum, and the choice of the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.numeric import standardise_scores, top_k_indices
from app.memory.ranking.weights import RankingWeights, weighted_sum


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


class TestStandardise:
    def test_mean_zero_and_deviation_one(self):
        scaled = standardise_scores(column(1, 2, 3, 6))
        assert scaled.mean() == pytest.approx(0, abs=1e-6)
        assert scaled.std() == pytest.approx(1)

    def test_equal_values_say_nothing(self):
        assert standardise_scores(column(4, 4, 4)).tolist() == [0, 0, 0]

    def test_an_unknown_entry_counts_as_average_and_does_not_move_the_others(self):
        known = np.array([True, False, True])
        assert standardise_scores(column(1, 99, 3), known).tolist() == [-1, 0, 1]

    def test_nothing_known_and_nothing_at_all(self):
        assert standardise_scores(column(1, 2), np.array([False, False])).tolist() == [0, 0]
        assert standardise_scores(column()).tolist() == []


class TestWeighted:
    def test_the_score_is_the_sum_of_weight_times_feature(self):
        features = {"dense": column(1, 0), "session_lexical": column(0, 2)}
        weights = RankingWeights(dense=3.0, session_lexical=0.5)
        assert weighted_sum(features, weights).tolist() == [3.0, 1.0]

    def test_a_feature_without_a_weight_is_left_out(self):
        assert weighted_sum({"dense": column(1), "other": column(9)}, RankingWeights()).tolist() == [1.0]


class TestBestFirst:
    def test_equal_scores_keep_their_order(self):
        assert top_k_indices(column(1, 5, 5, 2), 3).tolist() == [1, 2, 3]

    def test_more_than_there_are(self):
        assert top_k_indices(column(1, 2), 9).tolist() == [1, 0]

    @given(st.lists(st.floats(-9, 9, width=32), max_size=30), st.integers(1, 40))
    def test_they_are_the_greatest(self, values, count):
        scores = column(*values)
        chosen = scores[top_k_indices(scores, count)].tolist()
        assert chosen == sorted(scores.tolist(), reverse=True)[:count]
