"""Which neighbours are related, and which index words a neighbour may get."""

from uuid import UUID

from app.memory.reconciliation.linking import LinkingLimits, add_index_words, select_related

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def test_only_near_ones_are_related_nearest_first():
    assert select_related({A: 0.75, B: 0.749, C: 0.9}) == [(C, 0.9), (A, 0.75)]


def test_at_most_so_many():
    many = {UUID(int=n): 0.8 for n in range(1, 20)}
    assert [memory_id.int for memory_id, _ in select_related(many)] == list(
        range(1, LinkingLimits().max_links + 1)
    )


def test_index_words_must_have_been_said_and_come_once():
    said = ["Ann sails to Bergen.", "sea trip"]
    assert add_index_words(["boat"], ["Bergen", "bergen", "Boat", "sea", "ail", "Oslo", " "], said) == [
        "boat",
        "bergen",
        "sea",
    ]


def test_at_most_five_are_added():
    words = list("abcdefgh")
    assert add_index_words([], words, words) == words[:5]
