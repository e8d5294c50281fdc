"""Decides whether the results answer the query and, if not, why: rules and one closeness threshold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.time_match import match_time_range


def choose_abstain_reason(
    query: SearchQuery, documents: Documents, results: Sequence[SearchResult]
) -> AbstainReason | None:
    """Why the results do not answer the query; None if nothing speaks against them.

    `out_of_range`: the query names a time for which there is no turn or event. `only_superseded`: there is
    nothing but memories that are no longer true. `conflict`: the best result is contradicted, and nobody has
    decided. `no_match`: there is no result, or none is about the query.
    """
    index = documents.index
    if not results:
        has_superseded = bool(index.memories.columns["superseded"].as_array.any())
        return AbstainReason.ONLY_SUPERSEDED if has_superseded else AbstainReason.NO_MATCH
    period = query.time_range
    if period is not None and not match_time_range(index, *period).any():
        return AbstainReason.OUT_OF_RANGE
    if _is_unrelated(query, documents, results):
        return AbstainReason.NO_MATCH
    if all(
        result.stale or (result.memory is not None and not result.memory.is_current) for result in results
    ):
        return AbstainReason.ONLY_SUPERSEDED
    if not index.conflicts.keys().isdisjoint(_result_memory_ids(documents, results[0])):
        return AbstainReason.CONFLICT
    return None


def compute_closeness(
    query: SearchQuery, documents: Documents, results: Sequence[SearchResult]
) -> float | None:
    """Closeness of the best result to the query, in [0, 2]: cosine plus IDF-weighted share of query terms.

    It is computed over the turns and memories of the results. None without a query vector or while one of the
    rows has no vector.
    """
    if query.vector is None or not results:
        return None
    index = documents.index
    term_weights = index.compute_term_idf(index.query_terms(query.search_text))
    turns = [result.turn.id for result in results if result.turn is not None]
    memories = [result.memory.id for result in results if result.memory is not None]
    best: list[float] = []
    for ids, table, vectors_by_id in (
        (turns, index.turns, documents.turn_vectors),
        (memories, index.memories, documents.memory_vectors),
    ):
        if not ids:
            continue
        doc_ids = np.asarray([table.id_map[row_id] for row_id in ids])
        has_vector, vectors = vectors_by_id.lookup(doc_ids)
        if not has_vector.all():
            return None
        closeness = vectors @ query.vector + table.inverted_index.term_coverage(term_weights)[doc_ids]
        best.append(float(closeness.max()))
    return max(best)


def _is_unrelated(query: SearchQuery, documents: Documents, results: Sequence[SearchResult]) -> bool:
    """Whether no result is close enough to the query."""
    if query.min_closeness is None:
        return False
    best = compute_closeness(query, documents, results)
    return best is not None and best < query.min_closeness


def _result_memory_ids(documents: Documents, result: SearchResult) -> Iterable[UUID]:
    if result.memory is not None:
        return [result.memory.id]
    turn = documents.find_turn(result.turn.id) if result.turn is not None else None
    return documents.ids_of(documents.memories_of(turn)) if turn is not None else []
