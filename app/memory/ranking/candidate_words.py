"""First-stage lexical scoring for a large user: BM25 of all turns, then window features for a pool of turns.

A turn's own terms are scored for all turns, as that takes one addition per posting. Windows take many more,
so only those of a pool are scored: the best turns by the first stage, their neighbours, turns required by
vectors or memories, and a sample in which each turn stands for many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.index_view import IndexView
from app.memory.index.inverted_index import PostingList, bm25_term_scores, score_term, sum_postings
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, is_noise
from app.memory.ranking.weights import RankingWeights

DocIds = NDArray[np.intp]
FIRST_STAGE_SIZE = (
    # turns of the first stage that enter the pool with their neighbours (measured): 0.999 of the best fifty
    # are among them
    2_000
)


@dataclass(frozen=True, slots=True)
class FeatureStatistics:
    """Mean and standard deviation of a feature over all turns."""

    mean: float
    deviation: float

    @classmethod
    def from_values(cls, values: FloatArray, counts: FloatArray | None = None) -> "FeatureStatistics":
        """Weighted statistics of values (k,), each of which stands for `counts` (k,) turns."""
        total = max(1.0, len(values) if counts is None else float(counts.sum()))
        mean = float(values.sum() if counts is None else values @ counts) / total
        # centred first, as the difference of squares is noise if all are alike
        centred = values - np.float32(mean)
        squares = float(centred @ centred if counts is None else (centred * centred) @ counts) / total
        return cls(mean, squares**0.5)

    @property
    def inverse_deviation(self) -> np.float32:
        """1 / deviation; 0 if the values are equal up to noise."""
        return np.float32(0 if is_noise(self.deviation, self.mean) else 1 / self.deviation)

    def standardise_scores(self, values: FloatArray) -> FloatArray:
        """Standardise these values over all turns, as `numeric.standardise_scores` does."""
        return (values - np.float32(self.mean)) * self.inverse_deviation


@dataclass(frozen=True, slots=True)
class CandidatePool:
    """The turns of the pool (k,), ascending, and their features without vectors, (k,) each.

    `required_turns` are those that vectors or memories lead to, ascending. `session_scores` (s,) are the
    standardised scores of all sessions.
    """

    doc_ids: DocIds
    required_turns: DocIds
    features: dict[str, FloatArray]
    session_scores: FloatArray

    def select_features(self, doc_ids: DocIds) -> dict[str, FloatArray]:
        """The features of these turns of the pool, (c,) each."""
        positions = np.searchsorted(self.doc_ids, doc_ids)
        return {name: column[positions] for name, column in self.features.items()}


class LexicalScorer:
    """Scores a large user's turns for the terms of one query."""

    def __init__(self, index: UserIndex, terms: Iterable[str]) -> None:
        terms = list(terms)
        self._index, self._index_view = index, index.index_view
        self._postings = index.turns.inverted_index.get_postings(terms)
        term_scores = (score_term(column, self._index_view.turn_norms) for column in self._postings.values())
        self._turn_scores = sum_postings(term_scores, len(index.turns))
        self._turn_statistics = FeatureStatistics.from_values(self._turn_scores)
        self._speaker_mask = index.named_speaker_mask(terms)
        assert index.ann_index is not None
        self._sampled_doc_ids = [
            index.ann_index.vector_statistics[kind].doc_ids for kind in ("turns", "windows")
        ]

    def score_first_stage(self, weights: RankingWeights, time_matches: FloatArray | None) -> FloatArray:
        """An approximate score of each turn, (n,): its own BM25 stands for that of its window and session."""
        lexical_weight = weights.lexical + weights.window_lexical + weights.session_lexical
        scores = self._turn_scores * (np.float32(lexical_weight) * self._turn_statistics.inverse_deviation)
        features = {"length": self._index_view.length, "speaker": self._speaker_mask, "time": time_matches}
        for name, values in (features | {"recency": self._index_view.recency}).items():
            weight = np.float32(getattr(weights, name))
            if weight and values is not None:
                scores += values if weight == 1 else weight * values
        return scores

    def build_pool(self, chosen: DocIds, required_turns: DocIds) -> CandidatePool:
        """The pool of the chosen turns, their neighbours, the required turns and samples."""
        view, turns = self._index_view, len(self._turn_scores)
        selected = unique_doc_ids(
            np.concatenate([chosen, view.previous_turn[chosen], view.next_turn[chosen], required_turns])
        )
        selected = selected[: np.searchsorted(selected, turns)]
        doc_ids = unique_doc_ids(np.concatenate([selected, view.sample_turns, *self._sampled_doc_ids]))
        sample_weight = (turns - len(selected)) / max(1, len(doc_ids) - len(selected))
        counts = np.full(len(doc_ids), sample_weight, np.float32)
        counts[np.searchsorted(doc_ids, selected)] = 1
        windows = score_windows(self._postings, view, doc_ids)
        sessions = score_sessions(self._postings.values(), view, self._index.turns.session_codes)
        sessions = FeatureStatistics.from_values(sessions, view.session_sizes).standardise_scores(sessions)
        features = {
            "lexical": self._turn_statistics.standardise_scores(self._turn_scores[doc_ids]),
            "window_lexical": FeatureStatistics.from_values(windows, counts).standardise_scores(windows),
            "session_lexical": sessions[self._index.turns.session_codes[doc_ids]],
            "length": view.length[doc_ids],
            "speaker": np.zeros(len(doc_ids), np.float32)
            if self._speaker_mask is None
            else self._speaker_mask[doc_ids],
            "recency": view.recency[doc_ids],
        }
        required_turns = unique_doc_ids(required_turns)
        return CandidatePool(doc_ids, required_turns[required_turns < turns], features, sessions)


def unique_doc_ids(doc_ids: DocIds) -> DocIds:
    """The distinct doc ids, ascending; faster than `np.unique` for some thousands."""
    doc_ids = np.sort(doc_ids)
    return doc_ids[np.concatenate([[True], doc_ids[1:] != doc_ids[:-1]])] if len(doc_ids) else doc_ids


def score_windows(postings: Mapping[str, PostingList], view: IndexView, doc_ids: DocIds) -> FloatArray:
    """BM25 of the windows of these turns, (k,), from posting lists of turns."""
    turns, total = len(view.turn_norms), np.zeros(len(doc_ids), np.float32)
    before, after = view.previous_turn[doc_ids], view.next_turn[doc_ids]
    norms, counts = view.window_norms[doc_ids], np.zeros(turns + 1, np.float32)
    for term, (term_doc_ids, term_counts) in postings.items():
        counts[term_doc_ids] = term_counts
        window_counts = counts[doc_ids] + counts[before] + counts[after]
        counts[term_doc_ids] = 0
        if term not in view.window_frequencies:
            view.window_frequencies[term] = count_windows(term_doc_ids, view)
        total += bm25_term_scores(window_counts, norms, view.window_frequencies[term], turns)
    return total


def count_windows(doc_ids: DocIds, view: IndexView) -> int:
    """The number of windows that contain one of these turns."""
    is_near = np.zeros(len(view.turn_norms) + 1, np.bool_)
    for side in (doc_ids, view.previous_turn[doc_ids], view.next_turn[doc_ids]):
        is_near[side] = True
    return int(np.count_nonzero(is_near[:-1]))


def score_sessions(
    postings: Iterable[PostingList], view: IndexView, sessions: NDArray[np.int32]
) -> FloatArray:
    """BM25 of each session, (s,), from posting lists of turns."""
    norms = view.session_norms
    total = np.zeros(len(norms), np.float32)
    for doc_ids, counts in postings:
        session_counts = np.bincount(sessions[doc_ids], counts, len(norms)).astype(np.float32)
        total += bm25_term_scores(session_counts, norms, int(np.count_nonzero(session_counts)), len(norms))
    return total
