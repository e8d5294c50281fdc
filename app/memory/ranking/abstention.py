"""Whether there is an answer at all, and why not: by rules, of which one has a measured threshold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.index.user_index import Scope
from app.memory.ranking.deduplication import Found
from app.memory.ranking.query import Wanted
from app.memory.ranking.time_match import within


def abstain(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> AbstainReason | None:
    """Why the items do not answer the question; None when nothing speaks against them.

    `out_of_range`: the question names a time of which nothing is held. `only_superseded`: there is nothing
    but what is no longer true. `conflict`: what fits best is contradicted, and nobody has decided.
    `no_match`: there is nothing, or nothing that is about the question.
    """
    if not found:
        gone = bool(scope.memories.columns["superseded"].rows.any())
        return AbstainReason.ONLY_SUPERSEDED if gone else AbstainReason.NO_MATCH
    period = wanted.period
    if period is not None and not within(scope, *period).any():
        return AbstainReason.OUT_OF_RANGE
    if _unrelated(scope, wanted, found):
        return AbstainReason.NO_MATCH
    if all(one.memory is not None and not one.memory.current for one in found):
        return AbstainReason.ONLY_SUPERSEDED
    if not scope.conflicts.keys().isdisjoint(_said_by(scope, found[0])):
        return AbstainReason.CONFLICT
    return None


def closeness(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> float | None:
    """How much of the question the best item has, of the items' turns and memories, 0 to 2.

    That is its cosine plus its share of the question's words, each weighing as much as it is rare. None while
    one of them has no vector.
    """
    if wanted.vector is None or not found:
        return None
    asked = scope.rarity(scope.terms(wanted.searched))
    best: list[float] = []
    for table, rows in (
        (scope.turns, [scope.turns.at[one.turn.id] for one in found if one.turn is not None]),
        (scope.memories, [scope.memories.at[one.memory.id] for one in found if one.memory is not None]),
    ):
        if not rows:
            continue
        places = np.asarray(rows)
        known, vectors = scope.vectors_of(table, places)
        if not known.all():
            return None
        near = vectors @ wanted.vector + table.words.shares(asked)[places]
        best.append(float(near.max()))
    return max(best)


def _unrelated(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> bool:
    """Whether nothing that was found is about the question."""
    if wanted.unrelated_below is None:
        return False
    best = closeness(scope, wanted, found)
    return best is not None and best < wanted.unrelated_below


def _said_by(scope: Scope, best: Found) -> Iterable[UUID]:
    if best.memory is not None:
        return [best.memory.id]
    told = scope.told(scope.turns.at[best.turn.id]) if best.turn is not None else []
    return [scope.memories[at].id for at in told]
