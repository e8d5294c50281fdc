"""Which granularity tells what to take, for one question."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memory.ranking.matching.candidates import Candidates, GranularityScores
from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.matching.router import GRANULARITIES, MIN_SHARPNESS, feature_factors, score_sharpness
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_search_index import Log

FLAT, SHARP = np.ones(8, np.float32), np.array([9, 1, 1, 1, 1, 1, 1, 1], np.float32)


def sharpness_of(scores: np.ndarray) -> float:
    return score_sharpness(GranularityScores(scores))


def matched(log: Log, query: str) -> Candidates:
    """The candidates of a search by words."""
    return ExactSearchIndex(log.scope).match(plan_query(log.scope, SearchQuery(query, None, 10)))


def routed(log: Log, query: str) -> dict[str, float]:
    """The factor of each granularity."""
    found = feature_factors(matched(log, query).granularities)
    return {granularity: found[names[0]] for granularity, names in GRANULARITIES.items() if names[0] in found}


class TestSharpness:
    def test_one_that_stands_out_is_sharp_and_what_is_all_alike_is_not(self):
        assert sharpness_of(SHARP) > 0.9
        assert sharpness_of(FLAT) == MIN_SHARPNESS

    def test_few_of_many_are_sharp(self):
        # Not divided by ln N, the entropy of three alike is above 1: nothing would be sharper than that.
        many = np.zeros(1_000, np.float32)
        many[:3] = 1
        assert sharpness_of(many) == pytest.approx(1 - math.log(3) / math.log(1_000), abs=0.01)

    def test_two_that_stand_out_are_less_sharp_than_one(self):
        two = SHARP.copy()
        two[1] = 9
        assert MIN_SHARPNESS < sharpness_of(two) < sharpness_of(SHARP)

    @given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=50))
    def test_it_is_between_the_floor_and_one(self, scores: list[float]):
        assert MIN_SHARPNESS <= sharpness_of(np.array(scores, np.float32)) <= 1


@pytest.fixture
def log() -> Log:
    """Five sessions of three turns that all speak of the garden; the words of a flood are spread over one."""
    made = Log()
    for session in range(5):
        words = ("roses", "trees", "paths") if session else ("river", "rain", "water")
        for place, word in enumerate(words):
            number = 10 * session + place + 1
            made.turn(number, f"The garden has {word} today.", session_id=f"s{session}")
    return made


class TestRoutes:
    def test_a_session_that_stands_out_counts_for_more_than_turns_that_do_not(self, log: Log):
        found = routed(log, "river rain water")
        assert found["session"] > found["turn"]

    def test_a_summary_that_stands_out_counts_for_more_than_turns_that_do_not(self, log: Log):
        log.memory(1, "The flood of the spring came over the garden", kind="summary")
        for number in range(2, 9):
            log.memory(number, f"The garden is of sort {number}")
        found = routed(log, "flood spring")
        assert found["fact"] > found["turn"]

    def test_a_turn_that_stands_out_counts_for_more_than_sessions_that_do_not(self):
        made = Log()
        for session in range(5):
            words = ("red green", "kite plane") if session else ("red kite", "green plane")
            for place, said in enumerate(words):
                made.turn(10 * session + place + 1, said, session_id=f"s{session}")
        found = routed(made, "red kite")
        assert found["turn"] > found["session"]

    def test_the_mean_of_the_squares_is_one(self, log: Log):
        log.memory(1, "Ann has a garden")
        log.memory(2, "Ann has a house")
        squares = [factor**2 for factor in routed(log, "river").values()]
        assert len(squares) == len(GRANULARITIES)
        assert math.fsum(squares) / len(squares) == pytest.approx(1)

    def test_a_granularity_of_one_thing_is_left_as_it_is(self):
        made = Log()
        made.turn(1, "The boat is red.")
        made.memory(1, "Ann has a boat")
        assert routed(made, "boat") == {}
        assert len(made.ids("boat")) == 2

    def test_the_features_of_an_answer_are_the_routed_ones(self, log: Log):
        raw = matched(log, "river").features
        factors = routed(log, "river")
        best = search_index(log.scope, SearchQuery("river", None, 1))[0]
        assert best.turn is not None
        row = log.scope.turns.id_map[best.turn.id]
        for name, granularity in (("lexical", "turn"), ("session_lexical", "session")):
            assert best.features[name] == pytest.approx(float(raw[name][row]) * factors[granularity])
