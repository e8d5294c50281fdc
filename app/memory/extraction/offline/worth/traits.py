"""What is weighed of a clause: whom it tells of, what it names, its tense and mood, how much it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, is_name
from app.memory.extraction.offline.worth.clause_view import (
    FIRST_PERSON,
    SAFETY_WORDS,
    ClauseView,
    content_words,
    find_names,
    is_abstract,
    is_number,
    tells_feeling,
)
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_MANY_WORDS, _MANY_PLACES = 6, 2  # more count as so many
_MODALS = word_set("can could should might may must would 'd ca")
_THINKING = word_set(
    "remember recall think believe find figure see decide wait imagine say tell thank help get"
)
_ATTITUDES = word_set("think guess believe hope suppose know mean feel bet wish see hear")
_OPINIONS = _ATTITUDES | word_set("imagine realize realise understand remind show agree find")
# What goes on in the head of who says it: it is over when the talk is.
_OF_MIND = _OPINIONS | word_set(
    """
    consider wonder interested interest curious sure unsure ready open willing torn drawn keen hesitant eager
    appreciate look plan lean hop excited worried nervous hopeful motivated confused stuck happy glad grateful
    proud cross aim decide debate try struggle doubt expect figure remember forget bored tired sleepy hungry
    thirsty exhausted busy need late fine okay well done cold hot lost wake sleep back here home
    """
)
# What assistant and user are at.
_AT_HAND = word_set(
    """
    error message code file option version output answer response script function link question bug document
    prompt result example title text page font paragraph list table section chapter idea suggestion tip advice
    recommendation comparison approach concept point detail information explanation summary feature method
    template format step recipe resource design style topic essay draft guide instruction
    shower way
    """
)
_WISHES = word_set("want like love need hope prefer wish")
# A present tense of theirs says what one thinks, wants or does now, not how one lives.
_PASSING_STATES = (
    _ATTITUDES
    | _WISHES
    | word_set(
        """
        be agree see get try remember appreciate understand wonder look go start use give take put ask say let
        """
    )
)
_PERFECT = word_set("have 've has 's")
_SECOND_PERSON = word_set("you your yours")
_POINTERS = word_set("it that this them those these one they there")
_POINTING_SUBJECTS = word_set("it that this they these those there what everything all one")
_DEGREES = word_set("bit really so pretty very too super quite kinda totally such little definitely")
_ASIDES = word_set("way btw speaking")
_HABIT = re.compile(
    r"\b(?:every|each|always|never|usually|often|weekly|daily|monthly|regularly|twice|once a|weekdays"
    r"|weekends|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|in the (?:mornings|evenings)|most (?:days"
    r"|nights|mornings))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClauseTraits:
    """Each is between 0 and 1, mostly 0 or 1; those of `alone` count in a talk with an assistant only."""

    of_speaker: float
    of_belonging: float
    of_person: float
    of_listener: float
    tells_listener: float
    of_doing: float
    names: float
    numbers: float
    dates: float
    relations: float
    relatives: float
    habit: float
    safety: float
    past_event: float
    perfect: float
    plan: float
    modal: float
    wanting: float
    wish: float
    attitude: float
    opinion: float
    adjective: float
    noun: float
    own_adjective: float
    own_state: float
    feeling: float
    of_mind: float
    at_hand: float
    content: float
    thin: float
    abstract: float
    pointers: float
    pointing: float
    told_of_speaker: float
    own_content: float
    places: float
    degree: float
    aside: float
    alone: float
    alone_speaker: float
    alone_progressive: float
    alone_plan: float
    alone_of_mind: float
    alone_unasked: float
    alone_pointer: float
    alone_heard: float
    alone_heard_names: float


class _Reading:
    """What several traits of a clause are read from."""

    def __init__(self, view: ClauseView) -> None:
        self.view = view
        self.tree = tree = view.tree
        self.head = head = view.clause.head
        self.tokens = tokens = view.tokens
        self.subject = subject = tree.subject(head)
        self.named = named = subject.text.lower() if subject is not None else ""
        self.is_speaker = is_speaker = named == "i" or view.lacks_subject or _is_joined_speaker(tree, subject)
        owner = tree.child(subject, "poss") if subject is not None else None
        self.is_own = owner is not None and owner.text.lower() in ("my", "our")
        self.auxiliaries = auxiliaries = {token.text.lower() for token in tree.auxiliaries(head)}
        self.words = words = [token.text.lower() for token in tokens]
        self.spoken = spoken = set(words)
        self.lemma = lemma = head.lemma.lower()
        self.has_infinitive = any(token.tag == "TO" for token in tokens)
        self.has_adjective = tree.child(head, "acomp") is not None
        self.is_of_mind = _is_of_mind(tree, head) or "sure" in spoken
        self.content = content = content_words(view)
        self.is_at_hand = any(token.lemma.lower() in _AT_HAND for token in tokens)
        self.concrete = concrete = [word for word in content if not is_abstract(word)]
        self.is_told_of_speaker = view.lacks_subject or not spoken.isdisjoint(FIRST_PERSON)
        self.relatives = [token for token, word in zip(tokens, words, strict=True) if word in RELATION_NOUNS]
        # What one can't do is a trait; what one could or should do is a thought.
        is_able = "ca" in auxiliaries and is_speaker and lemma not in _THINKING
        self.is_modal = not (is_able or "rather" in spoken or auxiliaries.isdisjoint(_MODALS))
        self.is_bite = len(concrete) <= 1 and head.tag == "VBD" and lemma in ("have", "get")  # "I had coffee"
        self.will = not auxiliaries.isdisjoint(("will", "'ll"))
        self.is_alone = not view.is_dialogue
        self.names = find_names(view)


def measure_traits(view: ClauseView) -> ClauseTraits:
    """Read the traits of a clause off its grammar."""
    clause = _Reading(view)
    return ClauseTraits(
        **_whom_and_what(clause), **_how_it_is_said(clause), **_how_much(clause), **_told_alone(clause)
    )


def _whom_and_what(clause: _Reading) -> dict[str, float]:
    """Whom the clause tells of, and what it names."""
    return {
        "of_speaker": clause.is_speaker,
        "of_belonging": clause.is_own,
        "of_person": clause.subject is not None and not clause.is_own and _is_person(clause.subject),
        "of_listener": clause.named == "you",
        "tells_listener": not clause.spoken.isdisjoint(_SECOND_PERSON),
        "of_doing": clause.tokens[0].tag == "VBG" and not clause.is_told_of_speaker,
        "names": min(len(clause.names), 2) / 2,
        "numbers": any(is_number(token) for token in clause.tokens),
        "dates": clause.view.has_date,
        "relations": bool(clause.relatives),
        "relatives": any(
            clause.tree.child(token, "poss", "nummod") is not None for token in clause.relatives
        ),
        "habit": _HABIT.search(clause.view.text) is not None,
        "safety": SAFETY_WORDS.search(clause.view.text) is not None,
    }


def _how_it_is_said(clause: _Reading) -> dict[str, float]:
    """Its tense and mood."""
    return {
        "past_event": clause.head.tag == "VBD" and clause.lemma not in ("be", "think", "feel", "know"),
        "perfect": clause.head.tag == "VBN" and not clause.auxiliaries.isdisjoint(_PERFECT),
        "plan": clause.will or (clause.lemma in ("go", "gon", "plan") and clause.has_infinitive),
        "modal": clause.is_modal,
        "wanting": clause.lemma in ("want", "need"),
        "wish": clause.lemma in _WISHES and clause.tree.child(clause.head, "xcomp", "ccomp") is not None,
        "attitude": clause.lemma in _ATTITUDES,
        "opinion": clause.lemma in _OPINIONS
        and clause.is_speaker
        and _is_of_another(clause.tree, clause.tree.child(clause.head, "ccomp")),
        "adjective": clause.has_adjective,
        "noun": clause.tree.child(clause.head, "attr") is not None,
        "own_adjective": clause.has_adjective and clause.is_speaker,
        "own_state": (clause.is_speaker or clause.named == "we")
        and clause.head.tag in ("VBP", "VB")
        and "clause.will" not in clause.auxiliaries
        and clause.lemma not in _PASSING_STATES
        and clause.tree.child(clause.head, "xcomp", "ccomp") is None,
    }


def _how_much(clause: _Reading) -> dict[str, float]:
    """How much it says, and how much only points."""
    return {
        "feeling": tells_feeling(clause.view),
        "of_mind": clause.is_of_mind,
        "at_hand": clause.is_at_hand,
        "content": min(len(clause.concrete), _MANY_WORDS) / _MANY_WORDS,
        "thin": len(clause.concrete) <= 1,
        "abstract": 1 - len(clause.concrete) / len(clause.content) if clause.content else 1.0,
        "pointers": min(_count_pointers(clause.tokens, clause.words), 2) / 2,
        "pointing": any(_points_at_scene(token) for token in clause.tokens),
        "told_of_speaker": clause.is_told_of_speaker,
        "own_content": clause.is_told_of_speaker and bool(clause.concrete),
        "places": min(_count_places(clause.tree, clause.tokens, clause.concrete), _MANY_PLACES)
        / _MANY_PLACES,
        "degree": not clause.spoken.isdisjoint(_DEGREES),
        "aside": any(token.text.lower() in _ASIDES for token in clause.tree.tokens[: clause.view.first]),
    }


def _told_alone(clause: _Reading) -> dict[str, float]:
    """What counts in a talk with an assistant only."""
    return {
        "alone": clause.is_alone,
        "alone_speaker": clause.is_alone and clause.is_speaker,
        "alone_progressive": clause.is_alone and clause.head.tag == "VBG",
        "alone_plan": clause.is_alone and clause.will,
        "alone_of_mind": clause.is_alone and clause.is_of_mind,
        "alone_unasked": clause.is_alone
        and bool(clause.concrete)
        and not (clause.view.heard or clause.is_at_hand or clause.is_bite or "?" in clause.tree.text)
        and not (clause.is_modal or clause.will or (clause.has_adjective and not clause.is_told_of_speaker))
        and (
            not clause.is_of_mind or bool(clause.names) or ("my" in clause.spoken and clause.lemma != "need")
        ),
        "alone_pointer": clause.is_alone and clause.named in _POINTING_SUBJECTS,
        "alone_heard": _share_among(clause.concrete, clause.view.heard) if clause.is_alone else 0.0,
        "alone_heard_names": _share_among([name.text.lower() for name in clause.names], clause.view.heard)
        if clause.is_alone
        else 0.0,
    }


def _is_of_mind(tree: SentenceTree, verb: Token) -> bool:
    """Whether a verb, its adjective or what is wanted is of the mind ("I'm curious", "I want to know")."""
    said = (verb, tree.child(verb, "acomp"), tree.child(verb, "xcomp"))
    if verb.text.lower() in _OF_MIND or any(t is not None and t.lemma.lower() in _OF_MIND for t in said):
        return True
    state = tree.child(verb, "advmod") if verb.lemma == "be" else None
    return state is not None and state.lemma.lower() in _OF_MIND


def _is_of_another(tree: SentenceTree, told: Token | None) -> bool:
    """Whether what is thought tells neither of who thinks it nor of somebody who is named."""
    subject = tree.subject(told) if told is not None else None
    if subject is None or subject.text.lower() in ("i", "we") or is_name(subject):
        return False
    owner = tree.child(subject, "poss")
    return owner is None or owner.text.lower() not in FIRST_PERSON


def _share_among(words: Sequence[str], of: frozenset[str]) -> float:
    return sum(word in of for word in words) / len(words) if words else 0.0


def _count_pointers(tokens: Sequence[Token], words: Sequence[str]) -> int:
    """How many words stand for something that was told before."""
    return sum(
        word in _POINTERS and token.relation not in ("det", "expl", "mark")
        for token, word in zip(tokens, words, strict=True)
    )


def _count_places(tree: SentenceTree, tokens: Sequence[Token], concrete: Sequence[str]) -> int:
    """How many prepositions have a thing or a place that is named ("on the balcony")."""
    things = [tree.child(token, "pobj") for token in tokens if token.relation == "prep"]
    return sum(thing is not None and thing.lemma.lower() in concrete for thing in things)


def _points_at_scene(token: Token) -> bool:
    """Whether the word points at something that only those who talk see ("this one", "here")."""
    word = token.text.lower()
    return word == "here" or (token.tag == "DT" and word in ("this", "that", "these", "those"))


def _is_person(subject: Token) -> bool:
    word = subject.text.lower()
    return is_name(subject) or word in RELATION_NOUNS or word in ("he", "she")


def _is_joined_speaker(tree: SentenceTree, subject: Token | None) -> bool:
    """Whether the speaker is one of several subjects ("Anna and I")."""
    return subject is not None and any(child.text == "I" for child in tree.children[subject.index])
