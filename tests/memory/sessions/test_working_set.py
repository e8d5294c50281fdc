"""Memories compete for slots by recent use."""

from uuid import UUID

from app.memory.sessions.working_set import MAX_SLOTS, MemoryUse, select_working_set

EQUAL = {UUID(int=n): 0.5 for n in range(40)}


def said(number: int, turns_ago: int) -> MemoryUse:
    return MemoryUse(UUID(int=number), turns_ago, True)


def winners(*uses: MemoryUse, slots: int = MAX_SLOTS) -> list[int]:
    return [memory_id.int for memory_id, _ in select_working_set(uses, EQUAL, slots)]


class TestCompete:
    def test_a_newcomer_takes_the_slot_of_the_least(self):
        held = [said(n, n + 1) for n in range(MAX_SLOTS)]
        assert winners(*held) == list(range(MAX_SLOTS))
        assert winners(*held, said(30, 0)) == [30, *range(MAX_SLOTS - 1)]

    def test_one_that_lost_is_back_when_it_is_used_again(self):
        uses = [said(n, 30 - n) for n in range(30)]
        assert 0 not in winners(*uses)
        assert winners(*uses, said(0, 0))[0] == 0

    def test_often_beats_late(self):
        assert winners(said(1, 3), said(1, 4), said(2, 0), slots=1) == [1]

    def test_said_beats_shown(self):
        assert winners(MemoryUse(UUID(int=1), 0, False), said(2, 0), slots=1) == [2]

    def test_importance_counts(self):
        weights = {UUID(int=1): 0.1, UUID(int=2): 0.9}
        assert select_working_set([said(1, 0), said(2, 3)], weights, 1)[0][0] == UUID(int=2)

    def test_what_is_not_current_has_no_slot(self):
        assert select_working_set([said(1, 0)], {}, MAX_SLOTS) == []

    def test_ties_do_not_depend_on_the_order(self):
        assert winners(said(2, 0), said(1, 0)) == winners(said(1, 0), said(2, 0)) == [1, 2]
