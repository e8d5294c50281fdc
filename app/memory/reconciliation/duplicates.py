"""Finds duplicate memories by cosine similarity after a session (CAIM, arXiv 2505.13044), without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Kind, Origin
from app.memory.reconciliation.decisions import SOURCE_AUTHORITY, details_differ

DUPLICATE_SIMILARITY = 0.95  # cosine from which two statements of one kind are one
DEDUPLICATED_KINDS = frozenset([Kind.FACT, Kind.PREFERENCE, Kind.EVENT, Kind.PROCEDURE])


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A current memory without a slot, and all that two of them must share to be one."""

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
        """What keeps two statements apart however alike their words are."""
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
        """Sorts what stays first: the word of most authority, then what was said first."""
        return -SOURCE_AUTHORITY[self.origin], self.valid_from, self.id


def find_duplicates(
    candidates: Mapping[UUID, MergeCandidate], similar_pairs: Sequence[tuple[UUID, UUID, float]]
) -> list[tuple[UUID, UUID, float]]:
    """(what goes, what it goes into, cosine), from pairs that are alike (a cosine of at least `SAME`).

    A memory that takes others in is not taken in itself, so nothing drifts along a chain.
    """
    near: dict[UUID, dict[UUID, float]] = {}
    for one, other, cosine in similar_pairs:
        left, right = candidates.get(one), candidates.get(other)
        if left is None or right is None or one == other or cosine < DUPLICATE_SIMILARITY:
            continue
        if left.merge_key == right.merge_key and not details_differ(left.content, right.content):
            near.setdefault(one, {})[other] = cosine
            near.setdefault(other, {})[one] = cosine
    gone: set[UUID] = set()
    stays: set[UUID] = set()
    found: list[tuple[UUID, UUID, float]] = []
    for keeper in sorted(near, key=lambda memory_id: candidates[memory_id].keeper_sort_key):
        if keeper in gone:
            continue
        for other, cosine in sorted(
            near[keeper].items(), key=lambda pair: candidates[pair[0]].keeper_sort_key
        ):
            if other not in gone and other not in stays:
                gone.add(other)
                stays.add(keeper)
                found.append((other, keeper, cosine))
    return found
