"""Links between one user's memories as columns, and the graph that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import LinkType
from app.memory.index.arrays import GrowableArray
from app.memory.index.serialization import NamedArrays

# What a link is worth beside others; what replaces or contradicts a memory does not lead to more of the same.
EDGE_WEIGHTS: Mapping[str, float] = {
    LinkType.DERIVED_FROM: 1.0,
    LinkType.RELATES: 0.6,
}


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Memory i is linked to `other[first[i]:first[i + 1]]`, with these `shares`; every link goes both ways.

    A share is the link's worth divided by the square root of what all links of the one and all of the other
    are worth: who is linked to everything says little of anything.
    """

    edge_offsets: NDArray[np.intp]
    edge_targets: NDArray[np.intp]
    normalised_weights: NDArray[np.float32]


class LinkTable:
    """Which memories are linked, by their rows."""

    def __init__(self) -> None:
        self._columns = {
            "source": GrowableArray(np.int32),
            "target": GrowableArray(np.int32),
            "worth": GrowableArray(np.float32),
            "holds": GrowableArray(np.bool_),
        }

    def replace_links(self, sources: Sequence[int], links: Sequence[tuple[int, int, float]]) -> None:
        """Set the links (source, target, worth) that start at these memories, instead of those they had."""
        held = self._columns["source"].as_array
        if len(held):
            self._columns["holds"][np.flatnonzero(np.isin(held, sources))] = False
        for source, target, worth in links:
            values = {"source": source, "target": target, "worth": worth, "holds": True}
            for name, value in values.items():
                self._columns[name].append(value)

    def build_graph(self, nodes: NDArray[np.bool_]) -> LinkGraph:
        """The links between those memories that are `nodes`, (m,)."""
        source, target, worth, holds = (column.as_array for column in self._columns.values())
        held = holds & (worth > 0) & nodes[source] & nodes[target]
        ends = np.concatenate([source[held], target[held]]), np.concatenate([target[held], source[held]])
        order = np.argsort(ends[0], kind="stable")
        one, other, each = ends[0][order], ends[1][order], np.tile(worth[held], 2)[order]
        whole = np.bincount(one, each, len(nodes))
        shares = each / np.sqrt(whole[one] * whole[other])
        first = np.searchsorted(one, np.arange(len(nodes) + 1))
        return LinkGraph(first, other.astype(np.intp), shares.astype(np.float32))

    def to_arrays(self) -> NamedArrays:
        """All that hold, as arrays."""
        held = self._columns["holds"].as_array
        return {name: column.as_array[held] for name, column in self._columns.items()}

    def load_arrays(self, parts: NamedArrays) -> None:
        """Let it hold the links of `parts`."""
        for name, column in self._columns.items():
            column.load_rows(parts[name])
