"""The offline extractor's rules for what happened, is planned, goes on or is usual."""

import re
from dataclasses import dataclass

from app.core.vocabulary import Form, Kind
from app.memory.extraction.offline.third_person import is_past
from app.memory.text.dates import DateSpan
from app.memory.text.word_lists import (
    ADVERBS,
    BELONGINGS,
    COMING,
    HABITS,
    NOT_EVENTS,
    ONGOING,
    PARTICIPLES,
    RELATIVES,
    SAID_OF_OTHERS,
    STOP,
)

# Each word can be taken in one way only, and there are few: two ways make 2 ** n of n words.
_ADVERBS = (
    r"(?:(?:\w+ly|"
    + "|".join(sorted(word for word in ADVERBS - {"not", "never"} if not word.endswith("ly")))
    + r") ){0,8}"
)
_CLAUSE = re.compile(rf"(?:I|i|[Ww]e) {_ADVERBS}(?P<verb>[a-z-]+)(?P<rest>.*)$", re.DOTALL)
_PERFECT = re.compile(rf" {_ADVERBS}(?P<verb>[a-z]+)(?P<rest>.*)$", re.DOTALL)
_PLAN = re.compile(
    rf" {_ADVERBS}(?P<how>going to|planning(?: to| on|(?= a))|about to|hoping to|set to"
    rf"|scheduled to) (?P<rest>.+)$",
    re.DOTALL,
)
_NOUNS = "|".join(sorted(RELATIVES | BELONGINGS, key=len, reverse=True))
_MINE = re.compile(
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
_GOT = re.compile(
    r" (?:an?|my|the|two|three|back|home|married|engaged|divorced|into|accepted|promoted|fired|laid"
    r"|hired|diagnosed|\d+)\b"
)
_HAD = re.compile(
    r" (?:an?|my|our|two|three|\d+) (?!lot|bit|blast|great|good|hard|feeling|question|chance|look"
    r"|problem|issue|similar)"
)
_WAS = re.compile(
    r" (?:in|at|on) (?:the )?[A-Z]| (?:born|diagnosed|hired|fired|promoted|laid off|accepted"
    r"|hospitali[sz]ed|invited|raised|awarded)\b"
)
_ASKING = re.compile(
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
class Happening:
    """What a clause without a slot tells: an event, a plan, or a state of affairs."""

    kind: Kind
    form: Form
    plan: bool = False


_EVENT = Happening(Kind.EVENT, Form.EVENT)
_PAST_HABIT = Happening(Kind.FACT, Form.EVENT)
_STATE = Happening(Kind.FACT, Form.STATE)
_INTENT = Happening(Kind.EVENT, Form.EVENT, plan=True)


def happening(text: str, date: DateSpan | None, talk: bool) -> Happening | None:
    """What the expanded clause `text` (its dates taken out, the first being `date`) tells, or None.

    `talk`: it is from a talk between named people, where "I'm going to ..." is no request to a machine.
    """
    if _ASKING.search(text):
        return None
    mine = _MINE.match(text)
    if mine is not None:
        return _of_mine(mine["verb"], mine["rest"])
    match = _CLAUSE.match(text)
    return _of_speaker(match["verb"], match["rest"], date, talk) if match is not None else None


def _of_speaker(verb: str, rest: str, date: DateSpan | None, talk: bool) -> Happening | None:
    if verb in ("am", "are", "plan", "will"):
        return _of_present(verb, rest, date, talk)
    if verb == "have":
        return _of_perfect(rest)
    if verb == "used" and rest.startswith(" to "):
        told, rest = _PAST_HABIT, rest[4:]
    elif _happened(verb, rest, date):
        told = _EVENT
    else:
        told = _STATE if verb in HABITS else None
    return told if _substantial(rest) else None


def _happened(verb: str, rest: str, date: DateSpan | None) -> bool:
    if verb in ("was", "were"):
        return _WAS.match(rest) is not None
    if verb == "got":
        return _GOT.match(rest) is not None
    if verb == "had":
        return date is not None and _HAD.match(rest) is not None
    if verb in ("saw", "watched", "tried", "read"):
        return date is not None or re.search(r" [A-Z]", rest) is not None
    return is_past(verb) and verb not in NOT_EVENTS


def _of_mine(verb: str, rest: str) -> Happening | None:
    if not _substantial(rest) and not rest.startswith(" away"):
        return None
    if is_past(verb) and verb not in NOT_EVENTS - {"got", "loved"} and verb not in ("was", "were"):
        return _EVENT
    return _STATE if verb in SAID_OF_OTHERS else None


def _of_perfect(rest: str) -> Happening | None:
    match = _PERFECT.match(rest)
    if match is None:
        return None
    verb, rest = match["verb"], match["rest"]
    if verb == "been":
        if re.match(r" to (?:the )?[A-Z]", rest):
            return _EVENT
        going_on = re.match(rf" {_ADVERBS}(?P<verb>[a-z]+ing)\b(?P<rest>.*)$", rest, re.DOTALL)
        return _STATE if going_on and going_on["verb"] in ONGOING and _substantial(going_on["rest"]) else None
    done = verb in PARTICIPLES or (verb.endswith("ed") and verb not in NOT_EVENTS)
    return _EVENT if done and _substantial(rest) else None


def _of_present(verb: str, rest: str, date: DateSpan | None, talk: bool) -> Happening | None:
    """Plans ("am going to", "will", "plan to") and what goes on ("am learning")."""
    how = f" planning{rest}" if verb == "plan" else f" going to{rest}" if verb == "will" else rest
    planned = _PLAN.match(how)
    if planned is not None:
        certain = (
            date is not None
            or (talk and verb != "will" and _PLAN_VERBS.match(planned["rest"]))
            or (planned["how"].startswith("planning") and _PLAN_VERBS.match(planned["rest"]))
        )
        head, _, after = planned["rest"].partition(" ")
        return (
            _INTENT
            if certain and head not in ("try", "check", "be", "give") and _substantial(f" {after}")
            else None
        )
    doing = re.match(rf" {_ADVERBS}(?P<verb>[a-z]+ing)\b(?P<rest>.*)$", rest, re.DOTALL)
    if doing is None or verb in ("plan", "will") or not _substantial(doing["rest"]):
        return None
    if date is not None and doing["verb"] in COMING:
        return _INTENT
    return _STATE if doing["verb"] in ONGOING else None


def _substantial(rest: str) -> bool:
    """Whether what follows the verb says something on its own: a content word, and no bare "it" or "that"."""
    if _VAGUE_OBJECT.match(rest) or re.search(r"\b(?:here|there)\b", rest):
        return False
    words = [
        w
        for w in re.findall(r"[A-Za-z0-9][\w'-]*", rest)
        if w.lower() not in STOP and (len(w) > 2 or w.isdigit())
    ]
    return bool(words)
