"""What says the same is one item of an answer, and what differs stays apart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.documents import Documents
from app.memory.ranking.rank import ScoredId
from app.memory.ranking.results.deduplication import ResultCandidate, deduplicate_candidates

START = datetime(2026, 3, 1, tzinfo=UTC)
ALIKE = np.asarray([1.0, 0.0], np.float32)
NEAR = np.asarray([0.96, 0.28], np.float32)
FAR = np.asarray([0.94, 0.3412], np.float32)


def found(scope: UserIndex, content: str, vector=ALIKE, name: str = "Ann", **more) -> ResultCandidate:
    """A turn of the scope as an item."""
    number = len(scope.turns) + 1
    at = START + timedelta(days=number)
    turn = TurnRow(UUID(int=number), "s1", None, "user", name, content, None, at, False)
    scope.upsert_turn(turn)
    scope.set_vector(turn.id, True, vector)
    score = 1.0 / number
    return ResultCandidate(number - 1, None, score, ScoredId(number - 1, score, score), **more)


def folded(scope: UserIndex, *items: ResultCandidate, count: int = 10) -> list[tuple[int, list[int]]]:
    """(number of an item, numbers of those folded into it)."""
    return [
        (one.turn + 1, [twin.turn + 1 for twin in one.duplicates])
        for one in deduplicate_candidates(Documents.of_index(scope), items, count)
    ]


@pytest.fixture
def scope() -> UserIndex:
    return UserIndex(2)


class TestFold:
    def test_repetitions_are_one_item_and_the_best_stays(self, scope):
        items = [found(scope, "I love pizza."), found(scope, "I like tea.", -ALIKE)]
        items += [found(scope, "i love pizza"), found(scope, "I really love pizza.", NEAR)]
        assert folded(scope, *items) == [(1, [3, 4]), (2, [])]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("I ran 5 km.", "I ran 6 km."),
            ("I eat meat.", "I don't eat meat."),
            ("I met Ann.", "I met Anna."),
            ("Ann manages Bo.", "Bo manages Ann."),
            ("I was there in May.", "I was there in June."),
        ],
    )
    def test_what_differs_in_a_number_a_name_or_a_negation_stays(self, scope, one, other):
        assert folded(scope, found(scope, one), found(scope, other)) == [(1, []), (2, [])]

    def test_what_is_less_alike_stays(self, scope):
        assert folded(scope, found(scope, "I love pizza."), found(scope, "I really love pizza.", FAR)) == [
            (1, []),
            (2, []),
        ]

    def test_two_speakers_stay_apart(self, scope):
        items = found(scope, "I love pizza."), found(scope, "I love pizza.", name="Bo")
        assert folded(scope, *items) == [(1, []), (2, [])]

    def test_what_is_in_part_no_longer_true_stays_apart(self, scope):
        gone = found(scope, "I love pizza.", superseded_by=[UUID(int=99)])
        assert folded(scope, gone, found(scope, "I love pizza.")) == [(1, []), (2, [])]

    def test_the_count_is_of_what_says_something_of_its_own(self, scope):
        items = [found(scope, text, v) for text, v in (("Tea.", ALIKE), ("Tea!", ALIKE), ("Jam.", -ALIKE))]
        items.append(found(scope, "tea", ALIKE))
        assert folded(scope, *items, count=2) == [(1, [2, 4]), (3, [])]
        assert folded(scope) == []
