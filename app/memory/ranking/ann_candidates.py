"""Candidate turns of a large user for one query, and their scores.

Candidates are the best turns by terms, names and times, the nearest by the HNSW index with their neighbours,
and the turns of the best memories. Each feature is standardised over all turns, so a candidate has the score
that an exact search would give it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.memory.index.ann_store import ScoreStatistics
from app.memory.index.user_index import UserIndex, memory_gain, own_score
from app.memory.numeric import FloatArray, standardise_scores, top_k_indices
from app.memory.ranking.candidate_vectors import CandidateVectors
from app.memory.ranking.candidate_words import FIRST_STAGE_SIZE, CandidatePool, LexicalScorer
from app.memory.ranking.graph_spread import LinkScores
from app.memory.ranking.relevance_feedback import AllTurnVectors, TurnVectors
from app.memory.ranking.router import (
    GRANULARITIES,
    feature_factors,
    score_sharpness,
    sum_granularity_features,
    weighted_sharpness,
)
from app.memory.ranking.scoring import NO_SCORES, TurnScores, combine_features
from app.memory.ranking.weights import RankingWeights, weighted_sum

DocIds = NDArray[np.intp]
Mask = NDArray[np.bool_]
LEXICAL_CANDIDATES = 50
ANN_CANDIDATES = 100
NEIGHBOUR_CANDIDATES = 30  # of the nearest turns (chosen): their neighbours' windows are near too
# lower bound of the share of rows that pass the filters, for which more rows are requested (chosen)
MIN_SELECTIVITY = 0.02
# all rows that pass are candidates if they are no more than this and than that share (chosen)
MAX_EXHAUSTIVE = 2_000


@dataclass(frozen=True, slots=True)
class NearestNeighbours:
    """Doc ids of the turns, (k,), and memories, (l,), nearest to the query, nearest first."""

    turns: DocIds
    memories: DocIds


@dataclass(frozen=True, slots=True)
class RankedCandidates:
    """The candidate turns (c,), which of them pass the filters (c,), and their scores.

    `memory_scores` (m,) are those of all memories, `orphan_memories` the memories that may be results without
    a turn. `is_complete`: no other row passes the filters. `link_scores`: scores propagated over links; None
    if not computed.
    """

    doc_ids: DocIds
    passes_filters: Mask
    turn_scores: TurnScores
    memory_scores: FloatArray
    orphan_memories: DocIds
    is_complete: bool
    link_scores: LinkScores | None = None


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A query ready to run: terms, vector, which turns match its time (n,), feature weights and row masks.

    `turn_mask` (n,) are the turns that may be a result or lead to one, `memory_mask` (m,) the memories that
    may be one, `orphan_mask` (m,) those of them without a turn, `successor_mask` (m,) the memories that may
    stand for what they superseded. `item_mask` (n,) are the turns that may be results themselves.
    """

    terms: Sequence[str]
    vector: FloatArray | None
    time_matches: FloatArray | None
    weights: RankingWeights
    turn_mask: Mask
    memory_mask: Mask
    orphan_mask: Mask
    successor_mask: Mask
    item_mask: Mask


def rank_candidates(index: UserIndex, plan: QueryPlan, min_count: int) -> RankedCandidates:
    """The candidates of a large user: at least `min_count` turns and as many orphans, if so many pass."""
    with _search_ann(index, plan, min_count) as nearest:  # terms are scored while Postgres searches
        memory_scores = standardise_scores(index.memories.inverted_index.score_documents(plan.terms))
        scorer = LexicalScorer(index, plan.terms) if index.turns else None
        first_stage = (
            _select_first_stage(scorer, plan, min_count) if scorer is not None else np.zeros(0, np.intp)
        )
        neighbours = nearest()
    memories = _select_memories(plan, memory_scores, neighbours, min_count)
    pool = (
        scorer.build_pool(first_stage, _collect_required_turns(index, neighbours, memories))
        if scorer is not None
        else None
    )
    doc_ids = _select_turns(plan, pool, min_count) if pool is not None else np.zeros(0, np.intp)
    turn_memories, memory_rows = _collect_turn_memories(index, doc_ids)
    memories = np.union1d(memories, turn_memories)
    features = pool.select_features(doc_ids) if pool is not None else {}
    vectors: TurnVectors = AllTurnVectors(index)  # not used without a query vector
    score_statistics: dict[str, ScoreStatistics] = {}
    if plan.vector is not None:
        vectors = candidate_vectors = CandidateVectors(index, doc_ids, memories, len(plan.vector))
        dense, window_dense, memory_cosines = candidate_vectors.standardised_cosines(plan.vector)
        score_statistics = candidate_vectors.score_statistics
        memory_scores[memories] += memory_cosines
        features |= {"dense": dense, "window_dense": window_dense} if pool is not None else {}
    turns = NO_SCORES
    if pool is not None:
        best = _best_memory_scores(
            memory_rows, turn_memories, memory_scores, index.memories.current_mask, len(doc_ids)
        )
        features["fact"] = memory_gain(best, own_score(features))
        sharpness = GranularitySharpness(
            index,
            pool,
            TurnCandidates(doc_ids, features),
            memory_scores,
            memories,
            score_statistics,
            plan.weights,
        )
        time_matches = None if plan.time_matches is None else plan.time_matches[doc_ids]
        turns = combine_features(
            features,
            feature_factors(sharpness.by_granularity()),
            vectors,
            plan.vector,
            time_matches,
            plan.weights,
        )
    orphans = memories[plan.orphan_mask[memories]]
    passes_filters = plan.turn_mask[doc_ids]
    is_complete = np.count_nonzero(passes_filters) == np.count_nonzero(plan.turn_mask)
    is_complete &= len(orphans) == np.count_nonzero(plan.orphan_mask)
    return _drop_deleted(
        index,
        RankedCandidates(doc_ids, passes_filters, turns, memory_scores, orphans, bool(is_complete)),
        min_count,
    )


def _select_memories(
    plan: QueryPlan, memory_scores: FloatArray, neighbours: NearestNeighbours, min_count: int
) -> DocIds:
    """Doc ids of memories that may be results or lead to turns, ascending."""
    chosen = [
        _top_k_masked(memory_scores, mask, max(LEXICAL_CANDIDATES, min_count))
        for mask in (plan.memory_mask, plan.orphan_mask)
    ]
    return np.unique(np.concatenate([*chosen, neighbours.memories]))


def _select_first_stage(scorer: LexicalScorer, plan: QueryPlan, min_count: int) -> DocIds:
    """Doc ids of the turns from which lexical candidates are selected, with and without the filters."""
    scores = scorer.score_first_stage(plan.weights, plan.time_matches)
    chosen = _top_k_masked(scores, plan.turn_mask, max(FIRST_STAGE_SIZE, min_count))
    return (
        chosen if plan.turn_mask.all() else np.concatenate([chosen, top_k_indices(scores, FIRST_STAGE_SIZE)])
    )


def _collect_required_turns(index: UserIndex, neighbours: NearestNeighbours, memories: DocIds) -> DocIds:
    """Doc ids of the turns that the ANN index and the selected memories lead to; n stands for no turn."""
    view, nearest = index.index_view, neighbours.turns[:NEIGHBOUR_CANDIDATES]
    is_selected = np.zeros(len(index.memories), np.bool_)
    is_selected[memories] = True
    source_turns = view.current_pair_turns[is_selected[view.current_pair_memories]].astype(np.intp)
    return np.concatenate(
        [neighbours.turns, view.previous_turn[nearest], view.next_turn[nearest], source_turns]
    )


def _select_turns(plan: QueryPlan, pool: CandidatePool, min_count: int) -> DocIds:
    """Ascending doc ids of the candidate turns.

    They include the best without the filters, which serve as relevance feedback.
    """
    features = pool.features
    if plan.time_matches is not None:
        features = features | {"time": plan.time_matches[pool.doc_ids]}
    scores, passes_filters = weighted_sum(features, plan.weights), plan.turn_mask[pool.doc_ids]
    count = max(LEXICAL_CANDIDATES, min_count)
    if _are_few(plan.turn_mask, count):
        chosen = [np.flatnonzero(passes_filters)]
    else:
        chosen = [top_k_indices(np.where(passes_filters, scores, -np.inf).astype(np.float32), count)]
    if not passes_filters.all():
        chosen.append(top_k_indices(scores, LEXICAL_CANDIDATES))
    return np.union1d(pool.doc_ids[np.concatenate(chosen)], pool.required_turns)


def _collect_turn_memories(index: UserIndex, doc_ids: DocIds) -> tuple[DocIds, DocIds]:
    """(memories that these turns state, (p,), index of the turn that states each, (p,))."""
    view = index.index_view
    counts = view.pair_offsets[doc_ids + 1] - view.pair_offsets[doc_ids]
    turn_rows = np.repeat(np.arange(len(doc_ids)), counts)
    offset = np.arange(len(turn_rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return view.pair_memories[view.pair_offsets[doc_ids][turn_rows] + offset].astype(np.intp), turn_rows


def _top_k_masked(scores: FloatArray, mask: Mask, count: int) -> DocIds:
    """Doc ids of the `count` best rows of the mask; all of its rows if they are few."""
    if _are_few(mask, count):
        return np.flatnonzero(mask)
    if not mask.all():
        scores = np.where(mask, scores, -np.inf).astype(np.float32)
    return top_k_indices(scores, count)


def _are_few(mask: Mask, count: int) -> bool:
    """Whether so few rows pass the filters that all become candidates.

    The ANN index would hardly return them.
    """
    return int(np.count_nonzero(mask)) <= max(count, min(MAX_EXHAUSTIVE, MIN_SELECTIVITY * len(mask)))


@contextmanager
def _search_ann(
    index: UserIndex, plan: QueryPlan, min_count: int
) -> Generator[Callable[[], NearestNeighbours]]:
    """Start the ANN search for the query; the yielded function waits for its results."""
    if plan.vector is None:
        yield lambda: NearestNeighbours(np.zeros(0, np.intp), np.zeros(0, np.intp))
        return
    count = max(ANN_CANDIDATES, min_count)
    counts = [
        round(count / _filter_selectivity(mask, min_count)) for mask in (plan.turn_mask, plan.memory_mask)
    ]
    with index.ann_store.search_nearest(plan.vector, *counts) as ids:

        def wait() -> NearestNeighbours:
            turn_ids, memory_ids = ids()
            return NearestNeighbours(
                _filter_neighbours(index.turns.id_map.find_doc_ids(turn_ids), plan.turn_mask, count),
                _filter_neighbours(index.memories.id_map.find_doc_ids(memory_ids), plan.memory_mask, count),
            )

        yield wait


def _filter_selectivity(mask: Mask, min_count: int) -> float:
    """The share of rows that pass the filters, by which the requested number is divided.

    It is at least MIN_SELECTIVITY, and 1 if so few pass that all of them are candidates anyway.
    """
    if not len(mask) or _are_few(mask, max(LEXICAL_CANDIDATES, min_count)):
        return 1.0
    return max(np.count_nonzero(mask) / len(mask), MIN_SELECTIVITY)


def _filter_neighbours(doc_ids: DocIds, mask: Mask, count: int) -> DocIds:
    """The first `count` of these doc ids with and without the mask, nearest first; -1 is dropped."""
    doc_ids = doc_ids[doc_ids >= 0]
    return doc_ids if mask.all() else np.concatenate([doc_ids[:count], doc_ids[mask[doc_ids]][:count]])


class TurnCandidates(NamedTuple):
    """The doc ids of the candidate turns, (c,), and their standardised features, each (c,)."""

    doc_ids: DocIds
    features: dict[str, FloatArray]


class GranularitySharpness:
    """Estimates the sharpness of each granularity of a large user from candidates and a sample.

    Rows that are neither are represented by the sampled rows that are no candidates: each stands for many.
    """

    def __init__(
        self,
        index: UserIndex,
        pool: CandidatePool,
        turns: TurnCandidates,
        memory_scores: FloatArray,
        memories: DocIds,
        score_statistics: Mapping[str, ScoreStatistics],
        weights: RankingWeights,
    ) -> None:
        assert index.ann_index is not None
        self._index, self._vector_statistics = index, index.ann_index.vector_statistics
        self._pool, self._candidate_features, self._doc_ids = pool, turns.features, turns.doc_ids
        self._memory_scores, self._memory_ids = memory_scores, memories
        self._score_statistics, self._weights = score_statistics, weights

    def by_granularity(self) -> dict[str, float]:
        """The sharpness of each granularity that has more than one item, see `score_sharpness`."""
        sessions = self._pool.session_scores
        sharpness = {"session": score_sharpness(sessions)} if len(sessions) > 1 else {}
        if len(self._index.turns) > 1:
            sharpness |= {
                "turn": self._turn_sharpness("turn", "turns"),
                "window": self._turn_sharpness("window", "windows"),
            }
        current = self._index.memories.current_mask
        if np.count_nonzero(current) > 1:
            sharpness["fact"] = self._memory_sharpness(current)
        return {name: sharpness[name] for name in GRANULARITIES if name in sharpness}

    def _turn_sharpness(self, granularity: str, kind: str) -> float:
        statistics = self._vector_statistics[kind]
        is_no_candidate = ~np.isin(statistics.doc_ids, self._doc_ids)
        sample = self._pool.select_features(statistics.doc_ids)
        if self._score_statistics:
            name = "dense" if kind == "turns" else "window_dense"
            sample[name] = self._standardised_sample(kind)
        scores = [
            sum_granularity_features(granularity, features, self._weights)
            for features in (self._candidate_features, sample)
        ]
        return _estimate_sharpness(scores[0], scores[1][is_no_candidate], len(self._index.turns))

    def _memory_sharpness(self, current: Mask) -> float:
        statistics = self._vector_statistics["memories"]
        is_sampled = current[statistics.doc_ids] & ~np.isin(statistics.doc_ids, self._memory_ids)
        sample = self._memory_scores[statistics.doc_ids]
        if self._score_statistics:
            sample = sample + self._standardised_sample("memories")
        own = self._memory_scores[self._memory_ids[current[self._memory_ids]]]
        return _estimate_sharpness(own, sample[is_sampled], int(np.count_nonzero(current)))

    def _standardised_sample(self, kind: str) -> FloatArray:
        return self._score_statistics[kind].standardise_scores(self._score_statistics[kind].sample_scores)


def _estimate_sharpness(candidates: FloatArray, sample: FloatArray, count: int) -> float:
    sample_weight = (count - len(candidates)) / max(1, len(sample))
    counts = np.concatenate([np.ones(len(candidates)), np.full(len(sample), sample_weight)]).astype(
        np.float32
    )
    return weighted_sharpness(np.concatenate([candidates, sample]), counts)


def _best_memory_scores(
    turn_rows: DocIds, memories: DocIds, memory_scores: FloatArray, current: Mask, count: int
) -> FloatArray:
    """The best score among the current memories of each candidate, (c,); -inf where there is none.

    `turn_rows` (p,) are indices of candidates and `memories` (p,) the memory that each states.
    """
    best = np.full(count, -np.inf, np.float32)
    is_current = current[memories]
    np.maximum.at(best, turn_rows[is_current], memory_scores[memories[is_current]])
    return best


def _drop_deleted(index: UserIndex, ranked: RankedCandidates, min_count: int) -> RankedCandidates:
    """Drop candidates that were deleted since the snapshot; fetch the texts of the best in few queries.

    The best `min_count` turns with their memories, and the orphans, are fetched.
    """
    while len(ranked.doc_ids):
        best = top_k_indices(np.where(ranked.passes_filters, ranked.turn_scores.scores, -np.inf), min_count)
        best = best[ranked.passes_filters[best]]
        deleted = index.load_turns(ranked.doc_ids[best].tolist())
        if not deleted:
            break
        remaining = ~np.isin(ranked.doc_ids, deleted)
        features = {name: column[remaining] for name, column in ranked.turn_scores.features.items()}
        turns = TurnScores(
            features, ranked.turn_scores.scores[remaining], ranked.turn_scores.own_scores[remaining]
        )
        ranked = replace(
            ranked,
            doc_ids=ranked.doc_ids[remaining],
            passes_filters=ranked.passes_filters[remaining],
            turn_scores=turns,
        )
    deleted_orphans = index.memories.load_missing(ranked.orphan_memories.tolist())
    return replace(
        ranked, orphan_memories=ranked.orphan_memories[~np.isin(ranked.orphan_memories, deleted_orphans)]
    )
