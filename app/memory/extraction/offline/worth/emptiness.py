"""Finds the clauses that are no statements of their own, whatever they tell of.

A model judges what is a statement (`judging.py`). What stands here it is not asked, or must be surer of:
fragments, orders, notes of the program, what leans on another clause, what tells of nobody.
"""

import re
from itertools import pairwise

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import SUBJECTS, is_name, is_verb
from app.memory.extraction.offline.worth.clause_view import (
    EVALUATIONS,
    FIRST_PERSON,
    SAFETY_WORDS,
    ClauseView,
    content_words,
    find_names,
    has_anchor,
)
from app.memory.text.dates.verb_forms import CORRECTING_VERBS, has_same_forms
from app.memory.text.word_sets import word_set

_POINTERS = word_set("it that this they these those there which what everything all")
_OBJECT_FORMS = word_set("me us him them")
_POSSESSIVES_ALONE = word_set("mine ours yours hers theirs")
_CONCESSIVES = word_set("whatever whichever whoever")
_PAST = ("VBN", "VBD")
_CONTEXT_CHARS = 1_500  # of a turn before and after a clause in which its speaker may tell of themselves
_LONG_TEXT = 200  # characters in which somebody who tells of a life says "I" or "my"
_ARTICLE = 300  # characters of a text whose "our" and "us" may be everybody ("our economies")
_TELLS_OF_SELF = re.compile(r"\b(?:i|i'm|my|me|mine|we|our|us)\b", re.IGNORECASE)
_TELLS_OF_ONE = re.compile(r"\b(?:i|i'm|my|me|mine|we)\b", re.IGNORECASE)


def is_no_statement(view: ClauseView) -> bool:
    """Whether the clause is a fragment or an order."""
    is_fragment = _is_fragment(view) and not (view.lacks_subject and content_words(view))
    return is_fragment or _begins_with_order(view)


def is_order_of_task(view: ClauseView) -> bool:
    """Whether a clause tells an assistant what to do, and nothing of the speaker ("take it out")."""
    first, words = view.tokens[0], {token.text.lower() for token in view.tokens}
    is_whole = first is view.clause.head and not has_same_forms(first.text)  # "Shut the shop"
    is_own = view.is_dialogue or not words.isdisjoint(FIRST_PERSON)
    return is_whole and not is_own and not _states_besides(view) and _begins_with_order(view)


def _states_besides(view: ClauseView) -> bool:
    """Whether a statement follows an order after a comma ("Forget that, she's a Birman")."""
    comma = next((token.index for token in view.tokens if token.text == ","), view.last)
    return any(
        token.relation in SUBJECTS and token.tag not in ("WP", "WDT")
        for token in view.tokens
        if token.index > comma
    )


def is_program_note(view: ClauseView) -> bool:
    """Whether the clause is a note of the chat program ("[shares image: ...]")."""
    return view.text.startswith("[")


def leans_on_another(view: ClauseView) -> bool:
    """Whether the clause says by itself neither what nor whom it is about ("mine dies", "me included")."""
    head = view.clause.head
    subject = view.tree.subject(head)
    if _is_concession(view):
        return True
    if subject is None:
        return view.tokens[0].text.lower() in _OBJECT_FORMS and head.tag in _PAST
    word = subject.text.lower()
    is_absolute = (
        word in _OBJECT_FORMS
        and head.tag in _PAST
        and not view.tree.auxiliaries(head)
        and view.tree.child(subject, "conj") is None  # "Me and Bo broke up"
    )
    return is_absolute or (word in _POSSESSIVES_ALONE and subject.index == view.tokens[0].index)


def _is_concession(view: ClauseView) -> bool:
    """Whether the clause is all of a concession ("whatever the neighbours may say").

    "Whatever I earn goes to Eva" and "Whenever I eat nuts I get hives" have a verb beside it, and
    "Whatever, I quit Acme" only opens with the word.
    """
    first = view.tokens[0]
    is_opener = len(view.tokens) > 1 and view.tokens[1].text == ","
    return first.text.lower() in _CONCESSIVES and first.head == view.clause.head.index and not is_opener


def is_comment(view: ClauseView) -> bool:
    """Whether the clause judges or corrects what was told before ("It was so powerful", "I meant Ann")."""
    head = view.clause.head
    if head.text.lower() in CORRECTING_VERBS and view.tree.child(head, "ccomp", "xcomp") is None:
        return True
    subject = view.tree.subject(head)
    if len(content_words(view)) > 1 or find_names(view):
        return False
    if subject is not None and subject.text.lower() in _POINTERS:
        return True
    thing = view.tree.child(head, "dobj")
    return thing is not None and thing.text.lower() in _POINTERS and not has_anchor(view)


def is_of_text(view: ClauseView) -> bool:
    """Whether a clause is of an article or a story that an assistant is given or goes on with."""
    if view.is_dialogue or view.lacks_subject or SAFETY_WORDS.search(view.text):
        return False
    start, end = view.tokens[0].start, view.tokens[-1].end
    around = view.tree.text[max(start - _CONTEXT_CHARS, 0) : end + _CONTEXT_CHARS]
    is_text = len(around) > _LONG_TEXT or any(name.text.lower() in view.heard for name in find_names(view))
    tells_of_self = _TELLS_OF_ONE if len(around) > _ARTICLE else _TELLS_OF_SELF
    return is_text and tells_of_self.search(around) is None


def is_of_no_person(view: ClauseView) -> bool:
    """Whether a clause told to an assistant stands in a text that tells of nobody near to its speaker."""
    if view.is_dialogue or view.has_date or view.lacks_subject or SAFETY_WORDS.search(view.text):
        return False
    start, end = view.tokens[0].start, view.tokens[-1].end
    around = view.tree.text[max(start - _CONTEXT_CHARS, 0) : end + _CONTEXT_CHARS]
    if _TELLS_OF_SELF.search(around) is not None:
        return False
    subject = view.tree.subject(view.clause.head)
    if subject is None or is_name(subject) or subject.tag.startswith("PRP"):
        return False
    if subject.tag == "NN" and subject.text[:1].isupper() and view.tree.child(subject, "det", "poss") is None:
        return False  # the parser takes some first names for nouns
    return all(token.text.lower() not in RELATION_NOUNS for token in view.tokens)


def _begins_with_order(view: ClauseView) -> bool:
    """Whether the clause begins by telling the other what to do, or by calling out ("Great catching up")."""
    first = view.tokens[0]
    if _labels_order(view):
        return True
    if view.lacks_subject or view.clause.subject is not None:
        return False
    follows = view.tokens[1] if len(view.tokens) > 1 else None
    subject = view.tree.subject(view.clause.head)
    if subject is first and first.lemma.lower() in EVALUATIONS and follows is not None:
        return follows.tag == "VBG"
    has_subject_before = subject is not None and subject.index < view.clause.head.index
    is_order = first.tag == "VB" and first.relation in ("ROOT", "ccomp", "advcl", "conj", "csubj", "dep")
    return is_order and not (first is view.clause.head and has_subject_before)


def _labels_order(view: ClauseView) -> bool:
    """Whether an order follows a label ("Step 1: boil the eggs")."""
    for mark, following in pairwise(view.tokens):
        if mark.text == ":":
            told = {token.text.lower() for token in view.tokens}
            return following.tag == "VB" and not told & FIRST_PERSON
    return False


def _is_fragment(view: ClauseView) -> bool:
    """Whether the clause is no statement: it has no verb with a subject."""
    head = view.clause.head
    if view.clause.subject is not None or _is_mistaken_verb(view):
        return False
    return view.tree.subject(head) is None or not (is_verb(head) or view.tree.auxiliaries(head))


def _is_mistaken_verb(view: ClauseView) -> bool:
    """Whether the tagger takes the only verb for a plural noun ("The key hangs in the shed")."""
    head = view.clause.head
    has_verb = any(is_verb(token) for token in view.tokens)
    return head.tag == "NNS" and not has_verb and view.tree.child(head, "compound") is not None
