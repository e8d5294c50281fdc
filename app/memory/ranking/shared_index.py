"""Memories that others granted to the user, searched next to the own index.

Both are scored on one scale and merged into one result list. The index has nothing of another user except the
granted memories, so no score reveals what was not granted.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.index.documents import MemoryRow
from app.memory.index.inverted_index import score_across_indexes
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results import search_index
from app.memory.reconciliation.decisions import normalise_text


class SharedIndex(UserIndex):
    """Granted memories of others; each is a result of its own, as its turns are not indexed here.

    `owners` maps each memory to its owner.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.owners: dict[UUID, str] = {}
        self._own_index = UserIndex(dimensions)

    def add_shared_memory(self, owner: str, memory: MemoryRow) -> None:
        """Add a memory that `owner` granted."""
        self.owners[memory.id] = owner
        self.upsert_memory(memory)

    def contains_result(self, result: SearchResult) -> bool:
        """Whether a result is one of these memories."""
        return result.memory is not None and result.memory.id in self.owners

    def search_shared(self, own_index: UserIndex, query: SearchQuery) -> list[SearchResult]:
        """The best granted memories for a query of the user with `own_index`, best first.

        A filter by session, role or speaker refers to the user's own turns: no granted memory passes it.
        """
        self._own_index = own_index
        return search_index(self, replace(query, include_superseded=False))

    def score_memories(self, terms: Sequence[str], vector: FloatArray | None) -> FloatArray:
        """The memory score of each, (m,), standardised over all that the user may read.

        That includes the own turns: over the granted memories alone, a single one would always be average.
        """
        own, count = self._own_index, len(self.memories)
        indexes = [self.memories.inverted_index, own.turns.inverted_index, own.memories.inverted_index]
        scores = standardise_scores(score_across_indexes(indexes, terms))[:count]
        if vector is not None and own.ann_index is not None:
            # The number of granted memories is negligible beside a large user's own rows.
            dense = self.memories.vectors.dot_products(vector)
            scores = scores + own.ann_index.vector_statistics["turns"].standardise_scores(
                dense, self.memories.vectors.has_vector, vector
            )
        elif vector is not None:
            matrices = [self.memories.vectors, own.memories.vectors, own.turns.vectors]
            dense = np.concatenate([matrix.dot_products(vector) for matrix in matrices])
            has_vector = np.concatenate([matrix.has_vector for matrix in matrices])
            scores = scores + standardise_scores(dense, has_vector)[:count]
        return scores

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The speaker of the user's own turns whom the query names, if there is exactly one."""
        return self._own_index.named_speaker(terms)


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
    shared_index: SharedIndex,
    query: SearchQuery,
    results: Sequence[SearchResult],
    reason: AbstainReason | None,
) -> AbstainReason | None:
    """Why the joined results do not answer the query; `reason` is why the user's own do not."""
    shown = [
        result.memory
        for result in results
        if result.memory is not None and shared_index.contains_result(result)
    ]
    if not shown:
        return reason
    if shared_index.contains_result(results[0]) and results[0].id in shared_index.conflicts:
        return AbstainReason.CONFLICT
    if reason is AbstainReason.OUT_OF_RANGE:
        return None if any(_matches_query_time(memory, query) for memory in shown) else reason
    return (
        reason if reason is AbstainReason.CONFLICT and not shared_index.contains_result(results[0]) else None
    )


def _matches_query_time(memory: MemoryRow, query: SearchQuery) -> bool:
    """Whether a memory is about the time that the query names."""
    period, since = query.time_range, memory.event_from or memory.valid_from
    if period is None or since is None:
        return False
    return since < period[1] and (memory.event_to or since) >= period[0]
