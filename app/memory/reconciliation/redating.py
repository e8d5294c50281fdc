"""Decides whether a later statement gives another time for what an earlier one announced.

"My exam is on the 12th" and later "My exam is on the 19th" have no word of change, and one exam has one day.
"""

import re

from app.core.vocabulary import ChangeKind, Form
from app.memory.reconciliation.cues.change_cues import fold_sentence, numbers_of
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.told import NO_OWN_NAMES, Finding, Found, Told, name_others

# A thing that there is one of ("the gig", "Ann's flight to Porto"), and when it is.
_ANNOUNCED = re.compile(
    r"(?:the|[\w-]+(?: and others)? ?'s?) (?P<thing>[\w' -]{2,60}?) (?:is|will be|starts?|begins?|leaves?"
    r"|departs?|arrives?|lands?|takes? place|ends?|opens?|kicks? off|happens?)"
    r" (?:now |actually |really |only |due |set |scheduled )?(?:on|at|in|from|for)\b"
)
_ENDS = re.compile(r"\b(?:end|finish|close|arrive|land|over)(?:e?s|ed|ing)?\b")
_OWNER = re.compile(r"([\w-]+) ?'s\b")
_OF_ANNOUNCING = object_words(
    "start begin leave depart arrive land take place end open kick happen set schedule now actually only due"
)


def find_other_time(later: Told, earlier: Told, ignored: frozenset[str]) -> Found | None:
    """Another time of one thing, which is still ahead for both statements; in doubt, as there may be two.

    `ignored` are words of the speakers' names. Once the day has passed, another day is another occasion.
    """
    if not (_lies_ahead_of(earlier, later) and _lies_ahead_of(later, later)):
        return None
    if _ANNOUNCED.match(fold_sentence(later.content)) is None or name_others(later, earlier, ignored):
        return None
    things, announced = (_things_of(told, ignored) for told in (later, earlier))
    if not things or not things <= announced or not _differ_in_time(later, earlier):
        return None
    if not _may_be_one_thing(fold_sentence(later.content), fold_sentence(earlier.content)):
        return None
    return Found(Finding.DOUBTFUL, ChangeKind.RESCHEDULE, "another time of the same")


def _lies_ahead_of(told: Told, later: Told) -> bool:
    """Whether what a statement tells of was still to come when the later one was said."""
    if told.form is not Form.EVENT or told.happens_at is None or later.said_at is None:
        return False
    return told.happens_at > later.said_at


def _may_be_one_thing(later: str, earlier: str) -> bool:
    """Whether no other owner is told ("Ann's sister's wedding"), and both tell of a beginning or an end."""
    owners, before = (frozenset(_OWNER.findall(sentence)) for sentence in (later, earlier))
    are_both_ends = (_ENDS.search(later) is None) == (_ENDS.search(earlier) is None)
    return are_both_ends and (owners == before or not owners or not before)


def _differ_in_time(later: Told, earlier: Told) -> bool:
    if later.said_at == earlier.said_at:
        return False  # two dates of one announcement
    hours, before = numbers_of(later.content), numbers_of(earlier.content)
    return later.happens_at != earlier.happens_at or bool(hours and before and not hours & before)


def _things_of(told: Told, ignored: frozenset[str]) -> frozenset[str]:
    words = object_words(told.content) - ignored - NO_OWN_NAMES - _OF_ANNOUNCING
    return frozenset(word for word in words if not word[0].isdigit())
