"""Links as columns, and the graph of them whose weights are normalised on both sides."""

import numpy as np
import pytest

from app.memory.index.link_graph import LinkGraph, LinkTable


def table(*links: tuple[int, int, float]) -> LinkTable:
    made = LinkTable()
    made.replace_links(sorted({source for source, _, _ in links}), links)
    return made


def edges(graph: LinkGraph) -> dict[tuple[int, int], float]:
    found = {}
    for one in range(len(graph.edge_offsets) - 1):
        for at in range(graph.edge_offsets[one], graph.edge_offsets[one + 1]):
            found[one, int(graph.edge_targets[at])] = float(graph.normalised_weights[at])
    return found


ALL = np.ones(4, np.bool_)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], {}),
        ([(0, 1, 1.0)], {(0, 1): 1.0}),
        ([(0, 1, 0.3)], {(0, 1): 1.0}),
        ([(1, 0, 1.0), (1, 2, 1.0)], {(0, 1): 0.5**0.5, (1, 2): 0.5**0.5}),
        ([(0, 1, 1.0), (0, 2, 0.6), (1, 2, 0.0)], {(0, 1): 1 / 1.6**0.5, (0, 2): 0.6 / (1.6 * 0.6) ** 0.5}),
        ([(0, 1, 0.0)], {}),
    ],
)
def test_every_link_goes_both_ways_with_its_share(links, expected):
    found = edges(table(*links).build_graph(ALL))
    both = expected | {(target, source): share for (source, target), share in expected.items()}
    assert found == pytest.approx(both)


@pytest.mark.parametrize("gone", [0, 1])
def test_a_link_needs_both_its_ends(gone: int):
    nodes = ALL.copy()
    nodes[gone] = False
    assert edges(table((0, 1, 1.0), (2, 3, 1.0)).build_graph(nodes)) == pytest.approx({(2, 3): 1, (3, 2): 1})


def test_new_links_take_the_place_of_those_of_the_same_memories():
    links = table((0, 1, 1.0), (2, 3, 1.0))
    links.replace_links([0, 1], [(0, 3, 1.0)])
    assert set(edges(links.build_graph(ALL))) == {(0, 3), (3, 0), (2, 3), (3, 2)}
    links.replace_links([2], [])
    assert set(edges(links.build_graph(ALL))) == {(0, 3), (3, 0)}


def test_arrays_hold_what_counts_and_make_the_same_graph():
    links = table((0, 1, 1.0), (2, 3, 0.6))
    links.replace_links([2], [(2, 1, 0.6)])
    again = LinkTable()
    again.load_arrays(links.to_arrays())
    assert len(links.to_arrays()["source"]) == 2
    assert edges(again.build_graph(ALL)) == edges(links.build_graph(ALL))
