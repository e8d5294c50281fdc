"""The working set of a session: few slots, for which memories compete by recent use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

MAX_SLOTS = 20
MAX_TURNS_READ = 100
USE_DECAY = 0.95  # factor per later turn (chosen): after 100 turns 0.6 % of the weight is left
SAID_WEIGHT, SHOWN_WEIGHT = 1.0, 0.5  # chosen: stating a memory counts more than having been shown it


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """A turn that states a memory, or that was written with it shown; `turns_ago` is 0 for the last turn."""

    memory_id: UUID
    turns_ago: int
    was_said: bool


def select_working_set(
    uses: Iterable[MemoryUse], importance: Mapping[UUID, float], slots: int
) -> list[tuple[UUID, float]]:
    """(memory, score) of the best `slots` memories, best first; memories without an importance are skipped.

    The score is the sum of the decayed weights of its uses, times (0.5 + importance). A memory that loses its
    slot stays in long-term memory and returns with its next use.
    """
    scores: dict[UUID, float] = {}
    for use in uses:
        if use.memory_id in importance:
            weight = (SAID_WEIGHT if use.was_said else SHOWN_WEIGHT) * USE_DECAY**use.turns_ago
            scores[use.memory_id] = scores.get(use.memory_id, 0.0) + weight * (
                0.5 + importance[use.memory_id]
            )
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return best[:slots]
