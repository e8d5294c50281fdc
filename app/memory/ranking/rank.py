"""Orders the candidates of a query by one linear score; the formula is in docs/search-algorithm.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, top_k_indices
from app.memory.ranking.graph_spread import LinkScores, compute_link_scores
from app.memory.ranking.matching.candidates import Candidates
from app.memory.ranking.matching.features import own_score
from app.memory.ranking.matching.router import feature_factors
from app.memory.ranking.query_plan import Mask, QueryPlan
from app.memory.ranking.relevance_feedback import relevance_feedback_scores
from app.memory.ranking.weights import weighted_sum
from app.memory.text.analysis import analyze_text

MAX_LOADED = 2_000  # turns of a large user of which all documents may be loaded for one search (chosen)


class ScoredId(NamedTuple):
    """The doc id of a turn, or of a memory without one, with its score.

    `own_score` is how well it matches by itself. The features are row `row` of the candidates', or those of
    `features`.
    """

    doc_id: int
    score: float
    own_score: float
    row: int = -1
    features: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The scored ids of one query: turns, best first, and memories without a turn, by doc id.

    `rows` (k,) are the ranked rows of the candidates, of which `features` has the values, (c,) each.
    `memory_scores` (m,) are those of all memories, with what arrived over links; `reached` are the memories
    that links lead to. `is_complete`: no other row passes the filters.
    """

    turn_ids: NDArray[np.intp]
    rows: NDArray[np.intp]
    features: Mapping[str, FloatArray]
    scores: FloatArray
    own_scores: FloatArray
    orphans: list[ScoredId]
    memory_scores: FloatArray
    reached: NDArray[np.intp]
    is_complete: bool

    def turns(self) -> Iterator[ScoredId]:
        """Yield the ranked turns, best first; of most searches only the first ones are read."""
        for row, doc_id in zip(self.rows.tolist(), self.turn_ids.tolist(), strict=True):
            yield ScoredId(doc_id, float(self.scores[row]), float(self.own_scores[row]), row)

    def features_of(self, scored: ScoredId) -> dict[str, float]:
        """The features of a scored id, by name."""
        if scored.features is not None:
            return dict(scored.features)
        return {name: float(column[scored.row]) for name, column in self.features.items()}


def rank(plan: QueryPlan, candidates: Candidates) -> Ranking:
    """Rank the candidates; turns that do not pass the filters are left out, after they told of the others."""
    features, scores, own_scores = _score_turns(plan, candidates)
    links = compute_link_scores(candidates, scores, plan.weights.memory)
    if links.amounts.any():
        gain = links.capped_gain(_turn_amounts(candidates, links), scores, plan.weights.graph)
        scores = (scores + np.float32(plan.weights.graph) * gain).astype(np.float32)
        features["graph"] = gain
    passing = int(np.count_nonzero(candidates.passes_filters))
    # A filter may leave little of what turns lead to: then all of them are looked at if they are at hand.
    is_at_hand = candidates.is_complete and (candidates.index.keeps_documents or passing <= MAX_LOADED)
    limit = passing if is_at_hand and plan.query.filters_documents else min(plan.limit, passing)
    masked = np.where(candidates.passes_filters, scores, -np.inf).astype(np.float32)
    rows = top_k_indices(masked, limit)
    return Ranking(
        turn_ids=candidates.turns[rows],
        rows=rows,
        features=features,
        scores=scores,
        own_scores=own_scores,
        orphans=_score_orphans(plan, candidates, links),
        memory_scores=candidates.memory_scores + links.amounts,
        reached=np.flatnonzero(links.amounts),
        is_complete=candidates.is_complete and limit == passing,
    )


def _score_turns(
    plan: QueryPlan, candidates: Candidates
) -> tuple[dict[str, FloatArray], FloatArray, FloatArray]:
    """The weighed features of the candidate turns, their sum, and how well each matches by itself, (c,)."""
    raw, weights = dict(candidates.features), plan.weights
    factors = feature_factors(candidates.granularities)
    features = raw | {name: raw[name] * np.float32(factors[name]) for name in factors.keys() & raw.keys()}
    if plan.time_matches is not None:
        features["time"] = plan.time_matches[candidates.turns]
    scores = weighted_sum(features, weights)
    if plan.vector is not None and candidates.vectors is not None:
        features["expansion"] = relevance_feedback_scores(
            candidates.vectors, plan.vector, raw, scores, weights.expansion
        )
        scores += np.float32(weights.expansion) * features["expansion"]
    return features, scores, own_score(raw)


def _turn_amounts(candidates: Candidates, links: LinkScores) -> FloatArray:
    """What arrives at each candidate turn over the links of its current memories, (c,)."""
    view, amounts = candidates.index.index_view, np.zeros(len(candidates.index.turns), np.float32)
    np.maximum.at(amounts, view.current_pair_turns, links.amounts[view.current_pair_memories])
    return amounts[candidates.turns]


def _score_orphans(plan: QueryPlan, candidates: Candidates, links: LinkScores) -> list[ScoredId]:
    """The memories without a turn that may be among the best, scored by their own match.

    It has the weight of two features. A memory about the speaker whom the query names gets the speaker
    feature; scores propagated over links count too.
    """
    if not len(candidates.orphans):
        return []
    weights = plan.weights
    is_of_speaker = _speaker_memory_mask(candidates.index, plan.speaker, candidates.orphans)
    scored: list[ScoredId] = []
    for doc_id in _select_orphans(plan, candidates, links, is_of_speaker):
        own = float(candidates.memory_scores[doc_id])
        features = {"memory": own, "speaker": float(is_of_speaker[doc_id])}
        score = sum(value * getattr(weights, name) for name, value in features.items())
        if links.amounts[doc_id] > 0:
            gain = links.capped_gain(links.amounts[[doc_id]], np.array([score], np.float32), weights.graph)
            features["graph"] = float(gain[0])
            score += features["graph"] * weights.graph
        scored.append(ScoredId(doc_id, score, own, features=features))
    return scored


def _select_orphans(
    plan: QueryPlan, candidates: Candidates, links: LinkScores, is_of_speaker: Mask
) -> list[int]:
    """Ascending doc ids of memories without a turn that may be among the best."""
    doc_ids, count = candidates.orphans, plan.query.candidate_limit
    if len(doc_ids) <= count:
        return doc_ids.tolist()
    scores = candidates.memory_scores[doc_ids]
    of_speaker = np.flatnonzero(is_of_speaker[doc_ids])
    chosen = [top_k_indices(scores, count), of_speaker[top_k_indices(scores[of_speaker], count)]]
    chosen.append(np.flatnonzero(links.amounts[doc_ids]))
    return doc_ids[np.unique(np.concatenate(chosen))].tolist()


def _speaker_memory_mask(index: UserIndex, speaker: str | None, memories: NDArray[np.intp]) -> Mask:
    """Which memories are about a speaker, (m,): by a word of the name or, of these memories, by subject."""
    mask = np.zeros(len(index.memories), np.bool_)
    if speaker is None:
        return mask
    name_terms, subjects = set(analyze_text(speaker)), index.memories.categorical_columns["subject"]
    named = {
        subject
        for code in np.unique(subjects.codes[memories]).tolist()
        if (subject := subjects.categories[code]) and not name_terms.isdisjoint(analyze_text(subject))
    }
    mask[memories] = subjects.match_any(named)[memories]
    for doc_ids, _ in index.memories.inverted_index.get_postings(index.query_terms(speaker)).values():
        mask[doc_ids] = True
    return mask
