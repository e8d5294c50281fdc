"""The working set of a session: few slots, for which memories compete by their recent use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

MAX_SLOTS = 20
MAX_TURNS_READ = 100
USE_DECAY = 0.95  # of a use with every later turn: after 100 turns .6 % is left
SAID_WEIGHT, SHOWN_WEIGHT = 1.0, 0.5  # that a turn says it counts more than that a model had it before it


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """A turn that says a memory, or that was written with the memory shown; 0 turns ago = the last turn."""

    memory_id: UUID
    turns_ago: int
    was_said: bool


def select_working_set(
    uses: Iterable[MemoryUse], importance: Mapping[UUID, float], slots: int
) -> list[tuple[UUID, float]]:
    """(memory, score) of those that win a slot, best first; a memory without importance is not there.

    The score is the sum of what is left of each use, times (0.5 + importance). What loses its slot is still
    in long-term memory, and is back as soon as it is used again.
    """
    scores: dict[UUID, float] = {}
    for use in uses:
        if use.memory_id in importance:
            left = (SAID_WEIGHT if use.was_said else SHOWN_WEIGHT) * USE_DECAY**use.turns_ago
            scores[use.memory_id] = scores.get(use.memory_id, 0.0) + left * (0.5 + importance[use.memory_id])
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return best[:slots]
