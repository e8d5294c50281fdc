"""Decides whether the results answer the query and, if not, why: rules and one threshold of relevance."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.core.vocabulary import AbstainReason
from app.memory.ranking.documents import Documents
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.relevance import Relevance
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.time_match import MIN_CLOSENESS, compute_telling_share

# Relevance of the best result below which none is about the question. Measured by `benchmarks/abstention.py`:
# it rejects no more than 3 % of the answerable questions of LoCoMo and LongMemEval.
UNRELATED_BELOW = 0.14


def choose_abstain_reason(
    plan: QueryPlan, documents: Documents, results: Sequence[SearchResult], relevance: Relevance | None
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
    if relevance is not None and relevance.best is not None and relevance.best < UNRELATED_BELOW:
        return AbstainReason.NO_MATCH
    if all(
        result.stale or (result.memory is not None and not result.memory.is_current) for result in results
    ):
        return AbstainReason.ONLY_SUPERSEDED
    if not index.conflicts.keys().isdisjoint(_result_memory_ids(documents, results[0])):
        return AbstainReason.CONFLICT
    return None


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
