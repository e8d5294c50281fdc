"""Sets of memories that contradict each other."""

import random
from uuid import UUID

from app.memory.reconciliation.timeline.conflicts import conflict_sets, conflicts_by_memory

A, B, C, D, E = (UUID(int=n) for n in range(1, 6))


def test_pairs_that_share_a_memory_are_one_set_named_by_the_oldest():
    assert conflict_sets([(C, B), (B, A), (E, D)]) == {A: [A, B, C], D: [D, E]}


def test_no_order_of_the_pairs_changes_the_sets():
    pairs = [(A, C), (B, D), (D, A), (E, D), (C, E)]
    for seed in range(20):
        random.Random(seed).shuffle(pairs)
        turned = [pair[::-1] if seed % 2 else pair for pair in pairs]
        assert conflict_sets(turned) == {A: [A, B, C, D, E]}


def test_nothing_contradicts_nothing():
    assert conflict_sets([]) == conflicts_by_memory([]) == {}


def test_opponents_know_each_other_both_ways():
    assert conflicts_by_memory([(B, A), (A, B), (B, C)]) == {A: [B], B: [A, C], C: [B]}
