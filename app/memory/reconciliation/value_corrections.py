"""Whether a sentence puts right what another one says: date for date, name for name, number for number.

What is corrected was never true, so a correction must name what it corrects: the wrong value ("not Kahn"), or
all that the wrong statement is about but the value.
"""

import re
from difflib import SequenceMatcher

from app.core.text_caches import text_cache
from app.memory.reconciliation.cues.change_cues import (
    date_words_of,
    fold_sentence,
    numbers_of,
    says_corrected,
)
from app.memory.reconciliation.nomination import object_words, shared_stems
from app.memory.reconciliation.told import NO_OWN_NAMES, Told, named_things, names_in

_VALUE = r"(?:on |in |at |it was |it is |that it was )?(?P<old>[\w'.:/ -]{1,40}?)"
_WRONG = re.compile(
    rf"(?:\bnot|\binstead of|\brather than|\bconfused \w+ with) {_VALUE}"
    r"(?=$|[,;!?]|\.(?:\s|$)| but\b| and\b| which\b| of\b| by\b)"
)
# "Said Monday, but it is Tuesday": a correction by what follows.
_SAID_WRONG = re.compile(
    rf"\b(?:said|wrote|told \w+|typed|put) {_VALUE}(?=,? (?:but|it is|it's|it was|by mistake)\b)"
)
_WAS_WRONG = re.compile(
    r"(?:^|[,;.:] )(?P<old>[\w'.:/-]+(?: [\w'-]+){0,2}) (?:was|is|were) (?:a |an |my |just )*(?:typo"
    r"|wrong|mistake|error|slip)\b"
)
# What a correction says of itself, and not of what it puts right.
_OWN_WORDS = object_words(
    "meant mean correction typo mistyped misspoke wrong mistake mistaken mixed up transposed digits"
    " swapped flipped "
    "actually sorry oops told said wrote name date number should scratch slip tongue error right correct week"
)
_WHOSE_NAME = re.compile(r"\b(?P<whose>[\w-]+) ?'s (?:first |last |sur)?name\b")
_BEGINS_CORRECTION = "correction"
MAX_WORDS_OF_CORRECTION = 14
MIN_LIKENESS = 0.7  # of the letters of two names of which one is a slip of the other
MIN_NAME_CHARS = 3
MIN_SHARED = 0.5  # of the words of a correction that the corrected statement has to have


def corrects_value(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether the later statement corrects a value of the earlier one."""
    old = old_values(later.content) - ignored
    is_marked = says_corrected(later.content)
    if not old and not is_marked:
        return False
    held = _told_values(earlier) - ignored
    new = _told_values(later) - ignored - old
    if not held or not (new - held):
        return False
    if not old and is_spelt_like(later, earlier, ignored):
        return True
    shared = shared_stems(_subject_matter(later, ignored), object_words(earlier.content) - ignored)
    if old & held:
        return bool(shared) or is_marked
    if old or not is_marked or not _are_of_one_type(later, earlier):
        return False
    matter = _subject_matter(later, ignored)
    return bool(matter) and len(shared) / len(matter) >= MIN_SHARED


def is_spelt_like(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether a short correction has a name that is spelt nearly as one of the earlier ("Alun", "Alan").

    Only what begins as one: other words of a correction ("meant", "one way") stand in talk of anything.
    """
    folded = fold_sentence(later.content)
    if not folded.startswith(_BEGINS_CORRECTION) or len(folded.split()) > MAX_WORDS_OF_CORRECTION:
        return False
    whose = _WHOSE_NAME.search(folded)
    if whose is not None and not object_words(whose["whose"]) & object_words(earlier.content):
        return False
    named, held = (named_things(object_words(told.content), told) - ignored for told in (later, earlier))
    return any(
        SequenceMatcher(None, one, other).ratio() >= MIN_LIKENESS
        for one in named - held - NO_OWN_NAMES
        for other in held - named - NO_OWN_NAMES
        if min(len(one), len(other)) >= MIN_NAME_CHARS
    )


@text_cache()
def old_values(content: str) -> frozenset[str]:
    """The words of the value that a sentence says to be wrong ("Bruges, not Ghent")."""
    words: frozenset[str] = frozenset()
    text = fold_sentence(content)
    for found in (*_WRONG.finditer(text), *_SAID_WRONG.finditer(text), *_WAS_WRONG.finditer(text)):
        words |= object_words(found["old"]) | numbers_of(found["old"]) | date_words_of(found["old"])
        words |= _days_of(found["old"])
    return words


@text_cache()
def _days_of(text: str) -> frozenset[str]:
    """The days of a month that a text names, with the month or without it."""
    return frozenset(
        f"day {found['a'] or found['b'] or found['c']}" for found in _DAY.finditer(text.casefold())
    )


_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = re.compile(
    rf"\b(?P<a>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTHS}\b|\b{_MONTHS} (?P<b>\d{{1,2}})\b"
    r"|\b(?P<c>\d{1,2})(?:st|nd|rd|th)\b"
)


def _told_values(told: Told) -> frozenset[str]:
    """The words of a sentence that are names, numbers or dates."""
    names = named_things(object_words(told.content), told) | _first_name(told)
    return (
        (names - NO_OWN_NAMES)
        | numbers_of(told.content)
        | date_words_of(told.content)
        | _days_of(told.content)
    )


def _first_name(told: Told) -> frozenset[str]:
    return object_words(told.value) if told.value else frozenset()


def _are_of_one_type(later: Told, earlier: Told) -> bool:
    for read in (date_words_of, numbers_of, names_in):
        one, other = read(later.content), read(earlier.content)
        if one - other and other - one:
            return True
    return False


def _subject_matter(told: Told, ignored: frozenset[str]) -> frozenset[str]:
    return object_words(told.content) - ignored - _OWN_WORDS - _told_values(told) - old_values(told.content)
