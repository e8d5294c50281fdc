"""What others have granted, beside a user's own memory: scored on one scale, and joined into one answer.

Nothing of another user but the granted memories is here, so no score tells of what was not granted.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.index.documents import MemoryRow
from app.memory.index.inverted_index import scores_together
from app.memory.index.user_index import Scope
from app.memory.numeric import Array, standardise
from app.memory.ranking.deduplication import Found
from app.memory.ranking.query import Wanted
from app.memory.ranking.results import find
from app.memory.reconciliation.decisions import normalise


class Guests(Scope):
    """Granted memories of others. Each stands for itself: its turns are not here.

    `owners` says whose each is.
    """

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.owners: dict[UUID, str] = {}
        self._own = Scope(dimensions)

    def put(self, owner: str, memory: MemoryRow) -> None:
        """Add a memory of `owner`."""
        self.owners[memory.id] = owner
        self.put_memory(memory)

    def holds(self, found: Found) -> bool:
        """Whether an item is one of these."""
        return found.memory is not None and found.memory.id in self.owners

    def best(self, own: Scope, wanted: Wanted) -> list[Found]:
        """The best of them for a question of the user whose scope is `own`, best first.

        A filter by session, role or speaker is about the user's own turns: nothing here passes it.
        """
        self._own = own
        return find(self, replace(wanted, include_superseded=False))

    def memory_evidence(self, terms: Sequence[str], vector: Array | None) -> Array:
        """How well each matches, (m,): standardised over all that the user may read, own turns included.

        Over the granted memories alone one that is by itself would always be average.
        """
        own, count = self._own, len(self.memories)
        words = [self.memories.words, own.turns.words, own.memories.words]
        evidence = standardise(scores_together(words, terms))[:count]
        if vector is not None and own.far is not None:
            # What was granted does not count beside so many of the user's own.
            dense = self.memories.vectors.dot(vector)
            evidence = evidence + own.far.spreads["turns"].standardise(
                dense, self.memories.vectors.known, vector
            )
        elif vector is not None:
            sides = [self.memories.vectors, own.memories.vectors, own.turns.vectors]
            dense = np.concatenate([side.dot(vector) for side in sides])
            known = np.concatenate([side.known for side in sides])
            evidence = evidence + standardise(dense, known)[:count]
        return evidence

    def named_speaker(self, terms: Sequence[str]) -> str | None:
        """The one speaker of the user's own turns whom the query names."""
        return self._own.named_speaker(terms)


def join(own: Sequence[Found], others: Sequence[Found], count: int) -> list[Found]:
    """The best `count` of both, best first; what others say as the user's own does is folded into that."""
    said = {(one.memory.kind, normalise(one.memory.content)): one for one in own if one.memory is not None}
    more: list[Found] = []
    for other in others:
        assert other.memory is not None
        twin = said.get((other.memory.kind, normalise(other.memory.content)))
        if twin is None:
            more.append(other)
        else:
            twin.folded.append(other)
    return sorted([*own, *more], key=lambda one: -one.score)[:count]


def abstain_beside(
    guests: Guests, wanted: Wanted, found: Sequence[Found], reason: AbstainReason | None
) -> AbstainReason | None:
    """Why the joined items do not answer; `reason` is why the user's own do not."""
    shown = [one.memory for one in found if one.memory is not None and guests.holds(one)]
    if not shown:
        return reason
    if guests.holds(found[0]) and found[0].id in guests.conflicts:
        return AbstainReason.CONFLICT
    if reason is AbstainReason.OUT_OF_RANGE:
        return None if any(_told_of(memory, wanted) for memory in shown) else reason
    return reason if reason is AbstainReason.CONFLICT and not guests.holds(found[0]) else None


def _told_of(memory: MemoryRow, wanted: Wanted) -> bool:
    """Whether a memory tells of the time that the question names."""
    period, since = wanted.period, memory.event_from or memory.valid_from
    if period is None or since is None:
        return False
    return since < period[1] and (memory.event_to or since) >= period[0]
