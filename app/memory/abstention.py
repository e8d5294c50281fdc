"""Whether there is an answer at all, and why not: by rules, of which one has a measured threshold."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np

from app.core.vocabulary import AbstainReason
from app.memory.answers import Wanted, period_of
from app.memory.folding import Found
from app.memory.scope import Scope
from app.memory.time_fit import within

FEW_WORDS = 0.5  # an item with this share of the question's words may answer it whatever the cosine


def abstain(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> AbstainReason | None:
    """Why the items do not answer the question; None when nothing speaks against them.

    `out_of_range`: the question names a time of which nothing is held. `only_superseded`: there is nothing
    but what is no longer true. `conflict`: what fits best is contradicted, and nobody has decided.
    `no_match`: there is nothing, or nothing that is about the question.
    """
    if not found:
        gone = bool(scope.memories.columns["superseded"].rows.any())
        return AbstainReason.ONLY_SUPERSEDED if gone else AbstainReason.NO_MATCH
    period = period_of(wanted)
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
    """The greatest cosine of the question and an item's turn or memory; None while one has no vector."""
    if wanted.vector is None or not found:
        return None
    rows = (row for one in found for row in (one.turn, one.memory) if row is not None)
    vectors = [vector for vector in map(scope.vector_of, rows) if vector is not None]
    known = len(vectors) == sum((one.turn is not None) + (one.memory is not None) for one in found)
    return float((np.stack(vectors) @ wanted.vector).max()) if known else None


def _unrelated(scope: Scope, wanted: Wanted, found: Sequence[Found]) -> bool:
    """Whether all items are far from the question in meaning, and have few of its words."""
    if wanted.unrelated_below is None:
        return False
    nearest = closeness(scope, wanted, found)
    if nearest is None or nearest >= wanted.unrelated_below:
        return False
    asked = set(scope.terms(wanted.query))
    texts = [row.content for one in found for row in (one.turn, one.memory) if row is not None]
    return all(len(asked.intersection(scope.terms(text))) < FEW_WORDS * len(asked) for text in texts)


def _said_by(scope: Scope, best: Found) -> Iterable[UUID]:
    if best.memory is not None:
        return [best.memory.id]
    return [memory.id for memory in scope.told_by(scope.turns.at[best.turn.id])] if best.turn else []
