"""The inverted index counts as one would count by hand, however its texts came."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from app.memory.index.inverted_index import (
    InvertedIndex,
    expand_postings,
    postings_from_counts,
    score_across_indexes,
)
from app.memory.index.serialization import deserialize_arrays, serialize_arrays

TEXTS = ("cat sat cat", "dog sat", "", "cat dog bird dog dog")
QUERIES = ("cat", "cat dog", "bird", "sat sat", "fish", "")


def appended(texts: tuple[str, ...]) -> InvertedIndex:
    index = InvertedIndex()
    for text in texts:
        index.add_document(text.split())
    return index


def loaded(texts: tuple[str, ...]) -> InvertedIndex:
    """All of them from a snapshot."""
    index = InvertedIndex()
    index.load_arrays(deserialize_arrays(serialize_arrays(appended(texts).to_arrays())))
    return index


def half_loaded(texts: tuple[str, ...]) -> InvertedIndex:
    index = loaded(texts[:2])
    for text in texts[2:]:
        index.add_document(text.split())
    return index


def replaced(texts: tuple[str, ...]) -> InvertedIndex:
    """Texts of a snapshot that said something else."""
    index = loaded(tuple("cat bird bird" for _ in texts))
    for number, text in enumerate(texts):
        index.replace_document(number, ["cat", "bird", "bird"], text.split())
    return index


def by_hand(query: str, texts: tuple[str, ...]) -> list[float]:
    """BM25 by its definition, k1 = 1.2 and b = .75."""
    words = [text.split() for text in texts]
    mean = sum(map(len, words)) / len(words)
    scores = []
    for one in words:
        total = 0.0
        for term in dict.fromkeys(query.split()):
            having = sum(term in other for other in words)
            rare = math.log(1 + (len(words) - having + 0.5) / (having + 0.5))
            often = one.count(term)
            total += rare * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * len(one) / mean))
        scores.append(total)
    return scores


@pytest.mark.parametrize("built", [appended, loaded, half_loaded, replaced])
@pytest.mark.parametrize("query", QUERIES)
def test_scores_are_those_of_the_definition(built: Callable[..., InvertedIndex], query: str):
    index = built(TEXTS)
    assert index.score_documents(query.split()).tolist() == pytest.approx(by_hand(query, TEXTS), abs=1e-5)
    assert index.document_lengths.tolist() == [3, 2, 0, 5]


@pytest.mark.parametrize("cut", range(5))
@pytest.mark.parametrize("query", QUERIES)
def test_several_indexes_score_as_one(cut: int, query: str):
    parts = [appended(TEXTS[:cut]), loaded(TEXTS[cut:])]
    found = score_across_indexes(parts, query.split())
    assert found.tolist() == pytest.approx(by_hand(query, TEXTS), abs=1e-5)


@pytest.mark.parametrize("built", [appended, loaded, half_loaded, replaced])
def test_a_change_is_seen_by_the_next_question_though_the_one_before_was_kept(
    built: Callable[..., InvertedIndex],
):
    index = built(TEXTS)
    index.score_documents(["cat", "dog", "bird"])
    index.replace_document(0, TEXTS[0].split(), ["bird"])
    index.add_document(["cat"])
    now = ("bird", *TEXTS[1:], "cat")
    for query in QUERIES:
        assert index.score_documents(query.split()).tolist() == pytest.approx(by_hand(query, now), abs=1e-5)


def test_coverage_is_the_share_of_the_weights():
    covered = appended(TEXTS).term_coverage({"cat": 3.0, "bird": 1.0, "fish": 1.0})
    assert covered.tolist() == pytest.approx([0.6, 0, 0, 0.8])


@pytest.mark.parametrize("texts", [4, 4000])
def test_counts_at_several_places_are_added_whether_texts_are_few_or_many(texts: int):
    near = [np.array([0, 2]), np.array([2, texts])]  # the last of them is no text
    places, counts = expand_postings(near, np.array([1, 5], np.float32), texts)
    assert places.tolist() == [0, 2]
    assert counts.tolist() == [1, 6]


def test_a_column_of_counts_leaves_out_the_zeros():
    places, counts = postings_from_counts(np.array([0, 2, 0, 1], np.float32))
    assert (places.tolist(), counts.tolist()) == ([1, 3], [2, 1])
