"""Puts the newer of two contradicting results before the older, where nothing says which is true.

What a person says last is more often so still. It is no sign against a person's word that an assistant, or a
memory that disputes a slot, says otherwise later.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Role
from app.memory.ranking.documents import Documents
from app.memory.ranking.results.deduplication import ResultCandidate


def put_newer_first(documents: Documents, candidates: Sequence[ResultCandidate]) -> list[ResultCandidate]:
    """The candidates, each one that contradicts an older one above it directly before that one."""
    conflicts = documents.index.conflicts
    ordered = list(candidates)
    if not conflicts:
        return ordered
    stated = {id(one): _find_contested(documents, one) for one in ordered}
    for candidate in candidates:
        own = stated[id(candidate)]
        opposed = {other for memory_id in own for other in conflicts[memory_id]}
        at = next(place for place, one in enumerate(ordered) if one is candidate)
        for place, above in enumerate(ordered[:at]):
            older = stated[id(above)]
            if any(other in opposed and said < max(own.values()) for other, said in older.items()):
                ordered.insert(place, ordered.pop(at))
                break
    return ordered


def _find_contested(documents: Documents, candidate: ResultCandidate) -> dict[UUID, datetime]:
    """The contradicted memories that a candidate shows and a person has told, with when that was last."""
    if candidate.memory is not None:
        memories = [candidate.memory]
    else:
        memories = documents.memories_of(candidate.turn) if candidate.turn is not None else []
    found: dict[UUID, datetime] = {}
    for memory in memories:
        row = documents.memories[memory]
        if row.id not in documents.index.conflicts or not row.is_current or row.is_disputed:
            continue
        said = [
            documents.turns[turn].observed_at
            for source in row.supporting_sources
            if (turn := documents.find_turn(source.turn_id)) is not None
            and documents.turns[turn].role == Role.USER
        ]
        if said:
            found[row.id] = max(said)
    return found
