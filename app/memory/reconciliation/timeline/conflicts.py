"""Groups memories that contradict each other, directly or through others."""

from collections.abc import Iterable
from uuid import UUID


def conflict_sets(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    """Connected components of contradicting memories: {oldest memory: all members, oldest first}.

    Ids are UUIDs of version 7, so the smallest is the oldest. The sets are ordered by their oldest member.
    """
    root: dict[UUID, UUID] = {}

    def find_root(memory_id: UUID) -> UUID:
        while root.setdefault(memory_id, memory_id) != memory_id:
            memory_id = root[memory_id]
        return memory_id

    for left, right in pairs:
        older, newer = sorted((find_root(left), find_root(right)))
        root[newer] = older
    sets: dict[UUID, list[UUID]] = {}
    for memory_id in sorted(root):
        sets.setdefault(find_root(memory_id), []).append(memory_id)
    return sets


def conflicts_by_memory(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    """Map each memory to the sorted ids of the memories that contradict it."""
    conflicts: dict[UUID, set[UUID]] = {}
    for left, right in pairs:
        conflicts.setdefault(left, set()).add(right)
        conflicts.setdefault(right, set()).add(left)
    return {memory_id: sorted(others) for memory_id, others in conflicts.items()}
