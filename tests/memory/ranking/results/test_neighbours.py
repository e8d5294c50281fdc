"""Turns beside what was found: of the same session, in order, none twice, none that is true no more."""

from uuid import UUID

import pytest

from app.core.vocabulary import Status
from app.memory.index.user_index import UserIndex
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.results.neighbours import NeighbourTurn, build_neighbours, collect_neighbours
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_search_index import Log

SLOT = {"subject": "ann", "attribute": "residence"}


@pytest.fixture
def log() -> Log:
    return Log()


def find_neighbour_turns(
    scope: UserIndex, wanted: SearchQuery, found: list[SearchResult], reach: int
) -> list[list[NeighbourTurn]]:
    documents = Documents.of_index(scope)
    return build_neighbours(wanted, documents, found, collect_neighbours(documents, found, reach))


def near(log: Log, query: str, reach: int = 1, **values) -> list[list[tuple[int, int]]]:
    """For each item (offset, number) of the turns beside it."""
    wanted = SearchQuery(query, None, values.pop("count", 1), **values)
    found = search_index(log.scope, wanted)
    return [
        [(one.offset, one.turn.id.int) for one in some]
        for some in find_neighbour_turns(log.scope, wanted, found, reach)
    ]


class TestBeside:
    @pytest.fixture
    def talk(self, log: Log) -> Log:
        for number, said in enumerate(["Hello.", "Guess what.", "A violin!", "Whose?", "My aunt's."], 1):
            log.turn(number, said)
        log.turn(6, "Nice weather.", session_id="s2")
        return log

    @pytest.mark.parametrize(
        ("reach", "expected"),
        [
            (0, []),
            (1, [(-1, 2), (1, 4)]),
            (2, [(-2, 1), (-1, 2), (1, 4), (2, 5)]),
            (3, [(-2, 1), (-1, 2), (1, 4), (2, 5)]),
        ],
    )
    def test_they_come_in_order_and_from_the_session_only(self, talk, reach, expected):
        assert near(talk, "violin", reach) == [expected]

    def test_a_turn_that_arrives_late_stands_where_it_was_said(self, log):
        log.turn(1, "Guess what.")
        log.turn(5, "A violin!")
        log.turn(3, "Do you hear it?")
        assert near(log, "violin") == [[(-1, 3)]]

    def test_what_is_an_item_is_beside_none_and_the_rest_beside_the_first(self, log):
        for number, said in enumerate(["Yes.", "A violin, a violin!", "Old?", "The violin is old wood."], 1):
            log.turn(number, said)
        assert near(log, "violin", 2, count=2) == [[(-1, 1), (1, 3)], []]

    def test_a_memory_has_the_turns_beside_the_one_that_says_it(self, talk):
        talk.memory(1, "Ann was given a violin", UUID(int=3))
        assert near(talk, "violin", kinds=frozenset(["fact"])) == [[(-1, 2), (1, 4)]]

    def test_a_memory_in_the_place_of_its_turn_keeps_it_from_coming_beside_another(self, log):
        for number, said in enumerate(["Yes.", "A violin, a violin!", "It's old, that one.", "Fine."], 1):
            log.turn(number, said)
        memory = log.memory(1, "The violin is of great age", UUID(int=3))
        assert set(log.ids("violin of great age", count=2)) == {memory, UUID(int=2)}
        assert sorted(near(log, "violin of great age", count=2)) == [[(-1, 1)], [(1, 4)]]

    def test_a_labelled_example_has_them_too_and_a_memory_without_a_turn_none(self, talk):
        talk.memory(1, "violin: strings", UUID(int=3), kind="example")
        talk.memory(2, "Ann sells horns")
        assert near(talk, "violin strings", kinds=frozenset(["example"])) == [[(-1, 2), (1, 4)]]
        assert near(talk, "horns", kinds=frozenset(["fact"])) == [[]]

    def test_another_agents_turn_is_not_shown_to_one(self, log):
        log.turn(1, "A secret.", agent_id="a2")
        log.turn(2, "A violin!", agent_id="a1")
        log.turn(3, "Nice.", agent_id="a1", role="assistant")
        user_only = frozenset(["user"])
        assert near(log, "violin", agent_id="a1", roles=user_only) == [[(1, 3)]]


class TestSuperseded:
    @pytest.fixture
    def moved(self, log: Log) -> Log:
        log.turn(1, "I live in Oslo.")
        log.turn(2, "The violin was stolen.")
        log.memory(
            1, "Ann lives in Oslo", UUID(int=1), quote="I live in Oslo", status=Status.SUPERSEDED, **SLOT
        )
        return log

    def test_it_names_what_replaced_it(self, moved):
        later = moved.turn(3, "I moved to Bergen.", session_id="s2")
        bergen = moved.memory(2, "Ann lives in Bergen", later, **SLOT)
        wanted = SearchQuery("stolen violin", None, 1)
        ((one,),) = find_neighbour_turns(moved.scope, wanted, search_index(moved.scope, wanted), 1)
        assert (one.turn.id.int, one.superseded_by) == (1, [bergen])

    def test_with_nothing_in_its_place_it_is_left_out_like_an_item(self, moved):
        assert near(moved, "stolen violin") == [[]]
        assert near(moved, "stolen violin", include_superseded=True) == [[(-1, 1)]]
