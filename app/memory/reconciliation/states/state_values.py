"""The value in a frame: its stems, the names among them, and whether it can be a value of the topic."""

import re
from dataclasses import dataclass

from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.states.state_words import FIELDS, MAKES, NO_HOMES, WORD_CLASSES
from app.memory.reconciliation.told import names_in
from app.memory.reconciliation.topic_values import can_be_place
from app.memory.text.word_lists import MONTHS_AND_DAYS, NOT_EMPLOYERS, WORKPLACES
from app.memory.text.word_sets import word_set

_END = re.compile(
    r" (?:and(?! others)|with|since|for|because|now|these days|nowadays|from|until|till|after|before|as of"
    r"|at the moment|again|instead|any ?more|any longer|every|where|that|who|whom|last|this|next|right now"
    r"|currently|as|together|today|yesterday|at last|permanently|though|too|either|not|rather than|for good"
    r"|on(?= (?:the )?\d| (?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"|in(?= (?:the )?(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december"
    r"|spring|summer|autumn|winter|\d|week|end|beginning|middle))"
    r"|(?:on|at|over|during|in)(?= the (?:weekend|week|morning|evening|afternoon|night|day|end|start|same"
    r"|following|first|last)\b)"
    r"|\d+ (?:years?|months?|weeks?) ago|at(?= the age| weekends))(?= |$)"
)
_PLACE_STARTS = re.compile(r".* (?:in|near|outside|at|on)(?= )")
_DETERMINER = re.compile(r"^(?:(?:a|an|the|his|her|their|my|our|its|this|that|some|called|named|now|also) )+")
_INNER_CAPITAL = re.compile(r"\b[a-z]+[A-Z]\w*")  # "iPad"
_NO_VALUES = word_set(
    "it that this there here them him her us me you one ones home work all everything something"
)
_GROUPS = word_set(
    "gym club choir band orchestra team league class course group church union society party army navy "
    "fitness "
    "forum chat call meeting committee board crew troupe pilates yoga council programme program"
)
_SCHOOLS = word_set(
    "school university college uni academy institute institut polytechnic seminary conservatoire "
    "conservatory "
    "kindergarten nursery lycée gymnasium faculty eth mit"
)


_WORKPLACE_STEMS = object_words(" ".join(WORKPLACES))


@dataclass(frozen=True, slots=True)
class Value:
    """The words of a value in lower case, their stems, and the stems that are names."""

    text: str
    stems: frozenset[str]
    names: frozenset[str]


def read_value(words: str, content: str, *, is_leading: bool = False) -> Value | None:
    """The value that words of a clause name, without what follows it; None for none."""
    text = words.strip()
    if is_leading:
        text = re.sub(r"^.* (?=\S+ (?:'s )?\S+ \S+$)", "", text) if len(text.split()) > 6 else text
    end = _END.search(f" {text} ")
    text = _DETERMINER.sub("", f"{text[: end.start()] if end is not None and end.start() else text} ").strip()
    if end is not None and not end.start():
        return None
    names = names_in(f"x {content}") | frozenset(
        found.casefold() for found in _INNER_CAPITAL.findall(content)
    )
    # Names of two letters ("Bo") have no stem.
    stems = object_words(text) | frozenset(word for word in text.split() if len(word) == 2 and word in names)
    if not stems or text in _NO_VALUES:
        return None
    named = frozenset(stem for name in names for stem in (object_words(name) or (name,)))
    return Value(text, stems, stems & named)


def narrow_value(topic: str, value: Value) -> Value:
    """The part of a value that tells it: of a home the place, of a workplace which one."""
    if topic == "employer" and not value.names:
        told = value.stems - _WORKPLACE_STEMS
        return Value(value.text, told or value.stems, value.names)
    return _place_of(value) if topic == "residence" else value


def _place_of(value: Value) -> Value:
    """What stands after the last "in" ("a flat in Bath")."""
    match = _PLACE_STARTS.match(f" {value.text}")
    if match is None:
        return value
    text = f" {value.text}"[match.end() :].strip()
    stems = object_words(text)
    return Value(text, stems, value.names & stems) if stems else value


def fits_topic(topic: str, value: Value, frame: str, raw: str) -> bool:
    """Whether a value can be one of the topic: a home is a place, an employer a name or a workplace."""
    words = frozenset(value.text.split())
    if words & MONTHS_AND_DAYS and not value.names - _DATE_STEMS:
        return False
    if topic == "residence":
        return _can_be_home(value, words, frame, raw)
    if topic == "field_of_study" and not _OF_STUDIES.search(frame):
        return bool(words & FIELDS)
    if topic == "field_of_study":
        return not raw.startswith(_NO_SUBJECTS)
    if topic in _PLAIN_TOPICS:
        return True
    return bool(value.names | (words & WORKPLACES if topic == "employer" else _NOTHING)) and _fits_name(
        topic, words, frame, raw
    )


def _fits_name(topic: str, words: frozenset[str], frame: str, raw: str) -> bool:
    """Whether a named value is of the topic's sort, by its words and by those of its frame."""
    if topic == "employer":
        return not words & _GROUPS and not (words & NOT_EMPLOYERS and "join" in frame)
    if topic == "school":
        return bool(words & _SCHOOLS) or _STUDYING.search(frame) is not None
    if topic in ("vehicle", "bicycle"):
        return (
            raw.split(maxsplit=1)[0] in WORD_CLASSES["a"] | MAKES.keys() and not words & _NOT_DRIVEN_ONESELF
        )
    return True


# What one does with one thing at a time, whether that has a name or not.
_PLAIN_TOPICS = frozenset(
    [
        "voice",
        "shift",
        "place in a row",
        "way to work",
        "sleeps in",
        "pays with",
        "heats with",
        "sits at",
        "teaches",
    ]
) | frozenset(["wears", "trains for"])
_NOTHING = frozenset[str]()
_DATE_STEMS = object_words(" ".join(MONTHS_AND_DAYS))
_OF_STUDIES = re.compile(r"stud|major|degree|phd|doctora|master|bachelor|field|subject|course")
_NO_SUBJECTS = ("at ", "in ", "for ", "with ", "on ", "hard ", "abroad ", "every ", "to ")
_STUDYING = re.compile(r"\b(?:stud|pupil|degree|phd|enrol|school|universit|college|uni\b)")
_NOT_DRIVEN_ONESELF = word_set("horse pony bus train lorry tram motorbike")
# "In Lille for a conference" tells no home; "for a few weeks" tells one for a time.
_FOR_A_PURPOSE = re.compile(
    r"(?:^| )for (?!good|years|ages|ever|\d+ years|many years|long|over|several years|life"
    r"|(?:a|the|some|this|two|three|four|six) "
    r"(?:few|while|couple|week|month|year|bit|summer|winter|time|moment|rest))"
)


def _can_be_home(value: Value, words: frozenset[str], frame: str, raw: str) -> bool:
    place = _place_of(value)
    own = frozenset(place.text.split())
    is_for_a_time = _FOR_A_PURPOSE.search(f"{raw} ") is not None and not frame.startswith("home ")
    no_homes = {word for word in words & NO_HOMES if not object_words(word) <= place.names}  # "Bath" is one
    if no_homes or not can_be_place(place.text) or is_for_a_time:
        return False
    if place.names:
        return True
    if words & WORD_CLASSES["dwelling"] or own & word_set(
        "village town city country countryside suburbs coast"
    ):
        return True
    if " for " in frame:
        return False
    return (
        len(own) <= 2
        and not any(word.endswith(("ly", "ing")) for word in own)
        and "the" not in frame.split()[-3:-1]
    )
