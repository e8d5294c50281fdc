"""Which of several like statements goes into which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.core.vocabulary import Kind, Origin
from app.memory.reconciliation.duplicates import MergeCandidate, find_duplicates

A, B, C = (UUID(int=n) for n in (1, 2, 3))
SAID = datetime(2026, 3, 1, tzinfo=UTC)


def statement(memory_id: UUID, content: str = "Ann walks.") -> MergeCandidate:
    return MergeCandidate(
        memory_id, Kind.FACT, "state", content, Origin.USER, 1, None, None, None, None, SAID
    )


ALL = {memory_id: statement(memory_id) for memory_id in (A, B, C)}


def test_the_oldest_takes_in_the_others_whatever_order_the_pairs_have():
    pairs = [(B, A, 0.97), (A, B, 0.97), (C, A, 0.96)]
    assert find_duplicates(ALL, pairs) == find_duplicates(ALL, pairs[::-1]) == [(B, A, 0.97), (C, A, 0.96)]


def test_of_equal_authority_what_was_said_first_stays():
    later = ALL | {A: replace(ALL[A], valid_from=SAID + timedelta(days=1))}
    assert find_duplicates(later, [(A, B, 0.97)]) == [(A, B, 0.97)]


def test_nothing_drifts_along_a_chain():
    assert find_duplicates(ALL, [(A, B, 0.96), (B, C, 0.96)]) == [(B, A, 0.96)]


def test_the_word_of_most_authority_stays():
    edited = ALL | {B: replace(ALL[B], origin=Origin.EDIT)}
    assert find_duplicates(edited, [(A, B, 0.99)]) == [(A, B, 0.99)]


@pytest.mark.parametrize(
    "other",
    [
        replace(ALL[B], content="Ann walks 5 km."),
        replace(ALL[B], content="Ann never walks."),
        replace(ALL[B], kind=Kind.EVENT),
        replace(ALL[B], polarity=-1),
    ],
)
def test_what_differs_stays(other):
    assert find_duplicates(ALL | {B: other}, [(A, B, 0.99)]) == []


def test_less_than_the_bound_is_not_the_same():
    assert find_duplicates(ALL, [(A, B, 0.949), (A, C, 0.95)]) == [(C, A, 0.95)]
