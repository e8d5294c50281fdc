"""The features that words give are those of an exact search, for a user of any size."""

import numpy as np
import pytest

from app.memory.numeric import Statistics, standardise_scores
from app.memory.ranking.matching.features import score_words
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from tests.memory.index.test_serialization import Random
from tests.memory.ranking.matching.test_ann_index import large

QUERY = SearchQuery("Where does Ann live, in Oslo or Bergen, and who plays the cello?", None, 5)


def test_a_large_user_has_the_features_of_an_exact_search():
    made = Random(4)
    made.grow(1, 90)
    exact = made.log.scope
    scope = large(exact, 70, len(exact.memories) - 5)
    found, wanted = (score_words(index, plan_query(index, QUERY)) for index in (scope, exact))
    assert found.turns.keys() == wanted.turns.keys()
    for name, column in wanted.turns.items():
        assert column.any() or name in ("speaker", "unread_lexical")
        assert found.turns[name] == pytest.approx(column, abs=1e-5)
    assert found.memories == pytest.approx(wanted.memories, abs=1e-5)


@pytest.mark.parametrize("values", [[0.7] * 6, [3.1, 3.1, 3.1], [0.0, 0.0], [1.0, 2.0, 4.0], []])
def test_a_standard_is_that_of_each_thing_for_itself(values):
    each = np.array(values, np.float32)
    counts = np.arange(1, len(each) + 1).astype(np.float32)
    all_of_them = standardise_scores(np.repeat(each, counts.astype(int)))
    found = Statistics.of(each, counts).standardise(each)
    assert np.repeat(found, counts.astype(int)) == pytest.approx(all_of_them, abs=1e-5)
