"""Decides whether a clause tells something that is worth knowing later.

A model estimates it from the clause and the sentence before (`app.llm.sentence_judge`). What the model is not
asked: what leans on another clause or is of a text is left out, and what tells that something ended is kept
however short.
"""

from collections.abc import Callable
from enum import IntEnum

from app.memory.extraction.offline.worth.clause_view import ClauseView
from app.memory.extraction.offline.worth.emptiness import (
    is_comment,
    is_no_statement,
    is_of_no_person,
    is_of_text,
    is_order_of_task,
    is_program_note,
    leans_on_another,
)
from app.memory.extraction.offline.worth.told_changes import tells_change

# The chance that a clause is worth knowing, from the sentence before it and the clause.
EstimateWorth = Callable[[str, str], float]
EstimateClause = Callable[[str], float]  # the same of a clause of a known sentence
# Chosen by the clauses of talk that readers called worth knowing.
THRESHOLD, THRESHOLD_ALONE = 0.1, 0.2  # in a talk of two; with an assistant, where less is told by the way
FLOOR = 0.008  # less than this is not worth a place beside a memory either
_LEFT_OUT = (is_program_note, leans_on_another, is_of_text, is_order_of_task)
_NAME = "Casablanca"  # a title as good as any
SURE = 0.6  # of a clause that has the form of no statement, or names nobody


class Worth(IntEnum):
    """What a clause is worth: nothing, a comment on what was told before, little, or a memory of its own."""

    NOTHING = 0
    COMMENT = 1
    LITTLE = 2
    MEMORY = 3


def judge_clause(view: ClauseView, estimate: EstimateClause) -> Worth:
    """What the clause is worth to somebody who reads it later."""
    if not view.tokens or any(is_left_out(view) for is_left_out in _LEFT_OUT):
        return Worth.NOTHING
    if tells_change(view):
        return Worth.MEMORY
    worth = estimate(_name_titles(view))
    if is_no_statement(view) or is_of_no_person(view):
        return Worth.MEMORY if worth >= SURE else Worth.NOTHING
    if is_comment(view) and worth < SURE:
        return Worth.COMMENT
    if worth < FLOOR:
        return Worth.NOTHING
    return Worth.MEMORY if worth >= (THRESHOLD if view.is_dialogue else THRESHOLD_ALONE) else Worth.LITTLE


def _name_titles(view: ClauseView) -> str:
    """The clause with a name for each title of several words, which the model would read as talk.

    It reads no capitals: "My kids love Just Like You" is praise to it.
    """
    words: list[str] = []
    end = view.tokens[0].start
    for token in view.tokens:
        is_title = token.index in view.titles
        if is_title and {token.index - 1, token.index + 1} & view.titles:
            words.append(
                "" if token.index - 1 in view.titles else f"{view.tree.text[end : token.start]}{_NAME}"
            )
        else:
            words.append(view.tree.text[end : token.end])
        end = token.end
    return "".join(words)
