"""What the best hits pass on over links."""

from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Status
from app.memory.index.link_graph import LinkGraph, LinkTable
from app.memory.index.user_index import UserIndex
from app.memory.ranking.graph_spread import MAX_NODES, LinkScores, propagate_scores
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.search_index import search_index
from app.memory.ranking.weights import RankingWeights
from tests.memory.index.test_serialization import again
from tests.memory.ranking.test_search_index import Log


def graph(count: int, *links: tuple[int, int, float]) -> LinkGraph:
    """Of `count` memories, all current."""
    made = LinkTable()
    made.replace_links(sorted({source for source, _, _ in links}), links)
    return made.build_graph(np.ones(count, np.bool_))


def arrived(links: LinkGraph, *starts: int) -> dict[int, float]:
    rows, amounts = propagate_scores(links, np.array(starts, np.intp), np.ones(len(starts), np.float32))
    return {int(row): round(float(amount), 4) for row, amount in zip(rows, amounts, strict=True)}


class TestSpread:
    def test_it_goes_over_links_both_ways_and_no_further_than_two(self):
        chain = graph(5, (0, 1, 1.0), (2, 1, 1.0), (2, 3, 1.0), (3, 4, 1.0))
        got = arrived(chain, 0)
        assert set(got) == {0, 1, 2}
        assert got[1] > got[2] > 0
        assert set(arrived(chain, 4)) == {4, 3, 2}

    def test_one_that_is_linked_to_everything_passes_little_on(self):
        hub = graph(22, *((0, other, 1.0) for other in range(1, 21)), (21, 20, 1.0))
        assert arrived(hub, 0)[1] < arrived(hub, 21)[20]

    def test_a_link_that_is_worth_more_brings_more(self):
        got = arrived(graph(3, (0, 1, 0.9), (0, 2, 0.3)), 0)
        assert got[1] > got[2]

    def test_at_most_so_many_are_reached(self):
        star = graph(2 * MAX_NODES, *((0, other, 1.0) for other in range(1, 2 * MAX_NODES)))
        assert len(arrived(star, 0)) == MAX_NODES

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.integers(0, 9))
    def test_no_more_arrives_than_was_sent_and_nothing_where_no_link_leads(self, pairs, start):
        links = [(one, other, 0.8) for one, other in dict.fromkeys(pairs) if one != other]
        got = arrived(graph(10, *links), start)
        assert all(0 <= amount <= 1 for amount in got.values())
        ends = {end for link in links for end in link[:2]}
        assert set(got) <= ends

    def test_a_link_that_is_worth_nothing_is_none(self):
        assert arrived(graph(2, (0, 1, 0.0)), 0) == {}

    def test_a_memory_has_the_links_that_were_set_last(self):
        links = LinkTable()
        links.replace_links([0, 1], [(0, 1, 1.0), (1, 2, 1.0)])
        links.replace_links([0], [(0, 3, 1.0)])
        assert arrived(links.build_graph(np.ones(4, np.bool_)), 0).keys() == {0, 3}
        links.replace_links([0], [])
        assert arrived(links.build_graph(np.ones(4, np.bool_)), 0) == {}


@pytest.fixture
def log() -> Log:
    """Memories of turns: the second is linked to the first; forty others are of something else."""
    made = Log()
    told = {1: "Ann flies to Lima in June.", 2: "Rex barks at cyclists."}
    told |= {number: f"The neighbour painted fence number {number}." for number in range(3, 43)}
    for number, text in told.items():
        made.memory(number, text, made.turn(number, text, session_id=f"s{number}"))
    return made


LIMA, REX = UUID(int=1_001), UUID(int=1_002)


def link(scope: UserIndex, *pairs: tuple[UUID, UUID]) -> None:
    scope.replace_links([one for one, _ in pairs], [(one, other, 0.6) for one, other in pairs])


class TestReceived:
    def test_a_memory_that_only_a_link_leads_to_arrives(self, log: Log):
        before = log.ids("When does Ann fly to Lima?", count=5)
        link(log.scope, (LIMA, REX))
        after = log.ids("When does Ann fly to Lima?", count=5)
        assert REX not in before
        assert after[0] == before[0]
        assert after[1] == REX
        found = next(f for f in log.ask("When does Ann fly to Lima?", count=5) if f.id == REX)
        assert found.features["graph"] > 0

    def test_without_the_weight_it_does_not(self, log: Log):
        link(log.scope, (LIMA, REX))
        wanted = SearchQuery("When does Ann fly to Lima?", None, 5, weights=RankingWeights(graph=0.0))
        assert REX not in [found.id for found in search_index(log.scope, wanted)]

    @pytest.mark.parametrize("weight", [0.25, 1.0, 4.0])
    def test_nothing_passes_the_worst_hit(self, weight: float):
        brought = LinkScores(np.zeros(3, np.float32), worst_hit_score=2.0)
        scores, amounts = np.float32([1.5, -3.0, 0.5]), np.float32([4.0, 1.0, 0.0])
        after = scores + weight * brought.capped_gain(amounts, scores, weight)
        assert 1.9 < after[0] < 2
        assert after[1] == pytest.approx(min(-3 + weight, 2), abs=0.01)
        assert after[2] == 0.5

    def test_a_memory_that_is_no_longer_true_neither_passes_on_nor_arrives(self, log: Log):
        link(log.scope, (LIMA, REX))
        text = "Rex barks at cyclists."
        log.memory(2, text, UUID(int=2), status=Status.SUPERSEDED)
        assert REX not in log.ids("When does Ann fly to Lima?", count=5)

    def test_one_that_stands_for_no_turn_arrives_too(self, log: Log):
        insight = log.memory(50, "Cyclists fear the dog.")
        assert insight not in log.ids("When does Ann fly to Lima?", count=3)
        link(log.scope, (insight, LIMA))
        assert insight in log.ids("When does Ann fly to Lima?", count=3)

    def test_filters_hold_for_what_arrives(self, log: Log):
        link(log.scope, (LIMA, REX))
        assert REX not in log.ids("When does Ann fly to Lima?", count=5, tags=frozenset(["dog"]))
        assert REX not in log.ids("When does Ann fly to Lima?", count=5, session_id="s1")

    def test_links_come_out_of_a_pack(self, log: Log):
        link(log.scope, (LIMA, REX), *combinations([UUID(int=1_000 + n) for n in range(3, 7)], 2))
        expected = log.ids("When does Ann fly to Lima?", count=5)
        log.scope = again(log.scope)
        assert log.ids("When does Ann fly to Lima?", count=5) == expected
        assert REX in expected
