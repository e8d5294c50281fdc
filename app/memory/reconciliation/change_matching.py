"""Decides from the words of two statements whether the later one changes the earlier one, without a model.

What a sentence ends must share its person and its object with the earlier statement, or a property of which a
person has one. Where a change is likely but not sure the two are left in doubt, and neither is ended.
"""

import re

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.change_cues import Cue, fold_sentence, read_cues, says_corrected, says_replaced
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.replacements import find_replacement, resets_number
from app.memory.reconciliation.states.state_changes import (
    are_relatives_of_two,
    find_state_change,
    share_state,
    tell_of_others,
)
from app.memory.reconciliation.told import (
    ACCOUNT_SUBJECT,
    NO_OWN_NAMES,
    RELATION,
    Finding,
    Found,
    Told,
    is_mentioned,
    is_plan,
    named_things,
    names_in,
    relation_words,
    same_subject,
    stems_of,
    subject_keys,
    tells_end,
    topics_among_of,
    topics_of,
)

_OWNS = re.compile(
    r"\b(?:has|have|had|got|owns?|drives?|rides?|bought|uses?|keeps?|called|named|with (?:a|an|his|her"
    r"|their)|'s|is a|adopted"
    r"|wears?|leases?|rents?|hires?|borrows?|bred|breeds?|collects?)\b"
)


def find_change(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """What the later statement does to the earlier one by its words; None for nothing.

    `self_names` are words of the names by which the account's person is called, `speakers` of all who speak:
    every statement of theirs has these, so that they are no thing that two statements share.
    """
    if not (earlier.is_open and _is_changeable(earlier)):
        return None
    if not _share_anything(later, earlier, self_names):
        return None
    return find_end(later, earlier, self_names, speakers) or _find_new_value(
        later, earlier, self_names, speakers
    )


def _find_new_value(
    later: Told, earlier: Told, self_names: frozenset[str], speakers: frozenset[str]
) -> Found | None:
    if resets_number(later, earlier):
        return Found(Finding.CHANGED, ChangeKind.REPLACE, "its number is set to another")
    state = find_state_change(later, earlier, self_names)
    if state is not None and state.finding is Finding.CHANGED:
        return state
    if not same_subject(later, earlier, self_names) or tell_of_others(later, earlier, self_names):
        return state
    return find_replacement(later, earlier, self_names, speakers) or state


def _share_anything(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements share a thing or a property: most do not, and the rest costs more."""
    if object_words(later.content) & (object_words(earlier.content) - self_names):
        return True
    if says_replaced(later.content) or says_corrected(later.content):
        return True
    ended = frozenset(topic for cue in read_cues(later.content) for topic in cue.topics)
    habits = any(cue.habits or cue.is_death for cue in read_cues(later.content))
    return habits or share_state(later, earlier) or bool(topics_among_of(earlier, topics_of(later) | ended))


def _is_changeable(told: Told) -> bool:
    """Whether a statement tells something that holds: what itself only ends something does not end."""
    return told.polarity > 0 or told.attribute is None


def find_death(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """The end of what the earlier statement tells of somebody who, as the later one tells, has died."""
    if not (earlier.is_open and _is_changeable(earlier)):
        return None
    deaths = (cue for cue in read_cues(later.content) if cue.is_death)
    if any(_tells_of_dead(cue, later, earlier, self_names | speakers) for cue in deaths):
        return Found(Finding.CHANGED, ChangeKind.END, "a death ends it")
    return None


def find_end(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """The end of the earlier statement that the later one tells."""
    if are_relatives_of_two(later.content, earlier.content, self_names):
        return None
    own = stems_of(subject_keys(earlier, self_names)) if earlier.subject is not None else frozenset[str]()
    ignored = self_names | speakers | own
    earlier_words = object_words(earlier.content) - ignored
    for cue in read_cues(later.content):
        if cue.is_death:
            if _tells_of_dead(cue, later, earlier, self_names | speakers):
                return Found(Finding.CHANGED, ChangeKind.END, "a death ends it")
            continue
        if not same_subject(later, earlier, self_names) and not (
            (_is_done_to(cue, earlier, self_names) or (cue.heads - speakers) & earlier_words)
            and is_mentioned(later, earlier, self_names)
        ):
            continue
        if cue.kind is ChangeKind.RESCHEDULE and not is_plan(earlier):
            continue
        if _shares_object(cue, later, earlier, earlier_words, ignored):
            kind = ChangeKind.CONFIRM if cue.is_work and earlier.lies_ahead else cue.kind
            if kind is ChangeKind.END and cue.is_plan and is_plan(earlier):
                kind = ChangeKind.CANCEL
            return Found(Finding.CHANGED, kind, f"its words: {kind}")
    return None


def _is_done_to(cue: Cue, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the end is done to whom the earlier statement is about ("the firm let Ann go")."""
    keys = subject_keys(earlier, self_names)
    keys |= self_names if ACCOUNT_SUBJECT in keys else frozenset[str]()
    return bool(cue.topics) and bool(stems_of(keys) & cue.words)


def _shares_object(
    cue: Cue, later: Told, earlier: Told, earlier_words: frozenset[str], ignored: frozenset[str]
) -> bool:
    heads, words = cue.heads - ignored, cue.words - ignored
    shared = heads & earlier_words
    if shared:
        if _name_others(cue, later, earlier, ignored):
            return False
        names = names_in(later.content) & names_in(earlier.content)
        is_named = bool({name for name in names if object_words(name) & shared})
        share = max(len(shared) / len(heads), len(words & earlier_words) / len(earlier_words))
        if (share > 0.5 or is_named) and not _is_other_sort(cue, earlier):
            return True
    if not cue.topics:
        return cue.is_habit and not heads and bool(cue.habits & earlier_words)
    topics = topics_among_of(earlier, cue.topics)
    if not topics or tells_end(earlier):
        return False
    # A property of which there is one: a name in both must be the same one.
    if cue.is_return:
        return True
    named, held = named_things(heads, later), named_things(earlier_words, earlier)
    return not named or not held or bool(named & held)


def _name_others(cue: Cue, later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether what the cue speaks of and the earlier statement have names, and none in common.

    "The appointment with Dr. Lind" is not the one with Dr. Okafor.
    """
    named = named_things(cue.words, later) - ignored - NO_OWN_NAMES
    held = named_things(object_words(earlier.content), earlier) - ignored - NO_OWN_NAMES
    return bool(named) and bool(held) and not named & held


def _is_other_sort(cue: Cue, earlier: Told) -> bool:
    """Whether the cue speaks of having ("sold"), and the earlier statement does not ("likes to paint")."""
    if not cue.is_possession:
        return False
    has_thing = _OWNS.search(fold_sentence(earlier.content)) is not None
    return not has_thing


def _tells_of_dead(cue: Cue, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the earlier statement tells something of who has died, as far as it can end."""
    dead = _who_died(cue, later, self_names) - self_names - {ACCOUNT_SUBJECT}
    if not dead or tells_end(earlier):
        return False
    own = subject_keys(earlier, self_names) - {ACCOUNT_SUBJECT}
    if own:
        return bool(own & dead)
    # "Ann has a parrot called Kiki": what somebody has of the dead is over too.
    return bool(object_words(earlier.content) & dead)


def _who_died(cue: Cue, later: Told, self_names: frozenset[str]) -> frozenset[str]:
    """The names, or the relation, of who died."""
    relation = RELATION.match(later.content)
    if relation is not None:
        return relation_words(relation, self_names)
    named = named_things(cue.heads | cue.words, later)
    return named or cue.heads
