"""What the best hits pass on over links: a personalised PageRank, cut off after two steps.

After MemGAS (arXiv 2505.19549), which spreads from the 15 best hits over a graph without weights. Here a link
has a worth, what is passed on is divided symmetrically (Zhou et al. 2004, "Learning with local and global
consistency"), and the hits keep their scores: only what is not among them arrives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.link_graph import Graph
from app.memory.index.user_index import Scope
from app.memory.numeric import Array, best_first

HITS = 15
LEAST = 0.5  # of the best score: what is worse is no hit
EDGE = 3  # hits count by this power of their score beside the best
DAMPING = 0.5
STEPS = 2
NODES = 200
_LESS = 1e-3


@dataclass(frozen=True, slots=True)
class Received:
    """What each memory receives of the best score, (m,): 0 for what hits are or say.

    `behind` is the worst hit's score.
    """

    amounts: Array
    behind: float = 0.0

    def added(self, amounts: Array, scores: Array, weight: float) -> Array:
        """What is added to these scores, (k,) each, with this weight, so that none gets before a hit."""
        room = (self.behind - _LESS - scores) / max(weight, 1e-9)
        return np.where(amounts > 0, np.clip(amounts, 0, np.maximum(room, 0)), 0).astype(np.float32)


def received(scope: Scope, scores: Array, evidence: Array, weight: float) -> Received:
    """What links bring from the best hits.

    `scores` (n,) are those of turns, `evidence` (m,) that of memories, `weight` what it counts for in the
    score of a memory without a turn. A turn passes on what it has by the current memory that matches best.
    """
    places, found = scope.places, np.zeros(len(scope.memories), np.float32)
    if not len(places.graph.other):
        return Received(found)
    alone = np.where(scope.memories.current[places.orphans], evidence[places.orphans] * weight, 0)
    everything = np.concatenate([scores, alone.astype(np.float32)])
    best = [at for at in best_first(everything, HITS).tolist() if not _recounts(scope, at - len(scores))]
    top = float(everything[best[0]]) if best else 0.0
    if top <= 0:
        return Received(found)
    shares: dict[int, float] = {}
    behind = top
    said: list[int] = []
    for at in best:
        if everything[at] < LEAST * top:
            break
        behind = float(everything[at])
        rows = [int(places.orphans[at - len(scores)])] if at >= len(scores) else _current(scope, at)
        if rows:
            through = max(rows, key=lambda row: evidence[row])
            shares[through] = max(shares.get(through, 0.0), (float(everything[at]) / top) ** EDGE)
        said += rows
    starts = np.fromiter(shares, np.intp), np.fromiter(shares.values(), np.float32)
    rows, amounts = spread(places.graph, *starts)
    found[rows] = np.minimum(amounts, 1) * top
    found[said] = 0
    return Received(found, behind)


def _recounts(scope: Scope, orphan: int) -> bool:
    """Whether it is a memory without a turn (not < 0) that only says again what others say: it is no hit."""
    return orphan >= 0 and scope.memories[int(scope.places.orphans[orphan])].recounts


def _current(scope: Scope, turn: int) -> list[int]:
    """The current memories that a turn says."""
    rows = scope.places.told[scope.places.first[turn] : scope.places.first[turn + 1]]
    return rows[scope.memories.current[rows]].tolist()


def spread(graph: Graph, rows: NDArray[np.intp], amounts: Array) -> tuple[NDArray[np.intp], Array]:
    """What comes over links from these memories with these amounts, (h,) each: (memories, amounts).

    Only the `NODES` that get most are reached, and after each step pass it on; of equal ones the older.
    """
    reached: list[NDArray[np.intp]] = []
    passed: list[Array] = []
    for _ in range(STEPS):
        counts = graph.first[rows + 1] - graph.first[rows]
        begun = np.cumsum(counts) - counts
        edges = np.arange(counts.sum()) + np.repeat(graph.first[rows] - begun, counts)
        given = DAMPING * np.repeat(amounts, counts) * graph.shares[edges]
        rows, amounts = _most(graph.other[edges], given)
        reached.append(rows)
        passed.append(amounts)
    return _most(np.concatenate(reached), np.concatenate(passed))


def _most(rows: NDArray[np.intp], amounts: Array) -> tuple[NDArray[np.intp], Array]:
    """Each row once, with the sum of its amounts: the `NODES` with most."""
    distinct, at = np.unique(rows, return_inverse=True)
    total = np.bincount(at, amounts, len(distinct)).astype(np.float32)
    kept = best_first(total, NODES)
    return distinct[kept], total[kept]
