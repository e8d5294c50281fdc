"""Approximate search in the index of a large user, whose vectors stay in Postgres.

Words are scored for all turns, cosines for candidates: the best turns by words, names and times, the nearest
by the HNSW index with their neighbours, and the turns of the best memories. Cosines are standardised with the
statistics of all vectors, so a candidate has the score that an exact search would give it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.index_view import IndexView
from app.memory.index.user_index import UserIndex
from app.memory.index.vectors import LoadedVectors, VectorStatistics
from app.memory.numeric import FloatArray, Statistics, top_k_indices
from app.memory.ranking.matching.candidates import Candidates, DocIds, GranularityScores
from app.memory.ranking.matching.features import WordFeatures, fact_feature
from app.memory.ranking.matching.router import sum_granularity_features
from app.memory.ranking.matching.turn_vectors import TurnVectors
from app.memory.ranking.query_plan import Mask, QueryPlan
from app.memory.ranking.weights import weighted_sum

LEXICAL_CANDIDATES = 50
ANN_CANDIDATES = 100
NEIGHBOUR_CANDIDATES = 30  # of the nearest turns (chosen): their neighbours' windows are near too
# lower bound of the share of rows that pass the filters, for which more rows are requested (chosen)
MIN_SELECTIVITY = 0.02
# all rows that pass are candidates if they are no more than this and than that share (chosen)
MAX_EXHAUSTIVE = 2_000
NONE: DocIds = np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True)
class NearestNeighbours:
    """Doc ids of the turns, (k,), and memories, (l,), nearest to the query, nearest first."""

    turns: DocIds
    memories: DocIds


@dataclass(frozen=True, slots=True)
class Selection:
    """Doc ids of the turns (c,) and memories (k,) that become candidates, ascending."""

    turns: DocIds
    memories: DocIds

    def with_memories(self, index: UserIndex, memories: DocIds) -> "Selection":
        """Also these memories, and the turns that state them."""
        turns = np.union1d(self.turns, _source_turns(index, memories))
        stated, _ = _turn_memories(index.index_view, turns)
        return Selection(turns, np.unique(np.concatenate([self.memories, memories, stated])))

    def turns_with_vectors(self, view: IndexView) -> DocIds:
        """The turns whose vectors are needed: those of the windows, ascending."""
        turns = np.unique(np.concatenate(view.window_sides(self.turns)))
        return turns[turns < len(view.previous_turn)]


def count_nearest(plan: QueryPlan) -> tuple[int, int]:
    """How many nearest turns and memories are asked for: more if a filter will remove some of them."""
    counts = (
        round(max(ANN_CANDIDATES, plan.limit) / _filter_selectivity(mask, plan.limit))
        for mask in (plan.turn_mask, plan.memory_mask)
    )
    turns, memories = counts
    return turns, memories


def find_nearest(index: UserIndex, plan: QueryPlan, turn_ids: bytes, memory_ids: bytes) -> NearestNeighbours:
    """The doc ids of what the ANN index found: ids of 16 bytes each, nearest first."""
    count = max(ANN_CANDIDATES, plan.limit)
    return NearestNeighbours(
        _filter_neighbours(index.turns.id_map.find_doc_ids(turn_ids), plan.turn_mask, count),
        _filter_neighbours(index.memories.id_map.find_doc_ids(memory_ids), plan.memory_mask, count),
    )


def select_candidates(
    index: UserIndex, plan: QueryPlan, words: WordFeatures, nearest: NearestNeighbours
) -> Selection:
    """The candidates: at least `plan.limit` turns and as many orphans, if so many pass the filters."""
    count = max(LEXICAL_CANDIDATES, plan.limit)
    best = [_top_k_masked(words.memories, mask, count) for mask in (plan.memory_mask, plan.orphan_mask)]
    memories = np.unique(np.concatenate([*best, nearest.memories]))
    features = dict(words.turns)
    if plan.time_matches is not None:
        features["time"] = plan.time_matches
    scores = weighted_sum(features, plan.weights)
    chosen = [_top_k_masked(scores, plan.turn_mask, count), nearest.turns]
    if not plan.turn_mask.all():
        chosen.append(top_k_indices(scores, LEXICAL_CANDIDATES))  # they serve as relevance feedback
    for side in index.index_view.window_sides(nearest.turns[:NEIGHBOUR_CANDIDATES])[1:]:
        chosen.append(side[side < len(index.turns)])
    return Selection(np.unique(np.concatenate(chosen)), NONE).with_memories(index, memories)


class AnnSearchIndex:
    """Matches a query with the candidates of a large user, whose vectors were loaded."""

    def __init__(
        self,
        index: UserIndex,
        words: WordFeatures,
        selection: Selection,
        turn_vectors: LoadedVectors,
        memory_vectors: LoadedVectors,
    ) -> None:
        assert index.vector_statistics is not None
        self._index, self._words, self._selection = index, words, selection
        self._statistics: dict[str, VectorStatistics] = index.vector_statistics
        self._turn_vectors, self._memory_vectors = turn_vectors, memory_vectors

    def match(self, plan: QueryPlan) -> Candidates:
        """The selected turns with their features."""
        index, turns, memories = self._index, self._selection.turns, self._selection.memories
        vectors, cosines = None, dict[str, Statistics]()
        features = {name: column[turns] for name, column in self._words.turns.items()}
        memory_scores = self._words.memories.copy()
        if plan.vector is not None:
            cosines = {kind: one.of_cosines(plan.vector) for kind, one in self._statistics.items()}
            vectors = TurnVectors.of_loaded(index, turns, self._turn_vectors)
            found = vectors.all_cosines(plan.vector)
            features["dense"] = cosines["turns"].standardise(found.own, vectors.has_vector)
            features["window_dense"] = cosines["windows"].standardise(found.window, vectors.has_vector)
            is_reply = index.index_view.replies[turns] & vectors.has_previous
            features["answer"] = cosines["turns"].standardise(found.previous, is_reply)
            has_vector, rows = self._memory_vectors.lookup(memories)
            memory_scores[memories] += cosines["memories"].standardise(rows @ plan.vector, has_vector)
        stated, stating = _turn_memories(index.index_view, turns)
        current = index.index_view.current_mask[stated]
        features["fact"] = fact_feature(len(turns), stating[current], stated[current], memory_scores)
        orphans = memories[plan.orphan_mask[memories]]
        passes_filters = plan.turn_mask[turns]
        is_complete = np.count_nonzero(passes_filters) == np.count_nonzero(plan.turn_mask)
        return Candidates(
            index=index,
            turns=turns,
            passes_filters=passes_filters,
            features=features,
            memory_scores=memory_scores,
            memories=memories,
            orphans=orphans,
            granularities=self._granularities(plan, features, memory_scores, cosines),
            vectors=vectors,
            is_complete=bool(is_complete and len(orphans) == np.count_nonzero(plan.orphan_mask)),
        )

    def _granularities(
        self,
        plan: QueryPlan,
        features: Mapping[str, FloatArray],
        memory_scores: FloatArray,
        cosines: Mapping[str, Statistics],
    ) -> dict[str, GranularityScores]:
        """The scores of each granularity: of candidates, and of sampled rows that stand for all others."""
        view, words = self._index.index_view, self._words
        scores = {"session": GranularityScores(words.turns["session_lexical"][view.session_turn])}
        for name, kind, feature in (("turn", "turns", "dense"), ("window", "windows", "window_dense")):
            sampled = self._statistics[kind].doc_ids
            sample = {word: column[sampled] for word, column in words.turns.items()}
            if plan.vector is not None:
                sample[feature] = self._sample_cosines(kind, plan.vector, cosines)
            own, others = (sum_granularity_features(name, one, plan.weights) for one in (features, sample))
            is_other = ~np.isin(sampled, self._selection.turns)
            scores[name] = _with_sample(own, others[is_other], len(self._index.turns))
        scores["fact"] = self._fact_scores(plan, memory_scores, cosines)
        return scores

    def _fact_scores(
        self, plan: QueryPlan, memory_scores: FloatArray, cosines: Mapping[str, Statistics]
    ) -> GranularityScores:
        current, sampled = self._index.index_view.current_mask, self._statistics["memories"].doc_ids
        own, others = self._selection.memories, memory_scores[sampled]
        if plan.vector is not None:
            others = others + self._sample_cosines("memories", plan.vector, cosines)
        is_other = current[sampled] & ~np.isin(sampled, own)
        return _with_sample(
            memory_scores[own[current[own]]], others[is_other], int(np.count_nonzero(current))
        )

    def _sample_cosines(self, kind: str, vector: FloatArray, cosines: Mapping[str, Statistics]) -> FloatArray:
        return cosines[kind].standardise(self._statistics[kind].sample_vectors @ vector)


def _with_sample(own: FloatArray, sample: FloatArray, count: int) -> GranularityScores:
    """The scores of candidates, and of a sample that stands for the others of `count` rows."""
    weight = (count - len(own)) / max(1, len(sample))
    counts = np.concatenate([np.ones(len(own)), np.full(len(sample), weight)]).astype(np.float32)
    return GranularityScores(np.concatenate([own, sample]), counts)


def _source_turns(index: UserIndex, memories: DocIds) -> DocIds:
    """The turns that state one of these memories that is current."""
    view, is_selected = index.index_view, np.zeros(len(index.memories), np.bool_)
    is_selected[memories] = True
    return view.current_pair_turns[is_selected[view.current_pair_memories]].astype(np.intp)


def _turn_memories(view: IndexView, turns: DocIds) -> tuple[DocIds, DocIds]:
    """(memories that these turns state, (p,), position of the turn that states each, (p,))."""
    counts = view.pair_offsets[turns + 1] - view.pair_offsets[turns]
    positions = np.repeat(np.arange(len(turns)), counts)
    offset = np.arange(len(positions)) - np.repeat(np.cumsum(counts) - counts, counts)
    return view.pair_memories[view.pair_offsets[turns][positions] + offset].astype(np.intp), positions


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


def _filter_selectivity(mask: Mask, limit: int) -> float:
    """The share of rows that pass the filters, by which the requested number is divided.

    It is at least MIN_SELECTIVITY, and 1 if so few pass that all of them are candidates anyway.
    """
    if not len(mask) or _are_few(mask, max(LEXICAL_CANDIDATES, limit)):
        return 1.0
    return max(np.count_nonzero(mask) / len(mask), MIN_SELECTIVITY)


def _filter_neighbours(doc_ids: NDArray[np.intp], mask: Mask, count: int) -> DocIds:
    """The first `count` of these doc ids with and without the mask, nearest first; -1 is dropped."""
    doc_ids = doc_ids[doc_ids >= 0]
    return doc_ids if mask.all() else np.concatenate([doc_ids[:count], doc_ids[mask[doc_ids]][:count]])
