"""Decides whether a clause tells something that is worth knowing later.

The traits of the clause (`traits.py`) are weighed; `benchmarks/worth_weights.py` fits the weights. What is no
statement of its own is left out before, and what tells that something ended is kept however short.
"""

import math
from dataclasses import astuple, fields
from enum import IntEnum
from operator import attrgetter

from app.memory.extraction.offline.worth.clause_view import ClauseView
from app.memory.extraction.offline.worth.emptiness import (
    is_comment,
    is_no_statement,
    is_of_no_person,
    is_of_text,
    leans_on_another,
)
from app.memory.extraction.offline.worth.told_changes import tells_change
from app.memory.extraction.offline.worth.traits import ClauseTraits, measure_traits

# Fitted; the first is for every clause.
INTERCEPT = -1.8
WEIGHTS = ClauseTraits(
    of_speaker=0.4, of_belonging=0.6, of_person=0.1, of_listener=-0.2, tells_listener=-0.9,
    of_doing=-1.0, names=1.0, numbers=1.1, dates=0.8, relations=0.5, relatives=0.0, habit=0.6,
    safety=2.5, past_event=0.1, perfect=0.1, plan=-0.5, modal=-1.0, wanting=-0.2, wish=-0.3,
    attitude=0.0, opinion=-1.5, adjective=-0.5, noun=-0.3, own_adjective=0.3, own_state=0.7,
    feeling=-0.3, of_mind=-0.3, at_hand=-0.8, content=1.7, thin=-0.4, abstract=0.8, pointers=-0.4,
    pointing=-0.5, told_of_speaker=-0.6, own_content=1.0, places=0.9, degree=-0.2, aside=0.4,
    alone=0.9, alone_speaker=-0.7, alone_progressive=-0.4, alone_plan=-1.0, alone_of_mind=-1.1,
    alone_unasked=2.1, alone_pointer=-0.3, alone_heard=-1.6, alone_heard_names=-0.6,
)  # fmt: skip
THRESHOLD, THRESHOLD_ALONE = 0.27, 0.48  # in a talk of two; with an assistant, where less is told by the way
FLOOR, FLOOR_ALONE = 0.05, 0.1  # less than this is not worth a place beside a memory either


class Worth(IntEnum):
    """What a clause is worth: nothing, a comment on what was told before, little, or a memory of its own."""

    NOTHING = 0
    COMMENT = 1
    LITTLE = 2
    MEMORY = 3


def judge_clause(view: ClauseView) -> Worth:
    """What the clause is worth to somebody who reads it later."""
    if not view.tokens or leans_on_another(view) or is_of_text(view):
        return Worth.NOTHING
    if tells_change(view):
        return Worth.MEMORY
    if is_no_statement(view) or is_of_no_person(view):
        return Worth.NOTHING
    if is_comment(view):
        return Worth.COMMENT
    worth = estimate_worth(measure_traits(view))
    threshold, floor = (THRESHOLD, FLOOR) if view.is_dialogue else (THRESHOLD_ALONE, FLOOR_ALONE)
    if worth < floor:
        return Worth.NOTHING
    return Worth.MEMORY if worth >= threshold else Worth.LITTLE


def is_weighed(view: ClauseView) -> bool:
    """Whether the traits of a clause decide."""
    is_settled = not view.tokens or leans_on_another(view) or is_of_text(view) or tells_change(view)
    return not (is_settled or is_no_statement(view) or is_of_no_person(view) or is_comment(view))


_WEIGHTS = astuple(WEIGHTS)
_read_traits = attrgetter(*(trait.name for trait in fields(ClauseTraits)))


def estimate_worth(traits: ClauseTraits) -> float:
    """The estimated chance that a reader would call the clause worth knowing."""
    total = INTERCEPT + sum(w * value for w, value in zip(_WEIGHTS, _read_traits(traits), strict=True))
    return 1 / (1 + math.exp(-total))
