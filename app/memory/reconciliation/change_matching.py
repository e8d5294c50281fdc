"""Decides from the words of two statements whether the later one changes the earlier one, without a model.

What a sentence ends must share its person and its object with the earlier statement, or a property of which a
person has one. Where a change is likely but not sure the two are left in doubt, and neither is ended.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

from app.core.vocabulary import ChangeKind, Form
from app.memory.identity.attribute_specs import ValueType
from app.memory.identity.attributes import ATTRIBUTES
from app.memory.reconciliation.change_cues import (
    Cue,
    fold_sentence,
    is_plan_sentence,
    numbers_of,
    read_cues,
    says_corrected,
    says_new,
    says_replaced,
)
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.sameness import telling_words
from app.memory.reconciliation.topic_values import tells_value, told_topics, topics_among

ACCOUNT_SUBJECT = "user"
_OWNS = re.compile(
    r"\b(?:has|have|had|got|owns?|drives?|rides?|bought|uses?|keeps?|called|named|with (?:a|an|his|her"
    r"|their)|'s|is a|adopted"
    r"|wears?|leases?|rents?|hires?|borrows?|bred|breeds?|collects?)\b"
)
_LEADING_NAMES = re.compile(r"(?:The |My |Our )?([A-Z][\w'-]*)(?: and ([A-Z][\w'-]*))?(?= )")
_RELATION = re.compile(
    r"(?i:the user|user|i|my|our|we|[a-z][\w-]*)(?:['’]s)? +(?i:(?:new|current|older|younger|little|big"
    r"|best|eldest|late|ex)[ -])*"
    r"((?i:mother|father|mum|mom|dad|parents?|sister|brother|siblings?|son|daughter|kids?|child(?:ren)?"
    r"|wife|husband|partner"
    r"|girlfriend|boyfriend|grandmother|grandfather|grandma|grandpa|gran|nan|grandparents?|aunt|uncle"
    r"|cousin|niece|nephew|friend"
    r"|boss|manager|roommate|flatmate|housemate|neighbou?r|colleague|dog|cat|horse|rabbit|in-laws?"
    r"|fianc\u00e9e?|fiancee?))\b"
    r"(?P<link> (?:is|was)(?: called| named)?|,)?(?: (?P<name>[A-Z][\w'-]+))?"
)
_OWN = re.compile(r"^(?:the user|user|i|we|my|our)\b")


_OPENERS = """
    a after all although an and as at bad because before both but by during first for from good he her
    his if in it last most my next no now of on one our she since so some that the their then there they
    this though to today until when while with yesterday
"""
_NO_NAMES = frozenset(_OPENERS.split())


class Finding(StrEnum):
    """What the later of two statements does to the earlier."""

    CHANGED = "changed"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Told:
    """One side: the sentence, who it is about (None if not known), its slot's attribute, and what it tells.

    `is_open` says that it can end: a state, or a plan. `lies_ahead` says that its event was still to come.
    """

    content: str
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    polarity: int = 1
    form: Form = Form.STATE
    is_open: bool = True
    lies_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A change that the later statement makes to the earlier, or is likely to."""

    finding: Finding
    kind: ChangeKind
    reason: str


def can_end(content: str, form: str, event_from: datetime | None, said: datetime) -> bool:
    """Whether what a sentence tells can end: a state, a plan for later, or what came of an event.

    "Ann moved to Bath" and "Ann is living in Bath as of May" happened on a day, and hold until the next.
    """
    if form != Form.EVENT or event_from is None or event_from > said:
        return True
    return _holds_on(content)


def _holds_on(content: str) -> bool:
    return _PRESENT.search(fold_sentence(content)) is not None or says_new(content)


_PRESENT = re.compile(
    r"\b(?:is|are|am|has|have|lives?|works?|drives?|uses?|takes?|pays?|plays?|stays?|goes)\b"
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
    ends = find_end(later, earlier, self_names, speakers)
    if ends is not None:
        return ends
    if _resets_number(later, earlier):
        return Found(Finding.CHANGED, ChangeKind.REPLACE, "its number is set to another")
    if not _same_subject(later, earlier, self_names):
        return None
    if _carries_out(later, earlier, self_names | speakers):
        return Found(Finding.CHANGED, ChangeKind.CONFIRM, "what was planned has happened")
    return _find_replacement(later, earlier, self_names)


_RESET = re.compile(
    r"\b(?:raised|increased|upped|bumped|doubled|halved|reduced|lowered|cut|dropped|went up|gone up|went down"
    r"|gone down|put)\b(?: (?!from\b)[\w'-]+){0,5}? to (?:\w+ )?\d"
)
_NEXT = re.compile(
    r"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) (\w+)\b(?=.{0,40}\b(?:born|arrived|joined|adopted))"
)
_ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _resets_number(later: Told, earlier: Told) -> bool:
    """Whether the later statement, whoever it is about, sets the number that the earlier one gives.

    "The doctor raised the lisinopril to 40 mg", "the third child was born".
    """
    held, text = numbers_of(earlier.content), fold_sentence(later.content)
    if not held or _is_plan(earlier) or earlier.form is Form.EVENT:
        return False
    following = _NEXT.search(text)
    if following is not None:
        before = str(_ORDINALS.index(following[1]) + 1)
        return before in held and _has_like(earlier.content, following[2])
    setting = _RESET.search(text)
    if setting is None or numbers_of(later.content) & held:
        return False
    return bool(object_words(setting[0]) & object_words(earlier.content) - _UNITS)


def _has_like(content: str, noun: str) -> bool:
    """Whether a sentence has a noun, also in the plural ("children" of "child")."""
    return re.search(rf"\b{re.escape(noun.removesuffix('y'))}(?:s|es|ies|y|ren)?\b", fold_sentence(content)) is not None


_UNITS = object_words("mg milligrams euros dollars pounds kilos percent hours minutes pence cents")


def _carries_out(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether the later statement tells that what the earlier one planned was done."""
    if later.form is not Form.EVENT or _is_plan(later) or not earlier.lies_ahead:
        return False
    if _DONE.search(fold_sentence(later.content)) is None:
        return False
    planned = object_words(earlier.content) - ignored - _NO_OWN_NAMES
    planned = frozenset(word for word in planned if not word.isdigit())
    shared = object_words(later.content) & planned
    is_same = len(shared) >= MIN_SHARED_OF_PLAN and len(shared) >= len(planned) / 2
    return is_same and not _name_others_at_all(later, earlier, ignored)


MIN_SHARED_OF_PLAN = 2  # content words by which a plan and what came of it are known to be one
_DONE = re.compile(
    r"\b(?:did|finished|ran|completed|went|attended|passed|visited|flew|had|gave|took|held|played|saw|came back"
    r"|got back|returned|made it|crossed|submitted|delivered|launched|moved|started|married)\b"
)


def _name_others_at_all(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    named, held = (
        _named_things(object_words(told.content), told) - ignored - _NO_OWN_NAMES for told in (later, earlier)
    )
    return bool(named) and bool(held) and not named & held


def _share_anything(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements share a thing or a property: most do not, and the rest costs more."""
    if object_words(later.content) & (object_words(earlier.content) - self_names):
        return True
    if says_replaced(later.content) or says_corrected(later.content):
        return True
    ended = frozenset(topic for cue in read_cues(later.content) for topic in cue.topics)
    habits = any(cue.habits or cue.is_death for cue in read_cues(later.content))
    return habits or bool(topics_among_of(earlier, topics_of(later) | ended))


def _is_changeable(told: Told) -> bool:
    """Whether a statement tells something that holds: what itself only ends something does not end."""
    return told.polarity > 0 or told.attribute is None


def find_death(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    _speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """The end of what the earlier statement tells of somebody who, as the later one tells, has died."""
    if not (earlier.is_open and _is_changeable(earlier)):
        return None
    deaths = (cue for cue in read_cues(later.content) if cue.is_death)
    if any(_tells_of_dead(cue, later, earlier, self_names) for cue in deaths):
        return Found(Finding.CHANGED, ChangeKind.END, "a death ends it")
    return None


def find_end(
    later: Told,
    earlier: Told,
    self_names: frozenset[str] = frozenset(),
    speakers: frozenset[str] = frozenset(),
) -> Found | None:
    """The end of the earlier statement that the later one tells."""
    own = _stems(subject_keys(earlier, self_names)) if earlier.subject is not None else frozenset[str]()
    ignored = self_names | speakers | own
    earlier_words = object_words(earlier.content) - ignored
    for cue in read_cues(later.content):
        if cue.is_death:
            if _tells_of_dead(cue, later, earlier, self_names):
                return Found(Finding.CHANGED, ChangeKind.END, "a death ends it")
            continue
        if not _same_subject(later, earlier, self_names) and not (
            (cue.heads - speakers) & earlier_words and _is_mentioned(later, earlier, self_names)
        ):
            continue
        if cue.kind is ChangeKind.RESCHEDULE and not _is_plan(earlier):
            continue
        if _shares_object(cue, later, earlier, earlier_words, ignored):
            kind = cue.kind
            if kind is ChangeKind.END and cue.is_plan and _is_plan(earlier):
                kind = ChangeKind.CANCEL
            return Found(Finding.CHANGED, kind, f"its words: {kind}")
    return None


def _shares_object(
    cue: Cue, later: Told, earlier: Told, earlier_words: frozenset[str], ignored: frozenset[str]
) -> bool:
    heads, words = cue.heads - ignored, cue.words - ignored
    shared = heads & earlier_words
    if shared:
        if _name_others(cue, later, earlier, ignored):
            return False
        names = _names(later.content) & _names(earlier.content)
        is_named = bool({name for name in names if object_words(name) & shared})
        share = max(len(shared) / len(heads), len(words & earlier_words) / len(earlier_words))
        if (share > 0.5 or is_named) and not _is_other_sort(cue, earlier):
            return True
    if not cue.topics:
        return cue.is_habit and not heads and bool(cue.habits & earlier_words)
    topics = topics_among_of(earlier, cue.topics)
    if not topics or _tells_end(earlier):
        return False
    # A property of which there is one: a name in both must be the same one.
    if cue.is_return:
        return True
    named, held = _named_things(heads, later), _named_things(earlier_words, earlier)
    return not named or not held or bool(named & held)


def _name_others(cue: Cue, later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether what the cue speaks of and the earlier statement have names, and none in common.

    "The appointment with Dr. Lind" is not the one with Dr. Okafor.
    """
    named = _named_things(cue.words, later) - ignored - _NO_OWN_NAMES
    held = _named_things(object_words(earlier.content), earlier) - ignored - _NO_OWN_NAMES
    return bool(named) and bool(held) and not named & held


# Titles and days are part of many names, and tell none of them.
_NO_OWN_NAMES = object_words(
    "dr doctor mr mrs ms miss prof professor st saint sir new year's day christmas easter "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december"
) | frozenset(["dr", "mr", "st", "ms"])


def _stems(names: frozenset[str]) -> frozenset[str]:
    return names | frozenset(stem for name in names for stem in object_words(name))


def _named_things(words: frozenset[str], told: Told) -> frozenset[str]:
    """Those of the stems that are names in the sentence."""
    return words & frozenset(stem for name in _names(told.content) for stem in object_words(name))


def _is_other_sort(cue: Cue, earlier: Told) -> bool:
    """Whether the cue speaks of having ("sold"), and the earlier statement does not ("likes to paint")."""
    if not cue.is_possession:
        return False
    has_thing = _OWNS.search(fold_sentence(earlier.content)) is not None
    return not has_thing


def _tells_of_dead(cue: Cue, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the earlier statement tells something of who has died, as far as it can end."""
    dead = _who_died(cue, later) - self_names - {ACCOUNT_SUBJECT}
    if not dead or _tells_end(earlier):
        return False
    own = subject_keys(earlier, self_names) - {ACCOUNT_SUBJECT}
    if own:
        return bool(own & dead)
    # "Ann has a beagle called Biscuit": what somebody has of the dead is over too.
    return bool(object_words(earlier.content) & dead)


def _who_died(cue: Cue, later: Told) -> frozenset[str]:
    """The names, or the relation, of who died."""
    relation = _RELATION.match(later.content)
    if relation is not None:
        return _relation_words(relation)
    named = _named_things(cue.heads | cue.words, later)
    return named or cue.heads


def _relation_words(relation: re.Match[str]) -> frozenset[str]:
    return frozenset(part.casefold() for part in (relation[1], relation["name"]) if part)


def _find_replacement(later: Told, earlier: Told, self_names: frozenset[str]) -> Found | None:
    """A new value of a property of which there is one at a time."""
    if earlier.form is Form.EVENT and not (_is_plan(earlier) or _holds_on(earlier.content)):
        return None
    if _tells_other_number(later, earlier, self_names):
        kind = ChangeKind.CORRECT if says_corrected(later.content) else ChangeKind.REPLACE
        return Found(Finding.CHANGED, kind, "another number of the same")
    if later.attribute is not None and later.attribute == earlier.attribute:
        return None  # two values of one slot are settled by its timeline
    shared = topics_among_of(earlier, topics_of(later))
    single = frozenset(name for name in shared if is_single(name))
    reason = None
    if shared and _denies_all(earlier) and not _denies_all(later):
        reason = "there was none"
    elif _same_frame(later, earlier, single):
        reason = "the same of something else"
    elif told := _told_in_both(later, earlier, single, self_names):
        if not says_new(later.content):
            sure = told & _SURE_TOPICS
            return Found(Finding.DOUBTFUL, ChangeKind.REPLACE, f"another {min(sure)}") if sure else None
        reason = f"a new {min(told)}"
    return Found(Finding.CHANGED, ChangeKind.REPLACE, reason) if reason else None


def _tells_other_number(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the later statement gives another number for what the earlier one counts or measures."""
    numbers, before = numbers_of(later.content), numbers_of(earlier.content)
    if not numbers or not before or numbers & before or _are_occasions(later, earlier):
        return False
    if says_corrected(later.content):
        return {len(number) for number in numbers} & {len(number) for number in before} != set()
    if any(_is_measured(name) for name in topics_among_of(earlier, topics_of(later))):
        return True
    return _same_but_numbers(later, earlier, self_names)


def _are_occasions(later: Told, earlier: Told) -> bool:
    """Whether both tell of what happened on a day and was over with it."""
    are_events = later.form is earlier.form is Form.EVENT
    return are_events and not _holds_on(earlier.content)


def _is_measured(name: str) -> bool:
    """Whether a property has one value at a time, and that is a number."""
    numeric = {ValueType.NUMBER, ValueType.MONEY, ValueType.PHONE, ValueType.TIME}
    return is_single(name) and ATTRIBUTES[name].value_type in numeric


def _denies_all(told: Told) -> bool:
    """Whether a statement says that there is nothing of the kind ("has no allergies")."""
    return _NONE_AT_ALL.search(fold_sentence(told.content)) is not None


_NONE_AT_ALL = re.compile(
    r"\b(?:has|have|had|with|takes?|there (?:is|are)|is|are|eats?|drinks?) (?:absolutely )?no (?!longer"
    r"|more|one)\w+"
    r"|\b(?:does|do|did)(?:n't| not) have any\b|\bnot allergic to anything\b|\beats? (?:anything"
    r"|everything)\b"
)


def _told_in_both(
    later: Told, earlier: Told, single: frozenset[str], self_names: frozenset[str]
) -> frozenset[str]:
    """The properties of which both statements tell a value, and not the same one, of one and the same person."""
    told = frozenset(
        name
        for name in single
        if tells_value(name, later.content) and tells_value(name, earlier.content)
    )
    told = frozenset(name for name in told if not _name_the_same(name, later, earlier, self_names))
    if not told or not subject_keys(later, self_names) & subject_keys(earlier, self_names):
        return frozenset()
    return told if _tell_two_values(later, earlier, self_names) else frozenset()


def _name_the_same(topic: str, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the value is a name, and the later statement has none that the earlier one has not."""
    spec = ATTRIBUTES.get(topic)
    if spec is None or spec.value_type not in {ValueType.PLACE, ValueType.ORGANISATION}:
        return False
    own = self_names | _stems(subject_keys(later, self_names)) | _NO_OWN_NAMES
    named, held = (_named_things(object_words(t.content), t) - own for t in (later, earlier))
    return bool(named & held) and not named - held


def _tell_two_values(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether both statements tell a value of a property they share, and another one."""
    ended = _tells_end(earlier) and _STATE_AFTER_END.search(fold_sentence(earlier.content)) is None
    if ended or _tells_end(later) or _is_plan(later) != _is_plan(earlier):
        return False
    return _differ_in_value(later, earlier, self_names)


# Properties that two sentences rarely name by chance.
_SURE_TOPICS = frozenset(
    ["residence", "employer", "partner", "phone", "email", "diet", "school", "carrier", "bank"]
)


def _same_but_numbers(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two sentences tell the same thing of the same property, but for the number."""
    one = frozenset(w for w in object_words(later.content) - self_names if not w[0].isdigit())
    other = frozenset(w for w in object_words(earlier.content) - self_names if not w[0].isdigit())
    if not one or not other:
        return bool(topics_among_of(earlier, topics_of(later))) and not one ^ other
    share = len(one & other) / min(len(one), len(other))
    return share >= 2 / 3 and not _is_plan(earlier)


# States that follow an end, and that a new value ends.
_STATE_AFTER_END = re.compile(
    r"\b(?:is|am|are|is currently|is now) (?:newly |now |currently |happily )?(?:single|divorced"
    r"|separated|widowed|unemployed|retired"
    r"|out of work|between jobs|job hunting|looking for|without)\b"
)
_TIME = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mornings?|afternoons?|evenings?|nights?|weekends?"
    r"|daily|weekly|monthly"
    r"|noon|lunchtime|\d{1,2}(?:[:.]\d\d)? ?(?:am|pm)?|once|twice)\b"
)
MIN_FRAME_WORDS = 3  # words at the front in which two sentences must agree to be of one frame


def _same_frame(later: Told, earlier: Told, shared_topics: frozenset[str]) -> bool:
    """Whether the later says "now" of something else what the earlier said: "is with Three now"."""
    if not says_replaced(later.content) or _tells_end(earlier):
        return False
    common = topics_among_of(earlier, topics_of(later))
    one, other = telling_words(later.content), telling_words(earlier.content)
    front = _count_agreeing(one, other)
    agreeing = front + _count_agreeing(one[front:][::-1], other[front:][::-1])
    if agreeing < MIN_FRAME_WORDS or agreeing < min(len(one), len(other)) - 2:
        return False
    several = bool(common) and all(name in ATTRIBUTES and ATTRIBUTES[name].is_multiple for name in common)
    is_time = _TIME.search(" ".join(one[front:])) and _TIME.search(" ".join(other[front:]))
    return bool(shared_topics) or not several or bool(is_time)


def _count_agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the front are equal."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _differ_in_value(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether each of two sentences names something that the other does not."""
    one, other = object_words(later.content) - self_names, object_words(earlier.content) - self_names
    return bool(one - other) and bool(other - one)


def _tells_end(told: Told) -> bool:
    """Whether a statement itself tells that something is over, and so no value that could be replaced."""
    return told.polarity < 0 or any(
        cue.kind is ChangeKind.END and not cue.is_return and (cue.topics or cue.heads or cue.habits)
        for cue in read_cues(told.content)
    )


def _is_plan(told: Told) -> bool:
    return told.lies_ahead or is_plan_sentence(told.content)


@lru_cache(maxsize=20_000)
def topics_of(told: Told) -> frozenset[str]:
    """The attributes that a statement tells about: its slot's and those of its words."""
    own = frozenset[str]() if told.attribute is None else frozenset([told.attribute.split(":")[0]])
    return own | told_topics(told.content)


def topics_among_of(told: Told, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted attributes that a statement tells about."""
    own = frozenset[str]() if told.attribute is None else frozenset([told.attribute.split(":")[0]])
    return wanted & own | topics_among(told.content, wanted)


@lru_cache(maxsize=1_000)
def is_single(name: str) -> bool:
    """Whether a property has one value at a time."""
    spec = ATTRIBUTES.get(name)
    return spec is not None and not spec.is_multiple and not spec.is_event and name not in _VAGUE


_VAGUE_NAMES = """
experience reading watching goal office commute health sleep degree skill life_status origin
birthplace birthday name experience_had favourite count project team department budget
"""
_VAGUE = frozenset(_VAGUE_NAMES.split())


def _same_subject(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements may be about one person or thing; where it is not known they may."""
    one, other = subject_keys(later, self_names), subject_keys(earlier, self_names)
    return not one or not other or bool(one & other)


def _is_mentioned(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether who or what one statement is about is named in the other ("Comet was put down")."""
    for one, other in ((later, earlier), (earlier, later)):
        text = fold_sentence(other.content)
        keys = subject_keys(one, self_names)
        keys |= self_names if ACCOUNT_SUBJECT in keys else frozenset[str]()
        if any(re.search(rf"(?<![\w-]){re.escape(key)}(?!['\w-])", text) for key in keys):
            return True
    return False


@lru_cache(maxsize=20_000)
def subject_keys(told: Told, self_names: frozenset[str]) -> frozenset[str]:
    """The words that name who a statement is about; empty if nobody is named."""
    relation = _RELATION.match(told.content)
    if relation is not None:
        words = _relation_words(relation)
        # "Ann's manager is Kim" is told of Ann as well.
        return words | {ACCOUNT_SUBJECT} if relation["link"] and relation["name"] else words
    if told.subject is not None:
        words = frozenset(told.subject.casefold().split())
        return frozenset([ACCOUNT_SUBJECT]) if words & (self_names | {ACCOUNT_SUBJECT}) else words
    keys = frozenset[str]()
    for clause in re.split(r"[;,] +", told.content):
        keys |= _leading_keys(clause, self_names)
    return keys


def _leading_keys(clause: str, self_names: frozenset[str]) -> frozenset[str]:
    """Whom the words at the front of a clause name; where it opens with other words, who follows them."""
    if _OWN.match(fold_sentence(clause)):
        return frozenset([ACCOUNT_SUBJECT])
    words = clause.split()
    if not words:
        return frozenset()
    opener = words[0].casefold()
    if opener in _NO_NAMES or opener.endswith("ing"):
        own = {word.casefold().removesuffix("'s") for word in words} & self_names
        return frozenset([ACCOUNT_SUBJECT]) if own or "the user" in fold_sentence(clause) else frozenset()
    leading = _LEADING_NAMES.match(clause)
    named = leading.groups() if leading is not None else ()
    found = frozenset(name.casefold().removesuffix("'s") for name in named if name) - _NO_NAMES
    return frozenset([ACCOUNT_SUBJECT]) if found & self_names else found


@lru_cache(maxsize=20_000)
def _names(content: str) -> frozenset[str]:
    """The words of a sentence that are written as names, in lower case."""
    words = re.findall(r"[A-Za-z\u00c0-\u024f][\w'-]*", content)
    return frozenset(
        word.casefold().removesuffix("'s") for word in words[1:] if word[0].isupper() and word != "I"
    )
