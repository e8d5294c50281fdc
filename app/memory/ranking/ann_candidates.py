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

from app.memory.index.ann_store import Scale
from app.memory.index.user_index import Scope
from app.memory.numeric import Array, best_first, standardise
from app.memory.ranking.candidate_vectors import CandidateVectors
from app.memory.ranking.candidate_words import SCREENED, FarWords, Pool
from app.memory.ranking.graph_spread import Received
from app.memory.ranking.relevance_feedback import AllTurns, Turns
from app.memory.ranking.router import GRANULARITIES, factors, sharpness, sharpness_of, together
from app.memory.ranking.scoring import NOTHING, Scored, combined
from app.memory.ranking.weights import RankingWeights, weighted

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
BY_WORDS = 50
BY_VECTOR = 100
WITH_NEIGHBOURS = 30  # of the nearest, whose neighbours have windows that are near too
LEAST_SHARE = 0.02  # of the rows that pass the filters: for fewer no more are asked of the index
FEW = 2_000  # if no more than these pass, and not this share, all of them are candidates


@dataclass(frozen=True, slots=True)
class Near:
    """The places of the turns, (k,), and memories, (l,), nearest to the query, nearest first."""

    turns: Rows
    memories: Rows


@dataclass(frozen=True, slots=True)
class Ranked:
    """The turns at `rows` (c,), which of them pass the filters, (c,), and their scores.

    `evidence` (m,) is that of memories, `orphans` are the places of those that may stand for themselves.
    `complete`: whether nothing else passes the filters. `received`: what links bring; None if unknown.
    """

    rows: Rows
    allowed: Mask
    turns: Scored
    evidence: Array
    orphans: Rows
    complete: bool
    received: Received | None = None


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
    with _scanning(scope, asked, enough) as nearest:  # while Postgres scans, words are scored
        evidence = standardise(scope.memories.words.scores(asked.terms))
        words = FarWords(scope, asked.terms) if scope.turns else None
        chosen = _screened(words, asked, enough) if words is not None else np.zeros(0, np.intp)
        near = nearest()
    memories = _memories(asked, evidence, near, enough)
    pool = words.pool(chosen, _led(scope, near, memories)) if words is not None else None
    rows = _turns(asked, pool, enough) if pool is not None else np.zeros(0, np.intp)
    told, telling = _told(scope, rows)
    memories = np.union1d(memories, told)
    of_rows = pool.at(rows) if pool is not None else {}
    vectors: Turns = AllTurns(scope)  # without a vector nothing is asked of them
    scales: dict[str, Scale] = {}
    if asked.vector is not None:
        vectors = held = CandidateVectors(scope, rows, memories, len(asked.vector))
        dense, window_dense, of_memories = held.standardised(asked.vector)
        scales = held.scales
        evidence[memories] += of_memories
        of_rows |= {"dense": dense, "window_dense": window_dense} if pool is not None else {}
    turns = NOTHING
    if pool is not None:
        of_rows["fact"] = _fact(telling, told, evidence, scope.memories.current, len(rows))
        found = Sharpness(scope, pool, of_rows, rows, evidence, memories, scales, asked.weights)
        fitting = None if asked.fitting is None else asked.fitting[rows]
        turns = combined(of_rows, factors(found.all()), vectors, asked.vector, fitting, asked.weights)
    orphans = memories[asked.orphans[memories]]
    allowed = asked.turns[rows]
    complete = np.count_nonzero(allowed) == np.count_nonzero(asked.turns)
    complete &= len(orphans) == np.count_nonzero(asked.orphans)
    return _there(scope, Ranked(rows, allowed, turns, evidence, orphans, bool(complete)), enough)


def _memories(asked: Question, evidence: Array, near: Near, enough: int) -> Rows:
    """The places of memories that may be items or lead to turns, in order."""
    chosen = [_best(evidence, mask, max(BY_WORDS, enough)) for mask in (asked.memories, asked.orphans)]
    return np.unique(np.concatenate([*chosen, near.memories]))


def _screened(words: FarWords, asked: Question, enough: int) -> Rows:
    """The places of the turns of which the candidates by words are drawn, with and without the filters."""
    scores = words.screen(asked.weights, asked.fitting)
    chosen = _best(scores, asked.turns, max(SCREENED, enough))
    return chosen if asked.turns.all() else np.concatenate([chosen, best_first(scores, SCREENED)])


def _led(scope: Scope, near: Near, memories: Rows) -> Rows:
    """The places of the turns that the index and the chosen memories lead to; n for no turn."""
    places, first = scope.places, near.turns[:WITH_NEIGHBOURS]
    marked = np.zeros(len(scope.memories), np.bool_)
    marked[memories] = True
    saying = places.saying[marked[places.said]].astype(np.intp)
    return np.concatenate([near.turns, places.before[first], places.after[first], saying])


def _turns(asked: Question, pool: Pool, enough: int) -> Rows:
    """The places of the turns that are candidates, in order; also those that are best without the filters,
    as they widen the question.
    """
    features = pool.features
    if asked.fitting is not None:
        features = features | {"time": asked.fitting[pool.rows]}
    scores, allowed = weighted(features, asked.weights), asked.turns[pool.rows]
    count = max(BY_WORDS, enough)
    if _are_few(asked.turns, count):
        chosen = [np.flatnonzero(allowed)]
    else:
        chosen = [best_first(np.where(allowed, scores, -np.inf).astype(np.float32), count)]
    if not allowed.all():
        chosen.append(best_first(scores, BY_WORDS))
    return np.union1d(pool.rows[np.concatenate(chosen)], pool.led)


def _told(scope: Scope, rows: Rows) -> tuple[Rows, Rows]:
    """The memories that these turns say, (p,), and which of the turns says each, (p,)."""
    places = scope.places
    counts = places.first[rows + 1] - places.first[rows]
    telling = np.repeat(np.arange(len(rows)), counts)
    within = np.arange(len(telling)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places.told[places.first[rows][telling] + within].astype(np.intp), telling


def _best(scores: Array, mask: Mask, count: int) -> Rows:
    """The places of the best `count` of those in the mask; all of them if they are few."""
    if _are_few(mask, count):
        return np.flatnonzero(mask)
    if not mask.all():
        scores = np.where(mask, scores, -np.inf).astype(np.float32)
    return best_first(scores, count)


def _are_few(mask: Mask, count: int) -> bool:
    """Whether all that pass are candidates, as the index would hardly give them."""
    return int(np.count_nonzero(mask)) <= max(count, min(FEW, LEAST_SHARE * len(mask)))


@contextmanager
def _scanning(scope: Scope, asked: Question, enough: int) -> Generator[Callable[[], Near]]:
    """Ask the index for what is nearest to the query; what is given waits for it."""
    if asked.vector is None:
        yield lambda: Near(np.zeros(0, np.intp), np.zeros(0, np.intp))
        return
    count = max(BY_VECTOR, enough)
    counts = [round(count / _share(mask, enough)) for mask in (asked.turns, asked.memories)]
    with scope.store.nearest(asked.vector, *counts) as ids:

        def wait() -> Near:
            of_turns, of_memories = ids()
            return Near(
                _passing(scope.turns.at.find(of_turns), asked.turns, count),
                _passing(scope.memories.at.find(of_memories), asked.memories, count),
            )

        yield wait


def _share(mask: Mask, enough: int) -> float:
    """By what part of all the count to ask the index for is divided: when few pass it gives more, but no
    more than usual when they are so few that all are candidates anyway.
    """
    if not len(mask) or _are_few(mask, max(BY_WORDS, enough)):
        return 1.0
    return max(np.count_nonzero(mask) / len(mask), LEAST_SHARE)


def _passing(found: Rows, mask: Mask, count: int) -> Rows:
    """The first `count` of these rows, nearest first, with and without the mask; -1 is no row."""
    found = found[found >= 0]
    return found if mask.all() else np.concatenate([found[:count], found[mask[found]][:count]])


class Sharpness:
    """How far few things stand out of each granularity of a large user, told by candidates and a sample.

    What is neither is as those of the sample are that are no candidates: each stands for many.
    """

    def __init__(
        self,
        scope: Scope,
        pool: Pool,
        of_rows: dict[str, Array],
        rows: Rows,
        evidence: Array,
        memories: Rows,
        scales: Mapping[str, Scale],
        weights: RankingWeights,
    ) -> None:
        assert scope.far is not None
        self._scope, self._spreads = scope, scope.far.spreads
        self._pool, self._of_rows, self._rows = pool, of_rows, rows
        self._evidence, self._memories = evidence, memories
        self._scales, self._weights = scales, weights

    def all(self) -> dict[str, float]:
        """The sharpness of each granularity of which there is more than one thing."""
        sessions = self._pool.sessions
        found = {"session": sharpness(sessions)} if len(sessions) > 1 else {}
        if len(self._scope.turns) > 1:
            found |= {"turn": self._of_turns("turn", "turns"), "window": self._of_turns("window", "windows")}
        current = self._scope.memories.current
        if np.count_nonzero(current) > 1:
            found["fact"] = self._of_memories(current)
        return {name: found[name] for name in GRANULARITIES if name in found}

    def _of_turns(self, granularity: str, kind: str) -> float:
        spread = self._spreads[kind]
        others = ~np.isin(spread.places, self._rows)
        sample = self._pool.at(spread.places)
        if self._scales:
            name = "dense" if kind == "turns" else "window_dense"
            sample[name] = self._standard(kind)
        scores = [together(granularity, of, self._weights) for of in (self._of_rows, sample)]
        return _sharp(scores[0], scores[1][others], len(self._scope.turns))

    def _of_memories(self, current: Mask) -> float:
        spread = self._spreads["memories"]
        chosen = current[spread.places] & ~np.isin(spread.places, self._memories)
        sample = self._evidence[spread.places]
        if self._scales:
            sample = sample + self._standard("memories")
        own = self._evidence[self._memories[current[self._memories]]]
        return _sharp(own, sample[chosen], int(np.count_nonzero(current)))

    def _standard(self, kind: str) -> Array:
        return self._scales[kind].standardise(self._scales[kind].sample)


def _sharp(candidates: Array, sample: Array, count: int) -> float:
    each = (count - len(candidates)) / max(1, len(sample))
    counts = np.concatenate([np.ones(len(candidates)), np.full(len(sample), each)]).astype(np.float32)
    return sharpness_of(np.concatenate([candidates, sample]), counts)


def _fact(telling: Rows, told: Rows, evidence: Array, current: Mask, count: int) -> Array:
    """The best evidence among the current memories of each candidate, (c,); 0 where there is none.

    `telling` (p,) are candidates and `told` (p,) what each says.
    """
    best = np.full(count, -np.inf, np.float32)
    held = current[told]
    np.maximum.at(best, telling[held], evidence[told[held]])
    return np.where(np.isneginf(best), 0.0, best).astype(np.float32)


def _there(scope: Scope, ranked: Ranked, enough: int) -> Ranked:
    """Without what was deleted since the pack, among the best `enough` turns and the orphans; the texts of
    the others are read at once, with those of their memories.
    """
    while len(ranked.rows):
        best = best_first(np.where(ranked.allowed, ranked.turns.scores, -np.inf), enough)
        best = best[ranked.allowed[best]]
        gone = scope.load(ranked.rows[best].tolist())
        if not gone:
            break
        left = ~np.isin(ranked.rows, gone)
        features = {name: column[left] for name, column in ranked.turns.features.items()}
        turns = Scored(features, ranked.turns.scores[left], ranked.turns.own[left])
        ranked = replace(ranked, rows=ranked.rows[left], allowed=ranked.allowed[left], turns=turns)
    absent = scope.memories.load(ranked.orphans.tolist())
    return replace(ranked, orphans=ranked.orphans[~np.isin(ranked.orphans, absent)])
