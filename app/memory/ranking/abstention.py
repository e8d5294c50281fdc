"""Decides whether the results answer the query and, if not, for what reason (rules plus one measured
closeness threshold).
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.index.user_index import UserIndex
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.time_match import match_time_range


def choose_abstain_reason(
    index: UserIndex, query: SearchQuery, results: Sequence[SearchResult]
) -> AbstainReason | None:
    """Why the items do not answer the question; None when nothing speaks against them.

    `out_of_range`: the question names a time of which nothing is held. `only_superseded`: there is nothing
    but what is no longer true. `conflict`: what fits best is contradicted, and nobody has decided.
    `no_match`: there is nothing, or nothing that is about the question.
    """
    if not results:
        gone = bool(index.memories.columns["superseded"].as_array.any())
        return AbstainReason.ONLY_SUPERSEDED if gone else AbstainReason.NO_MATCH
    period = query.time_range
    if period is not None and not match_time_range(index, *period).any():
        return AbstainReason.OUT_OF_RANGE
    if _is_unrelated(index, query, results):
        return AbstainReason.NO_MATCH
    if all(one.memory is not None and not one.memory.is_current for one in results):
        return AbstainReason.ONLY_SUPERSEDED
    if not index.conflicts.keys().isdisjoint(_result_memory_ids(index, results[0])):
        return AbstainReason.CONFLICT
    return None


def compute_closeness(index: UserIndex, query: SearchQuery, results: Sequence[SearchResult]) -> float | None:
    """How much of the question the best item has, of the items' turns and memories, 0 to 2.

    That is its cosine plus its share of the question's words, each weighing as much as it is rare. None while
    one of them has no vector.
    """
    if query.vector is None or not results:
        return None
    asked = index.compute_term_idf(index.query_terms(query.search_text))
    best: list[float] = []
    for table, rows in (
        (index.turns, [index.turns.id_map[one.turn.id] for one in results if one.turn is not None]),
        (index.memories, [index.memories.id_map[one.memory.id] for one in results if one.memory is not None]),
    ):
        if not rows:
            continue
        places = np.asarray(rows)
        known, vectors = index.fetch_vectors(table, places)
        if not known.all():
            return None
        near = vectors @ query.vector + table.inverted_index.term_coverage(asked)[places]
        best.append(float(near.max()))
    return max(best)


def _is_unrelated(index: UserIndex, query: SearchQuery, results: Sequence[SearchResult]) -> bool:
    """Whether nothing that was found is about the question."""
    if query.min_closeness is None:
        return False
    best = compute_closeness(index, query, results)
    return best is not None and best < query.min_closeness


def _result_memory_ids(index: UserIndex, best_result: SearchResult) -> Iterable[UUID]:
    if best_result.memory is not None:
        return [best_result.memory.id]
    told = (
        index.find_turn_memories(index.turns.id_map[best_result.turn.id])
        if best_result.turn is not None
        else []
    )
    return [index.memories[at].id for at in told]
