"""Decides whether two statements say the same: by what they are about and by their words, never by cosine.

A word too many keeps two statements apart, which costs a line; a word too few would lose a fact. So the words
must be equal, in their order, but for those that never change what is said.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from app.core.text_caches import text_cache
from app.core.vocabulary import Form
from app.memory.identity.partnership import differ_in_stage
from app.memory.reconciliation.decisions import content_hash, normalise_text
from app.memory.text.dates.periods import DIGITS_BY_WORD
from app.memory.types import Fact, Memory, Slot

# Words without which a statement says the same.
_EMPTY_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "very",
        "really",
        "just",
        "also",
        "currently",
        "presently",
        "now",
        "so",
        "too",
        "quite",
    ]
)
_CONTRACTIONS = (
    (re.compile(r"\b(ca|wo|sha)n['’]t\b"), {"ca": "can not", "wo": "will not", "sha": "shall not"}),
    (re.compile(r"(\w)n['’]t\b"), None),
)
_CONTINUING = re.compile(r"\b(?:has|have) been (\w+ing)\b")
_EMPHASIS = re.compile(r"['’]s\b")


def same_words(left: str, right: str) -> bool:
    """Whether two sentences consist of the same words in the same order, but for words that say nothing."""
    key = words_key(left)
    return bool(key) and key == words_key(right)


@text_cache()
def words_key(text: str) -> tuple[str, ...]:
    """A key that is equal for sentences of the same words, but for words that say nothing.

    A phrase may stand at the front or at the end ("On Monday Ann swims", "Ann swims on Monday").
    """
    words = telling_words(text)
    return min((tuple(words[i:] + words[:i]) for i in range(len(words))), default=())


def telling_words(text: str) -> list[str]:
    """The words of a sentence in a form in which equal ones are equal, without those that say nothing."""
    folded = " ".join(text.casefold().split())
    for pattern, words in _CONTRACTIONS:
        folded = pattern.sub(
            lambda match, words=words: words[match[1]] if words is not None else f"{match[1]} not", folded
        )
    folded = _CONTINUING.sub(r"is \1", _EMPHASIS.sub(" 's", folded))
    words = [word.strip("'.:/-") for word in normalise_text(folded.replace("'", " ")).split()]
    return [DIGITS_BY_WORD.get(word, word) for word in words if word and word not in _EMPTY_WORDS]


def same_statement(fact: Fact, memory: Memory) -> bool:
    """Whether a fact says what a memory says: equal slots, or equal words about the same thing and time."""
    if fact.slot is not None and memory.slot is not None and fact.form is memory.form is Form.STATE:
        return _same_slot(fact, fact.slot, memory)
    if memory.kind != fact.kind or memory.form != fact.form or not same_occasion(fact, memory):
        return False
    if fact.slot is not None and memory.slot is not None:
        return _same_slot(fact, fact.slot, memory)
    if not _compatible_subjects(fact.subject, memory.subject):
        return False
    if content_hash(memory.content) == content_hash(fact.content):
        return True
    has_slot = fact.slot is not None or memory.slot is not None
    return not has_slot and memory.polarity == fact.polarity and same_words(memory.content, fact.content)


def _same_slot(fact: Fact, slot: Slot, memory: Memory) -> bool:
    if memory.slot is None or slot_key(slot) != slot_key(memory.slot) or memory.polarity != fact.polarity:
        return False
    return not differ_in_stage(slot.attribute, fact.content, memory.content)


def slot_key(slot: Slot) -> tuple[str, str, str]:
    """(subject, attribute, value) of a slot."""
    return slot.subject, slot.attribute, slot.value


def same_occasion(fact: Fact, memory: Memory) -> bool:
    """Whether the two may be of one time: a date that one of them leaves open keeps nothing apart."""
    if fact.event_from is None or memory.event_from is None:
        return True
    return _overlap(
        (fact.event_from, fact.event_to or fact.event_from),
        (memory.event_from, memory.event_to or memory.event_from),
    )


def _overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] == other[0] or (one[0] < other[1] and other[0] < one[1])


def _compatible_subjects(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.casefold() == other.casefold()


def find_same(fact: Fact, known: Sequence[Memory]) -> Memory | None:
    """The memory that says what the fact says; of several the one with the same words, then the oldest."""
    fact_hash = content_hash(fact.content)
    same = [memory for memory in known if same_statement(fact, memory)]
    return min(same, key=lambda m: (content_hash(m.content) != fact_hash, m.id), default=None)
