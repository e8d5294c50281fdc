"""Whether a clause tells that something has ended, begun anew or been counted: worth knowing however short.

"Sold the moped!" says little by itself, and everything about the moped that was told before.
"""

import re

from app.memory.extraction.offline.grammar.sentence_tree import is_verb
from app.memory.extraction.offline.worth.clause_view import FIRST_PERSON, ClauseView, content_words
from app.memory.reconciliation.cues.change_cues import Cue, fold_sentence, read_cues
from app.memory.reconciliation.running_counts import tells_count
from app.memory.text.word_sets import word_set

_LISTENER = word_set("you your yours u ya")
_VAGUE = word_set(
    "it that this they them these those he she him her one everything all what who something there"
)
_RESUMES = re.compile(r"\bagain\b|\bback (?:to|on|in|at|from|with|onto|into|home)\b|\bhome again\b")
_RENEWS = re.compile(
    r"\b(?:my|our) (?:new|current|next) [\w'-]+(?: [\w'-]+){0,2} (?:is|are|'s)\b"
    r"|\bit(?:'s| is) (?:only |just )?[\w' -]{2,40}(?:now|nowadays|these days)\b|\b(?:now|nowadays"
    r"|these days) it(?:'s| is)\b"
    r"|\binstead\b|\b(?:these days|nowadays|lately)\b"
)
# Chores and the work of the moment are finished all day long.
_PASSING = word_set(
    """
    dish dishes laundry shower lunch dinner breakfast meal coffee tea snack errand errands homework chore
    chores
    shift meeting call email emails message messages question questions today day thing things stuff
    """
)


def tells_change(view: ClauseView) -> bool:
    """Whether a clause tells of a change by its words, of a thing that it names."""
    words = {token.text.lower() for token in view.tokens}
    if not words.isdisjoint(_LISTENER) or view.tokens[0].text.lower() in ("let", "lets"):
        return False
    subject = view.tree.subject(view.clause.head)
    if subject is not None and subject.text.lower() in _VAGUE and words.isdisjoint(FIRST_PERSON):
        return False
    spoken = _spell_out(view)
    text = fold_sentence(spoken)
    if any(_ends_something(view, cue) for cue in read_cues(spoken)):
        return True
    if view.is_dialogue:
        return False
    resumes = _RESUMES.search(text) is not None and _goes_on(view)
    is_new = resumes or _RENEWS.search(text) is not None
    return (is_new and bool(content_words(view))) or tells_count(spoken)


def _goes_on(view: ClauseView) -> bool:
    """Whether the clause tells how things are, of more than "it"."""
    thing = view.tree.child(view.clause.head, "dobj")
    is_named = thing is None or thing.text.lower() not in _VAGUE
    return view.clause.head.tag not in ("VBD", "VBN", "VB") and is_named


def _spell_out(view: ClauseView) -> str:
    """The clause with its contracted verbs in full: a possessive "'s" is none."""
    parts: list[str] = []
    for token in view.tokens:
        word = token.text.replace("’", "'")
        full = _FULL_FORMS.get(word.lower()) if token.tag != "POS" else None
        gap = " " if full is not None else view.tree.gap_before(token)
        parts.append(gap + (full or word))
    return "".join(parts).strip()


_FULL_FORMS = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "n't": "not", "'s": "is"}


def _ends_something(view: ClauseView, cue: Cue) -> bool:
    named = (cue.heads | cue.habits | (cue.general if cue.sense.is_plan else frozenset())) - view.speaking
    named -= _PASSING
    is_sure = not cue.sense.needs_living
    if cue.sense.is_work and not is_verb(view.clause.head):
        return False  # "Kitchen done": said in passing, beside what came of it
    return is_sure and bool(
        named or (cue.sense.topics and not cue.sense.needs_object and not cue.sense.is_death)
    )
