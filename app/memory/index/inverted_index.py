"""BM25 (Robertson and Zaragoza 2009) over an inverted index."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.memory.index.arrays import GrowableArray
from app.memory.index.serialization import NamedArrays, bytes_to_array

_K1, _B = 1.2, 0.75
MAX_CACHED_POSTINGS = 8_000_000  # postings that are cached for the next query (chosen): 12 bytes each
_SPARSE_RATIO = (
    150  # a term in fewer than one in so many documents is counted without scanning all of them (chosen)
)
PostingList = tuple[NDArray[np.intp], NDArray[np.float32]]


class SnapshotTerms:
    """The sorted terms of a snapshot, joined by line feeds; a term's index is its line.

    A question looks for a few of them, and a dict of all would take longer to make than to search for these.
    """

    def __init__(self, joined: bytes) -> None:
        self._joined = joined
        feeds = np.flatnonzero(bytes_to_array(joined) == ord("\n"))
        starts = np.concatenate([[0], feeds + 1, [len(joined) + 1]]) if joined else np.zeros(1)
        self._starts = memoryview(starts.astype(np.int64).tobytes()).cast("q")  # items are plain numbers

    def find(self, term: str) -> int | None:
        """The index of a term, or None."""
        wanted = term.encode()
        index = bisect_left(range(len(self._starts) - 1), wanted, key=self._get_line)
        return index if index < len(self._starts) - 1 and self._get_line(index) == wanted else None

    def _get_line(self, index: int) -> bytes:
        return self._joined[self._starts[index] : self._starts[index + 1] - 1]

    def list_all(self) -> dict[str, int]:
        """{term: its index} of all terms."""
        return {term: index for index, term in enumerate(self._joined.decode().split("\n")) if term}


class PostingCache:
    """Posting lists by term, of which it keeps about `MAX_CACHED_POSTINGS`; then it begins anew."""

    def __init__(self) -> None:
        self._lists: dict[str, tuple[PostingList, ...]] = {}
        self._count = 0

    def get(self, term: str) -> tuple[PostingList, ...] | None:
        """The lists of a term; None if they are not cached."""
        return self._lists.get(term)

    def put(self, term: str, lists: tuple[PostingList, ...]) -> None:
        """Keep the lists of a term that is not cached."""
        if self._count > MAX_CACHED_POSTINGS:
            self._lists.clear()
            self._count = 0
        self._lists[term] = lists
        self._count += sum(len(doc_ids) for doc_ids, _ in lists)

    def pop(self, term: str) -> None:
        """Drop the lists of a term."""
        self._count -= sum(len(doc_ids) for doc_ids, _ in self._lists.pop(term, ()))


class InvertedIndex:
    """An inverted index of documents that are appended one by one or loaded from a snapshot."""

    def __init__(self) -> None:
        self._document_lengths = GrowableArray(np.float32)
        self._postings: dict[str, dict[int, int]] = {}
        # Posting lists as arrays, kept until one of their documents changes.
        self._posting_cache = PostingCache()
        self._snapshot_terms = SnapshotTerms(b"")
        self._posting_offsets = np.zeros(1, np.int32)
        self._posting_doc_ids = np.zeros(0, np.int32)
        self._posting_counts = np.zeros(0, np.uint16)
        self._snapshot_size = 0
        self._replaced_doc_ids: set[int] = set()  # snapshot documents whose terms have changed

    def __len__(self) -> int:
        return len(self._document_lengths)

    @property
    def document_lengths(self) -> NDArray[np.float32]:
        """The number of terms of each document, (n,)."""
        return self._document_lengths.as_array

    def add_document(self, terms: Sequence[str]) -> None:
        """Append a document with these terms."""
        self._document_lengths.append(0)
        self._add_postings(len(self._document_lengths) - 1, terms)

    def replace_document(self, doc_id: int, old: Sequence[str], new: Sequence[str]) -> None:
        """Replace the terms of a document; `old` are the terms that it has now."""
        if doc_id < self._snapshot_size:
            self._replaced_doc_ids.add(doc_id)
        for term in set(old):
            self._postings.get(term, {}).pop(doc_id, None)
            self._posting_cache.pop(term)
        self._document_lengths[doc_id] = 0
        self._add_postings(doc_id, new)

    def _add_postings(self, doc_id: int, terms: Sequence[str]) -> None:
        self._document_lengths[doc_id] += len(terms)
        for term in terms:
            counts = self._postings.get(term)
            if counts is None:
                counts = self._postings[term] = {}
            counts[doc_id] = counts.get(doc_id, 0) + 1
            self._posting_cache.pop(term)

    def get_postings(self, terms: Iterable[str]) -> dict[str, PostingList]:
        """{term: (doc ids, term counts)} of those terms that occur in any document."""
        postings: dict[str, PostingList] = {}
        for term in dict.fromkeys(terms):
            cached = self._posting_cache.get(term)
            posting_list = (
                cached[0]
                if cached is not None
                else self._build_postings(term, self._snapshot_terms.find(term))
            )
            if cached is None and len(posting_list[0]):
                self._posting_cache.put(term, (posting_list,))
            if len(posting_list[0]):
                postings[term] = posting_list
        return postings

    def _build_postings(self, term: str, term_index: int | None) -> PostingList:
        """The posting list of a term, which has this index in the snapshot, if it is in there."""
        counts = self._postings.get(term, {})
        doc_ids = np.fromiter(counts.keys(), np.intp, len(counts))
        values = np.fromiter(counts.values(), np.float32, len(counts))
        if term_index is None:
            return doc_ids, values
        span = slice(self._posting_offsets[term_index], self._posting_offsets[term_index + 1])
        snapshot_ids, snapshot_counts = (
            self._posting_doc_ids[span].astype(np.intp),
            self._posting_counts[span].astype(np.float32),
        )
        if self._replaced_doc_ids:
            kept = ~np.isin(snapshot_ids, list(self._replaced_doc_ids))
            snapshot_ids, snapshot_counts = snapshot_ids[kept], snapshot_counts[kept]
        if not counts:
            return snapshot_ids, snapshot_counts
        return np.concatenate([snapshot_ids, doc_ids]), np.concatenate([snapshot_counts, values])

    def score_documents(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """BM25 of each document for these terms, (n,)."""
        return bm25_scores(self.get_postings(terms).values(), bm25_length_norms(self.document_lengths))

    def term_coverage(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """The weighted share of these terms that each document has, (n,), in [0, 1]."""
        coverage = np.zeros(len(self), np.float32)
        for term, (doc_ids, _) in self.get_postings(weights).items():
            coverage[doc_ids] += weights[term]
        return coverage / max(sum(weights.values()), 1e-9)

    def to_arrays(self) -> NamedArrays:
        """The whole index as arrays."""
        index_by_term = self._snapshot_terms.list_all()
        terms = sorted(index_by_term.keys() | self._postings.keys())
        posting_lists = [self._build_postings(term, index_by_term.get(term)) for term in terms]
        starts = np.cumsum([0, *(len(doc_ids) for doc_ids, _ in posting_lists)], dtype=np.int32)
        doc_ids = np.concatenate([np.zeros(0, np.intp), *(doc_ids for doc_ids, _ in posting_lists)])
        counts = np.concatenate([np.zeros(0, np.float32), *(counts for _, counts in posting_lists)])
        return {
            "terms": bytes_to_array("\n".join(terms).encode()),
            "starts": starts,
            "places": doc_ids.astype(np.int32),
            "counts": np.minimum(counts, 65_535).astype(np.uint16),
            "lengths": self.document_lengths,
        }

    def load_arrays(self, parts: NamedArrays) -> None:
        """Replace the contents by the index of `parts`."""
        self._postings, self._posting_cache, self._replaced_doc_ids = {}, PostingCache(), set()
        self._snapshot_terms = SnapshotTerms(parts["terms"].tobytes())
        self._posting_offsets, self._posting_doc_ids, self._posting_counts = (
            parts["starts"],
            parts["places"],
            parts["counts"],
        )
        self._document_lengths.load_rows(parts["lengths"])
        self._snapshot_size = len(self._document_lengths)


def score_across_indexes(indexes: Sequence[InvertedIndex], terms: Iterable[str]) -> NDArray[np.float32]:
    """BM25 of the documents of several indexes, concatenated, as if they were one index, (n,)."""
    starts = np.cumsum([0, *(len(index) for index in indexes[:-1])])
    parts: dict[str, list[PostingList]] = {}
    for start, index in zip(starts, indexes, strict=True):
        for term, (doc_ids, counts) in index.get_postings(terms).items():
            parts.setdefault(term, []).append((doc_ids + start, counts))
    posting_lists = [
        (np.concatenate([p for p, _ in posting_parts]), np.concatenate([c for _, c in posting_parts]))
        for posting_parts in parts.values()
    ]
    return bm25_scores(
        posting_lists, bm25_length_norms(np.concatenate([index.document_lengths for index in indexes]))
    )


def bm25_scores(postings: Iterable[PostingList], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """BM25 of each document, (n,) (Robertson and Zaragoza 2009, section 3.2).

    `postings` has (doc ids, counts) for each term, `norms` (n,) the length norms of all documents.
    """
    return sum_postings((score_term(posting_list, norms) for posting_list in postings), len(norms))


def score_term(postings: PostingList, norms: NDArray[np.float32]) -> PostingList:
    """The BM25 contribution of one term to the documents that have it."""
    doc_ids, counts = postings
    return doc_ids, bm25_term_scores(counts, norms[doc_ids], len(doc_ids), len(norms))


def bm25_term_scores(
    counts: NDArray[np.float32], norms: NDArray[np.float32], doc_frequency: int, doc_count: int
) -> NDArray[np.float32]:
    """BM25 contribution of a term to documents with these term counts and length norms, (k,).

    The term occurs in `doc_frequency` of `doc_count` documents.
    """
    scaled_idf = np.float32(inverse_document_frequency(doc_frequency, doc_count) * (_K1 + 1))
    return (scaled_idf * counts / (counts + norms)).astype(np.float32, copy=False)


def sum_postings(postings: Iterable[PostingList], doc_count: int) -> NDArray[np.float32]:
    """The sum of posting list values per document, (n,)."""
    total = np.zeros(doc_count, np.float32)
    for doc_ids, values in postings:
        total[doc_ids] += values
    return total


def bm25_length_norms(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """BM25's length normalisation k1 * (1 - b + b * length / mean length) per document, (n,)."""
    mean = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
    return np.float32(_K1 * (1 - _B)) + np.float32(_K1 * _B / mean) * lengths


def inverse_document_frequency(doc_frequency: int, doc_count: int) -> float:
    """Inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), of a term in n of N documents."""
    return math.log(1 + (doc_count - doc_frequency + 0.5) / (doc_frequency + 0.5))


def postings_from_counts(counts: NDArray[np.float32]) -> PostingList:
    """The posting list of a dense array of counts, (n,)."""
    doc_ids = np.flatnonzero(counts)
    return doc_ids, counts[doc_ids]


def expand_postings(
    near: Sequence[NDArray[np.intp]], counts: NDArray[np.float32], doc_count: int
) -> PostingList:
    """The posting list of counts (k,) that are added to several documents each.

    Each array of `near` (k,) has one document per count. The doc id `doc_count` stands for no document.
    """
    if _SPARSE_RATIO * len(counts) > doc_count:
        total = np.zeros(doc_count + 1, np.float32)
        for doc_ids in near:
            total[doc_ids] += counts
        return postings_from_counts(total[:-1])
    doc_ids, positions = np.unique(np.concatenate(near), return_inverse=True)
    total = np.bincount(positions, np.tile(counts, len(near))).astype(np.float32)
    return (doc_ids[:-1], total[:-1]) if len(doc_ids) and doc_ids[-1] == doc_count else (doc_ids, total)
