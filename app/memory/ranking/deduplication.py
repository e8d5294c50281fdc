"""Deduplicates results: near-duplicates are merged into the best of them (maximal marginal relevance at its
limit, Carbonell and Goldstein 1998).

Maximal marginal relevance (Carbonell and Goldstein 1998) at its limit: only what says the same is too much,
everything else keeps its place, so folding can't push out what differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.reconciliation.decisions import details_differ, normalise_text
from app.memory.reconciliation.duplicates import DUPLICATE_SIMILARITY


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An item: a turn, or a memory with the turn that brought it; `folded` are those that say the same."""

    turn: TurnRow | None
    memory: MemoryRow | None
    score: float
    features: dict[str, float]
    superseded_by: list[UUID] = field(default_factory=list[UUID])
    duplicates: list["SearchResult"] = field(default_factory=list["SearchResult"])

    @property
    def document(self) -> TurnRow | MemoryRow:
        """The memory, else the turn."""
        row = self.memory or self.turn
        assert row is not None
        return row

    @property
    def id(self) -> UUID:
        """That of the memory, else that of the turn."""
        return self.document.id


@dataclass(slots=True)
class ResultCandidate:
    """What may become an item, by the places of its turn and its memory in the scope.

    Its features are those of the ranked turn at `at`, or `values`.
    """

    turn: int | None
    memory: int | None
    score: float
    ranked_position: int = -1
    feature_values: dict[str, float] | None = None
    superseded_by: Sequence[UUID] = ()
    duplicates: list["ResultCandidate"] = field(default_factory=list["ResultCandidate"])

    @property
    def result_key(self) -> tuple[bool, int]:
        """What it is: whether a memory, and its place."""
        place = self.turn if self.memory is None else self.memory
        assert place is not None
        return self.memory is not None, place

    def to_result(self, index: UserIndex, features: Mapping[str, FloatArray]) -> SearchResult:
        """The item, with its rows; `features` (n,) are those of ranked turns."""
        values = self.feature_values
        if values is None:
            values = {name: float(column[self.ranked_position]) for name, column in features.items()}
        return SearchResult(
            index.turns[self.turn] if self.turn is not None else None,
            index.memories[self.memory] if self.memory is not None else None,
            self.score,
            values,
            list(self.superseded_by),
            [one.to_result(index, features) for one in self.duplicates],
        )


def deduplicate_candidates(
    index: UserIndex, candidates: Sequence[ResultCandidate], count: int
) -> list[ResultCandidate]:
    """The first `count` candidates (best first, none twice) that say something of their own.

    Those that say the same as one of them are in its `folded`.
    """
    near = _similarity_mask(index, candidates)
    shown: list[int] = []
    for place, one in enumerate(candidates):
        twins = (
            other for other in shown if near[place, other] and _is_duplicate(index, candidates[other], one)
        )
        twin = next(twins, None)
        if twin is not None:
            candidates[twin].duplicates.append(one)
        elif len(shown) < count:
            shown.append(place)
    return [candidates[place] for place in shown]


def _similarity_mask(index: UserIndex, candidates: Sequence[ResultCandidate]) -> NDArray[np.bool_]:
    """Which candidates' vectors are so near that they may say the same, (c, c)."""
    near = np.zeros((len(candidates), len(candidates)), np.bool_)
    # A turn and a memory never say the same, so each sort by itself.
    for table, of_memory in ((index.turns, False), (index.memories, True)):
        own = [place for place, one in enumerate(candidates) if one.result_key[0] is of_memory]
        if not own:
            continue
        known, vectors = index.fetch_vectors(
            table, np.array([candidates[at].result_key[1] for at in own], np.intp)
        )
        if known.any():
            held, matrix = np.array(own)[known], vectors[known]
            near[np.ix_(held, held)] = matrix @ matrix.T >= DUPLICATE_SIMILARITY
    return near


def _is_duplicate(index: UserIndex, one: ResultCandidate, other: ResultCandidate) -> bool:
    """Whether two items that are alike differ in nothing that matters."""
    (of_memory, place), (_, beside) = one.result_key, other.result_key
    if of_memory:
        return _is_duplicate_memory(index, index.memories[place], index.memories[beside])
    said, again = index.turns[place], index.turns[beside]
    spoken = (said.name or said.role) == (again.name or again.role)
    settled = one.superseded_by == other.superseded_by
    return spoken and settled and _is_same_text(said.content, again.content)


def _is_duplicate_memory(index: UserIndex, one: MemoryRow, other: MemoryRow) -> bool:
    if one.id in index.conflicts or other.id in index.conflicts:
        return False
    names = ("kind", "form", "status", "subject", "attribute", "value", "polarity", "event_from", "event_to")
    alike = all(getattr(one, name) == getattr(other, name) for name in names)
    return alike and _is_same_text(one.content, other.content)


def _is_same_text(one: str, other: str) -> bool:
    """Whether two texts are one but for case and punctuation, or alike with the same numbers and names."""
    if normalise_text(one) == normalise_text(other):
        return True
    return not details_differ(one, other) and _capitalised_words(one) == _capitalised_words(other)


def _capitalised_words(text: str) -> list[str]:
    """The words that begin with a capital, in their order: who does what to whom."""
    return [normalise_text(word) for word in text.split() if word[:1].isupper()]
