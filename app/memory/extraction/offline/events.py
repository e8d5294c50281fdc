"""Classifies first-person clauses without a slot as events, plans, ongoing states or habits."""

import re
from dataclasses import dataclass

from app.core.vocabulary import Form, Kind
from app.memory.extraction.offline.third_person import is_past_tense
from app.memory.text.dates import DateSpan
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import (
    ADVERBS,
    BELONGINGS,
    HABITUAL_VERBS,
    NON_EVENT_VERBS,
    ONGOING_VERBS,
    PARTICIPLES,
    PLANNED_VERBS,
    RELATIVES,
    THIRD_PERSON_STATE_VERBS,
)

# Each word matches in one way only and the repetition is bounded: two ways would cost 2 ** n for n words.
_ADVERBS = (
    r"(?:(?:\w+ly|"
    + "|".join(sorted(word for word in ADVERBS - {"not", "never"} if not word.endswith("ly")))
    + r") ){0,8}"
)
_FIRST_PERSON_CLAUSE = re.compile(rf"(?:I|i|[Ww]e) {_ADVERBS}(?P<verb>[a-z-]+)(?P<rest>.*)$", re.DOTALL)
_PERFECT_CLAUSE = re.compile(rf" {_ADVERBS}(?P<verb>[a-z]+)(?P<rest>.*)$", re.DOTALL)
_PLAN_PHRASE = re.compile(
    rf" {_ADVERBS}(?P<how>going to|planning(?: to| on|(?= a))|about to|hoping to|set to"
    rf"|scheduled to) (?P<rest>.+)$",
    re.DOTALL,
)
_NOUNS = "|".join(sorted(RELATIVES | BELONGINGS, key=len, reverse=True))
_POSSESSIVE_CLAUSE = re.compile(
    rf"(?:[Mm]y|[Oo]ur) (?:[a-z-]+ ){{0,2}}?(?P<noun>{_NOUNS})"
    rf"(?: [A-Z]\w+| and (?:I|my \w+))? {_ADVERBS}(?P<verb>[a-z]+)(?P<rest>.*)$",
    re.DOTALL,
)
_VAGUE_OBJECT = re.compile(
    r"\s*(?:(?:\S+ ){0,3}(?:it|them|this|these|those|him|he|she)|(?:\S+ )?that"
    r"|(?:\S+ ){0,2}ones?(?! of)|her|some|so|what|how|why|everything|all of|to (?:the conclusion"
    r"|know|see)|the"
    r" (?:same|idea|impression|feeling|point)|into (?:it|this|that)|a (?:look|try|lot|bit|break"
    r"|great|good|blast|ball|hard|tough|rough)\b"
    r"(?! (?:at|around) [A-Z])|sure|up with|across (?:this|that|it|your)|on (?:it|this|that)"
    r"|out (?:that|how|what)|of|there|here"
    r"|for (?:it|this|that)|with (?:it|this|that)|like|mixed|a ton|something|somewhere|hard|great"
    r"|well|ok|okay|good|fine|as usual|more|on (?:something|some)|all (?:day|night)|rid of (?:it"
    r"|them))\b",
    re.IGNORECASE,
)
_GOT_EVENT = re.compile(
    r" (?:an?|my|the|two|three|back|home|married|engaged|divorced|into|accepted|promoted|fired|laid"
    r"|hired|diagnosed|\d+)\b"
)
_HAD_EVENT = re.compile(
    r" (?:an?|my|our|two|three|\d+) (?!lot|bit|blast|great|good|hard|feeling|question|chance|look"
    r"|problem|issue|similar)"
)
_WAS_EVENT = re.compile(
    r" (?:in|at|on) (?:the )?[A-Z]| (?:born|diagnosed|hired|fired|promoted|laid off|accepted"
    r"|hospitali[sz]ed|invited|raised|awarded)\b"
)
_ASSISTANT_REQUEST = re.compile(
    r"\b(?:help|advice|recommend\w*|suggest\w*|tips|ideas|information|the conversation|more about"
    r"|chat\w*)\b",
    re.IGNORECASE,
)
_PLAN_VERBS = re.compile(
    r"(?:not )?(?:visit|travel|fly|move|attend|marry|get married|start|adopt|go|join|host|meet|run"
    r"|perform|open|launch|buy|sell|retire"
    r"|quit|graduate|study|take|have|see|volunteer|apply|paint|build|write|teach|make|a |an "
    r"|visiting|going|moving|attending|hosting"
    r"|buying|starting|taking|adopting|running|traveling|travelling|getting|opening)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EventClass:
    """What a clause without a slot states: an event, a plan, or a state of affairs."""

    kind: Kind
    form: Form
    is_plan: bool = False


_PAST_EVENT = EventClass(Kind.EVENT, Form.EVENT)
_PAST_HABIT = EventClass(Kind.FACT, Form.EVENT)
_ONGOING_STATE = EventClass(Kind.FACT, Form.STATE)
_PLANNED_EVENT = EventClass(Kind.EVENT, Form.EVENT, is_plan=True)


def classify_event(text: str, date: DateSpan | None, is_dialogue: bool) -> EventClass | None:
    """The class of an expanded clause whose dates are removed from `text`; None if it states nothing.

    `date` is the first of its dates. `is_dialogue` says that the turn is from a dialogue between named
    people, in which "I'm going to ..." is no request to an assistant.
    """
    if _ASSISTANT_REQUEST.search(text):
        return None
    mine = _POSSESSIVE_CLAUSE.match(text)
    if mine is not None:
        return _classify_possessive_clause(mine["verb"], mine["rest"])
    match = _FIRST_PERSON_CLAUSE.match(text)
    return (
        _classify_speaker_clause(match["verb"], match["rest"], date, is_dialogue)
        if match is not None
        else None
    )


def _classify_speaker_clause(
    verb: str, rest: str, date: DateSpan | None, is_dialogue: bool
) -> EventClass | None:
    if verb in ("am", "are", "plan", "will"):
        return _classify_present_clause(verb, rest, date, is_dialogue)
    if verb == "have":
        return _classify_perfect_clause(rest)
    if verb == "used" and rest.startswith(" to "):
        event_class, rest = _PAST_HABIT, rest[4:]
    elif _is_past_event(verb, rest, date):
        event_class = _PAST_EVENT
    else:
        event_class = _ONGOING_STATE if verb in HABITUAL_VERBS else None
    return event_class if _has_content_word(rest) else None


def _is_past_event(verb: str, rest: str, date: DateSpan | None) -> bool:
    if verb in ("was", "were"):
        return _WAS_EVENT.match(rest) is not None
    if verb == "got":
        return _GOT_EVENT.match(rest) is not None
    if verb == "had":
        return date is not None and _HAD_EVENT.match(rest) is not None
    if verb in ("saw", "watched", "tried", "read"):
        return date is not None or re.search(r" [A-Z]", rest) is not None
    return is_past_tense(verb) and verb not in NON_EVENT_VERBS


def _classify_possessive_clause(verb: str, rest: str) -> EventClass | None:
    if not _has_content_word(rest) and not rest.startswith(" away"):
        return None
    if is_past_tense(verb) and verb not in NON_EVENT_VERBS - {"got", "loved"} and verb not in ("was", "were"):
        return _PAST_EVENT
    return _ONGOING_STATE if verb in THIRD_PERSON_STATE_VERBS else None


def _classify_perfect_clause(rest: str) -> EventClass | None:
    match = _PERFECT_CLAUSE.match(rest)
    if match is None:
        return None
    verb, rest = match["verb"], match["rest"]
    if verb == "been":
        if re.match(r" to (?:the )?[A-Z]", rest):
            return _PAST_EVENT
        ongoing = re.match(rf" {_ADVERBS}(?P<verb>[a-z]+ing)\b(?P<rest>.*)$", rest, re.DOTALL)
        return (
            _ONGOING_STATE
            if ongoing and ongoing["verb"] in ONGOING_VERBS and _has_content_word(ongoing["rest"])
            else None
        )
    is_event = verb in PARTICIPLES or (verb.endswith("ed") and verb not in NON_EVENT_VERBS)
    return _PAST_EVENT if is_event and _has_content_word(rest) else None


def _classify_present_clause(
    verb: str, rest: str, date: DateSpan | None, is_dialogue: bool
) -> EventClass | None:
    """Classify plans ("am going to", "will", "plan to") and ongoing states ("am learning")."""
    phrase = f" planning{rest}" if verb == "plan" else f" going to{rest}" if verb == "will" else rest
    planned = _PLAN_PHRASE.match(phrase)
    if planned is not None:
        is_certain = (
            date is not None
            or (is_dialogue and verb != "will" and _PLAN_VERBS.match(planned["rest"]))
            or (planned["how"].startswith("planning") and _PLAN_VERBS.match(planned["rest"]))
        )
        head, _, after = planned["rest"].partition(" ")
        return (
            _PLANNED_EVENT
            if is_certain and head not in ("try", "check", "be", "give") and _has_content_word(f" {after}")
            else None
        )
    ongoing = re.match(rf" {_ADVERBS}(?P<verb>[a-z]+ing)\b(?P<rest>.*)$", rest, re.DOTALL)
    if ongoing is None or verb in ("plan", "will") or not _has_content_word(ongoing["rest"]):
        return None
    if date is not None and ongoing["verb"] in PLANNED_VERBS:
        return _PLANNED_EVENT
    return _ONGOING_STATE if ongoing["verb"] in ONGOING_VERBS else None


def _has_content_word(rest: str) -> bool:
    """Whether the words after the verb have a content word and do not begin with a bare "it" or "that"."""
    if _VAGUE_OBJECT.match(rest) or re.search(r"\b(?:here|there)\b", rest):
        return False
    words = [
        w
        for w in re.findall(r"[A-Za-z0-9][\w'-]*", rest)
        if w.lower() not in KEYWORD_STOP_WORDS and (len(w) > 2 or w.isdigit())
    ]
    return bool(words)
