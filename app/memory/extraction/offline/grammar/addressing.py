"""Cuts off the clause in which a statement turns to the assistant: "I'm vegan, so you'd better skip eggs"."""

from collections.abc import Sequence

from app.memory.extraction.offline.grammar.sentence_tree import (
    SUBJECTS,
    SentenceTree,
    is_statement,
    is_verb,
)
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

SECOND_PERSON = word_set("you your yours yourself u ya")
# What a clause that follows begins with; "how" belongs to the verb before ("I love how you put it").
_OPENINGS = word_set(", ; : - – — -- so but and because as if which since although though")
_CLOSINGS = word_set(", ; : - – — --")
# What a speaker refers to beside a statement: "not where I told you", "as I said to you", "you suggested".
_TELLING = word_set("tell ask say write mention give send show explain suggest recommend advise promise help")
_LINKING = _OPENINGS | word_set("not like than what where when that which who unlike")
_MAX_LEAD = 4  # words between the beginning of a clause and its "you" ("so could I ask whether you")


def cut_address(tree: SentenceTree, first: int, last: int, titles: frozenset[int]) -> tuple[int, int]:
    """The part of tokens[first:last + 1] that is told of the speaker, if another part turns to the listener.

    All of it where the part that is left would be no statement, or where "you" stands in the midst of it.
    """
    addressed = _find_addressed(tree, first, last, titles)
    if not addressed:
        return first, last
    for end in (
        _end_before(tree, first, addressed[0]),
        _end_before_reference(tree, first, addressed[0], last),
    ):
        if end is not None and is_statement(tree, first, end):
            return first, end
    begin = _begin_after(tree, addressed[-1], last)
    if begin is not None and is_statement(tree, begin, last):
        return begin, last
    return first, last


def _find_addressed(tree: SentenceTree, first: int, last: int, titles: frozenset[int]) -> Sequence[int]:
    return [
        token.index
        for token in tree.tokens[first : last + 1]
        if token.text.lower() in SECOND_PERSON and token.index not in titles
    ]


def _end_before(tree: SentenceTree, first: int, addressed: int) -> int | None:
    """The last word before the clause of which "you" is the subject."""
    you = tree.tokens[addressed]
    owner = tree.tokens[you.head] if you.relation == "poss" else you
    if owner.relation not in SUBJECTS:
        return None
    for index in range(addressed - 1, max(first, addressed - 1 - _MAX_LEAD), -1):
        if tree.tokens[index].text.lower() in _OPENINGS:
            end = index - 1
            while end > first and tree.tokens[end].text.lower() in _OPENINGS:
                end -= 1
            return end
    return None


def _end_before_reference(tree: SentenceTree, first: int, addressed: int, last: int) -> int | None:
    """The last word before a closing clause that refers to what was told or advised in the talk."""
    clause = next(
        (
            above
            for above in tree.ancestors(tree.tokens[addressed])
            if above.relation in ("advcl", "relcl") and above.lemma.lower() in _TELLING
        ),
        None,
    )
    if clause is None:
        return None
    words = tree.subtree(clause)
    if words[0] <= first or words[-1] < last:
        return None
    end = words[0] - 1
    while end > first and tree.tokens[end].text.lower() in _LINKING:
        end -= 1
    return end


def _begin_after(tree: SentenceTree, addressed: int, last: int) -> int | None:
    """The first word after the mark that ends the clause of "you"."""
    return next(
        (
            index + 1
            for index in range(addressed + 1, last)
            if tree.tokens[index].text in _CLOSINGS and not _goes_on(tree.tokens[index + 1])
        ),
        None,
    )


def _goes_on(token: Token) -> bool:
    """Whether a clause goes on after a mark ("If you like cats, dogs or birds")."""
    return token.relation in ("conj", "appos") and not is_verb(token)
