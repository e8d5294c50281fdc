"""The documents of ranked ids: what is read to turn them into results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import MemoryRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray

Row_co = TypeVar("Row_co", covariant=True)


class Rows(Protocol[Row_co]):
    """Documents by doc id; a row that was deleted since the index was made is not in it."""

    def __contains__(self, doc_id: int, /) -> bool:
        """Whether there is such a document."""
        ...

    def __getitem__(self, doc_id: int, /) -> Row_co:
        """The document."""
        ...


class Vectors(Protocol):
    """Vectors by doc id."""

    def lookup(self, doc_ids: NDArray[np.intp]) -> tuple[NDArray[np.bool_], FloatArray]:
        """(which of these rows have a vector, (k,), the vectors, (k, d))."""
        ...


@dataclass(frozen=True, slots=True)
class Documents:
    """Turns and memories with their vectors, and the index that knows their columns and relations."""

    index: UserIndex
    turns: Rows[TurnRow]
    memories: Rows[MemoryRow]
    turn_vectors: Vectors
    memory_vectors: Vectors

    @classmethod
    def of_index(cls, index: UserIndex) -> Self:
        """All documents of an index that keeps them."""
        return cls(index, index.turns, index.memories, index.turns.vectors, index.memories.vectors)

    def memories_of(self, turn: int) -> list[int]:
        """Doc ids of the memories, current or not, that a turn states."""
        memories = self.index.index_view.memories_of(turn)
        return self.existing_memories(memories) if memories else memories

    def existing_memories(self, memories: list[int]) -> list[int]:
        """Those of these memories that were not deleted."""
        if self.index.keeps_documents:
            return memories
        return [memory for memory in memories if memory in self.memories]

    def find_turn(self, turn_id: UUID | None) -> int | None:
        """The doc id of a turn; None if it is not in the index."""
        row = self.index.turns.id_map.get(turn_id) if turn_id is not None else None
        return row if row is not None and row in self.turns else None

    def ids_of(self, memories: Sequence[int]) -> list[UUID]:
        """The ids of these memories."""
        return [self.memories[memory].id for memory in memories]
