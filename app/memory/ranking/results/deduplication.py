"""Deduplicates results: near-duplicates are merged into the best of them.

This is maximal marginal relevance (Carbonell and Goldstein 1998) at its limit: only a result that says the
same is redundant. All others keep their rank, so deduplication can't displace a different result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.ranking.documents import Documents
from app.memory.ranking.rank import Ranking, ScoredId
from app.memory.reconciliation.decisions import details_differ, normalise_text
from app.memory.reconciliation.duplicates import DUPLICATE_SIMILARITY


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A result: a turn, or a memory with the turn that led to it; `duplicates` are its near-duplicates.

    A turn is `stale` if all memories of it that match the query are no longer true; they ended at `valid_to`.
    """

    turn: TurnRow | None
    memory: MemoryRow | None
    score: float
    features: dict[str, float]
    superseded_by: list[UUID] = field(default_factory=list[UUID])
    valid_to: datetime | None = None
    stale: bool = False
    duplicates: list["SearchResult"] = field(default_factory=list["SearchResult"])

    @property
    def document(self) -> TurnRow | MemoryRow:
        """The memory, else the turn."""
        row = self.memory or self.turn
        assert row is not None
        return row

    @property
    def id(self) -> UUID:
        """The id of the memory, else of the turn."""
        return self.document.id


@dataclass(slots=True)
class ResultCandidate:
    """A possible result, by the doc ids of its turn and memory.

    It has the features of the id that was `ranked`. `result_key` is its identity: whether it is a memory, and
    the doc id. `hides_turn` says that it is a memory in whose place its
    turn could be shown, `is_successor` that it is one in the place of what it superseded.
    """

    turn: int | None
    memory: int | None
    score: float
    ranked: ScoredId
    superseded_by: Sequence[UUID] = ()
    valid_to: datetime | None = None
    stale: bool = False
    hides_turn: bool = False
    is_successor: bool = False
    duplicates: list["ResultCandidate"] = field(default_factory=list["ResultCandidate"])
    result_key: tuple[bool, int] = field(init=False)

    def __post_init__(self) -> None:
        doc_id = self.turn if self.memory is None else self.memory
        assert doc_id is not None
        self.result_key = self.memory is not None, doc_id

    def to_result(self, documents: Documents, ranking: Ranking) -> SearchResult:
        """The result with its documents and features."""
        return SearchResult(
            documents.turns[self.turn] if self.turn is not None else None,
            documents.memories[self.memory] if self.memory is not None else None,
            self.score,
            ranking.features_of(self.ranked),
            list(self.superseded_by),
            self.valid_to,
            self.stale,
            [duplicate.to_result(documents, ranking) for duplicate in self.duplicates],
        )


def deduplicate_candidates(
    documents: Documents, candidates: Sequence[ResultCandidate], count: int
) -> list[ResultCandidate]:
    """The first `count` distinct candidates (best first); their near-duplicates are in `duplicates`."""
    is_similar = _similarity_mask(documents, candidates)
    shown: list[int] = []
    for position, candidate in enumerate(candidates):
        twins = (
            other
            for other in shown
            if is_similar[position, other] and _is_duplicate(documents, candidates[other], candidate)
        )
        twin = next(twins, None)
        if twin is not None:
            candidates[twin].duplicates.append(candidate)
        elif len(shown) < count:
            shown.append(position)
    return [candidates[position] for position in shown]


def _similarity_mask(documents: Documents, candidates: Sequence[ResultCandidate]) -> NDArray[np.bool_]:
    """Which pairs of candidates have vectors so similar that they may be duplicates, (c, c)."""
    is_similar = np.zeros((len(candidates), len(candidates)), np.bool_)
    # A turn and a memory are never duplicates, so each kind is compared on its own.
    for by_doc_id, is_memory in ((documents.turn_vectors, False), (documents.memory_vectors, True)):
        positions = [
            position for position, candidate in enumerate(candidates) if candidate.result_key[0] is is_memory
        ]
        if not positions:
            continue
        doc_ids = np.array([candidates[at].result_key[1] for at in positions], np.intp)
        has_vector, vectors = by_doc_id.lookup(doc_ids)
        if has_vector.any():
            with_vector, matrix = np.array(positions)[has_vector], vectors[has_vector]
            is_similar[np.ix_(with_vector, with_vector)] = matrix @ matrix.T >= DUPLICATE_SIMILARITY
    return is_similar


def _is_duplicate(documents: Documents, one: ResultCandidate, other: ResultCandidate) -> bool:
    """Whether two similar candidates differ in nothing that matters."""
    (is_memory, doc_id), (_, other_doc_id) = one.result_key, other.result_key
    if is_memory:
        return _is_duplicate_memory(documents, documents.memories[doc_id], documents.memories[other_doc_id])
    turn, other_turn = documents.turns[doc_id], documents.turns[other_doc_id]
    same_speaker = (turn.name or turn.role) == (other_turn.name or other_turn.role)
    same_successors = (one.superseded_by, one.valid_to) == (other.superseded_by, other.valid_to)
    return same_speaker and same_successors and _is_same_text(turn.content, other_turn.content)


def _is_duplicate_memory(documents: Documents, one: MemoryRow, other: MemoryRow) -> bool:
    if one.id in documents.index.conflicts or other.id in documents.index.conflicts:
        return False
    names = ("kind", "form", "status", "subject", "attribute", "value", "polarity", "event_from", "event_to")
    same_values = all(getattr(one, name) == getattr(other, name) for name in names)
    return same_values and _is_same_text(one.content, other.content)


def _is_same_text(one: str, other: str) -> bool:
    """Whether two texts are equal up to case and punctuation, or agree in numbers, negations and names."""
    if normalise_text(one) == normalise_text(other):
        return True
    return not details_differ(one, other) and _capitalised_words(one) == _capitalised_words(other)


def _capitalised_words(text: str) -> list[str]:
    """The words that begin with a capital, in order: who does what to whom."""
    return [normalise_text(word) for word in text.split() if word[:1].isupper()]
