"""What words, names and times give a large user's turns for one question: a pool of turns, not all of them.

A turn's own words are scored for all, as that takes one addition for each place where a term stands. Windows
take many more, so only those of a pool are scored: of the turns that are best by what is known of all, of
their neighbours, of turns that vectors or memories lead to, and of a sample, each of which stands for many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.index_view import Places
from app.memory.index.inverted_index import Column, added, rated, worth
from app.memory.index.user_index import Scope
from app.memory.numeric import Array, is_noise
from app.memory.ranking.weights import RankingWeights

Rows = NDArray[np.intp]
SCREENED = 2_000  # turns that come into the pool with their neighbours: .999 of the best fifty are among them


@dataclass(frozen=True, slots=True)
class Standard:
    """Mean and deviation of a feature over all turns."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Array, counts: Array | None = None) -> "Standard":
        """Of values (k,), each of which stands for so many turns, (k,)."""
        total = max(1.0, len(values) if counts is None else float(counts.sum()))
        mean = float(values.sum() if counts is None else values @ counts) / total
        apart = values - np.float32(mean)  # first, as the difference of squares is noise where all are alike
        squares = float(apart @ apart if counts is None else (apart * apart) @ counts) / total
        return cls(mean, squares**0.5)

    @property
    def scale(self) -> np.float32:
        """What to multiply differences with; 0 if all are alike."""
        return np.float32(0 if is_noise(self.deviation, self.mean) else 1 / self.deviation)

    def standardise(self, values: Array) -> Array:
        """These as `ranking.standardise` of all would give them."""
        return (values - np.float32(self.mean)) * self.scale


@dataclass(frozen=True, slots=True)
class Pool:
    """The turns at `rows` (k,), in order, and their features without vectors, (k,) each.

    `led` are those of them to which vectors or memories lead, in order. `sessions` are the standardised
    scores of all sessions, (s,).
    """

    rows: Rows
    led: Rows
    features: dict[str, Array]
    sessions: Array

    def at(self, rows: Rows) -> dict[str, Array]:
        """The features of some turns of the pool, (c,) each."""
        places = np.searchsorted(self.rows, rows)
        return {name: column[places] for name, column in self.features.items()}


class FarWords:
    """The question's terms in a large user's turns."""

    def __init__(self, scope: Scope, terms: Iterable[str]) -> None:
        terms = list(terms)
        self._scope, self._places = scope, scope.places
        self._columns = scope.turns.words.columns(terms)
        each = (worth(column, self._places.norms) for column in self._columns.values())
        self._own = added(each, len(scope.turns))
        self._standard = Standard.of(self._own)
        self._said_by = scope.said_by_named(terms)
        assert scope.far is not None
        self._sampled = [scope.far.spreads[kind].places for kind in ("turns", "windows")]

    def screen(self, weights: RankingWeights, fitting: Array | None) -> Array:
        """About how good each turn is, (n,): its own words stand for those around it."""
        of_words = weights.lexical + weights.window_lexical + weights.session_lexical
        found = self._own * (np.float32(of_words) * self._standard.scale)
        told = {"length": self._places.length, "speaker": self._said_by, "time": fitting}
        for name, values in (told | {"recency": self._places.recency}).items():
            weight = np.float32(getattr(weights, name))
            if weight and values is not None:
                found += values if weight == 1 else weight * values
        return found

    def pool(self, chosen: Rows, led: Rows) -> Pool:
        """The features of the chosen turns and of their neighbours, of those that something leads to, and of
        samples.
        """
        places, turns = self._places, len(self._own)
        picked = distinct(np.concatenate([chosen, places.before[chosen], places.after[chosen], led]))
        picked = picked[: np.searchsorted(picked, turns)]
        rows = distinct(np.concatenate([picked, places.sample, *self._sampled]))
        each = (turns - len(picked)) / max(1, len(rows) - len(picked))
        counts = np.full(len(rows), each, np.float32)
        counts[np.searchsorted(rows, picked)] = 1
        windows = window_scores(self._columns, places, rows)
        sessions = session_scores(self._columns.values(), places, self._scope.turns.sessions)
        sessions = Standard.of(sessions, places.session_sizes).standardise(sessions)
        features = {
            "lexical": self._standard.standardise(self._own[rows]),
            "window_lexical": Standard.of(windows, counts).standardise(windows),
            "session_lexical": sessions[self._scope.turns.sessions[rows]],
            "length": places.length[rows],
            "speaker": np.zeros(len(rows), np.float32) if self._said_by is None else self._said_by[rows],
            "recency": places.recency[rows],
        }
        led = distinct(led)
        return Pool(rows, led[led < turns], features, sessions)


def distinct(rows: Rows) -> Rows:
    """Each row once, in order: faster than `np.unique` for some thousands."""
    rows = np.sort(rows)
    return rows[np.concatenate([[True], rows[1:] != rows[:-1]])] if len(rows) else rows


def window_scores(columns: Mapping[str, Column], places: Places, rows: Rows) -> Array:
    """BM25 of the windows of some turns, (k,), from the columns of terms in turns."""
    turns, total = len(places.norms), np.zeros(len(rows), np.float32)
    before, after = places.before[rows], places.after[rows]
    norms, counts = places.window_norms[rows], np.zeros(turns + 1, np.float32)
    for term, (having, often) in columns.items():
        counts[having] = often
        found = counts[rows] + counts[before] + counts[after]
        counts[having] = 0
        if term not in places.windows:
            places.windows[term] = windows_near(having, places)
        total += rated(found, norms, places.windows[term], turns)
    return total


def windows_near(rows: Rows, places: Places) -> int:
    """How many windows have one of these turns in them."""
    near = np.zeros(len(places.norms) + 1, np.bool_)
    for side in (rows, places.before[rows], places.after[rows]):
        near[side] = True
    return int(np.count_nonzero(near[:-1]))


def session_scores(columns: Iterable[Column], places: Places, sessions: NDArray[np.int32]) -> Array:
    """BM25 of each session, (s,), from the columns of terms in turns."""
    norms = places.session_norms
    total = np.zeros(len(norms), np.float32)
    for rows, often in columns:
        found = np.bincount(sessions[rows], often, len(norms)).astype(np.float32)
        total += rated(found, norms, int(np.count_nonzero(found)), len(norms))
    return total
