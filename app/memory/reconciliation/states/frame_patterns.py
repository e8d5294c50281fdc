"""Compiles the frames in which English tells a state: a verb of some class with the kind of object that it
takes.

A frame is a row of words. `work!` stands for the forms of the present, `move!!` for those of the past as
well,
`a|b` for either word, `?` after a word for one that may be missing, `..` for at most four words, `~` for
adverbs, `<in>` for a
class of words, `H` for who is in the state where that is no subject, `OLD` for the value before, and `V` for
the value; without it the value is what follows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from app.memory.reconciliation.states.state_words import WORD_CLASSES

_Key = TypeVar("_Key")
_PAST = {
    "buy": "bought", "find": "found", "take": "took taken", "get": "got gotten", "go": "went gone",
    "make": "made", "become": "became become", "leave": "left", "choose": "chose chosen", "put": "put",
    "have": "had", "wed": "wed wedded", "begin": "began begun", "set": "set", "give": "gave given",
    "sign": "signed", "swap": "swapped", "transfer": "transferred", "quit": "quit", "pick": "picked",
    "port": "ported", "tie": "tied", "marry": "married", "remarry": "remarried", "enrol": "enrolled",
    "do": "did done", "turn": "turned", "come": "came come", "win": "won", "sell": "sold", "send": "sent",
    "keep": "kept",
}  # fmt: skip
_PRESENT = {
    "be": "is are am be been being", "have": "has have having got", "go": "go goes going",
    "do": "do does doing",
    "tie": "tie ties tying", "die": "die dies dying",
}  # fmt: skip
_DOUBLING = re.compile(r"(?:get|put|set|swap|transfer|quit|wed|enrol|begin|rent|run|bid|plan)$")
_GAP = r"(?:[\w'&+.-]+ ){0,4}?"
# Between a verb and what it asks for: adverbs, with whom, since when, from where.
_ADVERBS = (
    r"(?:(?:just|recently|back|over|out|down|up|finally|all|again|away|straight|permanently|together"
    r"|now|in|also"
    r"|still|officially|currently|full-time|part-time|work|working|here|there|on|abroad|house|home"
    r"|only|happily"
    r"|today|yesterday|\w+ly) ){0,3}?"
    r"(?:with (?:[\w'-]+ ){1,3}?)?(?:(?:last|this) \w+ )?(?:on \w+ )?(?:from (?:[\w'-]+ ){1,3}?)?"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A compiled frame with the words of which a sentence must have one for it to fit."""

    pattern: re.Pattern[str]
    triggers: frozenset[str]


_GROUPS = {"V": "value", "H": "holder", "OLD": "old"}


def compile_frame(words: str, *, has_value: bool = True) -> Frame:
    """The frame that a row of words stands for, to search in a clause in lower case with single spaces.

    The clause ends with a space. With `has_value` what follows the words is the value, unless `V` stands for
    it.
    """
    row = words.split()
    if has_value and "V" not in row:
        row.append("V")
    triggers = frozenset[str]()
    pattern = ""
    for place, word in enumerate(row):
        if word in _GROUPS:
            is_last = place == len(row) - 1
            pattern += rf"(?P<{_GROUPS[word]}>[^ ].*{'' if is_last else '?'}) "
        elif word in ("..", "~"):
            pattern += _GAP if word == ".." else _ADVERBS
        else:
            options = _options(word.removesuffix("?"))
            if not triggers and not word.endswith("?"):
                triggers = options
            choice = "|".join(sorted(map(re.escape, options), key=len, reverse=True))
            pattern += f"(?:(?:{choice}) ){'?' if word.endswith('?') else ''}"
    return Frame(re.compile(rf"(?<![^ ]){pattern}"), triggers)


def _options(word: str) -> frozenset[str]:
    if word.startswith("<"):
        return WORD_CLASSES[word.strip("<>")]
    found: set[str] = set()
    for option in word.split("|"):
        found |= _forms(option.rstrip("!"), with_past=option.endswith("!!")) if "!" in option else {option}
    return frozenset(found)


def _forms(verb: str, *, with_past: bool) -> set[str]:
    forms = set(_PRESENT[verb].split()) if verb in _PRESENT else {verb, _third(verb), _participle(verb)}
    if with_past:
        forms |= set(_PAST[verb].split()) if verb in _PAST else {_past(verb)}
    return forms


def _third(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb[:-1]}ing"
    is_doubled = _DOUBLING.match(verb) is not None and verb != "rent"
    return f"{verb}{verb[-1] if is_doubled else ''}ing"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}ed"


def index_frames(frames: Iterable[tuple[_Key, Frame]]) -> Mapping[str, tuple[tuple[_Key, Frame], ...]]:
    """{word: the (key, frame) pairs that can fit a clause with this word}."""
    index: dict[str, list[tuple[_Key, Frame]]] = {}
    for pair in frames:
        for word in pair[1].triggers:
            index.setdefault(word, []).append(pair)
    return {word: tuple(pairs) for word, pairs in index.items()}
