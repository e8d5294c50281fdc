"""BM25 over texts whose words are counted in an inverted index."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import Growing
from app.memory.index.serialization import Parts, text_bytes

_K1, _B = 1.2, 0.75
KEPT = 8_000_000  # entries of columns of a large user that are kept for the next question: 12 bytes each
_SPARSE = 150  # a term that fewer than one in so many texts have is counted without looking at all of them
Column = tuple[NDArray[np.intp], NDArray[np.float32]]


class Words:
    """An inverted index of texts that grow and are appended one by one, or come in a pack."""

    def __init__(self) -> None:
        self._lengths = Growing(np.float32)
        self._postings: dict[str, dict[int, int]] = {}
        # What a query reads, as arrays, until a text that they tell of changes.
        self._columns: dict[str, Column] = {}
        self._packed_at: dict[str, int] = {}
        self._starts = np.zeros(1, np.int32)
        self._places = np.zeros(0, np.int32)
        self._counts = np.zeros(0, np.uint16)
        self._packed_texts = 0
        self._replaced: set[int] = set()  # texts of the pack that say something else now

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> NDArray[np.float32]:
        """How many terms each text has, (n,)."""
        return self._lengths.rows

    def add(self, terms: Sequence[str]) -> None:
        """Append the terms of one text."""
        self._lengths.append(0)
        self._extend(len(self._lengths) - 1, terms)

    def replace(self, place: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Put other terms in the place of a text's own."""
        if place < self._packed_texts:
            self._replaced.add(place)
        for term in set(old):
            self._postings.get(term, {}).pop(place, None)
            self._columns.pop(term, None)
        self._lengths[place] = 0
        self._extend(place, new)

    def _extend(self, place: int, terms: Sequence[str]) -> None:
        self._lengths[place] += len(terms)
        for term in terms:
            counts = self._postings.get(term)
            if counts is None:
                counts = self._postings[term] = {}
            counts[place] = counts.get(place, 0) + 1
            self._columns.pop(term, None)

    def columns(self, terms: Iterable[str]) -> dict[str, Column]:
        """For each term that any text has: (places of those texts, how often each has it)."""
        found: dict[str, Column] = {}
        for term in dict.fromkeys(terms):
            column = self._columns.get(term)
            if column is None:
                column = self._column(term)
                if len(column[0]):
                    self._columns[term] = column
            if len(column[0]):
                found[term] = column
        return found

    def _column(self, term: str) -> Column:
        counts = self._postings.get(term, {})
        places = np.fromiter(counts.keys(), np.intp, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts))
        at = self._packed_at.get(term)
        if at is None:
            return places, values
        span = slice(self._starts[at], self._starts[at + 1])
        packed, often = self._places[span].astype(np.intp), self._counts[span].astype(np.float32)
        if self._replaced:
            kept = ~np.isin(packed, list(self._replaced))
            packed, often = packed[kept], often[kept]
        if not counts:
            return packed, often
        return np.concatenate([packed, places]), np.concatenate([often, values])

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of each text, (n,)."""
        return bm25(self.columns(terms).values(), norms_of(self.lengths))

    def let_go(self) -> None:
        """Forget the columns that were asked for, if they are many."""
        if sum(len(places) for places, _ in self._columns.values()) > KEPT:
            self._columns.clear()

    def shares(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """The share of these terms, by their weights, that each text has, (n,)."""
        found = np.zeros(len(self), np.float32)
        for term, (places, _) in self.columns(weights).items():
            found[places] += weights[term]
        return found / max(sum(weights.values()), 1e-9)

    def parts(self) -> Parts:
        """The whole index as arrays."""
        terms = sorted(self._packed_at.keys() | self._postings.keys())
        columns = [self._column(term) for term in terms]
        starts = np.cumsum([0, *(len(places) for places, _ in columns)], dtype=np.int32)
        places = np.concatenate([np.zeros(0, np.intp), *(places for places, _ in columns)])
        counts = np.concatenate([np.zeros(0, np.float32), *(counts for _, counts in columns)])
        return {
            "terms": text_bytes("\n".join(terms).encode()),
            "starts": starts,
            "places": places.astype(np.int32),
            "counts": np.minimum(counts, 65_535).astype(np.uint16),
            "lengths": self.lengths,
        }

    def fill(self, parts: Parts) -> None:
        """Let it be the index of `parts`."""
        terms = bytes(parts["terms"]).decode()
        self._postings, self._columns, self._replaced = {}, {}, set()
        self._packed_at = {term: at for at, term in enumerate(terms.split("\n"))} if terms else {}
        self._starts, self._places, self._counts = parts["starts"], parts["places"], parts["counts"]
        self._lengths.fill(parts["lengths"])
        self._packed_texts = len(self._lengths)


def scores_together(indexes: Sequence[Words], terms: Iterable[str]) -> NDArray[np.float32]:
    """BM25 of the texts of several indexes, one index after the other, as if they were one, (n,)."""
    starts = np.cumsum([0, *(len(index) for index in indexes[:-1])])
    parts: dict[str, list[Column]] = {}
    for start, index in zip(starts, indexes, strict=True):
        for term, (places, counts) in index.columns(terms).items():
            parts.setdefault(term, []).append((places + start, counts))
    columns = [
        (np.concatenate([p for p, _ in found]), np.concatenate([c for _, c in found]))
        for found in parts.values()
    ]
    return bm25(columns, norms_of(np.concatenate([index.lengths for index in indexes])))


def bm25(columns: Iterable[Column], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score a text, (n,) (Robertson and Zaragoza 2009, section 3.2).

    `columns` are (places, counts) of the texts that have each term, `norms` (n,) those of all texts.
    """
    return added((worth(column, norms) for column in columns), len(norms))


def worth(column: Column, norms: NDArray[np.float32]) -> Column:
    """What one term adds to the BM25 of the texts that have it."""
    places, counts = column
    return places, rated(counts, norms[places], len(places), len(norms))


def rated(
    counts: NDArray[np.float32], norms: NDArray[np.float32], having: int, texts: int
) -> NDArray[np.float32]:
    """What a term that `having` of `texts` have adds to the BM25 of some that have it so often, (k,)."""
    rare = np.float32(idf(having, texts) * (_K1 + 1))
    return (rare * counts / (counts + norms)).astype(np.float32, copy=False)


def added(columns: Iterable[Column], texts: int) -> NDArray[np.float32]:
    """The sum of what is told of some texts, for all, (n,)."""
    total = np.zeros(texts, np.float32)
    for places, values in columns:
        total[places] += values
    return total


def norms_of(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """What BM25 compares the count of a term with, by the length of each text, (n,)."""
    mean = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
    return np.float32(_K1 * (1 - _B)) + np.float32(_K1 * _B / mean) * lengths


def idf(having: int, texts: int) -> float:
    """ln(1 + (N - n + .5) / (n + .5)): what a term is worth that `having` of `texts` have."""
    return math.log(1 + (texts - having + 0.5) / (having + 0.5))


def dense_column(counts: NDArray[np.float32]) -> Column:
    """The column of counts of all texts, (n,)."""
    places = np.flatnonzero(counts)
    return places, counts[places]


def column_of(near: Sequence[NDArray[np.intp]], counts: NDArray[np.float32], texts: int) -> Column:
    """The column of texts to which these counts, (k,), are added at several places each, (k,).

    `texts` itself stands for no text.
    """
    if _SPARSE * len(counts) > texts:
        found = np.zeros(texts + 1, np.float32)
        for places in near:
            found[places] += counts
        return dense_column(found[:-1])
    places, at = np.unique(np.concatenate(near), return_inverse=True)
    found = np.bincount(at, np.tile(counts, len(near))).astype(np.float32)
    return (places[:-1], found[:-1]) if len(places) and places[-1] == texts else (places, found)
