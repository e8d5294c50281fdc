"""Memories that others granted to the user, searched next to the own index: scored on one scale and merged
into one result list.

Nothing of another user but the granted memories is here, so no score tells of what was not granted.
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
    """Granted memories of others. Each stands for itself: its turns are not here.

    `owners` says whose each is.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.owners: dict[UUID, str] = {}
        self._own_index = UserIndex(dimensions)

    def add_shared_memory(self, owner: str, memory: MemoryRow) -> None:
        """Add a memory of `owner`."""
        self.owners[memory.id] = owner
        self.upsert_memory(memory)

    def contains_result(self, result: SearchResult) -> bool:
        """Whether an item is one of these."""
        return result.memory is not None and result.memory.id in self.owners

    def search_shared(self, own_index: UserIndex, query: SearchQuery) -> list[SearchResult]:
        """The best of them for a question of the user whose scope is `own`, best first.

        A filter by session, role or speaker is about the user's own turns: nothing here passes it.
        """
        self._own_index = own_index
        return search_index(self, replace(query, include_superseded=False))

    def score_memories(self, terms: Sequence[str], vector: FloatArray | None) -> FloatArray:
        """How well each matches, (m,): standardised over all that the user may read, own turns included.

        Over the granted memories alone one that is by itself would always be average.
        """
        own, count = self._own_index, len(self.memories)
        words = [self.memories.inverted_index, own.turns.inverted_index, own.memories.inverted_index]
        evidence = standardise_scores(score_across_indexes(words, terms))[:count]
        if vector is not None and own.ann_index is not None:
            # What was granted does not count beside so many of the user's own.
            dense = self.memories.vectors.dot_products(vector)
            evidence = evidence + own.ann_index.vector_statistics["turns"].standardise_scores(
                dense, self.memories.vectors.has_vector, vector
            )
        elif vector is not None:
            sides = [self.memories.vectors, own.memories.vectors, own.turns.vectors]
            dense = np.concatenate([side.dot_products(vector) for side in sides])
            known = np.concatenate([side.has_vector for side in sides])
            evidence = evidence + standardise_scores(dense, known)[:count]
        return evidence

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The one speaker of the user's own turns whom the query names."""
        return self._own_index.named_speaker(terms)


def join_results(
    own: Sequence[SearchResult], others: Sequence[SearchResult], count: int
) -> list[SearchResult]:
    """The best `count` of both, best first; what others say as the user's own does is folded into that."""
    said = {
        (one.memory.kind, normalise_text(one.memory.content)): one for one in own if one.memory is not None
    }
    more: list[SearchResult] = []
    for other in others:
        assert other.memory is not None
        twin = said.get((other.memory.kind, normalise_text(other.memory.content)))
        if twin is None:
            more.append(other)
        else:
            twin.duplicates.append(other)
    return sorted([*own, *more], key=lambda one: -one.score)[:count]


def choose_joined_abstain_reason(
    shared_index: SharedIndex,
    query: SearchQuery,
    results: Sequence[SearchResult],
    reason: AbstainReason | None,
) -> AbstainReason | None:
    """Why the joined items do not answer; `reason` is why the user's own do not."""
    shown = [one.memory for one in results if one.memory is not None and shared_index.contains_result(one)]
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
    """Whether a memory tells of the time that the question names."""
    period, since = query.time_range, memory.event_from or memory.valid_from
    if period is None or since is None:
        return False
    return since < period[1] and (memory.event_to or since) >= period[0]
