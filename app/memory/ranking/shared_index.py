"""Memories that others granted to the user, searched next to the own index.

Both are scored on one scale and merged into one result list. The index has nothing of another user except the
granted memories, so no score reveals what was not granted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.index.documents import MemoryRow
from app.memory.index.inverted_index import score_across_indexes
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.ranking.documents import Documents
from app.memory.ranking.matching.exact_index import ExactSearchIndex
from app.memory.ranking.query_plan import QueryPlan, plan_query
from app.memory.ranking.rank import rank
from app.memory.ranking.results.assemble import assemble
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.reconciliation.decisions import normalise_text


@dataclass(slots=True)
class SharedMemories:
    """Granted memories of others with their owners; each is a result of its own, as no turn is indexed."""

    index: UserIndex
    owners: dict[UUID, str] = field(default_factory=dict[UUID, str])

    def contains_result(self, result: SearchResult) -> bool:
        """Whether a result is one of these memories."""
        return result.memory is not None and result.memory.id in self.owners


class SharedSearchIndex(ExactSearchIndex):
    """Matches granted memories, on the scale of the own index of the user who asks."""

    def __init__(self, shared: SharedMemories, own: UserIndex) -> None:
        super().__init__(shared.index)
        self._own = own

    def _score_memories(self, plan: QueryPlan, lexical: FloatArray) -> FloatArray:  # noqa: ARG002
        """The memory score of each, (m,), standardised over all that the user may read.

        That includes the own turns: over the granted memories alone, a single one would always be average.
        """
        own, memories = self._own, self.index.memories
        indexes = [memories.inverted_index, own.turns.inverted_index, own.memories.inverted_index]
        scores = standardise_scores(score_across_indexes(indexes, plan.terms))[: len(memories)]
        if plan.vector is None:
            return scores
        if own.vector_statistics is not None:
            # The number of granted memories is negligible beside a large user's own rows.
            of_all = own.vector_statistics["turns"].of_cosines(plan.vector)
            dense = memories.vectors.dot_products(plan.vector)
            return scores + of_all.standardise(dense, memories.vectors.has_vector)
        matrices = [memories.vectors, own.memories.vectors, own.turns.vectors]
        dense = np.concatenate([matrix.dot_products(plan.vector) for matrix in matrices])
        has_vector = np.concatenate([matrix.has_vector for matrix in matrices])
        return scores + standardise_scores(dense, has_vector)[: len(memories)]


def search_shared(shared: SharedMemories, own: UserIndex, own_plan: QueryPlan) -> list[SearchResult]:
    """The best granted memories for a query of the user with the index `own`, best first.

    A filter by session, role or speaker refers to the user's own turns: no granted memory passes it. The
    speaker whom the query names is one of the user's own turns.
    """
    query = replace(own_plan.query, include_superseded=False)
    plan = plan_query(shared.index, query, speaker=own_plan.speaker)
    return assemble(
        plan, rank(plan, SharedSearchIndex(shared, own).match(plan)), Documents.of_index(shared.index)
    )


def join_results(
    own: Sequence[SearchResult], others: Sequence[SearchResult], count: int
) -> list[SearchResult]:
    """The best `count` of both lists, best first.

    Statements of others that equal the user's own become their duplicates.
    """
    own_by_content = {
        (result.memory.kind, normalise_text(result.memory.content)): result
        for result in own
        if result.memory is not None
    }
    additional: list[SearchResult] = []
    for other in others:
        assert other.memory is not None
        twin = own_by_content.get((other.memory.kind, normalise_text(other.memory.content)))
        if twin is None:
            additional.append(other)
        else:
            twin.duplicates.append(other)
    return sorted([*own, *additional], key=lambda result: -result.score)[:count]


def choose_joined_abstain_reason(
    shared: SharedMemories,
    plan: QueryPlan,
    results: Sequence[SearchResult],
    reason: AbstainReason | None,
) -> AbstainReason | None:
    """Why the joined results do not answer the query; `reason` is why the user's own do not."""
    shown = [
        result.memory for result in results if result.memory is not None and shared.contains_result(result)
    ]
    if not shown:
        return reason
    if shared.contains_result(results[0]) and results[0].id in shared.index.conflicts:
        return AbstainReason.CONFLICT
    if reason is AbstainReason.OUT_OF_RANGE:
        return None if any(_matches_period(memory, plan) for memory in shown) else reason
    return reason if reason is AbstainReason.CONFLICT and not shared.contains_result(results[0]) else None


def _matches_period(memory: MemoryRow, plan: QueryPlan) -> bool:
    """Whether a memory is about the time that the query names."""
    period, since = plan.period, memory.event_from or memory.valid_from
    if period is None or since is None:
        return False
    return since < period[1] and (memory.event_to or since) >= period[0]
