"""Words of a text for matching, and BM25 over a growing list of texts."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

from app.memory.stop_words import STOP_WORDS

_WORD = re.compile(r"\w+", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_stemmer = Stemmer.Stemmer("english", 0)


def analyze(text: str) -> list[str]:
    """Stemmed words without stop words; CJK runs become character bigrams."""
    terms: list[str] = []
    for word in _WORD.findall(text.lower()):
        if _CJK.search(word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        stem = _stem(word)
        if stem:
            terms.append(stem)
    return terms


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOP_WORDS else _stemmer.stemWord(word)


class Bm25:
    """BM25 (Robertson and Zaragoza 2009, section 3.2) over texts that grow and are appended one by one."""

    def __init__(self, k1: float = 1.2, b: float = 0.75) -> None:
        self._k1, self._b = k1, b
        self._postings: dict[str, dict[int, int]] = {}
        self._lengths: list[int] = []
        # What a query reads, as arrays, until a text that they tell of changes.
        self._columns: dict[str, tuple[NDArray[np.intp], NDArray[np.float32]]] = {}
        self._norm: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, terms: Sequence[str]) -> None:
        """Append the terms of one text."""
        self.extend(len(self._lengths), terms)

    def extend(self, place: int, terms: Sequence[str]) -> None:
        """Add terms to the text at `place`, which may be the next new one."""
        while place >= len(self._lengths):
            self._lengths.append(0)
        self._lengths[place] += len(terms)
        self._norm = None
        for term in terms:
            counts = self._postings.setdefault(term, {})
            counts[place] = counts.get(place, 0) + 1
            self._columns.pop(term, None)

    def replace(self, place: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Put other terms in the place of a text's own."""
        for term in set(old):
            self._postings[term].pop(place, None)
            self._columns.pop(term, None)
        self._lengths[place] = 0
        self.extend(place, new)

    def idf(self, term: str) -> float:
        """ln(1 + (N - n + .5) / (n + .5))."""
        n = len(self._postings.get(term, ()))
        return math.log(1 + (len(self._lengths) - n + 0.5) / (n + 0.5))

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """One score a text, (n,)."""
        scores = np.zeros(len(self._lengths), np.float32)
        if not len(self._lengths):
            return scores
        if self._norm is None:
            lengths = np.asarray(self._lengths, np.float32)
            self._norm = self._k1 * (1 - self._b + self._b * lengths / max(float(lengths.mean()), 1e-9))
        for term in dict.fromkeys(terms):
            if not self._postings.get(term):
                continue
            places, found = self._column(term)
            scores[places] += self.idf(term) * found * (self._k1 + 1) / (found + self._norm[places])
        return scores

    def _column(self, term: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """(places of the texts that have the term, how often each has it)."""
        column = self._columns.get(term)
        if column is None:
            counts = self._postings[term]
            column = self._columns[term] = (
                np.fromiter(counts.keys(), np.intp, len(counts)),
                np.fromiter(counts.values(), np.float32, len(counts)),
            )
        return column
