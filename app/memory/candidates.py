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
from app.memory.scoring import NOTHING, Scored

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
BY_WORDS = 100
BY_VECTOR = 200
WITH_NEIGHBOURS = 30  # of the nearest, whose neighbours have windows that are near too
FEW = 2_000  # if no more rows pass the filters, all of them are candidates
LEAST_SHARE = 0.02  # of the rows that pass the filters: for fewer no more are asked of the index


@dataclass(frozen=True, slots=True)
class Ranked:
    """The turns at `rows` (c,), which of them pass the filters, (c,), and their scores.

    `evidence` (m,) is that of memories, `orphans` are the places of those that may stand for themselves.
    `complete`: whether nothing else passes the filters.
    """

    rows: Rows
    allowed: Mask
    turns: Scored
    evidence: Array
    orphans: Rows
    complete: bool


@dataclass(frozen=True, slots=True)
class Question:
    """The query's terms, its vector and which turns fit its time, (n,); the weights of features.

    The masks are those of turns that may be an item or bring one, (n,), of memories that may be one, (m,),
    and of those of them that stand for themselves, (m,).
    """

    terms: Sequence[str]
    vector: Array | None
    fitting: Array | None
    weights: RankingWeights
    turns: Mask
    memories: Mask
    orphans: Mask


def rank_candidates(scope: Scope, asked: Question, enough: int) -> Ranked:
    """The candidates of a large user, at least `enough` turns and as many orphans if so many pass."""
    places = scope.places
    features = scope.features_without_vectors(asked.terms) if scope.turns else {}
    if asked.fitting is not None and features:
        features["time"] = asked.fitting
    evidence = standardise(scope.memories.words.scores(asked.terms))
    memories = _memories(scope, asked, evidence, enough)
    rows = _turns(scope, asked, features, memories, enough) if features else np.zeros(0, np.intp)
    told = [places.told[places.first[row] : places.first[row + 1]] for row in rows.tolist()]
    memories = np.union1d(memories, np.concatenate([np.zeros(0, np.int32), *told])).astype(np.intp)
    orphans = memories[asked.orphans[memories]]
    found = {name: column[rows] for name, column in features.items()}
    if asked.vector is not None:
        windows = [rows, places.before[rows], places.after[rows]]
        held = _vectors(scope, windows, memories, asked.vector)
        evidence[memories] += held.of_memories
        if features:
            found |= {"dense": held.of_turns, "window_dense": held.of_windows}
    turns = NOTHING
    if features:
        found["fact"] = _fact(places, rows, memories, evidence)
        own = found["lexical"] + found.get("dense", found["lexical"])
        turns = Scored(found, weighted(found, asked.weights), own)
    complete = len(rows) == np.count_nonzero(asked.turns) and len(orphans) == np.count_nonzero(asked.orphans)
    return _there(
        scope, Ranked(rows, np.ones(len(rows), np.bool_), turns, evidence, orphans, complete), enough
    )


def _memories(scope: Scope, asked: Question, evidence: Array, enough: int) -> Rows:
    """The places of memories that may be items or lead to turns, in order."""
    chosen = [_best(evidence, asked.memories, max(BY_WORDS, enough)), _best(evidence, asked.orphans, enough)]
    if asked.vector is not None:
        chosen.append(_near(scope, asked, asked.memories, enough, of_turn=False))
    return np.unique(np.concatenate(chosen))


def _turns(scope: Scope, asked: Question, features: dict[str, Array], memories: Rows, enough: int) -> Rows:
    """The places of the turns that are candidates, in order."""
    places = scope.places
    chosen = [_best(weighted(features, asked.weights), asked.turns, max(BY_WORDS, enough))]
    if asked.vector is not None:
        near = _near(scope, asked, asked.turns, enough, of_turn=True)
        first = near[:WITH_NEIGHBOURS]
        chosen += [near, places.before[first], places.after[first]]
    marked = np.zeros(len(scope.memories), np.bool_)
    marked[memories] = True
    chosen.append(places.saying[marked[places.said]].astype(np.intp))
    rows = np.unique(np.concatenate(chosen))
    rows = rows[rows < len(scope.turns)]
    return rows[asked.turns[rows]]


def _best(scores: Array, mask: Mask, count: int) -> Rows:
    """The places of the best `count` of those in the mask; all of them if they are few."""
    passing = np.count_nonzero(mask)
    if passing <= max(count, FEW):
        return np.flatnonzero(mask)
    if passing < len(mask):
        scores = np.where(mask, scores, -np.inf).astype(np.float32)
    return best_first(scores, count)


def _near(scope: Scope, asked: Question, mask: Mask, enough: int, *, of_turn: bool) -> Rows:
    """The places of those in the mask nearest to the query; more are asked for when few pass.

    None when all of the mask are candidates anyway.
    """
    assert asked.vector is not None
    passing, count = np.count_nonzero(mask), max(BY_VECTOR, enough)
    if passing <= max(enough, FEW):
        return np.zeros(0, np.intp)
    at = (scope.turns if of_turn else scope.memories).at
    share = max(passing / len(mask), LEAST_SHARE)
    near = scope.store.nearest(asked.vector, round(count / share), of_turn=of_turn)
    found = np.array([row for row_id, _ in near if (row := at.get(row_id)) is not None], np.intp)
    return found[mask[found]][:count]


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
        best = best_first(ranked.turns.scores, enough)
        gone = scope.load(ranked.rows[best].tolist())
        if not gone:
            break
        left = ~np.isin(ranked.rows, gone)
        features = {name: column[left] for name, column in ranked.turns.features.items()}
        turns = Scored(features, ranked.turns.scores[left], ranked.turns.own[left])
        ranked = replace(ranked, rows=ranked.rows[left], allowed=ranked.allowed[left], turns=turns)
    absent = scope.memories.load(ranked.orphans.tolist())
    return replace(ranked, orphans=ranked.orphans[~np.isin(ranked.orphans, absent)])
