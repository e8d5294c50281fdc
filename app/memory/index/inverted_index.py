"""BM25 over texts whose words are counted in an inverted index."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import GrowableArray
from app.memory.index.serialization import NamedArrays, bytes_to_array

_K1, _B = 1.2, 0.75
MAX_CACHED_POSTINGS = (
    8_000_000  # entries of columns of a large user that are kept for the next question: 12 bytes each
)
_SPARSE_RATIO = (
    150  # a term that fewer than one in so many texts have is counted without looking at all of them
)
PostingList = tuple[NDArray[np.intp], NDArray[np.float32]]


class InvertedIndex:
    """An inverted index of texts that grow and are appended one by one, or come in a pack."""

    def __init__(self) -> None:
        self._document_lengths = GrowableArray(np.float32)
        self._postings: dict[str, dict[int, int]] = {}
        # What a query reads, as arrays, until a text that they tell of changes.
        self._posting_cache: dict[str, PostingList] = {}
        self._snapshot_terms: dict[str, int] = {}
        self._posting_offsets = np.zeros(1, np.int32)
        self._posting_doc_ids = np.zeros(0, np.int32)
        self._posting_counts = np.zeros(0, np.uint16)
        self._snapshot_size = 0
        self._replaced_doc_ids: set[int] = set()  # texts of the pack that say something else now

    def __len__(self) -> int:
        return len(self._document_lengths)

    @property
    def document_lengths(self) -> NDArray[np.float32]:
        """How many terms each text has, (n,)."""
        return self._document_lengths.as_array

    def add_document(self, terms: Sequence[str]) -> None:
        """Append the terms of one text."""
        self._document_lengths.append(0)
        self._add_postings(len(self._document_lengths) - 1, terms)

    def replace_document(self, doc_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Put other terms in the place of a text's own."""
        if doc_id < self._snapshot_size:
            self._replaced_doc_ids.add(doc_id)
        for term in set(old):
            self._postings.get(term, {}).pop(doc_id, None)
            self._posting_cache.pop(term, None)
        self._document_lengths[doc_id] = 0
        self._add_postings(doc_id, new)

    def _add_postings(self, doc_id: int, terms: Sequence[str]) -> None:
        self._document_lengths[doc_id] += len(terms)
        for term in terms:
            counts = self._postings.get(term)
            if counts is None:
                counts = self._postings[term] = {}
            counts[doc_id] = counts.get(doc_id, 0) + 1
            self._posting_cache.pop(term, None)

    def get_postings(self, terms: Iterable[str]) -> dict[str, PostingList]:
        """For each term that any text has: (places of those texts, how often each has it)."""
        found: dict[str, PostingList] = {}
        for term in dict.fromkeys(terms):
            column = self._posting_cache.get(term)
            if column is None:
                column = self._build_postings(term)
                if len(column[0]):
                    self._posting_cache[term] = column
            if len(column[0]):
                found[term] = column
        return found

    def _build_postings(self, term: str) -> PostingList:
        counts = self._postings.get(term, {})
        places = np.fromiter(counts.keys(), np.intp, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts))
        at = self._snapshot_terms.get(term)
        if at is None:
            return places, values
        span = slice(self._posting_offsets[at], self._posting_offsets[at + 1])
        packed, often = (
            self._posting_doc_ids[span].astype(np.intp),
            self._posting_counts[span].astype(np.float32),
        )
        if self._replaced_doc_ids:
            kept = ~np.isin(packed, list(self._replaced_doc_ids))
            packed, often = packed[kept], often[kept]
        if not counts:
            return packed, often
        return np.concatenate([packed, places]), np.concatenate([often, values])

    def score_documents(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of each text, (n,)."""
        return bm25_scores(self.get_postings(terms).values(), bm25_length_norms(self.document_lengths))

    def trim_cache(self) -> None:
        """Forget the columns that were asked for, if they are many."""
        if sum(len(places) for places, _ in self._posting_cache.values()) > MAX_CACHED_POSTINGS:
            self._posting_cache.clear()

    def term_coverage(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """The share of these terms, by their weights, that each text has, (n,)."""
        found = np.zeros(len(self), np.float32)
        for term, (places, _) in self.get_postings(weights).items():
            found[places] += weights[term]
        return found / max(sum(weights.values()), 1e-9)

    def to_arrays(self) -> NamedArrays:
        """The whole index as arrays."""
        terms = sorted(self._snapshot_terms.keys() | self._postings.keys())
        columns = [self._build_postings(term) for term in terms]
        starts = np.cumsum([0, *(len(places) for places, _ in columns)], dtype=np.int32)
        places = np.concatenate([np.zeros(0, np.intp), *(places for places, _ in columns)])
        counts = np.concatenate([np.zeros(0, np.float32), *(counts for _, counts in columns)])
        return {
            "terms": bytes_to_array("\n".join(terms).encode()),
            "starts": starts,
            "places": places.astype(np.int32),
            "counts": np.minimum(counts, 65_535).astype(np.uint16),
            "lengths": self.document_lengths,
        }

    def load_arrays(self, parts: NamedArrays) -> None:
        """Let it be the index of `parts`."""
        terms = bytes(parts["terms"]).decode()
        self._postings, self._posting_cache, self._replaced_doc_ids = {}, {}, set()
        self._snapshot_terms = {term: at for at, term in enumerate(terms.split("\n"))} if terms else {}
        self._posting_offsets, self._posting_doc_ids, self._posting_counts = (
            parts["starts"],
            parts["places"],
            parts["counts"],
        )
        self._document_lengths.load_rows(parts["lengths"])
        self._snapshot_size = len(self._document_lengths)


def score_across_indexes(indexes: Sequence[InvertedIndex], terms: Iterable[str]) -> NDArray[np.float32]:
    """BM25 of the texts of several indexes, one index after the other, as if they were one, (n,)."""
    starts = np.cumsum([0, *(len(index) for index in indexes[:-1])])
    parts: dict[str, list[PostingList]] = {}
    for start, index in zip(starts, indexes, strict=True):
        for term, (places, counts) in index.get_postings(terms).items():
            parts.setdefault(term, []).append((places + start, counts))
    columns = [
        (np.concatenate([p for p, _ in found]), np.concatenate([c for _, c in found]))
        for found in parts.values()
    ]
    return bm25_scores(
        columns, bm25_length_norms(np.concatenate([index.document_lengths for index in indexes]))
    )


def bm25_scores(postings: Iterable[PostingList], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """One score a text, (n,) (Robertson and Zaragoza 2009, section 3.2).

    `columns` are (places, counts) of the texts that have each term, `norms` (n,) those of all texts.
    """
    return sum_postings((score_term(column, norms) for column in postings), len(norms))


def score_term(postings: PostingList, norms: NDArray[np.float32]) -> PostingList:
    """What one term adds to the BM25 of the texts that have it."""
    places, counts = postings
    return places, bm25_term_scores(counts, norms[places], len(places), len(norms))


def bm25_term_scores(
    counts: NDArray[np.float32], norms: NDArray[np.float32], doc_frequency: int, doc_count: int
) -> NDArray[np.float32]:
    """What a term that `having` of `texts` have adds to the BM25 of some that have it so often, (k,)."""
    rare = np.float32(places(doc_frequency, doc_count) * (_K1 + 1))
    return (rare * counts / (counts + norms)).astype(np.float32, copy=False)


def sum_postings(postings: Iterable[PostingList], doc_count: int) -> NDArray[np.float32]:
    """The sum of what is told of some texts, for all, (n,)."""
    total = np.zeros(doc_count, np.float32)
    for places, values in postings:
        total[places] += values
    return total


def bm25_length_norms(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """What BM25 compares the count of a term with, by the length of each text, (n,)."""
    mean = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
    return np.float32(_K1 * (1 - _B)) + np.float32(_K1 * _B / mean) * lengths


def places(doc_frequency: int, doc_count: int) -> float:
    """ln(1 + (N - n + .5) / (n + .5)): what a term is worth that `having` of `texts` have."""
    return math.log(1 + (doc_count - doc_frequency + 0.5) / (doc_frequency + 0.5))


def postings_from_counts(counts: NDArray[np.float32]) -> PostingList:
    """The column of counts of all texts, (n,)."""
    places = np.flatnonzero(counts)
    return places, counts[places]


def expand_postings(
    near: Sequence[NDArray[np.intp]], counts: NDArray[np.float32], doc_count: int
) -> PostingList:
    """The column of texts to which these counts, (k,), are added at several places each, (k,).

    `texts` itself stands for no text.
    """
    if _SPARSE_RATIO * len(counts) > doc_count:
        found = np.zeros(doc_count + 1, np.float32)
        for places in near:
            found[places] += counts
        return postings_from_counts(found[:-1])
    places, at = np.unique(np.concatenate(near), return_inverse=True)
    found = np.bincount(at, np.tile(counts, len(near))).astype(np.float32)
    return (places[:-1], found[:-1]) if len(places) and places[-1] == doc_count else (places, found)
