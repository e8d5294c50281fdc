"""Words of a text for matching, and BM25 over texts whose words are counted in an inverted index."""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

from app.memory.languages import ENGLISH, LANGUAGES, STOPPED, language_of

_WORD = re.compile(r"\w+", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_stemmers = {language: Stemmer.Stemmer(language, 0) for language in LANGUAGES}


def analyze(text: str, language: str = ENGLISH) -> list[str]:
    """Stemmed words without stop words; CJK runs become character bigrams.

    `language` is one of `LANGUAGES`.
    """
    return _stems(_WORD.findall(text.lower()), language)


def analyze_as_written(text: str) -> tuple[list[str], str]:
    """The terms of a text in the language that it seems to be in, and that language."""
    words = _WORD.findall(text.lower())
    language = language_of(words)
    return _stems(words, language), language


def analyze_query(query: str, languages: Iterable[str]) -> list[str]:
    """The terms of a query in each of `languages`, each once.

    What is a stop word in the query's own language is none of them: elsewhere it would be a rare word.
    """
    words = _WORD.findall(query.lower())
    stopped = STOPPED[language_of(words)]
    telling = [word for word in words if word not in stopped]
    return list(dict.fromkeys(term for one in languages for term in _stems(telling, one)))


def _stems(words: Sequence[str], language: str) -> list[str]:
    terms: list[str] = []
    for word in words:
        if not word.isascii() and _CJK.search(word):
            terms += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
            continue
        stem = _stem(word, language)
        if stem:
            terms.append(stem)
    return terms


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    """The stem, or "" for a stop word."""
    return "" if word in STOPPED[language] else _stemmers[language].stemWord(word)


Column = tuple[NDArray[np.intp], NDArray[np.float32]]


class Words:
    """An inverted index of texts that grow and are appended one by one."""

    def __init__(self) -> None:
        self._postings: dict[str, dict[int, int]] = {}
        self._lengths: list[int] = []
        # What a query reads, as arrays, until a text that they tell of changes.
        self._columns: dict[str, Column] = {}
        self._lengths_read: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def lengths(self) -> NDArray[np.float32]:
        """How many terms each text has, (n,)."""
        if self._lengths_read is None:
            self._lengths_read = np.asarray(self._lengths, np.float32)
        return self._lengths_read

    def add(self, terms: Sequence[str]) -> None:
        """Append the terms of one text."""
        place = len(self._lengths)
        self._lengths.append(0)
        self._extend(place, terms)

    def replace(self, place: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Put other terms in the place of a text's own."""
        for term in set(old):
            self._postings[term].pop(place, None)
            self._columns.pop(term, None)
        self._lengths[place] = 0
        self._extend(place, new)

    def _extend(self, place: int, terms: Sequence[str]) -> None:
        self._lengths[place] += len(terms)
        self._lengths_read = None
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
            counts = self._postings.get(term)
            if column is None and counts:
                column = self._columns[term] = (
                    np.fromiter(counts.keys(), np.intp, len(counts)),
                    np.fromiter(counts.values(), np.float32, len(counts)),
                )
            if column is not None:
                found[term] = column
        return found

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of each text, (n,)."""
        return bm25(self.columns(terms).values(), self.lengths)


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
    return bm25(columns, np.concatenate([index.lengths for index in indexes]))


def bm25(
    columns: Iterable[Column], lengths: NDArray[np.float32], k1: float = 1.2, b: float = 0.75
) -> NDArray[np.float32]:
    """One score a text, (n,) (Robertson and Zaragoza 2009, section 3.2).

    `columns` are (places, counts) of the texts that have each term, `lengths` (n,) those of all texts.
    """
    scores = np.zeros(len(lengths), np.float32)
    if not len(lengths):
        return scores
    norm = k1 * (1 - b + b * lengths / max(float(lengths.mean()), 1e-9))
    for places, counts in columns:
        scores[places] += idf(len(places), len(lengths)) * counts * (k1 + 1) / (counts + norm[places])
    return scores


def idf(having: int, texts: int) -> float:
    """ln(1 + (N - n + .5) / (n + .5)): what a term is worth that `having` of `texts` have."""
    return math.log(1 + (texts - having + 0.5) / (having + 0.5))


def dense_column(counts: NDArray[np.float32]) -> Column:
    """The column of counts of all texts, (n,)."""
    places = np.flatnonzero(counts)
    return places, counts[places]
