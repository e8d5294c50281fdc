"""First-stage lexical scoring for a large user: BM25 of all turns, then window features for a pool of the
best turns, their neighbours, turns required by vectors or memories, and a sample.

A turn's own words are scored for all, as that takes one addition for each place where a term stands. Windows
take many more, so only those of a pool are scored: of the turns that are best by what is known of all, of
their neighbours, of turns that vectors or memories lead to, and of a sample, each of which stands for many.
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
    2_000  # turns that come into the pool with their neighbours: .999 of the best fifty are among them
)


@dataclass(frozen=True, slots=True)
class FeatureStatistics:
    """Mean and deviation of a feature over all turns."""

    mean: float
    deviation: float

    @classmethod
    def from_values(cls, values: FloatArray, counts: FloatArray | None = None) -> "FeatureStatistics":
        """Of values (k,), each of which stands for so many turns, (k,)."""
        total = max(1.0, len(values) if counts is None else float(counts.sum()))
        mean = float(values.sum() if counts is None else values @ counts) / total
        apart = values - np.float32(mean)  # first, as the difference of squares is noise where all are alike
        squares = float(apart @ apart if counts is None else (apart * apart) @ counts) / total
        return cls(mean, squares**0.5)

    @property
    def inverse_deviation(self) -> np.float32:
        """What to multiply differences with; 0 if all are alike."""
        return np.float32(0 if is_noise(self.deviation, self.mean) else 1 / self.deviation)

    def standardise_scores(self, values: FloatArray) -> FloatArray:
        """These as `ranking.standardise` of all would give them."""
        return (values - np.float32(self.mean)) * self.inverse_deviation


@dataclass(frozen=True, slots=True)
class CandidatePool:
    """The turns at `rows` (k,), in order, and their features without vectors, (k,) each.

    `led` are those of them to which vectors or memories lead, in order. `sessions` are the standardised
    scores of all sessions, (s,).
    """

    doc_ids: DocIds
    required_turns: DocIds
    features: dict[str, FloatArray]
    session_scores: FloatArray

    def select_features(self, doc_ids: DocIds) -> dict[str, FloatArray]:
        """The features of some turns of the pool, (c,) each."""
        places = np.searchsorted(self.doc_ids, doc_ids)
        return {name: column[places] for name, column in self.features.items()}


class LexicalScorer:
    """The question's terms in a large user's turns."""

    def __init__(self, index: UserIndex, terms: Iterable[str]) -> None:
        terms = list(terms)
        self._index, self._index_view = index, index.index_view
        self._postings = index.turns.inverted_index.get_postings(terms)
        each = (score_term(column, self._index_view.turn_norms) for column in self._postings.values())
        self._turn_scores = sum_postings(each, len(index.turns))
        self._turn_statistics = FeatureStatistics.from_values(self._turn_scores)
        self._speaker_mask = index.named_speaker_mask(terms)
        assert index.ann_index is not None
        self._sampled_doc_ids = [
            index.ann_index.vector_statistics[kind].doc_ids for kind in ("turns", "windows")
        ]

    def score_first_stage(self, weights: RankingWeights, time_matches: FloatArray | None) -> FloatArray:
        """About how good each turn is, (n,): its own words stand for those around it."""
        of_words = weights.lexical + weights.window_lexical + weights.session_lexical
        found = self._turn_scores * (np.float32(of_words) * self._turn_statistics.inverse_deviation)
        told = {"length": self._index_view.length, "speaker": self._speaker_mask, "time": time_matches}
        for name, values in (told | {"recency": self._index_view.recency}).items():
            weight = np.float32(getattr(weights, name))
            if weight and values is not None:
                found += values if weight == 1 else weight * values
        return found

    def build_pool(self, chosen: DocIds, required_turns: DocIds) -> CandidatePool:
        """The features of the chosen turns and of their neighbours, of those that something leads to, and of
        samples.
        """
        places, turns = self._index_view, len(self._turn_scores)
        picked = unique_doc_ids(
            np.concatenate([chosen, places.previous_turn[chosen], places.next_turn[chosen], required_turns])
        )
        picked = picked[: np.searchsorted(picked, turns)]
        rows = unique_doc_ids(np.concatenate([picked, places.sample_turns, *self._sampled_doc_ids]))
        each = (turns - len(picked)) / max(1, len(rows) - len(picked))
        counts = np.full(len(rows), each, np.float32)
        counts[np.searchsorted(rows, picked)] = 1
        windows = score_windows(self._postings, places, rows)
        sessions = score_sessions(self._postings.values(), places, self._index.turns.session_codes)
        sessions = FeatureStatistics.from_values(sessions, places.session_sizes).standardise_scores(sessions)
        features = {
            "lexical": self._turn_statistics.standardise_scores(self._turn_scores[rows]),
            "window_lexical": FeatureStatistics.from_values(windows, counts).standardise_scores(windows),
            "session_lexical": sessions[self._index.turns.session_codes[rows]],
            "length": places.length[rows],
            "speaker": np.zeros(len(rows), np.float32)
            if self._speaker_mask is None
            else self._speaker_mask[rows],
            "recency": places.recency[rows],
        }
        required_turns = unique_doc_ids(required_turns)
        return CandidatePool(rows, required_turns[required_turns < turns], features, sessions)


def unique_doc_ids(doc_ids: DocIds) -> DocIds:
    """Each row once, in order: faster than `np.unique` for some thousands."""
    doc_ids = np.sort(doc_ids)
    return doc_ids[np.concatenate([[True], doc_ids[1:] != doc_ids[:-1]])] if len(doc_ids) else doc_ids


def score_windows(postings: Mapping[str, PostingList], view: IndexView, doc_ids: DocIds) -> FloatArray:
    """BM25 of the windows of some turns, (k,), from the columns of terms in turns."""
    turns, total = len(view.turn_norms), np.zeros(len(doc_ids), np.float32)
    before, after = view.previous_turn[doc_ids], view.next_turn[doc_ids]
    norms, counts = view.window_norms[doc_ids], np.zeros(turns + 1, np.float32)
    for term, (having, often) in postings.items():
        counts[having] = often
        found = counts[doc_ids] + counts[before] + counts[after]
        counts[having] = 0
        if term not in view.window_frequencies:
            view.window_frequencies[term] = count_windows(having, view)
        total += bm25_term_scores(found, norms, view.window_frequencies[term], turns)
    return total


def count_windows(doc_ids: DocIds, view: IndexView) -> int:
    """How many windows have one of these turns in them."""
    near = np.zeros(len(view.turn_norms) + 1, np.bool_)
    for side in (doc_ids, view.previous_turn[doc_ids], view.next_turn[doc_ids]):
        near[side] = True
    return int(np.count_nonzero(near[:-1]))


def score_sessions(
    postings: Iterable[PostingList], view: IndexView, sessions: NDArray[np.int32]
) -> FloatArray:
    """BM25 of each session, (s,), from the columns of terms in turns."""
    norms = view.session_norms
    total = np.zeros(len(norms), np.float32)
    for rows, often in postings:
        found = np.bincount(sessions[rows], often, len(norms)).astype(np.float32)
        total += bm25_term_scores(found, norms, int(np.count_nonzero(found)), len(norms))
    return total
