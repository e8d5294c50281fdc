"""Decides whether what a sentence ends is what an earlier one tells of: the same owner's same thing."""

import re
from itertools import pairwise

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.cues.change_cues import Cue, fold_sentence, is_plan_sentence, read_cues
from app.memory.reconciliation.cues.change_senses import PETS_ONLY
from app.memory.reconciliation.living_beings import tells_of_being
from app.memory.reconciliation.nomination import object_words, shared_stems
from app.memory.reconciliation.states.state_changes import are_relatives_of_two
from app.memory.reconciliation.stays import is_stay
from app.memory.reconciliation.told import (
    ACCOUNT_SUBJECT,
    NO_OWN_NAMES,
    RELATION,
    Finding,
    Found,
    Told,
    is_activity,
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
)
from app.memory.text.analysis import analyze_text

_OWNS = re.compile(
    r"\b(?:has|have|had|got|owns?|drives?|rides?|bought|uses?|keeps?|called|named|with (?:a|an|his|her"
    r"|their)|'s|is a|adopted"
    r"|wears?|leases?|rents?|hires?|borrows?|bred|breeds?|collects?)\b"
)

# "commutes on an old moped": a thing with its article.
_DETERMINED = re.compile(r"\b(?:an?|his|her|their|my|our|[\w-]+'s)(?: [\w-]+){1,3}")


def is_changeable(told: Told) -> bool:
    """Whether a statement tells something that holds: what itself only ends something does not end."""
    return told.polarity > 0 or told.attribute is None


def find_death(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """The end of what the earlier statement tells of somebody who, as the later one tells, has died."""
    if not (earlier.is_open and is_changeable(earlier)):
        return None
    deaths = (cue for cue in read_cues(later.content) if cue.sense.is_death)
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
    relation = RELATION.match(earlier.content)
    if relation is not None and relation["link"] and relation["name"]:
        own -= stems_of(frozenset([relation["name"].casefold()]))  # "Ann's friend is Bo" can end for Bo
    ignored = self_names | speakers | own
    earlier_words = object_words(earlier.content) - ignored
    for cue in read_cues(later.content):
        if cue.sense.is_death:
            if _tells_of_dead(cue, later, earlier, self_names | speakers):
                return Found(Finding.CHANGED, ChangeKind.END, "a death ends it")
            continue
        if (
            not same_subject(later, earlier, self_names)
            and not (_is_told_of_thing(cue, later, earlier))
            and not (
                (_is_done_to(cue, earlier, self_names) or (cue.heads - speakers) & earlier_words)
                and is_mentioned(later, earlier, self_names)
                and not _are_of_two_speakers(later, earlier, self_names, speakers)
            )
        ):
            continue
        if not _can_be_ended(cue, earlier) or _is_of_others(cue, earlier, ignored):
            continue
        held = object_words(_part_to_end(cue, earlier)) - ignored
        if held and _shares_object(cue, later, earlier, held, ignored):
            kind = ChangeKind.CONFIRM if cue.sense.is_work and earlier.lies_ahead else cue.sense.kind
            if kind is ChangeKind.END and cue.sense.is_plan and is_plan(earlier):
                kind = ChangeKind.CANCEL
            return Found(Finding.CHANGED, kind, f"its words: {kind}")
    return None


def _is_told_of_thing(cue: Cue, later: Told, earlier: Told) -> bool:
    """Whether the later tells of a thing by its name only ("the Berlingo was scrapped"), whoever has it."""
    is_alone = cue.sense.is_possession and cue.sense.is_passive and _THE.match(later.content) is not None
    return is_alone and bool(named_things(cue.heads, later) & named_things(cue.heads, earlier))


_THE = re.compile(r"The [A-Z]")


def _are_of_two_speakers(
    later: Told, earlier: Told, self_names: frozenset[str], speakers: frozenset[str]
) -> bool:
    """Whether each statement is about another of those who talk: what one has done is not the other's."""
    talking = speakers | self_names | {ACCOUNT_SUBJECT}
    return all(subject_keys(told, self_names) & talking for told in (later, earlier))


def _part_to_end(cue: Cue, earlier: Told) -> str:
    """The clauses of the earlier statement that tell what such a sign can end: work is that of its clause."""
    if not cue.sense.needs_activity or earlier.lies_ahead:
        return earlier.content
    parts = _CLAUSE.split(earlier.content)
    return " ".join(part for part in parts if is_activity(part) or is_plan_sentence(part))


_CLAUSE = re.compile(r"[;.] (?=[\w'])")


def _can_be_ended(cue: Cue, earlier: Told) -> bool:
    """Whether the earlier statement is of the sort that such a sign can end."""
    if cue.sense.kind is ChangeKind.RESCHEDULE or cue.sense.needs_plan:
        return is_plan(earlier)
    return not cue.sense.needs_activity or is_plan(earlier) or is_activity(earlier.content)


def _is_of_others(cue: Cue, earlier: Told, self_words: frozenset[str]) -> bool:
    """Whether what ends belongs to somebody of whom the earlier statement does not speak ("Bo's moped")."""
    others = cue.owners - self_words - {ACCOUNT_SUBJECT, "others"}  # "Ann and others' flight"
    words = frozenset(re.findall(r"[\w-]+", fold_sentence(earlier.content).replace("'s", " ")))
    return bool(others) and others.isdisjoint(words)


def _is_done_to(cue: Cue, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the end is done to whom the earlier statement is about ("the firm let Ann go")."""
    keys = subject_keys(earlier, self_names)
    keys |= self_names if ACCOUNT_SUBJECT in keys else frozenset[str]()
    return bool(cue.sense.topics) and bool(stems_of(keys) & cue.words)


def _shares_object(
    cue: Cue, later: Told, earlier: Told, earlier_words: frozenset[str], ignored: frozenset[str]
) -> bool:
    heads, words = cue.heads - ignored, cue.words - ignored
    shared = shared_stems(heads, earlier_words)
    if shared and not _is_part_of_other(cue, later, shared | ignored):
        if _name_others(cue, later, earlier, ignored):
            return False
        names = names_in(later.content) & names_in(earlier.content)
        is_named = bool({name for name in names if object_words(name) & shared})
        share = max(len(shared) / len(heads), len(words & earlier_words) / len(earlier_words))
        if (share > 0.5 or is_named) and not _is_other_sort(cue, earlier):
            return True
    return _shares_kind(cue, later, earlier, earlier_words, ignored)


def _shares_kind(
    cue: Cue, later: Told, earlier: Told, earlier_words: frozenset[str], ignored: frozenset[str]
) -> bool:
    """Whether no thing is named, and the earlier statement is of the kind that the cue ends."""
    heads = cue.heads - ignored
    if not heads and cue.sense.is_plan and cue.general & object_words(earlier.content) and is_plan(earlier):
        return True  # "the trip is off"
    if not cue.sense.topics:
        return cue.sense.is_habit and not heads and bool(cue.habits & earlier_words)
    topics = topics_among_of(earlier, cue.sense.topics)
    if cue.sense.is_return:
        is_away = bool(topics) or ("staying_at" in cue.sense.topics and is_stay(earlier.content))
        return is_away and not _is_back_there(later, earlier, ignored) and not tells_end(earlier)
    if not topics or tells_end(earlier):
        return False
    # A property of which there is one: a name in both must be the same one.
    named, held = named_things(heads, later), named_things(earlier_words, earlier)
    return not named or not held or bool(named & held)


def _is_back_there(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether who is back is where the earlier statement tells."""
    there = named_things(object_words(earlier.content), earlier) - ignored - NO_OWN_NAMES
    return bool(there & object_words(later.content))


def _is_part_of_other(cue: Cue, later: Told, shared: frozenset[str]) -> bool:
    """Whether only what describes the thing is shared: "the garden party" is not the garden."""
    if cue.last is None or cue.last in shared or named_things(shared, later):
        return False
    words = analyze_text(fold_sentence(later.content))
    return any(
        one in shared and other == cue.last and not other.endswith("li") for one, other in pairwise(words)
    )


def _name_others(cue: Cue, later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether what the cue speaks of and the earlier statement have names, and none in common.

    "The appointment with Dr. Lind" is not the one with Dr. Okafor.
    """
    named = named_things(cue.words, later) - ignored - NO_OWN_NAMES
    held = named_things(object_words(earlier.content), earlier) - ignored - NO_OWN_NAMES
    return bool(named) and bool(held) and not named & held


def _is_other_sort(cue: Cue, earlier: Told) -> bool:
    """Whether the cue speaks of having ("sold"), and the earlier statement does not ("likes to paint")."""
    if not cue.sense.is_possession:
        return False
    return _OWNS.search(fold_sentence(earlier.content)) is None and not _names_thing(cue, earlier)


def _names_thing(cue: Cue, earlier: Told) -> bool:
    """Whether the earlier statement has the thing by name, or as one that belongs to somebody."""
    named = named_things(cue.heads, earlier)
    return bool(named) or any(
        cue.heads & object_words(found[0]) for found in _DETERMINED.finditer(fold_sentence(earlier.content))
    )


def _tells_of_dead(cue: Cue, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the earlier statement tells something of who has died, as far as it can end."""
    dead = _who_died(cue, later, earlier, self_names) - self_names - {ACCOUNT_SUBJECT}
    if not dead or tells_end(earlier):
        return False
    if _is_of_others(cue, earlier, self_names):
        return False
    needed = cue.sense.needs_living
    if needed and not tells_of_being(earlier.content, is_pet=needed == PETS_ONLY):
        return False
    own = subject_keys(earlier, self_names) - {ACCOUNT_SUBJECT}
    if own:
        return bool(stems_of(own) & dead) or _has_being(earlier, dead)
    # "Ann has a parrot called Kiki": what somebody has of the dead is over too.
    return bool(object_words(earlier.content) & dead)


def _has_being(earlier: Told, dead: frozenset[str]) -> bool:
    """Whether the earlier statement tells that somebody has the being that died, by its name."""
    return any(object_words(found[1]) & dead for found in _CALLED.finditer(earlier.content))


_CALLED = re.compile(r"\b(?:called|named) ([A-Z][\w'-]*)")


def _who_died(cue: Cue, later: Told, earlier: Told, self_names: frozenset[str]) -> frozenset[str]:
    """The names, or the relation, of who died."""
    relation = RELATION.match(later.content)
    if relation is not None:
        return relation_words(relation, self_names)
    if cue.sense.needs_living:
        return named_things(cue.heads, later) | named_things(cue.heads, earlier)
    named = named_things((cue.heads | cue.words) - stems_of(cue.owners), later)
    return named or cue.heads
