"""An answer to a question that is like the one that is asked, and what is worth a memory."""

from uuid import UUID

import numpy as np
import pytest

from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.search_index import search_index
from app.memory.ranking.weights import RankingWeights
from tests.memory.index.test_serialization import Random
from tests.memory.ranking.matching.test_ann_index import Held, ask, large
from tests.memory.ranking.test_search_index import Log

ASKED = np.array([1, 0, 0, 0], np.float32)
NEAR, FAR = (0.9, 0.3, 0.2, 0.1), (0.0, 0.2, 0.3, 0.9)


def say(log: Log, number: int, content: str, vector: tuple[float, ...] | None, **values: object) -> UUID:
    turn_id = log.turn(number, content, **values)
    if vector is not None:
        log.scope.set_vector(turn_id, True, np.array(vector, np.float32) / np.linalg.norm(vector))
    return turn_id


def answer_feature(log: Log, number: int) -> float:
    plan = plan_query(log.scope, SearchQuery("?", ASKED, 10))
    features = ExactSearchIndex(log.scope).match(plan).features
    return float(features["answer"][log.scope.turns.id_map[UUID(int=number)]])


ANSWERED = {"name": "Bob"}, "What is it?", NEAR
CASES = [
    (ANSWERED, {"name": "Ann"}, True),
    (({"name": None, "role": "assistant"}, "What is it?", NEAR), {"name": "Ann"}, True),
    (({"name": None, "role": "assistant"}, "What is it?", NEAR), {"name": None, "role": "user"}, True),
    (({"name": "Bob"}, "And you? I like tea.", NEAR), {"name": "Ann"}, True),
    (({"name": "Bob"}, "どこですか？", NEAR), {"name": "Ann"}, True),
    (({"name": "Bob"}, "أين؟", NEAR), {"name": "Ann"}, True),
    (({"name": "Bob"}, "What is it?", FAR), {"name": "Ann"}, None),  # another question
    (({"name": "Bob"}, "So it is.", NEAR), {"name": "Ann"}, False),  # no question
    (({"name": "Bob"}, "See https://a.example/?b=c", NEAR), {"name": "Ann"}, False),
    (({"name": "Bob"}, "", NEAR), {"name": "Ann"}, False),
    (({"name": "Ann"}, "What is it?", NEAR), {"name": "Ann"}, False),  # asked by the same
    (({"name": None, "role": "user"}, "What is it?", NEAR), {"name": None, "role": "user"}, False),
    (({"name": "Bob"}, "What is it?", None), {"name": "Ann"}, False),  # not embedded yet
    (({"name": "Bob", "session_id": "s2"}, "What is it?", NEAR), {"name": "Ann"}, False),  # elsewhere
]


class TestAnswer:
    @pytest.fixture
    def log(self) -> Log:
        made = Log()
        for number in range(20, 40):
            say(
                made,
                number,
                "So it is.",
                (0.1 * (number % 4), 0.3, 0.02 * number, 0.9),
                session_id=f"x{number}",
            )
        return made

    @pytest.mark.parametrize(("question", "reply", "counts"), CASES)
    @pytest.mark.parametrize("is_stored", [False, True])
    def test_the_turn_after_such_a_question_of_another_counts(self, log, question, reply, counts, is_stored):
        values, content, vector = question
        say(log, 1, content, vector, **values)
        say(log, 2, "Blue.", FAR, **reply)
        if is_stored:  # as an index snapshot, from which another process reads it
            stored = log.scope.save_snapshot()
            log.scope.load_snapshot(*stored)
        found = answer_feature(log, 2)
        assert answer_feature(log, 1) == 0
        assert found > 2 if counts else found < 0 if counts is None else found == 0

    def test_it_is_the_turn_before_when_one_arrives_late(self, log):
        say(log, 1, "What is it?", NEAR, name="Bob")
        say(log, 3, "Blue.", FAR)
        assert answer_feature(log, 3) > 2
        say(log, 2, "Well then.", FAR, name="Bob")
        assert answer_feature(log, 3) == 0

    @pytest.mark.parametrize(("weight", "order"), [(RankingWeights().answer, [2, 4]), (0.0, [4, 2])])
    def test_an_answer_comes_before_what_is_a_little_nearer(self, log, weight, order):
        say(log, 1, "What is it?", NEAR, name="Bob")
        say(log, 2, "Blue.", FAR)
        say(log, 3, "So it goes.", NEAR, name="Bob", session_id="s2")
        say(log, 4, "Grey.", (0.02, 0.2, 0.3, 0.9), session_id="s2")
        query = SearchQuery("?", ASKED, 40, weights=RankingWeights(answer=weight))
        found = [one.turn.id.int for one in search_index(log.scope, query) if one.turn is not None]
        assert [number for number in found if number in order] == order

    def test_without_vectors_nothing_is_an_answer(self, log):
        say(log, 1, "What is it?", NEAR, name="Bob")
        say(log, 2, "Blue.", FAR)
        plan = plan_query(log.scope, SearchQuery("boat", None, 10))
        assert "answer" not in ExactSearchIndex(log.scope).match(plan).features

    def test_a_large_user_has_it_as_well(self):
        made = Random(4)
        made.grow(1, 90)
        exact = made.log.scope
        for number in (900, 901):
            at = made.log.turn(number, "What is it?" if number == 900 else "Blue.", name=f"n{number}")
            exact.set_vector(at, True, np.array(NEAR if number == 900 else FAR, np.float32))
        wanted = SearchQuery("What was it?", ASKED, 100)
        scope = large(exact, len(exact.turns), len(exact.memories))
        found, expected = ask(scope, Held(exact), wanted), search_index(exact, wanted)
        by_id = {one.id: one.features["answer"] for one in expected}
        assert any(value > 0 for value in by_id.values())
        assert {one.id: one.features["answer"] for one in found} == pytest.approx(by_id, abs=1e-3)


class TestFact:
    @pytest.mark.parametrize("told", ["Ann's boat is red", "Ann owns a red boat", "The boat of Ann is red"])
    def test_what_became_a_memory_comes_before_what_did_not(self, told: str):
        log = Log()
        for number in range(1, 31):
            log.turn(number, "The harbour is quiet today.", session_id=f"s{number}")
        plain = log.turn(41, "My boat is red.", session_id="a")
        stated = log.turn(42, "My boat is red.", session_id="b")
        log.memory(1, told, stated)
        for number in range(2, 8):
            log.memory(number, f"Ann was at harbour {number}", UUID(int=number))
        plan = plan_query(log.scope, SearchQuery("Which boat is red?", None, 10))
        fact = ExactSearchIndex(log.scope).match(plan).features["fact"]
        at = log.scope.turns.id_map
        assert fact[at[stated]] > 0
        assert fact[at[plain]] == 0
        assert log.ask("Which boat is red?")[0].turn.id == stated

    def test_a_memory_beside_the_question_takes_nothing_from_its_turn(self):
        log = Log()
        for number in range(1, 9):
            at = log.turn(number, f"The boat {number} is red.", session_id=f"s{number}")
            log.memory(number, "Ann likes tea" if number == 1 else f"The boat {number} is red", at)
        plan = plan_query(log.scope, SearchQuery("boat", None, 10))
        fact = ExactSearchIndex(log.scope).match(plan).features["fact"]
        assert fact[0] == 0
        assert (fact >= 0).all()


class TestUnread:
    @pytest.mark.parametrize(
        ("words", "counts"), [(0, False), (10, False), (100, False), (151, True), (2_000, True)]
    )
    def test_words_of_a_turn_too_long_for_the_model_count_more(self, words: int, counts: bool):
        log = Log()
        for number in range(1, 9):
            log.turn(number, "The harbour is quiet today.")
        log.turn(9, f"{'harbour ' * words}the piano is repaired")
        plan = plan_query(log.scope, SearchQuery("Who repaired the piano?", None, 10))
        features = ExactSearchIndex(log.scope).match(plan).features
        assert features["unread_lexical"][8] == pytest.approx(features["lexical"][8] if counts else 0)
        assert not features["unread_lexical"][:8].any()
