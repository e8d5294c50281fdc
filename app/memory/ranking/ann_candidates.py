"""The turns of a large user that may answer a question, and their scores.

They are the best by words, names and times, the nearest by the HNSW index with their neighbours, and the
turns of the best memories. Each feature is standardised as over all turns, so a candidate has the score that
an exact search would give it.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.memory.index.ann_store import ScoreStatistics
from app.memory.index.user_index import UserIndex
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
NEIGHBOUR_CANDIDATES = 30  # of the nearest, whose neighbours have windows that are near too
MIN_SELECTIVITY = 0.02  # of the rows that pass the filters: for fewer no more are asked of the index
MAX_EXHAUSTIVE = 2_000  # if no more than these pass, and not this share, all of them are candidates


@dataclass(frozen=True, slots=True)
class NearestNeighbours:
    """The places of the turns, (k,), and memories, (l,), nearest to the query, nearest first."""

    turns: DocIds
    memories: DocIds


@dataclass(frozen=True, slots=True)
class RankedCandidates:
    """The turns at `rows` (c,), which of them pass the filters, (c,), and their scores.

    `evidence` (m,) is that of memories, `orphans` are the places of those that may stand for themselves.
    `complete`: whether nothing else passes the filters. `received`: what links bring; None if unknown.
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
    """The query's terms, its vector and which turns fit its time, (n,); the weights of features.

    The masks are those of turns that may be an item or bring one, (n,), of memories that may be one, (m,),
    and of those of them that stand for themselves, (m,).
    """

    terms: Sequence[str]
    vector: FloatArray | None
    time_matches: FloatArray | None
    weights: RankingWeights
    turn_mask: Mask
    memory_mask: Mask
    orphan_mask: Mask


def rank_candidates(index: UserIndex, plan: QueryPlan, min_count: int) -> RankedCandidates:
    """The candidates of a large user, at least `enough` turns and as many orphans if so many pass."""
    with _search_ann(index, plan, min_count) as nearest:  # while Postgres scans, words are scored
        evidence = standardise_scores(index.memories.inverted_index.score_documents(plan.terms))
        words = LexicalScorer(index, plan.terms) if index.turns else None
        chosen = _select_first_stage(words, plan, min_count) if words is not None else np.zeros(0, np.intp)
        near = nearest()
    memories = _select_memories(plan, evidence, near, min_count)
    pool = (
        words.build_pool(chosen, _collect_required_turns(index, near, memories))
        if words is not None
        else None
    )
    rows = _select_turns(plan, pool, min_count) if pool is not None else np.zeros(0, np.intp)
    told, telling = _collect_turn_memories(index, rows)
    memories = np.union1d(memories, told)
    of_rows = pool.select_features(rows) if pool is not None else {}
    vectors: TurnVectors = AllTurnVectors(index)  # without a vector nothing is asked of them
    scales: dict[str, ScoreStatistics] = {}
    if plan.vector is not None:
        vectors = held = CandidateVectors(index, rows, memories, len(plan.vector))
        dense, window_dense, of_memories = held.standardised_cosines(plan.vector)
        scales = held.score_statistics
        evidence[memories] += of_memories
        of_rows |= {"dense": dense, "window_dense": window_dense} if pool is not None else {}
    turns = NO_SCORES
    if pool is not None:
        of_rows["fact"] = _best_memory_scores(telling, told, evidence, index.memories.current_mask, len(rows))
        found = GranularitySharpness(index, pool, of_rows, rows, evidence, memories, scales, plan.weights)
        fitting = None if plan.time_matches is None else plan.time_matches[rows]
        turns = combine_features(
            of_rows, feature_factors(found.by_granularity()), vectors, plan.vector, fitting, plan.weights
        )
    orphans = memories[plan.orphan_mask[memories]]
    allowed = plan.turn_mask[rows]
    complete = np.count_nonzero(allowed) == np.count_nonzero(plan.turn_mask)
    complete &= len(orphans) == np.count_nonzero(plan.orphan_mask)
    return _drop_deleted(
        index, RankedCandidates(rows, allowed, turns, evidence, orphans, bool(complete)), min_count
    )


def _select_memories(
    plan: QueryPlan, memory_scores: FloatArray, near: NearestNeighbours, min_count: int
) -> DocIds:
    """The places of memories that may be items or lead to turns, in order."""
    chosen = [
        _top_k_masked(memory_scores, mask, max(LEXICAL_CANDIDATES, min_count))
        for mask in (plan.memory_mask, plan.orphan_mask)
    ]
    return np.unique(np.concatenate([*chosen, near.memories]))


def _select_first_stage(scorer: LexicalScorer, plan: QueryPlan, min_count: int) -> DocIds:
    """The places of the turns of which the candidates by words are drawn, with and without the filters."""
    scores = scorer.score_first_stage(plan.weights, plan.time_matches)
    chosen = _top_k_masked(scores, plan.turn_mask, max(FIRST_STAGE_SIZE, min_count))
    return (
        chosen if plan.turn_mask.all() else np.concatenate([chosen, top_k_indices(scores, FIRST_STAGE_SIZE)])
    )


def _collect_required_turns(index: UserIndex, near: NearestNeighbours, memories: DocIds) -> DocIds:
    """The places of the turns that the index and the chosen memories lead to; n for no turn."""
    places, first = index.index_view, near.turns[:NEIGHBOUR_CANDIDATES]
    marked = np.zeros(len(index.memories), np.bool_)
    marked[memories] = True
    saying = places.current_pair_turns[marked[places.current_pair_memories]].astype(np.intp)
    return np.concatenate([near.turns, places.previous_turn[first], places.next_turn[first], saying])


def _select_turns(plan: QueryPlan, pool: CandidatePool, min_count: int) -> DocIds:
    """The places of the turns that are candidates, in order; also those that are best without the filters,
    as they widen the question.
    """
    features = pool.features
    if plan.time_matches is not None:
        features = features | {"time": plan.time_matches[pool.doc_ids]}
    scores, allowed = weighted_sum(features, plan.weights), plan.turn_mask[pool.doc_ids]
    count = max(LEXICAL_CANDIDATES, min_count)
    if _are_few(plan.turn_mask, count):
        chosen = [np.flatnonzero(allowed)]
    else:
        chosen = [top_k_indices(np.where(allowed, scores, -np.inf).astype(np.float32), count)]
    if not allowed.all():
        chosen.append(top_k_indices(scores, LEXICAL_CANDIDATES))
    return np.union1d(pool.doc_ids[np.concatenate(chosen)], pool.required_turns)


def _collect_turn_memories(index: UserIndex, doc_ids: DocIds) -> tuple[DocIds, DocIds]:
    """The memories that these turns say, (p,), and which of the turns says each, (p,)."""
    places = index.index_view
    counts = places.pair_offsets[doc_ids + 1] - places.pair_offsets[doc_ids]
    telling = np.repeat(np.arange(len(doc_ids)), counts)
    within = np.arange(len(telling)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places.pair_memories[places.pair_offsets[doc_ids][telling] + within].astype(np.intp), telling


def _top_k_masked(scores: FloatArray, mask: Mask, count: int) -> DocIds:
    """The places of the best `count` of those in the mask; all of them if they are few."""
    if _are_few(mask, count):
        return np.flatnonzero(mask)
    if not mask.all():
        scores = np.where(mask, scores, -np.inf).astype(np.float32)
    return top_k_indices(scores, count)


def _are_few(mask: Mask, count: int) -> bool:
    """Whether all that pass are candidates, as the index would hardly give them."""
    return int(np.count_nonzero(mask)) <= max(count, min(MAX_EXHAUSTIVE, MIN_SELECTIVITY * len(mask)))


@contextmanager
def _search_ann(
    index: UserIndex, plan: QueryPlan, min_count: int
) -> Generator[Callable[[], NearestNeighbours]]:
    """Ask the index for what is nearest to the query; what is given waits for it."""
    if plan.vector is None:
        yield lambda: NearestNeighbours(np.zeros(0, np.intp), np.zeros(0, np.intp))
        return
    count = max(ANN_CANDIDATES, min_count)
    counts = [
        round(count / _filter_selectivity(mask, min_count)) for mask in (plan.turn_mask, plan.memory_mask)
    ]
    with index.ann_store.search_nearest(plan.vector, *counts) as ids:

        def wait() -> NearestNeighbours:
            of_turns, of_memories = ids()
            return NearestNeighbours(
                _filter_neighbours(index.turns.id_map.find_doc_ids(of_turns), plan.turn_mask, count),
                _filter_neighbours(index.memories.id_map.find_doc_ids(of_memories), plan.memory_mask, count),
            )

        yield wait


def _filter_selectivity(mask: Mask, min_count: int) -> float:
    """By what part of all the count to ask the index for is divided: when few pass it gives more, but no
    more than usual when they are so few that all are candidates anyway.
    """
    if not len(mask) or _are_few(mask, max(LEXICAL_CANDIDATES, min_count)):
        return 1.0
    return max(np.count_nonzero(mask) / len(mask), MIN_SELECTIVITY)


def _filter_neighbours(found: DocIds, mask: Mask, count: int) -> DocIds:
    """The first `count` of these rows, nearest first, with and without the mask; -1 is no row."""
    found = found[found >= 0]
    return found if mask.all() else np.concatenate([found[:count], found[mask[found]][:count]])


class GranularitySharpness:
    """How far few things stand out of each granularity of a large user, told by candidates and a sample.

    What is neither is as those of the sample are that are no candidates: each stands for many.
    """

    def __init__(
        self,
        index: UserIndex,
        pool: CandidatePool,
        of_rows: dict[str, FloatArray],
        doc_ids: DocIds,
        memory_scores: FloatArray,
        memories: DocIds,
        scales: Mapping[str, ScoreStatistics],
        weights: RankingWeights,
    ) -> None:
        assert index.ann_index is not None
        self._index, self._vector_statistics = index, index.ann_index.vector_statistics
        self._pool, self._candidate_features, self._doc_ids = pool, of_rows, doc_ids
        self._memory_scores, self._memory_ids = memory_scores, memories
        self._score_statistics, self._weights = scales, weights

    def by_granularity(self) -> dict[str, float]:
        """The sharpness of each granularity of which there is more than one thing."""
        sessions = self._pool.session_scores
        found = {"session": score_sharpness(sessions)} if len(sessions) > 1 else {}
        if len(self._index.turns) > 1:
            found |= {
                "turn": self._turn_sharpness("turn", "turns"),
                "window": self._turn_sharpness("window", "windows"),
            }
        current = self._index.memories.current_mask
        if np.count_nonzero(current) > 1:
            found["fact"] = self._memory_sharpness(current)
        return {name: found[name] for name in GRANULARITIES if name in found}

    def _turn_sharpness(self, granularity: str, kind: str) -> float:
        spread = self._vector_statistics[kind]
        others = ~np.isin(spread.doc_ids, self._doc_ids)
        sample = self._pool.select_features(spread.doc_ids)
        if self._score_statistics:
            name = "dense" if kind == "turns" else "window_dense"
            sample[name] = self._standardised_sample(kind)
        scores = [
            sum_granularity_features(granularity, of, self._weights)
            for of in (self._candidate_features, sample)
        ]
        return _estimate_sharpness(scores[0], scores[1][others], len(self._index.turns))

    def _memory_sharpness(self, current: Mask) -> float:
        spread = self._vector_statistics["memories"]
        chosen = current[spread.doc_ids] & ~np.isin(spread.doc_ids, self._memory_ids)
        sample = self._memory_scores[spread.doc_ids]
        if self._score_statistics:
            sample = sample + self._standardised_sample("memories")
        own = self._memory_scores[self._memory_ids[current[self._memory_ids]]]
        return _estimate_sharpness(own, sample[chosen], int(np.count_nonzero(current)))

    def _standardised_sample(self, kind: str) -> FloatArray:
        return self._score_statistics[kind].standardise_scores(self._score_statistics[kind].sample_scores)


def _estimate_sharpness(candidates: FloatArray, sample: FloatArray, count: int) -> float:
    each = (count - len(candidates)) / max(1, len(sample))
    counts = np.concatenate([np.ones(len(candidates)), np.full(len(sample), each)]).astype(np.float32)
    return weighted_sharpness(np.concatenate([candidates, sample]), counts)


def _best_memory_scores(
    telling: DocIds, told: DocIds, memory_scores: FloatArray, current: Mask, count: int
) -> FloatArray:
    """The best evidence among the current memories of each candidate, (c,); 0 where there is none.

    `telling` (p,) are candidates and `told` (p,) what each says.
    """
    best = np.full(count, -np.inf, np.float32)
    held = current[told]
    np.maximum.at(best, telling[held], memory_scores[told[held]])
    return np.where(np.isneginf(best), 0.0, best).astype(np.float32)


def _drop_deleted(index: UserIndex, ranked: RankedCandidates, min_count: int) -> RankedCandidates:
    """Without what was deleted since the pack, among the best `enough` turns and the orphans; the texts of
    the others are read at once, with those of their memories.
    """
    while len(ranked.doc_ids):
        best = top_k_indices(np.where(ranked.passes_filters, ranked.turn_scores.scores, -np.inf), min_count)
        best = best[ranked.passes_filters[best]]
        gone = index.load_turns(ranked.doc_ids[best].tolist())
        if not gone:
            break
        left = ~np.isin(ranked.doc_ids, gone)
        features = {name: column[left] for name, column in ranked.turn_scores.features.items()}
        turns = TurnScores(features, ranked.turn_scores.scores[left], ranked.turn_scores.own_scores[left])
        ranked = replace(
            ranked,
            doc_ids=ranked.doc_ids[left],
            passes_filters=ranked.passes_filters[left],
            turn_scores=turns,
        )
    absent = index.memories.load_missing(ranked.orphan_memories.tolist())
    return replace(ranked, orphan_memories=ranked.orphan_memories[~np.isin(ranked.orphan_memories, absent)])
