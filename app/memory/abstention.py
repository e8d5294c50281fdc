"""Whether there is an answer at all, and why not: by rules that need no threshold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.core.vocabulary import AbstainReason, Status
from app.memory.answers import Wanted, period_of
from app.memory.folding import Found
from app.memory.scope import Scope
from app.memory.time_fit import within


def abstain(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> AbstainReason | None:
    """Why the items do not answer the question; None when nothing speaks against them.

    `out_of_range`: the question names a time of which nothing is held. `only_superseded`: there is nothing
    but what is no longer true. `conflict`: what fits best is contradicted, and nobody has decided.
    `no_match`: there is nothing.
    """
    if not found:
        gone = any(memory.status == Status.SUPERSEDED for memory in scope.memories)
        return AbstainReason.ONLY_SUPERSEDED if gone else AbstainReason.NO_MATCH
    period = period_of(wanted)
    if period is not None and not within(scope, *period).any():
        return AbstainReason.OUT_OF_RANGE
    if all(one.memory is not None and not one.memory.current for one in found):
        return AbstainReason.ONLY_SUPERSEDED
    if not scope.conflicts.keys().isdisjoint(_said_by(found[0])):
        return AbstainReason.CONFLICT
    return None


def _said_by(best: Found) -> Iterable[UUID]:
    if best.memory is not None:
        return [best.memory.id]
    return best.turn.memories if best.turn is not None else []
