"""The turns of a large user that may answer a question, and their scores.

What words, names and times give is computed for all turns, what vectors give for candidates only: the best by
the former, the nearest by the HNSW index with their neighbours, and the turns of the best memories. Each
feature is standardised over all turns, so a candidate has the score that an exact search would give it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.memory.ranking import Array, RankingWeights, best_first, standardise, weighted
from app.memory.scope import Places, Scope
from app.memory.time_fit import Period, within

Rows = NDArray[np.intp]
BY_WORDS = 100
BY_VECTOR = 200
WITH_NEIGHBOURS = 30  # of the nearest, whose neighbours have windows that are near too
LEAST_SHARE = 0.02  # of the turns that pass the filters: for fewer no more are asked of the index


@dataclass(frozen=True, slots=True)
class Ranked:
    """Scores (c,) and features, (c,) each, of the turns at `rows` (c,); the evidence of the memories, (m,).

    `orphans` are the places of the memories that may stand for themselves.
    """

    rows: Rows
    scores: Array
    features: dict[str, Array]
    evidence: Array
    orphans: Rows


@dataclass(frozen=True, slots=True)
class Question:
    """The query's terms and vector, the weights of features, and which turns pass the filters, (n,).

    `enough` turns are looked at, or every candidate when what is shown depends on what their memories say.
    """

    terms: Sequence[str]
    vector: Array | None
    weights: RankingWeights
    allowed: NDArray[np.bool_]
    period: Period | None
    enough: int
    every: bool = False


def rank_all(scope: Scope, asked: Question) -> Ranked:
    """Every turn of a user whose scope holds all vectors."""
    evidence = scope.memory_evidence(asked.terms, asked.vector)
    features = scope.features(asked.terms, asked.vector, evidence) if scope.turns else {}
    if asked.period is not None and features:
        features["time"] = within(scope, *asked.period)
    scores = weighted(features, asked.weights) if features else np.zeros(0, np.float32)
    return Ranked(np.arange(len(scores)), scores, features, evidence, scope.places.orphans)


def rank_candidates(scope: Scope, asked: Question) -> Ranked:
    """The candidates of a large user. As many as are `enough` are among them if so many pass the filters."""
    places = scope.places
    features = scope.features_without_vectors(asked.terms) if scope.turns else {}
    if asked.period is not None and features:
        features["time"] = within(scope, *asked.period)
    evidence = standardise(scope.memories.words.scores(asked.terms))
    memories = _near(scope, asked, of_turn=False) if asked.vector is not None else np.zeros(0, np.intp)
    memories = np.union1d(memories, best_first(evidence, max(BY_WORDS, asked.enough)))
    rows = _candidates(scope, asked, features, memories) if features else np.zeros(0, np.intp)
    told = [places.told[places.first[row] : places.first[row + 1]] for row in rows.tolist()]
    memories = np.union1d(memories, np.concatenate([np.zeros(0, np.int32), *told])).astype(np.intp)
    found = {name: column[rows] for name, column in features.items()}
    if asked.vector is not None:
        windows = [rows, places.before[rows], places.after[rows]]
        held = _vectors(scope, windows, memories, asked.vector)
        evidence[memories] += held.of_memories
        if features:
            found |= {"dense": held.of_turns, "window_dense": held.of_windows}
    if features:
        found["fact"] = _fact(places, rows, memories, evidence)
    scores = weighted(found, asked.weights) if found else np.zeros(0, np.float32)
    orphans = np.intersect1d(memories, places.orphans)
    ranked = Ranked(rows, scores, found, evidence, orphans)
    return _there(scope, ranked, len(rows) if asked.every else asked.enough)


def _candidates(scope: Scope, asked: Question, features: dict[str, Array], memories: Rows) -> Rows:
    """The places of candidates, in order."""
    places = scope.places
    masked = np.where(asked.allowed, weighted(features, asked.weights), -np.inf).astype(np.float32)
    chosen = [best_first(masked, max(BY_WORDS, asked.enough))]
    if asked.vector is not None:
        near = _near(scope, asked, of_turn=True)
        first = near[:WITH_NEIGHBOURS]
        chosen += [near, places.before[first], places.after[first]]
    marked = np.zeros(len(scope.memories), np.bool_)
    marked[memories] = True
    chosen.append(places.saying[marked[places.said]].astype(np.intp))
    rows = np.unique(np.concatenate(chosen))
    rows = rows[rows < len(scope.turns)]
    return rows[asked.allowed[rows]]


def _near(scope: Scope, asked: Question, *, of_turn: bool) -> Rows:
    """The places of the turns or memories nearest to the query; more of them when few turns pass."""
    assert asked.vector is not None
    share = float(asked.allowed.mean()) if of_turn and len(asked.allowed) else 1.0
    count = max(BY_VECTOR, asked.enough)
    at = (scope.turns if of_turn else scope.memories).at
    near = scope.store.nearest(asked.vector, round(count / max(share, LEAST_SHARE)), of_turn=of_turn)
    found = np.array([row for row_id, _ in near if (row := at.get(row_id)) is not None], np.intp)
    return found[asked.allowed[found]][:count] if of_turn else found


@dataclass(frozen=True, slots=True)
class Cosines:
    """Standardised cosines with the query: of candidates and their windows, (c,), and of memories, (k,)."""

    of_turns: Array
    of_windows: Array
    of_memories: Array


def _vectors(scope: Scope, windows: Sequence[Rows], memories: Rows, query: Array) -> Cosines:
    """`windows` are the candidates and their neighbours on either side, n where there is none."""
    assert scope.far is not None
    turns = np.unique(np.concatenate(windows))
    turns = turns[turns < len(scope.turns)]
    ids = [*scope.turns.at.of(turns.tolist()), *scope.memories.at.of(memories.tolist())]
    held = scope.far.vectors(ids)
    known = np.array([row_id in held for row_id in ids], np.bool_)
    # The last row is zero: the neighbour that there is none of.
    matrix = np.zeros((len(ids) + 1, len(query)), np.float32)
    if held:
        matrix[:-1][known] = np.stack([held[row_id] for row_id in ids if row_id in held])
    own, *beside = (np.where(rows < len(scope.turns), np.searchsorted(turns, rows), -1) for rows in windows)
    total = matrix[own]
    for side in beside:
        total += matrix[side]
    norms = np.maximum(np.linalg.norm(total, axis=1), 1e-6)
    spreads, dots = scope.far.spreads, matrix @ query
    of_memories = slice(len(turns), len(ids))
    return Cosines(
        spreads["turns"].standardise(dots[own], known[own], query),
        spreads["windows"].standardise(total @ query / norms, known[own], query),
        spreads["memories"].standardise(dots[of_memories], known[of_memories], query),
    )


def _fact(places: Places, rows: Rows, memories: Rows, evidence: Array) -> Array:
    """The best evidence among the current memories of each candidate, (c,); 0 where there is none.

    All memories of candidates are among `memories`.
    """
    marked = np.zeros(len(evidence), np.bool_)
    marked[memories] = True
    pairs = np.flatnonzero(marked[places.said])
    saying, said = places.saying[pairs], places.said[pairs]
    if not len(rows):
        return np.zeros(0, np.float32)
    at = np.minimum(np.searchsorted(rows, saying), len(rows) - 1)
    inside = rows[at] == saying
    best = np.full(len(rows), -np.inf, np.float32)
    np.maximum.at(best, at[inside], evidence[said[inside]])
    return np.where(np.isneginf(best), 0.0, best).astype(np.float32)


def _there(scope: Scope, ranked: Ranked, enough: int) -> Ranked:
    """Without what was deleted since the pack, among the best `enough` turns and the orphans; the texts of
    the others are read at once, with those of their memories.
    """
    while len(ranked.rows):
        best = best_first(ranked.scores, enough)
        rows = ranked.rows[best]
        gone = scope.turns.load(rows.tolist())
        if not gone:
            places = scope.places
            told = [places.told[places.first[row] : places.first[row + 1]].tolist() for row in rows.tolist()]
            scope.memories.load([memory for one in told for memory in one])
            break
        left = ~np.isin(ranked.rows, gone)
        features = {name: column[left] for name, column in ranked.features.items()}
        ranked = replace(ranked, rows=ranked.rows[left], scores=ranked.scores[left], features=features)
    absent = scope.memories.load(ranked.orphans.tolist())
    return replace(ranked, orphans=ranked.orphans[~np.isin(ranked.orphans, absent)])
