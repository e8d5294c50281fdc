"""Links between one user's memories as columns, and the graph that they form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import LinkType
from app.memory.index.arrays import GrowableArray
from app.memory.index.serialization import NamedArrays

# Weights by link type (chosen). A link that replaces or contradicts a memory leads to nothing related.
EDGE_WEIGHTS: Mapping[str, float] = {
    LinkType.DERIVED_FROM: 1.0,
    LinkType.RELATES: 0.6,
}


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Adjacency of memories in CSR form.

    Memory i is linked to edge_targets[edge_offsets[i]:edge_offsets[i + 1]], and every link is stored in both
    directions. `normalised_weights` are the link's weight divided by the square root of the product of both
    ends' total weights (symmetric normalisation): a memory that is linked to everything says little about
    anything.
    """

    edge_offsets: NDArray[np.intp]
    edge_targets: NDArray[np.intp]
    normalised_weights: NDArray[np.float32]


class LinkTable:
    """The links between memories, by doc id."""

    def __init__(self) -> None:
        self._columns = {
            "source": GrowableArray(np.int32),
            "target": GrowableArray(np.int32),
            "worth": GrowableArray(np.float32),
            "holds": GrowableArray(np.bool_),
        }

    def replace_links(self, sources: Sequence[int], links: Sequence[tuple[int, int, float]]) -> None:
        """Set the links (source, target, weight) that start at these memories, in place of their old ones."""
        old_sources = self._columns["source"].as_array
        if len(old_sources):
            self._columns["holds"][np.flatnonzero(np.isin(old_sources, sources))] = False
        self.add_links(links)

    def add_links(self, links: Sequence[tuple[int, int, float]]) -> None:
        """Add links (source, target, weight)."""
        for source, target, weight in links:
            values = {"source": source, "target": target, "worth": weight, "holds": True}
            for name, value in values.items():
                self._columns[name].append(value)

    def build_graph(self, nodes: NDArray[np.bool_]) -> LinkGraph:
        """The graph of the links between the memories selected by the mask `nodes`, (m,)."""
        source, target, weight, is_valid = (column.as_array for column in self._columns.values())
        kept = is_valid & (weight > 0) & nodes[source] & nodes[target]
        ends = np.concatenate([source[kept], target[kept]]), np.concatenate([target[kept], source[kept]])
        order = np.argsort(ends[0], kind="stable")
        edge_sources, edge_targets, edge_weights = (
            ends[0][order],
            ends[1][order],
            np.tile(weight[kept], 2)[order],
        )
        total_weights = np.bincount(edge_sources, edge_weights, len(nodes))
        normalised = edge_weights / np.sqrt(total_weights[edge_sources] * total_weights[edge_targets])
        offsets = np.searchsorted(edge_sources, np.arange(len(nodes) + 1))
        return LinkGraph(offsets, edge_targets.astype(np.intp), normalised.astype(np.float32))

    def targets_by_source(self) -> dict[int, list[int]]:
        """{source: its targets} of all valid links."""
        targets: dict[int, list[int]] = {}
        is_valid = self._columns["holds"].as_array
        ends = (self._columns[name].as_array[is_valid].tolist() for name in ("source", "target"))
        for source, target in zip(*ends, strict=True):
            targets.setdefault(source, []).append(target)
        return targets

    def to_arrays(self) -> NamedArrays:
        """All valid links as arrays."""
        is_valid = self._columns["holds"].as_array
        return {name: column.as_array[is_valid] for name, column in self._columns.items()}

    def load_arrays(self, parts: NamedArrays) -> None:
        """Replace the contents by the links of `parts`."""
        for name, column in self._columns.items():
            column.load_rows(parts[name])
