"""Finds duplicate memories after a session (CAIM, arXiv 2505.13044), without a model.

Cosine nominates the pairs; whether two say the same is decided by their words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Kind, Origin
from app.memory.reconciliation.decisions import SOURCE_AUTHORITY
from app.memory.reconciliation.sameness import same_words

DUPLICATE_SIMILARITY = 0.95  # cosine (chosen for MiniLM) from which the words of two statements are compared
DEDUPLICATED_KINDS = frozenset([Kind.FACT, Kind.PREFERENCE, Kind.EVENT, Kind.PROCEDURE])


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A current memory without a slot, with the values that decide whether two may be merged."""

    id: UUID
    kind: Kind
    form: str
    content: str
    origin: Origin
    polarity: int
    agent_id: str | None
    event_from: datetime | None
    event_to: datetime | None
    expires_at: datetime | None
    valid_from: datetime

    @property
    def merge_key(self) -> tuple[object, ...]:
        """The values that two memories must share before they may be merged."""
        return (
            self.kind,
            self.form,
            self.polarity,
            self.agent_id,
            self.event_from,
            self.event_to,
            self.expires_at,
        )

    @property
    def keeper_sort_key(self) -> tuple[int, datetime, UUID]:
        """Sorts the memory that is kept first: greatest authority, then earliest statement."""
        return -SOURCE_AUTHORITY[self.origin], self.valid_from, self.id


def find_duplicates(
    candidates: Mapping[UUID, MergeCandidate], similar_pairs: Sequence[tuple[UUID, UUID, float]]
) -> list[tuple[UUID, UUID, float]]:
    """(duplicate, memory that it is merged into, cosine) from pairs with their cosine.

    A memory that others are merged into is not merged itself, so meaning does not drift along a chain.
    """
    similar: dict[UUID, dict[UUID, float]] = {}
    for first, second, cosine in similar_pairs:
        left, right = candidates.get(first), candidates.get(second)
        if left is None or right is None or first == second or cosine < DUPLICATE_SIMILARITY:
            continue
        if left.merge_key == right.merge_key and same_words(left.content, right.content):
            similar.setdefault(first, {})[second] = cosine
            similar.setdefault(second, {})[first] = cosine
    merged: set[UUID] = set()
    keepers: set[UUID] = set()
    merges: list[tuple[UUID, UUID, float]] = []
    for keeper in sorted(similar, key=lambda memory_id: candidates[memory_id].keeper_sort_key):
        if keeper in merged:
            continue
        for second, cosine in sorted(
            similar[keeper].items(), key=lambda pair: candidates[pair[0]].keeper_sort_key
        ):
            if second not in merged and second not in keepers:
                merged.add(second)
                keepers.add(keeper)
                merges.append((second, keeper, cosine))
    return merges
