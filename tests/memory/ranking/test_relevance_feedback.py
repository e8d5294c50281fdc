"""A question widened by the turns that answer it best."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.matching.turn_vectors import TurnVectors
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.relevance_feedback import FIXED_TURNS, relevance_feedback_scores
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.search_index import search_index
from app.memory.ranking.weights import RankingWeights, weighted_sum

ASKED = np.array([1, 0, 0, 0], np.float32)
BEST, KIN, STRANGER = (0.9, 0.4, 0, 0.1), (0.1, 0.9, 0, 0.3), (0.13, 0, 0.9, 0.3)


def row(number: int) -> TurnRow:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    values = {"session_id": f"s{number}", "agent_id": None, "role": "user", "name": None, "ref": None}
    return TurnRow(id=UUID(int=number), content="So it is.", observed_at=at, pending=False, **values)


@pytest.fixture
def scope() -> UserIndex:
    """Six turns near the question, of which all look in one direction beside it, and thirty that are not.

    Turn 20 looks in that direction too, turn 21 is a little nearer to the question.
    """
    made = UserIndex(4)
    for number in range(36):
        made.upsert_turn(row(number))
        far = (0, 0.05 * (number % 3), 0.3 + 0.01 * number, -0.9)
        vector = {20: KIN, 21: STRANGER}.get(number, BEST if number < 6 else far)
        made.set_vector(UUID(int=number), True, np.array(vector, np.float32) / np.linalg.norm(vector))
    return made


def ask(scope: UserIndex, weight: float) -> list[SearchResult]:
    return search_index(
        scope, SearchQuery("What is it?", ASKED, 36, weights=RankingWeights(expansion=weight))
    )


def matched(scope: UserIndex) -> dict[str, np.ndarray]:
    """The features of all turns for a question without words."""
    return dict(ExactSearchIndex(scope).match(plan_query(scope, SearchQuery("?", ASKED, 5))).features)


def numbers(found: list[SearchResult]) -> list[int]:
    turns = [one.turn for found_one in found for one in (found_one, *found_one.duplicates)]
    return [turn.id.int for turn in turns if turn is not None]


class TestSample:
    def test_is_kept_counted_and_made_anew_after_a_vector(self, scope: UserIndex):
        size, (own, windows) = scope.memory_bytes, TurnVectors.of_index(scope).sample_cosines(ASKED)
        assert scope.memory_bytes > size
        scope.set_vector(UUID(int=0), True, -ASKED)
        other, beside = TurnVectors.of_index(scope).sample_cosines(ASKED)
        assert (float(other[0]), float(beside[0])) == (-1.0, -1.0)
        assert float(own[0]) == pytest.approx(float(windows[0]))
        assert own[0] > 0


class TestExpansion:
    def test_what_is_like_the_best_turns_rises(self, scope: UserIndex):
        before, after = numbers(ask(scope, 0.0)), numbers(ask(scope, 1.0))
        assert before.index(21) < before.index(20)
        assert after.index(20) < after.index(21)
        assert sorted(after) == sorted(before)

    def test_the_first_turns_stay_and_nothing_passes_them(self, scope: UserIndex):
        features = matched(scope)
        scores = weighted_sum(features, RankingWeights())
        first = np.argsort(-scores, kind="stable")[:FIXED_TURNS]
        for weight in (0.5, 1.0, 50.0):
            added = relevance_feedback_scores(TurnVectors.of_index(scope), ASKED, features, scores, weight)
            assert not added[first].any()
            assert (
                np.argsort(-(scores + weight * added), kind="stable")[:FIXED_TURNS].tolist() == first.tolist()
            )

    def test_the_score_stays_the_sum_of_weight_times_feature(self, scope: UserIndex):
        weights = RankingWeights()
        for found in ask(scope, 1.0):
            total = sum(value * getattr(weights, name) for name, value in found.features.items())
            assert found.score == pytest.approx(total, abs=1e-4)

    def test_a_turn_without_a_vector_neither_widens_nor_is_moved(self, scope: UserIndex):
        scope.upsert_turn(row(40))
        features = matched(scope)
        scores = weighted_sum(features, RankingWeights())
        scores[-1] = 100.0
        added = relevance_feedback_scores(TurnVectors.of_index(scope), ASKED, features, scores, 1.0)
        assert np.isfinite(added).all()
        assert added[-1] == 0
        assert added[20] > added[21]

    def test_without_vectors_there_is_nothing_to_widen_by(self):
        made = UserIndex(4)
        for number in range(9):
            made.upsert_turn(row(number))
        features = matched(made)
        assert not relevance_feedback_scores(
            TurnVectors.of_index(made), ASKED, features, weighted_sum(features, RankingWeights()), 1.0
        ).any()
        assert "expansion" not in search_index(made, SearchQuery("What is it?", None, 5))[0].features
