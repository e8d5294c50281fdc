"""Decides whether a statement puts another value, number or deed in the place of an earlier one."""

import re
from collections.abc import Sequence
from itertools import takewhile

from app.core.vocabulary import ChangeKind, Form
from app.memory.identity.attribute_specs import ValueType
from app.memory.identity.attributes import ATTRIBUTES
from app.memory.reconciliation.cues.change_cues import (
    fold_sentence,
    numbers_of,
    says_corrected,
    says_new,
    says_replaced,
)
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.sameness import telling_words
from app.memory.reconciliation.states.clauses import is_imagined
from app.memory.reconciliation.told import (
    NO_OWN_NAMES,
    Finding,
    Found,
    Told,
    holds_on,
    is_plan,
    is_single,
    name_others,
    named_things,
    stems_of,
    subject_keys,
    tells_end,
    topics_among_of,
    topics_of,
)
from app.memory.reconciliation.topic_values import tells_value, topics_among

_RESET = re.compile(
    r"\b(?:raised|increased|upped|bumped|doubled|halved|reduced|lowered|cut|dropped|went up|gone up|went down"
    r"|gone down|put)\b(?: (?!from\b)[\w'-]+){0,5}? to (?:\w+ )?\d"
)

_TOTAL = re.compile(
    r"\b(?:(?:that|which) makes|makes it|making it|brings? (?:it|the total|him|her|them|me|us) to|a total of)"
    r" (?:it |now )?[\w-]+ (\w+)"
)
_NEXT = re.compile(
    r"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth"
    r"|tenth) (\w+)\b(?=.{0,40}\b(?:born|arrived|joined|adopted))"
)

_ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def resets_number(later: Told, earlier: Told) -> bool:
    """Whether the later statement, whoever it is about, sets the number that the earlier one gives.

    "The doctor raised the lisinopril to 40 mg", "the third child was born".
    """
    held, text = numbers_of(earlier.content), fold_sentence(later.content)
    if not held or is_plan(earlier) or earlier.form is Form.EVENT:
        return False
    following = _NEXT.search(text)
    if following is not None:
        before = str(_ORDINALS.index(following[1]) + 1)
        return before in held and _has_like(earlier.content, following[2])
    total = _TOTAL.search(text)
    if total is not None and numbers_of(total[0]) and not numbers_of(total[0]) & held:
        return _has_like(earlier.content, total[1].removesuffix("s"))
    setting = _RESET.search(text)
    if setting is None or numbers_of(later.content) & held:
        return False
    return bool(object_words(setting[0]) & object_words(earlier.content) - _UNITS)


def _has_like(content: str, noun: str) -> bool:
    """Whether a sentence has a noun, also in the plural ("children" of "child")."""
    return (
        re.search(rf"\b{re.escape(noun.removesuffix('y'))}(?:s|es|ies|y|ren)?\b", fold_sentence(content))
        is not None
    )


_UNITS = object_words("mg milligrams euros dollars pounds kilos percent hours minutes pence cents")


def carries_out(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether the later statement tells that what the earlier one planned was done."""
    if later.form is not Form.EVENT or is_plan(later) or not earlier.lies_ahead:
        return False
    if _DONE.search(fold_sentence(later.content)) is None:
        return False
    planned = object_words(earlier.content) - ignored - NO_OWN_NAMES
    planned = frozenset(word for word in planned if not word.isdigit())
    shared = object_words(later.content) & planned
    is_same = len(shared) >= MIN_SHARED_OF_PLAN and len(shared) >= len(planned) / 2
    months, before = (frozenset(_MONTH.findall(told.content)) for told in (later, earlier))
    if months and before and not months & before:
        return False  # another time that it was done
    return is_same and not name_others(later, earlier, ignored)


MIN_SHARED_OF_PLAN = 2  # content words by which a plan and what came of it are known to be one

_MONTH = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_DONE = re.compile(
    r"\b(?:did|finished|ran|completed|went|attended|passed|visited|flew|had|gave|took|held"
    r"|played|saw|came back"
    r"|got back|returned|made it|crossed|submitted|delivered|launched|moved|started|married)\b"
)


def find_replacement(
    later: Told, earlier: Told, self_names: frozenset[str], speakers: frozenset[str]
) -> Found | None:
    """A new value of a property of which there is one at a time, or what came of a plan."""
    if carries_out(later, earlier, self_names | speakers):
        return Found(Finding.CHANGED, ChangeKind.CONFIRM, "what was planned has happened")
    if earlier.form is Form.EVENT and not (is_plan(earlier) or holds_on(earlier.content)):
        return None
    if _tells_other_number(later, earlier, self_names):
        kind = ChangeKind.CORRECT if says_corrected(later.content) else ChangeKind.REPLACE
        return Found(Finding.CHANGED, kind, "another number of the same")
    if later.attribute is not None and later.attribute == earlier.attribute:
        return None  # two values of one slot are settled by its timeline
    shared = topics_among_of(earlier, topics_of(later))
    single = frozenset(name for name in shared if is_single(name))
    reason = None
    if _denies_topic(earlier, shared) and not _denies_all(later):
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
    return are_events and not holds_on(earlier.content)


def _is_measured(name: str) -> bool:
    """Whether a property has one value at a time, and that is a number."""
    numeric = {ValueType.NUMBER, ValueType.MONEY, ValueType.PHONE, ValueType.TIME}
    return is_single(name) and ATTRIBUTES[name].value_type in numeric


def _denies_all(told: Told) -> bool:
    """Whether a statement says that there is nothing of the kind ("has no allergies")."""
    return _NONE_AT_ALL.search(fold_sentence(told.content)) is not None


def _denies_topic(told: Told, topics: frozenset[str]) -> bool:
    """Whether what a statement says there is none of is of one of the topics: "no doubt" is of none."""
    found = _NONE_AT_ALL.search(fold_sentence(told.content)) if topics else None
    return found is not None and bool(topics_among(found[0], topics))


_NONE_AT_ALL = re.compile(
    r"\b(?:has|have|had|with|takes?|there (?:is|are)|is|are|eats?|drinks?) (?:absolutely )?no (?!longer"
    r"|more|one)\w+(?: \w+)?"
    r"|\b(?:does|do|did)(?:n't| not) have any\b(?: \w+){0,2}|\bnot allergic to anything\b|\beats? (?:anything"
    r"|everything)\b"
)


_READ_AS_STATES = frozenset(
    [
        "residence",
        "address",
        "housing",
        "employer",
        "employment_status",
        "partner",
        "relationship_status",
        "religion",
        "occupation",
        "diet",
        "health",
        "hobby",
        "sport",
    ]
)


def _told_in_both(
    later: Told, earlier: Told, single: frozenset[str], self_names: frozenset[str]
) -> frozenset[str]:
    """The properties of which both statements tell a value of one person, and not the same one."""
    if not (tells_value(later.content) and tells_value(earlier.content)):
        return frozenset()
    told = single - _READ_AS_STATES
    told = frozenset(name for name in told if not _name_the_same(name, later, earlier, self_names))
    told = frozenset(name for name in told if _are_of_liking(name, later, earlier))
    if not told or not subject_keys(later, self_names) & subject_keys(earlier, self_names):
        return frozenset()
    return told if _tell_two_values(later, earlier, self_names) else frozenset()


def _are_of_liking(topic: str, later: Told, earlier: Told) -> bool:
    """Whether both tell what is liked best, if the property is that: one drinks many things."""
    if not topic.startswith("favourite"):
        return True
    return all(_BEST_LIKED.search(fold_sentence(told.content)) for told in (later, earlier))


_BEST_LIKED = re.compile(r"\b(?:favou?rite|prefers?|preferred|best|go-to|usual|always|top pick)\b")


def _name_the_same(topic: str, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the value is a name, and the later statement has none that the earlier one has not."""
    spec = ATTRIBUTES.get(topic)
    if spec is None or spec.value_type not in {ValueType.PLACE, ValueType.ORGANISATION}:
        return False
    own = self_names | stems_of(subject_keys(later, self_names)) | NO_OWN_NAMES
    named, held = (named_things(object_words(t.content), t) - own for t in (later, earlier))
    return bool(named & held) and not named - held


def _tell_two_values(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether both statements tell a value of a property they share, and another one."""
    ended = tells_end(earlier) and _STATE_AFTER_END.search(fold_sentence(earlier.content)) is None
    if ended or tells_end(later) or is_imagined(later.content) or is_plan(later) != is_plan(earlier):
        return False
    return _differ_in_value(later, earlier, self_names)


# Properties that two sentences rarely name by chance.
_SURE_TOPICS = frozenset(
    ["phone", "email", "school", "carrier", "bank", "dentist", "vet", "therapist", "landlord"]
)


MAX_WORDS_BESIDE_ONE = 4  # content words of a sentence that shares one of them with another count


def _same_but_numbers(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two sentences tell the same thing of the same property, but for the number."""
    one = frozenset(w for w in object_words(later.content) - self_names if not w[0].isdigit())
    other = frozenset(w for w in object_words(earlier.content) - self_names if not w[0].isdigit())
    if not one or not other:
        return bool(topics_among_of(earlier, topics_of(later))) and not one ^ other
    if len(one & other) == 1 and max(len(one), len(other)) > MAX_WORDS_BESIDE_ONE:
        return False  # one common word in a long sentence makes it no other count of the same
    share = len(one & other) / min(len(one), len(other))
    return share >= 2 / 3 and not is_plan(earlier)


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
    if not says_replaced(later.content) or tells_end(earlier):
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
