"""What an index hands to the ranking: the candidates of one query with their features."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.matching.turn_vectors import TurnVectors
from app.memory.ranking.query_plan import Mask, QueryPlan

DocIds = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GranularityScores:
    """Scores (k,) of the items of a granularity, each of which stands for `counts` (k,) items; None = one."""

    scores: FloatArray
    counts: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """The turns (c,) of `index` that are ranked, ascending, and their features, (c,) each.

    `passes_filters` (c,) are those that may be results or lead to one. `memory_scores` (m,) tell how well
    each memory matches by itself; `memories` are those that were looked at with their turns, None = all.
    `orphans` are the memories that may be results without a turn.
    `granularities` are the statistics of the router. `vectors` are those of the turns, None without a query
    vector. `is_complete`: no other row passes the filters.
    """

    index: UserIndex
    turns: DocIds
    passes_filters: Mask
    features: Mapping[str, FloatArray]
    memory_scores: FloatArray
    memories: DocIds | None
    orphans: DocIds
    granularities: Mapping[str, GranularityScores]
    vectors: TurnVectors | None
    is_complete: bool

    def find_unmatched(self, memories: DocIds) -> DocIds:
        """Those of these memories that were not looked at."""
        return np.setdiff1d(memories, self.memories) if self.memories is not None else memories[:0]


class SearchIndex(Protocol):
    """An index that finds the candidates of a query; the one place where exact and ANN search differ."""

    def match(self, plan: QueryPlan) -> Candidates:
        """The candidates of a query."""
        ...
