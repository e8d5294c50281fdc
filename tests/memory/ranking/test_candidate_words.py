"""What words give a large user's turns is what they would give in an exact search."""

import numpy as np
import pytest

from app.memory.index import index_view
from app.memory.index.index_view import stratified_sample
from app.memory.index.user_index import UserIndex
from app.memory.numeric import standardise_scores
from app.memory.ranking.candidate_words import CandidatePool, FeatureStatistics, LexicalScorer, count_windows
from app.memory.ranking.weights import RankingWeights
from tests.memory.index.test_serialization import Random
from tests.memory.ranking.test_ann_candidates import large

QUERY = "Where does Ann live, in Oslo or Bergen, and who plays the cello?"
NONE = np.zeros(0, np.intp)


@pytest.fixture
def exact() -> UserIndex:
    made = Random(4)
    made.grow(1, 90)
    return made.log.scope


def pool_of(exact: UserIndex, chosen: np.ndarray) -> CandidatePool:
    scope = large(exact, 70, len(exact.memories))
    assert scope.ann_index is not None
    for kind in ("turns", "windows"):
        object.__setattr__(scope.ann_index.vector_statistics[kind], "doc_ids", NONE)
    return LexicalScorer(scope, scope.query_terms(QUERY)).build_pool(chosen, NONE)


def features(exact: UserIndex) -> dict[str, np.ndarray]:
    evidence = np.zeros(len(exact.memories), np.float32)
    found = exact.compute_features(exact.query_terms(QUERY), None, evidence)
    return {name: column for name, column in found.items() if name != "fact"}


def test_all_features_are_those_of_an_exact_search(exact):
    pool, wanted = pool_of(exact, NONE), features(exact)
    assert pool.doc_ids.tolist() == list(range(len(exact.turns)))
    assert pool.features.keys() == wanted.keys()
    for name, column in wanted.items():
        assert column.any() or name == "speaker"
        assert pool.features[name] == pytest.approx(column, abs=1e-3)
    assert pool.session_scores == pytest.approx(
        wanted["session_lexical"][exact.index_view.session_turn], abs=1e-3
    )


def test_a_few_turns_and_a_sample_tell_how_all_lie(exact, monkeypatch):
    """Own words and sessions as exactly as ever, windows about."""
    monkeypatch.setattr(index_view, "SAMPLE_SIZE", 40)
    wanted = features(exact)
    pool = pool_of(exact, np.array([3, 5]))
    assert 40 <= len(pool.doc_ids) < 60
    for name in wanted.keys() - {"window_lexical"}:
        assert pool.features[name] == pytest.approx(wanted[name][pool.doc_ids], abs=1e-3)
    found, right = pool.features["window_lexical"], wanted["window_lexical"][pool.doc_ids]
    assert np.corrcoef(found, right)[0, 1] > 0.9999
    assert found == pytest.approx(right, abs=0.4)


def test_the_neighbours_of_the_chosen_and_what_leads_there_are_in_the_pool(exact, monkeypatch):
    monkeypatch.setattr(index_view, "SAMPLE_SIZE", 1)
    scope = large(exact, 70, len(exact.memories))
    assert scope.ann_index is not None
    places = scope.index_view
    pool = LexicalScorer(scope, []).build_pool(np.array([7]), np.array([20, 11, len(exact.turns)]))
    assert {7, int(places.previous_turn[7]), int(places.next_turn[7]), 11, 20} - {len(exact.turns)} <= set(
        pool.doc_ids.tolist()
    )
    assert pool.required_turns.tolist() == [11, 20]
    assert pool.select_features(np.array([11, 20]))["length"].tolist() == places.length[[11, 20]].tolist()


def test_the_screen_knows_words_names_and_times(exact):
    scope = large(exact, 90, len(exact.memories))
    fitting = np.zeros(len(exact.turns), np.float32)
    fitting[17] = 1
    weights = RankingWeights(length=0)
    terms = scope.query_terms("Oslo")
    plain = LexicalScorer(scope, terms).score_first_stage(weights, None)
    assert plain.argmax() in scope.turns.inverted_index.get_postings(terms)[terms[0]][0]
    timed = LexicalScorer(scope, terms).score_first_stage(weights, fitting)
    assert (timed - plain) == pytest.approx(weights.time * fitting, abs=1e-6)


def test_windows_are_counted_once(exact):
    places = exact.index_view
    rows = np.array([4, 5, 6])
    around = {4, 5, 6, *places.previous_turn[rows].tolist(), *places.next_turn[rows].tolist()} - {
        len(exact.turns)
    }
    assert count_windows(rows, places) == len(around)


def test_a_sample_is_of_all_times_and_of_both_sides_of_a_talk():
    found = stratified_sample(100_000, 1_000)
    assert 950 < len(found) <= 1_000
    assert (np.diff(found) > 0).all()
    assert 0.4 < np.mean(found % 2) < 0.6
    assert np.histogram(found, 10, (0, 100_000))[0].min() > 80
    assert stratified_sample(5, 10).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("values", [[0.7] * 6, [3.1, 3.1, 3.1], [0.0, 0.0], [1.0, 2.0, 4.0], []])
def test_a_standard_is_that_of_each_thing_for_itself(values):
    each = np.array(values, np.float32)
    assert FeatureStatistics.from_values(each).standardise_scores(each) == pytest.approx(
        standardise_scores(each), abs=1e-5
    )
    counts = np.arange(1, len(each) + 1).astype(np.float32)
    all_of_them = standardise_scores(np.repeat(each, counts.astype(int)))
    found = FeatureStatistics.from_values(each, counts).standardise_scores(each)
    assert np.repeat(found, counts.astype(int)) == pytest.approx(all_of_them, abs=1e-5)
