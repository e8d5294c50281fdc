"""What stands in place of superseded memories, and which documents that takes, by columns of the index."""

from collections.abc import Collection, Iterable

import numpy as np

from app.memory.index.user_index import UserIndex


def collect_successors(index: UserIndex, superseded: Collection[int]) -> set[int]:
    """The current memories that superseded these, directly or over others, and those in their slots."""
    if not superseded:
        return set()
    return _follow_successions(index, superseded) | collect_slot_mates(index, superseded)


def collect_slot_mates(index: UserIndex, memories: Iterable[int]) -> set[int]:
    """The current memories in the slots of these."""
    slots = index.memories.categorical_columns["slot"]
    wanted = {slots.categories[slots.codes[memory]] for memory in memories} - {None}
    if not wanted:
        return set()
    return set(np.flatnonzero(slots.match_any(wanted) & index.memories.current_mask).tolist())


def collect_memories(index: UserIndex, turns: Iterable[int], memories: Iterable[int]) -> set[int]:
    """All memories that the results for these turns and memories are made of.

    Those are also what the turns state, and what stands in place of superseded or disputed memories.
    """
    view, is_superseded = index.index_view, index.memories.columns["superseded"].as_array
    needed = {memory for turn in turns for memory in view.memories_of(turn)} | set(memories)
    needed |= collect_successors(index, [memory for memory in needed if is_superseded[memory]])
    return needed | collect_slot_mates(index, [memory for memory in needed if view.contested_mask[memory]])


def _follow_successions(index: UserIndex, superseded: Iterable[int]) -> set[int]:
    """The current memories that superseded these, directly or over others that are superseded themselves."""
    successors, is_current = index.index_view.successors, index.memories.current_mask
    found: set[int] = set()
    if not successors:
        return found
    seen = set(superseded)
    waiting = list(seen)
    while waiting:
        for memory in successors.get(waiting.pop(), ()):
            if is_current[memory]:
                found.add(memory)
            elif memory not in seen:
                seen.add(memory)
                waiting.append(memory)
    return found
