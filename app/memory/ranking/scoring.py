"""The score of every turn for one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.memory.index.user_index import UserIndex, own_score
from app.memory.numeric import FloatArray
from app.memory.ranking.graph_spread import LinkScores, compute_link_scores
from app.memory.ranking.relevance_feedback import AllTurnVectors, TurnVectors, relevance_feedback_scores
from app.memory.ranking.router import route_features
from app.memory.ranking.weights import RankingWeights, weighted_sum


@dataclass(frozen=True, slots=True)
class TurnScores:
    """Features of every turn, (n,) each, their weighted sum, and how well the turn matches by itself."""

    features: dict[str, FloatArray]
    scores: FloatArray
    own_scores: FloatArray


NO_SCORES = TurnScores({}, np.zeros(0, np.float32), np.zeros(0, np.float32))


def score_turns(
    index: UserIndex,
    terms: Sequence[str],
    vector: FloatArray | None,
    memory_scores: FloatArray,
    time_matches: FloatArray | None,
    weights: RankingWeights,
) -> TurnScores:
    """Score the turns for a query with these terms and this vector (d,).

    `memory_scores` (m,) are those of the memories; `time_matches` (n,) is 1 where a turn matches the time of
    the query.
    """
    raw = index.compute_features(terms, vector, memory_scores)
    factors = route_features(index, raw, memory_scores, weights)
    return combine_features(raw, factors, AllTurnVectors(index), vector, time_matches, weights)


def combine_features(
    raw: dict[str, FloatArray],
    factors: Mapping[str, float],
    turns: TurnVectors,
    vector: FloatArray | None,
    time_matches: FloatArray | None,
    weights: RankingWeights,
) -> TurnScores:
    """The scores from the raw features of these turns, (n,) each, and the router's factors."""
    own = own_score(raw)
    features = raw | {name: raw[name] * np.float32(factors[name]) for name in factors.keys() & raw.keys()}
    if time_matches is not None:
        features["time"] = time_matches
    scores = weighted_sum(features, weights)
    if vector is not None:
        features["expansion"] = relevance_feedback_scores(turns, vector, raw, scores, weights.expansion)
        scores += np.float32(weights.expansion) * features["expansion"]
    return TurnScores(features, scores, own)


def add_link_scores(
    index: UserIndex, turns: TurnScores, memory_scores: FloatArray, weights: RankingWeights
) -> tuple[TurnScores, LinkScores]:
    """(the turns' scores with propagated scores, the propagated score of each memory).

    `memory_scores` (m,) are those of the memories.
    """
    link_scores = compute_link_scores(index, turns.scores, memory_scores, weights.memory)
    if not link_scores.amounts.any():
        return turns, link_scores
    amounts = np.zeros(len(turns.scores), np.float32)
    np.maximum.at(
        amounts,
        index.index_view.current_pair_turns,
        link_scores.amounts[index.index_view.current_pair_memories],
    )
    gain = link_scores.capped_gain(amounts, turns.scores, weights.graph)
    scores = (turns.scores + np.float32(weights.graph) * gain).astype(np.float32)
    return TurnScores(turns.features | {"graph": gain}, scores, turns.own_scores), link_scores
