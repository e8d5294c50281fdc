"""Decides whether a clause tells something that is worth knowing later.

A few traits of the clause, read off its grammar, are weighed. The weights of frequent traits were fitted
by `benchmarks/worth_weights.py`, those of traits that are rare in what was fitted (allergies, numbers,
habits) are chosen, and what names nothing counts less than in the fit. What says nothing is dropped before.
"""

import math
import re
from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from operator import attrgetter

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, is_name
from app.memory.extraction.offline.worth.clause_view import (
    EVALUATIONS,
    FIRST_PERSON,
    SAFETY_WORDS,
    ClauseView,
    content_words,
    find_names,
    is_number,
    measure_abstraction,
    tells_feeling,
    tells_of_nobody,
)
from app.memory.extraction.offline.worth.emptiness import is_comment, is_empty, leans_on_another
from app.memory.extraction.offline.worth.passing_talk import is_of_no_person, is_passing_talk
from app.memory.extraction.offline.worth.told_changes import tells_change
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_SECOND_PERSON = word_set("you your yours")
_MODALS = word_set("can could should might may must would 'd ca")
_THINKING = word_set(
    "remember recall think believe find figure see decide wait imagine say tell thank help get"
)
_ATTITUDES = word_set("think guess believe hope suppose know mean feel bet wish see hear")
_HABIT = re.compile(
    r"\b(?:every|each|always|never|usually|often|weekly|daily|monthly|regularly|twice|once a|weekdays"
    r"|weekends|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|in the (?:mornings|evenings)|most (?:days"
    r"|nights|mornings))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClauseTraits:
    """What is weighed of a clause; each number is between 0 and 1, mostly 0 or 1."""

    of_speaker: float
    of_belonging: float
    of_person: float
    of_pronoun: float
    of_listener: float
    names: float
    numbers: float
    dates: float
    relations: float
    habit: float
    safety: float
    past_event: float
    perfect: float
    progressive: float
    plan: float
    modal: float
    attitude: float
    evaluation: float
    content: float
    told_of_speaker: float
    of_listeners: float
    wish: float
    abstract: float
    general: float
    pointing: float
    feeling: float


# Fitted; the first is for every clause.
INTERCEPT = -2.6
WEIGHTS = ClauseTraits(
    of_speaker=0.5, of_belonging=0.9, of_person=0.8, of_pronoun=-0.1, of_listener=-1.0, names=0.8,
    numbers=0.8, dates=0.8, relations=0.6, habit=0.6, safety=2.5, past_event=0.3, perfect=0.4,
    progressive=0.6, plan=-0.5, modal=-0.7, attitude=-0.2, evaluation=-0.2, content=3.3,
    told_of_speaker=0.6, of_listeners=-0.9, wish=0.1, abstract=-0.3, general=-0.8, pointing=-0.3,
    feeling=-0.4,
)  # fmt: skip
THRESHOLD = 0.272
FLOOR = 0.05  # less than this is not worth a place beside a memory either
# Who talks to an assistant says less by the way: what is told of oneself is told for a reason.
THRESHOLD_ALONE = 0.14
_MANY_WORDS = 8  # content words; more count as so many


class Worth(IntEnum):
    """What a clause is worth: nothing, a comment on what was told before, little, or a memory of its own."""

    NOTHING = 0
    COMMENT = 1
    LITTLE = 2
    MEMORY = 3


def judge_clause(view: ClauseView) -> Worth:
    """What the clause is worth to somebody who reads it later."""
    if not view.tokens or leans_on_another(view):
        return Worth.NOTHING
    if tells_change(view):
        return Worth.MEMORY
    if is_empty(view) or is_of_no_person(view):
        return Worth.NOTHING
    if is_comment(view):
        return Worth.COMMENT
    return Worth.LITTLE if is_passing_talk(view) else _weigh(view)  # little may add to what it is beside


def _weigh(view: ClauseView) -> Worth:
    """What the traits of the clause make it worth."""
    worth = estimate_worth(measure_traits(view))
    if not view.is_dialogue:
        return Worth.MEMORY if worth >= THRESHOLD_ALONE else Worth.LITTLE
    if worth < FLOOR:
        return Worth.NOTHING
    return Worth.MEMORY if worth >= THRESHOLD else Worth.LITTLE


_WEIGHTS = astuple(WEIGHTS)
_read_traits = attrgetter(*(trait.name for trait in fields(ClauseTraits)))


def estimate_worth(traits: ClauseTraits) -> float:
    """The estimated chance that a reader would call the clause worth knowing."""
    total = INTERCEPT + sum(w * value for w, value in zip(_WEIGHTS, _read_traits(traits), strict=True))
    return 1 / (1 + math.exp(-total))


def measure_traits(view: ClauseView) -> ClauseTraits:
    """Read the traits of a clause off its grammar."""
    tree, head = view.tree, view.clause.head
    subject = tree.subject(head)
    word = subject.text.lower() if subject is not None else ""
    of_speaker = word in ("i", "we") or view.lacks_subject or _is_joined_speaker(tree, subject)
    owner = tree.child(subject, "poss") if subject is not None else None
    own = owner is not None and owner.text.lower() in ("my", "our")
    auxiliaries = [token.text.lower() for token in tree.auxiliaries(head)]
    text = view.text
    has_infinitive = any(token.tag == "TO" for token in view.tokens)
    return ClauseTraits(
        of_speaker=of_speaker,
        of_belonging=own,
        of_person=subject is not None and not own and _tells_of_person(subject),
        of_pronoun=word in ("it", "that", "this", "they", "these", "those", "there", "what"),
        of_listener=word == "you",
        names=min(len(find_names(view)), 2) / 2,
        numbers=any(is_number(token) for token in view.tokens),
        dates=view.has_date,
        relations=any(token.text.lower() in RELATION_NOUNS for token in view.tokens),
        habit=_HABIT.search(text) is not None,
        safety=SAFETY_WORDS.search(text) is not None,
        past_event=head.tag == "VBD" and head.lemma not in ("be", "think", "feel", "know"),
        perfect=any(a in ("have", "'ve", "has", "'s") for a in auxiliaries) and head.tag == "VBN",
        progressive=head.tag == "VBG",
        plan=not {"will", "'ll"}.isdisjoint(auxiliaries)
        or (head.lemma in ("go", "gon", "plan") and has_infinitive),
        # What one can't do is a trait; what one could or should do is a thought.
        modal=not _MODALS.isdisjoint(auxiliaries)
        and not (auxiliaries[0] == "ca" and of_speaker and head.lemma.lower() not in _THINKING),
        attitude=head.lemma in _ATTITUDES,
        evaluation=any(token.lemma.lower() in EVALUATIONS for token in view.tokens),
        content=min(len(content_words(view)), _MANY_WORDS) / _MANY_WORDS,
        told_of_speaker=any(token.text.lower() in FIRST_PERSON for token in view.tokens)
        or view.lacks_subject,
        of_listeners=any(token.text.lower() in _SECOND_PERSON for token in view.tokens),
        wish=head.lemma in ("want", "like", "love", "need") and has_infinitive,
        abstract=measure_abstraction(view),
        general=tells_of_nobody(view),
        pointing=any(_points(token) for token in view.tokens),
        feeling=tells_feeling(view),
    )


def _points(token: Token) -> bool:
    """Whether the word points at something that only those who talk see ("this one", "here")."""
    word = token.text.lower()
    return word == "here" or (word in ("this", "that", "these", "those") and token.tag == "DT")


def _tells_of_person(subject: Token) -> bool:
    return is_name(subject) or subject.text.lower() in RELATION_NOUNS | {"he", "she"}


def _is_joined_speaker(tree: SentenceTree, subject: Token | None) -> bool:
    """Whether the speaker is one of several subjects ("Anna and I")."""
    return subject is not None and any(child.text == "I" for child in tree.children[subject.index])
