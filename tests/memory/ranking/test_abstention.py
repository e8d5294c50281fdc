"""When a search says that it holds no answer."""

from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import AbstainReason, Status
from app.llm.embeddings import LOCAL_MODEL_ID, RELEVANCE_SCALES
from app.memory.ranking.abstention import choose_abstain_reason
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.relevance import score_relevance
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_search_index import Log, day

SCALE = RELEVANCE_SCALES[LOCAL_MODEL_ID]


def judged(log: Log, wanted: SearchQuery) -> AbstainReason | None:
    plan, documents = plan_query(log.scope, wanted), Documents.of_index(log.scope)
    found = search_index(log.scope, wanted)
    return choose_abstain_reason(plan, documents, found, score_relevance(plan, documents, found))


def reason(log: Log, query: str, **values: object) -> AbstainReason | None:
    wanted = SearchQuery(query, None, 10, reference_time=day(200), **values)  # type: ignore[arg-type]
    return judged(log, wanted)


@pytest.fixture
def log() -> Log:
    made = Log()
    made.turn(1, "We went sailing.")
    return made


def test_what_is_there_is_an_answer(log):
    assert reason(log, "sailing") is None


def test_nothing_is_no_match():
    assert reason(Log(), "sailing") is AbstainReason.NO_MATCH


@pytest.mark.parametrize(("when", "expected"), [("2019", AbstainReason.OUT_OF_RANGE), ("2026", None)])
def test_a_time_of_which_nothing_is_held_is_out_of_range(log, when, expected):
    assert reason(log, f"Did we go sailing in {when}?") is expected


@pytest.mark.parametrize("include", [False, True])
def test_only_what_is_no_longer_true(include):
    log = Log()
    log.memory(1, "Ann lives in Oslo", status=Status.SUPERSEDED)
    assert reason(log, "Oslo", include_superseded=include) is AbstainReason.ONLY_SUPERSEDED


def test_what_fits_best_is_in_conflict():
    log = Log()
    one = log.memory(1, "Ann lives in Oslo")
    other = log.memory(2, "Ann lives in Lima")
    assert reason(log, "Oslo") is None
    log.scope.conflicts = {one: [other], other: [one]}
    assert reason(log, "Oslo") is AbstainReason.CONFLICT


class TestUnrelated:
    """What is found has neither the meaning nor the words of the question."""

    @pytest.mark.parametrize(
        ("query", "direction", "expected"),
        [
            ("zeppelin museum", [0, 1, 0, 0], AbstainReason.NO_MATCH),
            ("zeppelin museum", [1, 0, 0, 0], None),  # near in meaning
            ("sailing", [0, 1, 0, 0], None),  # the same words
            ("sailing zeppelin museum hangar", [0, 1, 0, 0], AbstainReason.NO_MATCH),  # a quarter of them
        ],
    )
    def test_by_cosine_and_by_the_share_of_words(self, log, query, direction, expected):
        log.scope.set_vector(UUID(int=1), True, np.asarray([1, 0, 0, 0], np.float32))
        wanted = SearchQuery(query, np.asarray(direction, np.float32), 10, relevance_scale=SCALE)
        assert judged(log, wanted) is expected

    def test_is_not_said_while_a_vector_is_missing_or_without_a_threshold(self, log):
        vector = np.asarray([0, 1, 0, 0], np.float32)
        wanted = SearchQuery("zeppelin", vector, 10, relevance_scale=SCALE)
        assert judged(log, wanted) is None
        log.scope.set_vector(UUID(int=1), True, np.asarray([1, 0, 0, 0], np.float32))
        wanted = SearchQuery("zeppelin", vector, 10)
        assert judged(log, wanted) is None
