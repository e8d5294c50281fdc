"""Propagates scores of the best hits over memory links: personalised PageRank cut off after two steps.

After MemGAS (arXiv 2505.19549), which spreads from the 15 best hits over a graph without weights. Here a link
has a worth, what is passed on is divided symmetrically (Zhou et al. 2004, "Learning with local and global
consistency"), and the hits keep their scores: only what is not among them arrives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.link_graph import LinkGraph
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices

MAX_HITS = 15
MIN_HIT_SHARE = 0.5  # of the best score: what is worse is no hit
SCORE_EXPONENT = 3  # hits count by this power of their score beside the best
DAMPING = 0.5
MAX_STEPS = 2
MAX_NODES = 200
_RANK_MARGIN = 1e-3


@dataclass(frozen=True, slots=True)
class LinkScores:
    """What each memory receives of the best score, (m,): 0 for what hits are or say.

    `behind` is the worst hit's score.
    """

    amounts: FloatArray
    worst_hit_score: float = 0.0

    def capped_gain(self, amounts: FloatArray, scores: FloatArray, weight: float) -> FloatArray:
        """What is added to these scores, (k,) each, with this weight, so that none gets before a hit."""
        room = (self.worst_hit_score - _RANK_MARGIN - scores) / max(weight, 1e-9)
        return np.where(amounts > 0, np.clip(amounts, 0, np.maximum(room, 0)), 0).astype(np.float32)


def compute_link_scores(
    index: UserIndex, scores: FloatArray, memory_scores: FloatArray, weight: float
) -> LinkScores:
    """What links bring from the best hits.

    `scores` (n,) are those of turns, `evidence` (m,) that of memories, `weight` what it counts for in the
    score of a memory without a turn. A turn passes on what it has by the current memory that matches best.
    """
    places, found = index.index_view, np.zeros(len(index.memories), np.float32)
    if not len(places.link_graph.edge_targets):
        return LinkScores(found)
    alone = np.where(
        index.memories.current_mask[places.orphan_memories], memory_scores[places.orphan_memories] * weight, 0
    )
    everything = np.concatenate([scores, alone.astype(np.float32)])
    best = [
        at
        for at in top_k_indices(everything, MAX_HITS).tolist()
        if not _is_recap_orphan(index, at - len(scores))
    ]
    top = float(everything[best[0]]) if best else 0.0
    if top <= 0:
        return LinkScores(found)
    shares: dict[int, float] = {}
    behind = top
    said: list[int] = []
    for at in best:
        if everything[at] < MIN_HIT_SHARE * top:
            break
        behind = float(everything[at])
        rows = (
            [int(places.orphan_memories[at - len(scores)])]
            if at >= len(scores)
            else _current_memories(index, at)
        )
        if rows:
            through = max(rows, key=lambda row: memory_scores[row])
            shares[through] = max(shares.get(through, 0.0), (float(everything[at]) / top) ** SCORE_EXPONENT)
        said += rows
    starts = np.fromiter(shares, np.intp), np.fromiter(shares.values(), np.float32)
    rows, amounts = propagate_scores(places.link_graph, *starts)
    found[rows] = np.minimum(amounts, 1) * top
    found[said] = 0
    return LinkScores(found, behind)


def _is_recap_orphan(index: UserIndex, orphan: int) -> bool:
    """Whether it is a memory without a turn (not < 0) that only says again what others say: it is no hit."""
    return orphan >= 0 and index.memories[int(index.index_view.orphan_memories[orphan])].is_recap


def _current_memories(index: UserIndex, turn: int) -> list[int]:
    """The current memories that a turn says."""
    rows = index.index_view.pair_memories[
        index.index_view.pair_offsets[turn] : index.index_view.pair_offsets[turn + 1]
    ]
    return rows[index.memories.current_mask[rows]].tolist()


def propagate_scores(
    graph: LinkGraph, doc_ids: NDArray[np.intp], amounts: FloatArray
) -> tuple[NDArray[np.intp], FloatArray]:
    """What comes over links from these memories with these amounts, (h,) each: (memories, amounts).

    Only the `NODES` that get most are reached, and after each step pass it on; of equal ones the older.
    """
    reached: list[NDArray[np.intp]] = []
    passed: list[FloatArray] = []
    for _ in range(MAX_STEPS):
        counts = graph.edge_offsets[doc_ids + 1] - graph.edge_offsets[doc_ids]
        begun = np.cumsum(counts) - counts
        edges = np.arange(counts.sum()) + np.repeat(graph.edge_offsets[doc_ids] - begun, counts)
        given = DAMPING * np.repeat(amounts, counts) * graph.normalised_weights[edges]
        doc_ids, amounts = _top_nodes(graph.edge_targets[edges], given)
        reached.append(doc_ids)
        passed.append(amounts)
    return _top_nodes(np.concatenate(reached), np.concatenate(passed))


def _top_nodes(doc_ids: NDArray[np.intp], amounts: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Each row once, with the sum of its amounts: the `NODES` with most."""
    distinct, at = np.unique(doc_ids, return_inverse=True)
    total = np.bincount(at, amounts, len(distinct)).astype(np.float32)
    kept = top_k_indices(total, MAX_NODES)
    return distinct[kept], total[kept]
