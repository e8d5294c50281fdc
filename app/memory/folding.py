"""Near-duplicates of an answer, folded into the best of them.

Maximal marginal relevance (Carbonell and Goldstein 1998) at its limit: only what says the same is too much,
everything else keeps its place, so folding can't push out what differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from app.memory.duplicates import SAME
from app.memory.reconciliation import differ, normalise
from app.memory.rows import MemoryRow, TurnRow
from app.memory.scope import Scope


@dataclass(frozen=True, slots=True)
class Found:
    """An item: a turn, or a memory with the turn that brought it; `folded` are those that say the same."""

    turn: TurnRow | None
    memory: MemoryRow | None
    score: float
    features: dict[str, float]
    superseded_by: list[UUID] = field(default_factory=list[UUID])
    folded: list["Found"] = field(default_factory=list["Found"])

    @property
    def row(self) -> TurnRow | MemoryRow:
        """The memory, else the turn."""
        row = self.memory or self.turn
        assert row is not None
        return row

    @property
    def id(self) -> UUID:
        """That of the memory, else that of the turn."""
        return self.row.id


def fold(scope: Scope, candidates: Sequence[Found], count: int) -> list[Found]:
    """The first `count` candidates (best first, no two with one id) that say something of their own.

    Those that say the same as one of them are in its `folded`.
    """
    vectors = [scope.vector_of(found.row) for found in candidates]
    known = [place for place, vector in enumerate(vectors) if vector is not None]
    near = np.zeros((len(candidates), len(candidates)), np.bool_)
    if known:
        matrix = np.stack([vector for vector in vectors if vector is not None])
        near[np.ix_(known, known)] = matrix @ matrix.T >= SAME
    shown: list[int] = []
    for place, found in enumerate(candidates):
        twins = (other for other in shown if near[place, other] and _same(scope, candidates[other], found))
        twin = next(twins, None)
        if twin is not None:
            candidates[twin].folded.append(found)
        elif len(shown) < count:
            shown.append(place)
    return [candidates[place] for place in shown]


def _same(scope: Scope, one: Found, other: Found) -> bool:
    """Whether two items that are alike differ in nothing that matters."""
    if one.memory is not None and other.memory is not None:
        return _same_memory(scope, one.memory, other.memory)
    if one.memory is not None or other.memory is not None or one.turn is None or other.turn is None:
        return False
    spoken = (one.turn.name or one.turn.role) == (other.turn.name or other.turn.role)
    settled = one.superseded_by == other.superseded_by
    return spoken and settled and _same_words(one.turn.content, other.turn.content)


def _same_memory(scope: Scope, one: MemoryRow, other: MemoryRow) -> bool:
    if one.id in scope.conflicts or other.id in scope.conflicts:
        return False
    names = ("kind", "form", "status", "subject", "attribute", "value", "polarity", "event_from", "event_to")
    alike = all(getattr(one, name) == getattr(other, name) for name in names)
    return alike and _same_words(one.content, other.content)


def _same_words(one: str, other: str) -> bool:
    """Whether two texts are one but for case and punctuation, or alike with the same numbers and names."""
    if normalise(one) == normalise(other):
        return True
    return not differ(one, other) and _capitalised(one) == _capitalised(other)


def _capitalised(text: str) -> list[str]:
    """The words that begin with a capital, in their order: who does what to whom."""
    return [normalise(word) for word in text.split() if word[:1].isupper()]
