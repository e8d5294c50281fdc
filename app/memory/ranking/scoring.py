"""The score of every turn for one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.graph_spread import LinkScores, compute_link_scores
from app.memory.ranking.relevance_feedback import AllTurnVectors, TurnVectors, relevance_feedback_scores
from app.memory.ranking.router import route_features
from app.memory.ranking.weights import RankingWeights, weighted_sum


@dataclass(frozen=True, slots=True)
class TurnScores:
    """Of every turn, (n,) each: features, their weighted sum, and how well the turn matches by itself."""

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
    """Score the turns for a question with these terms and this vector (d,).

    `evidence` (m,) is that of the memories; `fitting` (n,) is 1 where a turn fits the time asked about.
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
    """The score by the raw features of these turns, (n,) each, and the factors of some."""
    own = raw["lexical"] + raw.get("dense", raw["lexical"])
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
    """The turns with what links bring them, and what links bring each memory.

    `evidence` (m,) is that of the memories.
    """
    brought = compute_link_scores(index, turns.scores, memory_scores, weights.memory)
    if not brought.amounts.any():
        return turns, brought
    amounts = np.zeros(len(turns.scores), np.float32)
    np.maximum.at(
        amounts, index.index_view.current_pair_turns, brought.amounts[index.index_view.current_pair_memories]
    )
    added = brought.capped_gain(amounts, turns.scores, weights.graph)
    scores = (turns.scores + np.float32(weights.graph) * added).astype(np.float32)
    return TurnScores(turns.features | {"graph": added}, scores, turns.own_scores), brought
