"""The frame of a main clause as its own grammar shows it."""

import re

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.utterances import Clause, Utterance, is_verb_of, join_words
from app.memory.extraction.offline.frames.words import (
    ANSWER_VERBS,
    BOOKING_VERBS,
    ENDING_PHRASES,
    ENDING_VERBS,
    FINITE_TAGS,
    FIRST_PERSON,
    FUTURE_WORDS,
    LEFT_GROUPS,
    MONTHS,
    PERIODS,
    STOPPED_VERBS,
    WEEKDAYS,
    WISH_VERBS,
    WOULD_WISH_VERBS,
)
from app.memory.text.word_sets import word_set

_BEFORE_DATE = word_set("on in at next this until till of the from for")
_DUE_WORDS = word_set("about due scheduled set booked")
_DAY_PARTS = frozenset({"mornings", "evenings", "afternoons", "nights", "days"})
_YEARLY = frozenset({"birthday", "anniversary", "birthdays"})
_WOULD = frozenset({"would", "'d"})
_FUTURE = frozenset({"will", "'ll", "wo", "shall"})
_PAST_HABIT = re.compile(
    r"\b(?:used to|back then|as a (?:kid|child|teen\w*|boy|girl|student)|when (?:i|we) (?:was|were|lived"
    r"|had|worked)"
    r"|in those days|growing up|in (?:high school|school|college|my (?:teens|twenties|childhood))"
    r"|every (?:summer|winter"
    r"|day|night|year|week|weekend|morning|evening|sunday|saturday|time)|(?:he|she|they) would (?:always"
    r"|often))\b"
)
# Softeners: "I would say that …" says it.
_SOFT_WOULD = word_set("say recommend argue describe call suggest add guess agree think highly rather not")
_WISH_PHRASE = re.compile(
    r"^\W*(?:(?:oh|ah|and|but|god|man|well|please)\W+)*(?:if only\b|would that\b|how (?:i|we) (?:long"
    r"|wish|dream|yearn"
    r"|would love|'d love)|one day i(?:'d| would) |hopefully\b|god willing|fingers crossed|with (?:any"
    r"|a bit of|some) luck"
    r"|(?:oh,? )?to (?:be|have|own|live) .{1,40}again\b|oh,? to (?:be|have|own|live)\b|i wish\b"
    r"|wish(?:ing)? i\b|here's hoping)"
)
# Whatever follows is hoped for.
_FINGERS = re.compile(
    r"^\W{0,5}(?:[\w'’]{1,12}\W{1,3}){0,3}(?:fingers (?:are )?crossed|cross(?:ing)? (?:my|our) fingers)\b"
)
_DREAM = re.compile(
    r"\b(?:dream(?:t|ed|ing)?|nightmare)\b.{0,24}\b(?:that|where|in which|i was|i were|i had)\b"
    r"|\bin (?:my|the|a) (?:dream|nightmare|fantas\w+|daydream)\b"
)
_WISH_NOUN = re.compile(
    r"\b(?:my|our) (?:\w+ )?(?:dream|wish|hope|fantasy|ambition) (?:is|would be|'s|has always been"
    r"|was always)\b"
)
# "The 4th I should have said" says it now.
_SHOULD_HAVE_SAID = re.compile(r"\bi (?:should have|should've) (?:said|mentioned|written|added|told you)\b")
_COUNTERFACTUAL = frozenset({"would", "could", "should", "'d", "might"})
_MISTAKEN_BELIEF = word_set("think believe assume figure suppose imagine reckon")
_ENDED_PHRASE = re.compile(
    r"\b(?:no longer|not any ?more|any ?more\b|any longer|no more\b|not .{0,40}\bany ?more|over (?:it|him"
    r"|her|them)\b"
    r"|(?:is|are|was|were|am|'s|'m|'re) (?:over|finished|done with|through with|dead|gone|cancelled"
    r"|canceled|off(?! to\b))\b"
    r"|(?:done|finished|through) with (?:my|the|that|it|him|her|school|smoking|drinking)|got (?:rid of"
    r"|laid off|fired(?! up)"
    r"|divorced|over (?:it|him|her))|ex-(?:husband|wife|boyfriend|girlfriend|boss)|came to an end|(?:has"
    r"|have|'s|'ve)"
    r" (?:ended|expired)|in remission|cured of|used up)\b"
)


def is_wish(utterance: Utterance, clause: Clause) -> bool:
    """Whether a clause says what would be nice: not what is, and no instruction to the listener."""
    head = utterance.tokens[clause.head]
    text = _clause_text(utterance, clause)
    if _WISH_PHRASE.match(text) or _FINGERS.match(utterance.lower):
        return not _is_about_answers(utterance, clause)
    if head.lemma.lower() in ("keep", "stop", "start"):  # "I keep dreaming of …"
        inner = [i for i in utterance.children[head.index] if utterance.tokens[i].relation == "xcomp"]
        head = utterance.tokens[inner[0]] if inner else head
    if utterance.subject(clause.head) is None or not is_verb_of(head, WISH_VERBS | WOULD_WISH_VERBS):
        return _WISH_NOUN.search(text) is not None
    if any(a.text.lower() in _WOULD for a in utterance.auxiliaries(clause.head)):
        return not _is_about_answers(utterance, clause)
    if not is_verb_of(head, WISH_VERBS) or (
        head.tag not in FINITE_TAGS | {"VBG", "VBN"} and not utterance.auxiliaries(head.index)
    ):
        return False
    wished = ("ccomp", "xcomp", "prep")
    has_object = any(utterance.tokens[i].relation in wished for i in utterance.children[head.index])
    return has_object and not _is_about_answers(utterance, clause)


def is_unreal(utterance: Utterance, clause: Clause, before: Utterance | None) -> bool:
    """Whether a clause is about what is not: "I would be", "I could have been", a dream, a wrong belief."""
    text = _clause_text(utterance, clause)
    if _DREAM.search(text):
        return True
    modals = [a.text.lower() for a in utterance.auxiliaries(clause.head) if a.tag == "MD"]
    has_perfect = any(a.lemma.lower() == "have" and a.tag == "VB" for a in utterance.auxiliaries(clause.head))
    if has_perfect and set(modals) & _COUNTERFACTUAL:
        return not _SHOULD_HAVE_SAID.search(text)
    if set(modals) & _WOULD:
        lemma = utterance.tokens[clause.head].lemma.lower()
        soft = {utterance.words[i] for i in utterance.children[clause.head]} | {lemma}
        return not (
            soft & _SOFT_WOULD or _is_about_answers(utterance, clause) or _is_past_habit(utterance, before)
        )
    return _is_mistaken_belief(utterance, clause)


def is_ended(utterance: Utterance, clause: Clause) -> bool:
    """Whether a clause says that something is over."""
    text = _clause_text(utterance, clause)
    if _ENDED_PHRASE.search(text):
        return True
    for index in clause.indexes:
        token = utterance.tokens[index]
        lemma = token.lemma.lower()
        if lemma in ("use", "used") and token.tag == "VBD" and _has_infinitive(utterance, index):
            return True
        if (
            token.tag not in ("VBD", "VBN")
            or utterance.is_negated(index)
            or token.relation in ("amod", "acl")
        ):
            continue
        particles = {f"{lemma}_{utterance.words[i]}" for i in utterance.children[index]}
        if (lemma in ENDING_VERBS and f"{lemma}_up" not in particles) or particles & ENDING_PHRASES:
            return True
        if lemma in STOPPED_VERBS and any(
            utterance.tokens[i].tag == "VBG" for i in utterance.children[index]
        ):
            return True
        if lemma == "leave" and _leaves_group(utterance, index):
            return True
    return False


def is_planned(utterance: Utterance, clause: Clause) -> bool:
    """Whether a clause announces what is to come."""
    head = utterance.tokens[clause.head]
    auxiliaries = utterance.auxiliaries(clause.head)
    words = {utterance.words[i] for i in clause.indexes}
    if any(a.text.lower() in _FUTURE for a in auxiliaries):
        return True
    is_present = any(a.lemma.lower() == "be" and a.tag in ("VBP", "VBZ") for a in auxiliaries)
    lemma = head.lemma.lower()
    is_passive = any(a.tag == "VBG" for a in auxiliaries)  # "is getting married", "is being sold"
    if is_present and is_passive and _names_future(utterance, clause, words):
        return True
    if head.tag == "VBG" and is_present:
        is_going_to = lemma == "go" and _has_infinitive(utterance, head.index)
        return is_going_to or lemma in ("plan", "intend") or _names_future(utterance, clause, words)
    if lemma in BOOKING_VERBS:
        return True
    return head.tag in ("VBP", "VBZ") and _is_due(utterance, clause, words)


def _is_due(utterance: Utterance, clause: Clause, words: set[str]) -> bool:
    """Whether a clause in the present says what is to come: "I intend to", "is about to", "is on Friday"."""
    lemma = utterance.tokens[clause.head].lemma.lower()
    if lemma in ("intend", "aim"):
        return _has_infinitive(utterance, clause.head)
    if lemma == "be" and words & _DUE_WORDS:
        return _has_infinitive(utterance, clause.head, deep=True) or bool(words & {"scheduled", "booked"})
    return _names_future(utterance, clause, words) and not words & {"every", "always", "usually"}


def frame_of_grammar(utterance: Utterance, clause: Clause, before: Utterance | None = None) -> Frame:
    """The frame of a clause that nothing governs and that does not ask; `before` is the utterance before."""
    if is_wish(utterance, clause):
        return Frame.WISH
    if is_unreal(utterance, clause, before):
        return Frame.HYPOTHETICAL
    if is_ended(utterance, clause):
        return Frame.ENDED
    return Frame.PLANNED if is_planned(utterance, clause) else Frame.ASSERTED


def _clause_text(utterance: Utterance, clause: Clause) -> str:
    return join_words(utterance.words[i] for i in clause.indexes)


def _is_about_answers(utterance: Utterance, clause: Clause) -> bool:
    """Whether a wish is one for how the listener answers."""
    words = utterance.words
    for index in clause.indexes:
        token = utterance.tokens[index]
        if words[index] == "you" and token.relation in ("nsubj", "dobj"):
            verb = utterance.tokens[token.head]
            if verb.lemma.lower() in ANSWER_VERBS or token.relation == "dobj":
                return True
    return bool(
        {"called", "addressed", "answers", "replies", "responses", "answer", "explanations"}
        & {words[i] for i in clause.indexes}
    )


def _is_past_habit(utterance: Utterance, before: Utterance | None) -> bool:
    """Whether "would" tells what used to happen: beside a verb in the past, or with a time in the past."""
    if _PAST_HABIT.search(utterance.lower) or (before is not None and _PAST_HABIT.search(before.lower)):
        return True
    return any(utterance.tokens[clause.head].tag == "VBD" for clause in utterance.clauses)


def _has_infinitive(utterance: Utterance, head: int, deep: bool = False) -> bool:
    indexes = utterance.subtree(head) if deep else utterance.children[head]
    return any(
        utterance.tokens[i].tag == "VB" and any(utterance.words[j] == "to" for j in utterance.children[i])
        for i in indexes
        if i != head
    )


def _leaves_group(utterance: Utterance, index: int) -> bool:
    for child in utterance.children[index]:
        token = utterance.tokens[child]
        if token.relation == "dobj":
            return token.lemma.lower() in LEFT_GROUPS or token.tag in ("NNP", "NNPS")
    return False


def _names_future(utterance: Utterance, clause: Clause, words: set[str]) -> bool:
    """Whether a clause names a time to come: "tomorrow", "on Friday", "in May", "next week"."""
    if words & FUTURE_WORDS:
        return True
    if words & _YEARLY:
        return False
    for index in clause.indexes:
        token = utterance.tokens[index]
        if token.relation not in ("pobj", "npadvmod", "compound", "nmod", "nummod"):
            continue
        word = utterance.words[index]
        near = set(utterance.words[max(0, index - 3) : index])
        if utterance.words[index + 1 : index + 2] and utterance.words[index + 1] in _DAY_PARTS:
            continue
        is_date = word in WEEKDAYS or (word in MONTHS and (word != "may" or token.tag == "NNP"))
        if is_date and near & _BEFORE_DATE and not near & {"every", "last", "since"}:
            return True
        if word in PERIODS | WEEKDAYS and near & {"next", "this", "coming"}:
            return True
        if word in {"days", "weeks", "months", "hours", "week", "month", "hour"} and "in" in near:
            return True
    return False


def _is_mistaken_belief(utterance: Utterance, clause: Clause) -> bool:
    """ "I thought I was allergic": said of oneself in the past, it tells that it was wrong."""
    head = utterance.tokens[clause.head]
    subject = utterance.subject(clause.head)
    if head.lemma.lower() not in _MISTAKEN_BELIEF or head.tag != "VBD" or subject is None:
        return False
    if subject.text.lower() not in FIRST_PERSON:
        return False
    for child in utterance.children[clause.head]:
        token = utterance.tokens[child]
        if token.relation == "ccomp" and token.lemma.lower() in ("be", "have"):
            inner = utterance.own_subject(child)
            return inner is not None and inner.text.lower() in FIRST_PERSON
    return False
