"""Decides from the words of two statements whether the later one changes the earlier one, without a model.

What a sentence ends must share its person and its object with the earlier statement, or a property of which a
person has one. Where a change is likely but not sure the two are left in doubt, and neither is ended.
"""

import re

from app.core.text_caches import text_cache
from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.answer_settings import changes_setting, settings_of
from app.memory.reconciliation.cues.change_cues import fold_sentence, read_cues, says_corrected, says_replaced
from app.memory.reconciliation.end_matching import find_end, is_changeable
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.redating import find_other_time
from app.memory.reconciliation.replacements import find_replacement, resets_number
from app.memory.reconciliation.running_counts import changes_count
from app.memory.reconciliation.states.state_changes import find_state_change, share_state, tell_of_others
from app.memory.reconciliation.told import (
    ACCOUNT_SUBJECT,
    Finding,
    Found,
    Told,
    is_mentioned,
    same_subject,
    subject_keys,
    topics_among_of,
    topics_of,
)
from app.memory.reconciliation.value_corrections import corrects_value, is_spelt_like, old_values


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
    if is_changeable(earlier) and may_correct(later.content):  # few sentences may; the rest costs more
        correction = _find_correction(later, earlier, self_names, speakers)
        if correction is not None:
            return correction
    if not (earlier.is_open and is_changeable(earlier)):
        return None
    if not (_share_anything(later, earlier, self_names) or settings_of(later.content)):
        return None
    return (
        find_end(later, earlier, self_names, speakers)
        or _find_new_value(later, earlier, self_names, speakers)
        or find_other_time(later, earlier, self_names | speakers)
    )


def _find_new_value(
    later: Told, earlier: Told, self_names: frozenset[str], speakers: frozenset[str]
) -> Found | None:
    """A newer count, number, wish for answers, state or value of a property."""
    is_same = same_subject(later, earlier, self_names)
    is_of_same = is_same or _is_of_same_owner(later, earlier, self_names)
    reason = None
    if is_of_same and changes_count(later.content, earlier.content):
        reason = "a newer count"
    elif resets_number(later, earlier):
        reason = "its number is set to another"
    elif is_same and changes_setting(later.content, earlier.content):
        reason = "a newer wish for answers"
    if reason is not None:
        return Found(Finding.CHANGED, ChangeKind.REPLACE, reason)
    state = find_state_change(later, earlier, self_names)
    if state is not None and state.finding is Finding.CHANGED:
        return state
    if not is_same or tell_of_others(later, earlier, self_names):
        return state
    return find_replacement(later, earlier, self_names, speakers) or state


def _find_correction(
    later: Told, earlier: Told, self_names: frozenset[str], speakers: frozenset[str]
) -> Found | None:
    """Whether the later statement puts a value of the earlier one right: surely if both are about one person.

    "I read his badge and it's Alun" says not of whom it puts the name right.
    """
    is_same = same_subject(later, earlier, self_names) or is_mentioned(later, earlier, self_names)
    if is_same and corrects_value(later, earlier, self_names | speakers):
        return Found(Finding.CHANGED, ChangeKind.CORRECT, "it was said wrongly")
    if not is_same and is_spelt_like(later, earlier, self_names | speakers):
        return Found(Finding.DOUBTFUL, ChangeKind.CORRECT, "a name spelt nearly so")
    return None


@text_cache()
def may_correct(content: str) -> bool:
    """Whether a sentence has words of a correction: no other one corrects anything."""
    return says_corrected(content) or bool(old_values(content))


def _is_of_same_owner(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the later tells of what belongs to whom the earlier is about ("Ann's third hen")."""
    keys = subject_keys(earlier, self_names)
    keys |= self_names if ACCOUNT_SUBJECT in keys else frozenset[str]()
    return not keys.isdisjoint(re.findall(r"[\w-]+", fold_sentence(later.content)))


def _share_anything(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements share a thing or a property: most do not, and the rest costs more."""
    if object_words(later.content) & (object_words(earlier.content) - self_names):
        return True
    if says_replaced(later.content) or says_corrected(later.content):
        return True
    ended = frozenset(topic for cue in read_cues(later.content) for topic in cue.sense.topics)
    habits = any(cue.habits or cue.sense.is_death for cue in read_cues(later.content))
    return habits or share_state(later, earlier) or bool(topics_among_of(earlier, topics_of(later) | ended))
