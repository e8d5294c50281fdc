"""The relevance of an item: one scale for all users and questions."""

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.relevance import Relevance, map_relevance, score_relevance
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_abstention import SCALE
from tests.memory.ranking.test_search_index import Log, day

NEAR, HALF, FAR = [1, 0, 0, 0], [0.6, 0.8, 0, 0], [0, 1, 0, 0]


def relevance_of(log: Log, query: str, direction: list[float] | None, **values: object) -> Relevance:
    vector = None if direction is None else np.asarray(direction, np.float32)
    wanted = SearchQuery(query, vector, 10, relevance_scale=SCALE, reference_time=day(100), **values)  # type: ignore[arg-type]
    plan, documents = plan_query(log.scope, wanted), Documents.of_index(log.scope)
    found = score_relevance(plan, documents, search_index(log.scope, wanted))
    assert found is not None
    return found


@pytest.fixture
def log() -> Log:
    made = Log()
    turn = made.turn(1, "We went sailing on the fjord.")
    made.scope.set_vector(turn, True, np.asarray(NEAR, np.float32))
    return made


@pytest.mark.parametrize(
    ("query", "direction", "low", "high"),
    [
        ("sailing fjord", NEAR, 0.99, 1.0),
        ("sailing fjord", HALF, 0.9, 1.0),
        ("sailing fjord", FAR, 0.3, 0.5),
        ("zeppelin", NEAR, 0.9, 1.0),
        ("zeppelin", HALF, 0.3, 0.5),
        ("zeppelin", FAR, 0.0, 0.01),
        ("zeppelin sailing", HALF, 0.5, 0.95),
        ("SAILING!!!", FAR, 0.3, 0.5),
        ("sail fjords", FAR, 0.3, 0.5),
        ("…", FAR, 0.0, 0.01),
        ("…", NEAR, 0.9, 1.0),
        ("船", FAR, 0.0, 0.01),
        ("sailing " * 400, FAR, 0.3, 0.5),
        ("sailing fjord", None, 0.9, 1.0),
        ("zeppelin", None, 0.1, 0.2),
        ("zeppelin sailing", None, 0.2, 0.9),
        ("\u202esailing", FAR, 0.3, 0.5),
        ("sailing -zeppelin", FAR, 0.0, 0.4),
        ("sailing' OR 1=1", FAR, 0.0, 0.5),
        ("Ann sailing", NEAR, 0.9, 1.0),
    ],
)
def test_grows_with_meaning_and_with_words(log, query, direction, low, high):
    found = relevance_of(log, query, direction)
    assert low <= float(found.values[0]) <= high


def test_does_not_depend_on_what_else_the_user_holds(log):
    before = float(relevance_of(log, "sailing fjord", HALF).values[0])
    for number in range(2, 60):
        turn = log.turn(number, f"Something else of day {number}.")
        log.scope.set_vector(turn, True, np.asarray(FAR, np.float32))
    after = relevance_of(log, "sailing fjord", HALF)
    assert float(after.values.max()) == pytest.approx(before, abs=1e-3)


def test_a_row_without_a_vector_is_judged_by_its_words_and_decides_nothing(log):
    log.turn(2, "We went sailing again.")
    found = relevance_of(log, "sailing", NEAR)
    assert found.by_vector.tolist().count(False) == 1
    assert found.best is None
    log.scope.set_vector(UUID(int=2), True, np.asarray(NEAR, np.float32))
    assert relevance_of(log, "sailing", NEAR).best == pytest.approx(1.0, abs=0.01)


def test_a_question_for_a_time_is_answered_by_what_is_of_that_time():
    log = Log()
    for number, content in ((3, "We went sailing."), (40, "The boiler is broken.")):
        turn = log.turn(number, content)
        log.scope.set_vector(turn, True, np.asarray(NEAR, np.float32))
    when = day(3)
    found = relevance_of(log, f"What happened on {when:%d %B %Y}?", FAR)
    assert sorted(value > 0.5 for value in found.values.tolist()) == [False, True]


def test_a_model_without_a_scale_has_none(log):
    wanted = SearchQuery("sailing", np.asarray(NEAR, np.float32), 10)
    plan, documents = plan_query(log.scope, wanted), Documents.of_index(log.scope)
    assert score_relevance(plan, documents, search_index(log.scope, wanted)) is None
    assert map_relevance([], None) == {}


def test_a_memory_has_its_own(log):
    memory = log.memory(1, "Ann has a sailing boat", UUID(int=1))
    log.scope.set_vector(memory, False, np.asarray(FAR, np.float32))
    wanted = SearchQuery("sailing boat", np.asarray(FAR, np.float32), 10, relevance_scale=SCALE)
    plan, documents = plan_query(log.scope, wanted), Documents.of_index(log.scope)
    results = search_index(log.scope, replace(wanted, kinds=frozenset(["fact"])))
    by_id = map_relevance(results, score_relevance(plan, documents, results))
    assert by_id.keys() == {memory}
    assert by_id[memory] > 0.9
