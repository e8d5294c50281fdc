"""Decides whether the results answer the query and, if not, why: rules and one closeness threshold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.documents import Documents
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.time_match import MIN_CLOSENESS, compute_telling_share
from app.memory.text.content_words import has_content_words

_TIME_CLOSENESS = 0.25  # what the right time is worth, as a share of the words of the query (chosen)


def choose_abstain_reason(
    plan: QueryPlan, documents: Documents, results: Sequence[SearchResult]
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
    if plan.period is not None and not _has_turn_of_time(plan):
        return AbstainReason.OUT_OF_RANGE
    if _is_unrelated(plan, documents, results):
        return AbstainReason.NO_MATCH
    if all(
        result.stale or (result.memory is not None and not result.memory.is_current) for result in results
    ):
        return AbstainReason.ONLY_SUPERSEDED
    if not index.conflicts.keys().isdisjoint(_result_memory_ids(documents, results[0])):
        return AbstainReason.CONFLICT
    return None


def compute_closeness(plan: QueryPlan, documents: Documents, results: Sequence[SearchResult]) -> float | None:
    """Closeness of the best result to the query, in [0, 2]: cosine plus IDF-weighted share of query terms.

    It is computed over the turns and memories of the results. None without a query vector or while one of the
    rows has no vector.
    """
    if plan.vector is None or not results:
        return None
    index = documents.index
    term_weights = index.compute_term_idf(plan.topic_terms)
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
        closeness = vectors @ plan.vector + table.inverted_index.term_coverage(term_weights)[doc_ids]
        best.append(float(closeness.max()))
    return max(best)


def _is_unrelated(plan: QueryPlan, documents: Documents, results: Sequence[SearchResult]) -> bool:
    """Whether no result is close enough to the query."""
    if plan.query.min_closeness is None:
        return False
    best = compute_closeness(plan, documents, results)
    if best is None:
        return False
    time_closeness = results[0].features.get("time", 0.0)
    if plan.period is not None and time_closeness >= compute_telling_share(*plan.period):
        if not has_content_words(plan.query.topic_text):
            return False  # "What happened on 5 May?" asks for what was said then
        best += _TIME_CLOSENESS
    return best < plan.query.min_closeness


def _has_turn_of_time(plan: QueryPlan) -> bool:
    """Whether a turn was said, or tells of an event, about the time that the query names."""
    if plan.period is None or plan.time_matches is None:
        return False
    return bool((plan.time_matches >= MIN_CLOSENESS * compute_telling_share(*plan.period)).any())


def _result_memory_ids(documents: Documents, result: SearchResult) -> Iterable[UUID]:
    if result.memory is not None:
        return [result.memory.id]
    turn = documents.find_turn(result.turn.id) if result.turn is not None else None
    return documents.ids_of(documents.memories_of(turn)) if turn is not None else []
