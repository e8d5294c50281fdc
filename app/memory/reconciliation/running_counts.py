"""Running counts: "three marathons so far", "my fifth marathon", "down to seven", "there are four left".

Of one person's count of one thing the newest holds.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.text_caches import text_cache
from app.memory.reconciliation.nomination import object_words
from app.memory.text.analysis import analyze_text
from app.memory.text.quantities import CARDINAL_WORDS, ORDINAL_WORDS
from app.memory.text.word_sets import word_set

_MAX_NOUN_WORDS = 3  # words after a number among which what it counts is looked for
_SMALL = "|".join(sorted(CARDINAL_WORDS, key=len, reverse=True))
_N = rf"(?P<n>\d[\d,]*(?![\d.:%])|(?:{_SMALL})(?:[ -](?:{_SMALL}))?)"
_ORDINALS = "|".join(sorted(ORDINAL_WORDS, key=len, reverse=True))
_WORD = r"(?<![\w'-])[a-z][\w'-]{1,30}(?![\w'-])"
_WORDS = rf"{_WORD}(?: {_WORD}){{0,{_MAX_NOUN_WORDS - 1}}}"
_NOUN = rf"(?: (?P<noun>{_WORDS}))"
_SO_FAR = (
    r"(?:so far|already|to date|by now|up to now|until now|in total|altogether|all told|now"
    r"|these days|nowadays)"
)
# What has a number without being counted: "my fifth floor flat".
_NOT_COUNTED = word_set(
    """
    floor grade form street avenue century edition time times day week month year years birthday anniversary
    of
    january february march april may june july august september october november december place class degree
    mg g kg kilo kilos km miles mile euros euro pounds pound dollars dollar percent per cent pm am o'clock
    hour
    hours minute minutes days weeks months gear half quarter people person thing things one ones chapter page
    """
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of something: `stems` of what is counted, none if the sentence leaves it out.

    `grows`: it is told as the last of a row, so that only a smaller one was before it.
    """

    number: int
    stems: frozenset[str]
    grows: bool = False


_WHOSE = r"(?:\b(?:my|our|his|her|their|an?)|'s)"
_MARKED = (
    (re.compile(rf"{_WHOSE} (?P<n>\d+(?:st|nd|rd|th)|{_ORDINALS}){_NOUN}"), True),
    (re.compile(rf"(?P<noun>{_WORD}) (?:number|no\.?|nr\.?|#) ?{_N}\b"), True),
    (re.compile(rf"\b{_N}{_NOUN}? ?\b(?:so far|already|to date|by now|up to now|until now)\b"), True),
    (re.compile(rf"\b(?:hit|reached|passed|crossed|topped)(?: the)? {_N}{_NOUN}"), True),
    (re.compile(rf"\b(?:makes|making|brings|bringing)(?: it| that| (?:the|my"
                rf"|our) total)?(?: to)? {_N}\b{_NOUN}?"), True),
    (re.compile(rf"\b(?:down|up|back|increased|grown|grew|shrunk|shrank|dropped|fell|rose"
                rf"|risen) to {_N}\b{_NOUN}?"), False),
    (re.compile(rf"\bonly {_N}\b{_NOUN}?"), False),
    (re.compile(rf"\b{_N}{_NOUN}? ?\b(?:left|remaining|remain|to go)\b"), False),
    (re.compile(rf"\b(?:there are|there is|is|are|has|have|have got|has got) now {_N}\b{_NOUN}?"), False),
    (re.compile(rf"\bnow (?:has|have|got|keeps?|owns?|counts?|there are) {_N}\b{_NOUN}?"), False),
    (re.compile(rf"\b{_N}{_NOUN}? ?\b{_SO_FAR}(?=$|[.,;!])"), False),
)  # fmt: skip
_PLAIN = re.compile(rf"\b{_N}(?= (?P<noun>{_WORDS}))")
_OF_NOUN = re.compile(r"\bof (?:the |my |our |his |her |their |[\w-]+'s )?")


def tells_count(content: str) -> bool:
    """Whether a sentence tells how many of something there are by now."""
    return any(count.stems for count in marked_counts(content))


def leaves_out_counted(content: str) -> bool:
    """Whether a sentence tells how many there are, and not of what ("there are four left")."""
    return any(not count.stems for count in marked_counts(content))


def changes_count(later: str, earlier: str) -> bool:
    """Whether the later sentence tells a newer number of what the earlier one counts."""
    newer = marked_counts(later)
    if not newer:
        return False
    held = plain_counts(earlier)
    shared = object_words(later) & object_words(earlier)
    for count in newer:
        for before in held:
            same = bool(count.stems & before.stems) if count.stems else bool(before.stems & shared)
            if same and before.number != count.number and not (count.grows and before.number > count.number):
                return True
    return False


@text_cache()
def marked_counts(content: str) -> tuple[Count, ...]:
    """The counts that a sentence tells as the newest ones."""
    return tuple(_find_marked(content.casefold()))


def _find_marked(text: str) -> Iterator[Count]:
    for pattern, grows in _MARKED:
        for match in pattern.finditer(text):
            number, stems = _value(match["n"]), _counted(match["noun"] or "")
            has_noun = bool((match["noun"] or "").strip())
            if _IS_OCCASION.search(text, 0, match.start()):
                continue
            if number is not None and (stems or not (has_noun and _is_measure(match["noun"]))):
                yield Count(number, stems, grows)


@text_cache()
def plain_counts(content: str) -> tuple[Count, ...]:
    """All numbers of things in a sentence, also those that are told as the newest."""
    found = [
        Count(number, stems)
        for match in _PLAIN.finditer(content.casefold())
        if (number := _value(match["n"])) is not None and (stems := _counted(match["noun"]))
    ]
    return (*found, *(count for count in marked_counts(content) if count.stems))


# "Since my first race", "remembers her second day": a time that is spoken of, and no count.
_IS_OCCASION = re.compile(r"\b(?:since|after|before|during|remembers?|remembered|until)(?: [\w'-]+)? ?$")


def _is_measure(noun: str) -> bool:
    return noun.split(maxsplit=1)[0] in _NOT_COUNTED


def _counted(noun: str) -> frozenset[str]:
    """The stems of the nouns after a number; none if it is a measure or a date."""
    words = _OF_NOUN.sub("", noun).split()
    if not words or words[0] in _NOT_COUNTED:
        return frozenset()
    stop = next((i for i, word in enumerate(words) if word in _ENDS_NOUN), len(words))
    return frozenset(analyze_text(" ".join(words[:stop])))


_ENDS_NOUN = word_set(
    "in on at with for from and or but that which who so now already left to is are was were this by as"
    " when while"
    " because since after before live lives sleep of the a an my our i we it"
)


def _value(text: str) -> int | None:
    digits = re.match(r"[\d,]+", text)
    if digits is not None:
        return int(digits[0].replace(",", "") or 0)
    if text in ORDINAL_WORDS:
        return ORDINAL_WORDS[text]
    parts = re.split(r"[ -]", text)
    if len(parts) == 2 and CARDINAL_WORDS[parts[0]] % 10 == 0 and CARDINAL_WORDS[parts[1]] < 10:
        return CARDINAL_WORDS[parts[0]] + CARDINAL_WORDS[parts[1]]
    return CARDINAL_WORDS.get(parts[0])
