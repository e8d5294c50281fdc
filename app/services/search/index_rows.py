"""Converts rows of the change feed to rows of a search index."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from app.core.vocabulary import TurnState
from app.db.session import AnyRow
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.services.memories.as_of import to_source_row, to_turn_row


def to_present_turn_row(row: Any) -> TurnRow:
    """Convert a turn of the change feed to the row of the index."""
    return to_turn_row(row, pending=row.state in {TurnState.STORED, TurnState.FAILED})


def to_memory_rows(memories: Sequence[AnyRow], sources: Sequence[AnyRow]) -> Iterator[MemoryRow]:
    """Yield the memories of the change feed as rows of the index, each with its sources."""
    sources_by_memory: dict[UUID, list[SourceRow]] = {}
    for row in sources:
        sources_by_memory.setdefault(row.memory_id, []).append(to_source_row(row))
    for memory in memories:
        yield MemoryRow(*memory, sources=sources_by_memory.get(memory.id, []))
