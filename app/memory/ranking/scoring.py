"""The score of every turn for one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.memory.index.user_index import Scope
from app.memory.numeric import Array
from app.memory.ranking.graph_spread import Received, received
from app.memory.ranking.relevance_feedback import AllTurns, Turns, expansion
from app.memory.ranking.router import routes
from app.memory.ranking.weights import RankingWeights, weighted


@dataclass(frozen=True, slots=True)
class Scored:
    """Of every turn, (n,) each: features, their weighted sum, and how well the turn matches by itself."""

    features: dict[str, Array]
    scores: Array
    own: Array


NOTHING = Scored({}, np.zeros(0, np.float32), np.zeros(0, np.float32))


def score(
    scope: Scope,
    terms: Sequence[str],
    vector: Array | None,
    evidence: Array,
    fitting: Array | None,
    weights: RankingWeights,
) -> Scored:
    """Score the turns for a question with these terms and this vector (d,).

    `evidence` (m,) is that of the memories; `fitting` (n,) is 1 where a turn fits the time asked about.
    """
    raw = scope.features(terms, vector, evidence)
    factors = routes(scope, raw, evidence, weights)
    return combined(raw, factors, AllTurns(scope), vector, fitting, weights)


def combined(
    raw: dict[str, Array],
    factors: Mapping[str, float],
    turns: Turns,
    vector: Array | None,
    fitting: Array | None,
    weights: RankingWeights,
) -> Scored:
    """The score by the raw features of these turns, (n,) each, and the factors of some."""
    own = raw["lexical"] + raw.get("dense", raw["lexical"])
    features = raw | {name: raw[name] * np.float32(factors[name]) for name in factors.keys() & raw.keys()}
    if fitting is not None:
        features["time"] = fitting
    scores = weighted(features, weights)
    if vector is not None:
        features["expansion"] = expansion(turns, vector, raw, scores, weights.expansion)
        scores += np.float32(weights.expansion) * features["expansion"]
    return Scored(features, scores, own)


def linked(scope: Scope, turns: Scored, evidence: Array, weights: RankingWeights) -> tuple[Scored, Received]:
    """The turns with what links bring them, and what links bring each memory.

    `evidence` (m,) is that of the memories.
    """
    brought = received(scope, turns.scores, evidence, weights.memory)
    if not brought.amounts.any():
        return turns, brought
    amounts = np.zeros(len(turns.scores), np.float32)
    np.maximum.at(amounts, scope.places.saying, brought.amounts[scope.places.said])
    added = brought.added(amounts, turns.scores, weights.graph)
    scores = (turns.scores + np.float32(weights.graph) * added).astype(np.float32)
    return Scored(turns.features | {"graph": added}, scores, turns.own), brought
