"""Propagates scores of the best hits over memory links: personalised PageRank cut off after two steps.

After MemGAS (arXiv 2505.19549), which propagates from the 15 best hits over an unweighted graph. Here links
have weights, propagation is normalised symmetrically (Zhou et al. 2004, "Learning with local and global
consistency"), and hits keep their scores: only other memories receive any. The constants are chosen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.link_graph import LinkGraph
from app.memory.numeric import FloatArray, top_k_indices
from app.memory.ranking.matching.candidates import Candidates

MAX_HITS = 15
MIN_HIT_SHARE = 0.5  # share of the best score below which a result is no hit
SCORE_EXPONENT = 3  # a hit's share is (its score / best score) ** SCORE_EXPONENT
DAMPING = 0.5
MAX_STEPS = 2
MAX_NODES = 200
_RANK_MARGIN = 1e-3


@dataclass(frozen=True, slots=True)
class LinkScores:
    """The score that each memory receives over links, (m,); 0 for hits and for memories that hits state."""

    amounts: FloatArray
    worst_hit_score: float = 0.0

    def capped_gain(self, amounts: FloatArray, scores: FloatArray, weight: float) -> FloatArray:
        """The gain for these scores, (k,) each, limited so that, with this weight, none passes a hit."""
        room = (self.worst_hit_score - _RANK_MARGIN - scores) / max(weight, 1e-9)
        return np.where(amounts > 0, np.clip(amounts, 0, np.maximum(room, 0)), 0).astype(np.float32)


def compute_link_scores(candidates: Candidates, scores: FloatArray, orphan_weight: float) -> LinkScores:
    """The scores that links propagate from the best hits.

    `scores` (c,) are those of the candidate turns, `orphan_weight` is the factor of the memory score of an
    orphan. A turn propagates through its best matching current memory.
    """
    index, memory_scores = candidates.index, candidates.memory_scores
    view, amounts_by_memory = index.index_view, np.zeros(len(index.memories), np.float32)
    if not len(view.link_graph.edge_targets):
        return LinkScores(amounts_by_memory)
    orphans = view.orphan_memories
    orphan_scores = np.where(view.current_mask[orphans], memory_scores[orphans] * orphan_weight, 0)
    all_scores = np.concatenate([scores, orphan_scores.astype(np.float32)])
    best = [
        hit
        for hit in top_k_indices(all_scores, MAX_HITS).tolist()
        if hit < len(scores) or not view.recap_mask[orphans[hit - len(scores)]]
    ]
    top = float(all_scores[best[0]]) if best else 0.0
    if top <= 0:
        return LinkScores(amounts_by_memory)
    shares: dict[int, float] = {}
    worst_hit = top
    hit_memories: list[int] = []
    for hit in best:
        if all_scores[hit] < MIN_HIT_SHARE * top:
            break
        worst_hit = float(all_scores[hit])
        hit_rows = (
            [int(orphans[hit - len(scores)])]
            if hit >= len(scores)
            else [row for row in view.memories_of(int(candidates.turns[hit])) if view.current_mask[row]]
        )
        if hit_rows:
            best_memory = max(hit_rows, key=lambda row: memory_scores[row])
            shares[best_memory] = max(
                shares.get(best_memory, 0.0), (float(all_scores[hit]) / top) ** SCORE_EXPONENT
            )
        hit_memories += hit_rows
    sources = np.fromiter(shares, np.intp), np.fromiter(shares.values(), np.float32)
    hit_rows, amounts = propagate_scores(view.link_graph, *sources)
    amounts_by_memory[hit_rows] = np.minimum(amounts, 1) * top
    amounts_by_memory[hit_memories] = 0
    return LinkScores(amounts_by_memory, worst_hit)


def propagate_scores(
    graph: LinkGraph, doc_ids: NDArray[np.intp], amounts: FloatArray
) -> tuple[NDArray[np.intp], FloatArray]:
    """Propagate amounts (h,) from these memories: (reached memories, amounts).

    After each step only the `MAX_NODES` with the greatest amounts propagate further; on a tie the older ones
    do.
    """
    reached: list[NDArray[np.intp]] = []
    reached_amounts: list[FloatArray] = []
    for _ in range(MAX_STEPS):
        counts = graph.edge_offsets[doc_ids + 1] - graph.edge_offsets[doc_ids]
        first_edges = np.cumsum(counts) - counts
        edges = np.arange(counts.sum()) + np.repeat(graph.edge_offsets[doc_ids] - first_edges, counts)
        edge_amounts = DAMPING * np.repeat(amounts, counts) * graph.normalised_weights[edges]
        doc_ids, amounts = _top_nodes(graph.edge_targets[edges], edge_amounts)
        reached.append(doc_ids)
        reached_amounts.append(amounts)
    return _top_nodes(np.concatenate(reached), np.concatenate(reached_amounts))


def _top_nodes(doc_ids: NDArray[np.intp], amounts: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """The `MAX_NODES` distinct doc ids with the greatest sums of amounts."""
    distinct, inverse = np.unique(doc_ids, return_inverse=True)
    total = np.bincount(inverse, amounts, len(distinct)).astype(np.float32)
    kept = top_k_indices(total, MAX_NODES)
    return distinct[kept], total[kept]
