"""Near-duplicates of an answer, folded into the best of them.

Maximal marginal relevance (Carbonell and Goldstein 1998) at its limit: only what says the same is too much,
everything else keeps its place, so folding can't push out what differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import Scope
from app.memory.numeric import Array
from app.memory.reconciliation.decisions import differ, normalise
from app.memory.reconciliation.duplicates import SAME


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


@dataclass(slots=True)
class Candidate:
    """What may become an item, by the places of its turn and its memory in the scope.

    Its features are those of the ranked turn at `at`, or `values`.
    """

    turn: int | None
    memory: int | None
    score: float
    at: int = -1
    values: dict[str, float] | None = None
    superseded_by: Sequence[UUID] = ()
    folded: list["Candidate"] = field(default_factory=list["Candidate"])

    @property
    def item(self) -> tuple[bool, int]:
        """What it is: whether a memory, and its place."""
        place = self.turn if self.memory is None else self.memory
        assert place is not None
        return self.memory is not None, place

    def found(self, scope: Scope, features: Mapping[str, Array]) -> Found:
        """The item, with its rows; `features` (n,) are those of ranked turns."""
        values = self.values
        if values is None:
            values = {name: float(column[self.at]) for name, column in features.items()}
        return Found(
            scope.turns[self.turn] if self.turn is not None else None,
            scope.memories[self.memory] if self.memory is not None else None,
            self.score,
            values,
            list(self.superseded_by),
            [one.found(scope, features) for one in self.folded],
        )


def fold(scope: Scope, candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """The first `count` candidates (best first, none twice) that say something of their own.

    Those that say the same as one of them are in its `folded`.
    """
    near = _near(scope, candidates)
    shown: list[int] = []
    for place, one in enumerate(candidates):
        twins = (other for other in shown if near[place, other] and _same(scope, candidates[other], one))
        twin = next(twins, None)
        if twin is not None:
            candidates[twin].folded.append(one)
        elif len(shown) < count:
            shown.append(place)
    return [candidates[place] for place in shown]


def _near(scope: Scope, candidates: Sequence[Candidate]) -> NDArray[np.bool_]:
    """Which candidates' vectors are so near that they may say the same, (c, c)."""
    near = np.zeros((len(candidates), len(candidates)), np.bool_)
    # A turn and a memory never say the same, so each sort by itself.
    for table, of_memory in ((scope.turns, False), (scope.memories, True)):
        own = [place for place, one in enumerate(candidates) if one.item[0] is of_memory]
        if not own:
            continue
        known, vectors = scope.vectors_of(table, np.array([candidates[at].item[1] for at in own], np.intp))
        if known.any():
            held, matrix = np.array(own)[known], vectors[known]
            near[np.ix_(held, held)] = matrix @ matrix.T >= SAME
    return near


def _same(scope: Scope, one: Candidate, other: Candidate) -> bool:
    """Whether two items that are alike differ in nothing that matters."""
    (of_memory, place), (_, beside) = one.item, other.item
    if of_memory:
        return _same_memory(scope, scope.memories[place], scope.memories[beside])
    said, again = scope.turns[place], scope.turns[beside]
    spoken = (said.name or said.role) == (again.name or again.role)
    settled = one.superseded_by == other.superseded_by
    return spoken and settled and _same_words(said.content, again.content)


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
