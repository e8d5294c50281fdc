"""What a statement tells as far as changes go: who it is about, what it names, and of which property."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.text_caches import text_cache
from app.core.vocabulary import ChangeKind, Form
from app.memory.identity.attributes import ATTRIBUTES
from app.memory.reconciliation.cues.change_cues import fold_sentence, is_plan_sentence, read_cues, says_new
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.topic_values import told_topics, topics_among

ACCOUNT_SUBJECT = "user"

_LEADING_NAMES = re.compile(r"(?:The |My |Our )?([A-Z][\w'-]*)(?: and ([A-Z][\w'-]*))?(?= )")

RELATION = re.compile(
    r"(?i:the user|user|i|my|our|we|[a-z][\w-]*)(?:['’]s)? +(?i:(?:new|current|older|younger|little|big"
    r"|best|eldest|late|ex|great|beloved|dear|old)[ -])*"
    r"((?i:(?:(?:god|step|grand|foster|half)[- ]?)?(?:mother|father|mum|mom|dad|parents?|sister|brother"
    r"|siblings?|son|daughter|kids?|child(?:ren)?"
    r"|wife|husband|partner"
    r"|girlfriend|boyfriend|grandmother|grandfather|grandma|grandpa|gran|nan|grandparents?|aunt|uncle"
    r"|cousin|niece|nephew|friend"
    r"|boss|manager|roommate|flatmate|housemate|neighbou?r|colleague|dog|cat|horse|rabbit|in-laws?"
    r"|fianc\u00e9e?|fiancee?)(?:-in-law)?))\b"
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
    `said_at` and `happens_at` (of an event) are no part of what is compared or kept.
    """

    content: str
    subject: str | None = None
    attribute: str | None = None
    value: str | None = None
    polarity: int = 1
    form: Form = Form.STATE
    is_open: bool = True
    lies_ahead: bool = False
    said_at: datetime | None = field(default=None, compare=False)
    happens_at: datetime | None = field(default=None, compare=False)


def _chars(told: Told) -> int:
    return len(told.content)


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
    return holds_on(content)


@text_cache()
def holds_on(content: str) -> bool:
    return _PRESENT.search(fold_sentence(content)) is not None or says_new(content)


_PRESENT = re.compile(
    r"\b(?:still|is|are|am|has|have|lives?|works?|drives?|uses?|takes?|pays?|plays?|stays?|goes)\b"
)

# Titles and days are part of many names, and tell none of them.
NO_OWN_NAMES = object_words(
    "dr doctor mr mrs ms miss prof professor st saint sir new year's day christmas easter "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december"
) | frozenset(["dr", "mr", "st", "ms"])


def stems_of(names: frozenset[str]) -> frozenset[str]:
    return names | frozenset(stem for name in names for stem in object_words(name))


def named_things(words: frozenset[str], told: Told) -> frozenset[str]:
    """Those of the stems that are names in the sentence."""
    return words & frozenset(stem for name in names_in(told.content) for stem in object_words(name))


def name_others(later: Told, earlier: Told, ignored: frozenset[str]) -> bool:
    """Whether each statement tells of something by its name, besides the ignored, and of nothing alike."""
    ignored |= NO_OWN_NAMES
    named, held = (named_things(object_words(told.content), told) - ignored for told in (later, earlier))
    return bool(named) and bool(held) and not named & held


def relation_words(relation: re.Match[str], self_names: frozenset[str] = frozenset()) -> frozenset[str]:
    """The words for a relative of somebody: of another person than the account's, with whose it is."""
    owner = relation[0].split()[0].casefold().replace("\u2019", "'").removesuffix("'s")
    if owner not in _OWN_OWNERS | self_names:
        return frozenset(part for part in (f"{owner}'s {_kin_of(relation)}", relation["name"]) if part)
    return frozenset(part.casefold() for part in (_kin_of(relation), relation["name"]) if part)


def _kin_of(relation: re.Match[str]) -> str:
    """The relation in one word: "step-mother" and "stepmother" are one, and no mother."""
    return re.sub(r"^(god|step|grand|foster|half)[- ]", r"\1", relation[1].casefold())


def tells_end(told: Told) -> bool:
    """Whether a statement itself tells that something is over, and so no value that could be replaced."""
    return told.polarity < 0 or any(
        cue.sense.kind is ChangeKind.END
        and not cue.sense.is_return
        and (cue.sense.topics or cue.heads or cue.habits)
        for cue in read_cues(told.content)
    )


_ACTIVITY = re.compile(
    r"\b(?:is|are|am|'m|'re|been|'s) (?:[\w-]+ ){0,2}?\w{2,}ing\b|\b(?:works?|working|project|plan(?:s"
    r"|ning)?|due"
    r"|deadline|going to|will|want(?:s|ing)? to|ha(?:s|ve) to|needs? to|must|applying|signed up|train(?:s"
    r"|ing) for"
    r"|(?:is|are|am) (?:currently |now )?(?:on|in|doing))\b"
)


@text_cache()
def is_activity(content: str) -> bool:
    """Whether a sentence tells of what somebody is at, so that it can be finished."""
    return _ACTIVITY.search(fold_sentence(content)) is not None


def is_plan(told: Told) -> bool:
    return told.lies_ahead or is_plan_sentence(told.content)


@text_cache(size_of=_chars)
def topics_of(told: Told) -> frozenset[str]:
    """The attributes that a statement tells about: its slot's and those of its words."""
    own = frozenset[str]() if told.attribute is None else frozenset([told.attribute.split(":")[0]])
    return own | told_topics(told.content)


def topics_among_of(told: Told, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted attributes that a statement tells about."""
    own = frozenset[str]() if told.attribute is None else frozenset([told.attribute.split(":")[0]])
    return wanted & own | topics_among(told.content, wanted)


@text_cache(1_000)
def is_single(name: str) -> bool:
    """Whether a property has one value at a time."""
    spec = ATTRIBUTES.get(name)
    return spec is not None and not spec.is_multiple and not spec.is_event and name not in _VAGUE


_VAGUE_NAMES = """
experience reading watching goal office commute health sleep degree skill life_status origin
birthplace birthday name experience_had favourite count project team department budget
"""

_VAGUE = frozenset(_VAGUE_NAMES.split())


def same_subject(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements may be about one person or thing; where it is not known they may."""
    names = _relative_name(later.content), _relative_name(earlier.content)
    if all(names) and names[0] != names[1]:
        return False  # two sisters of somebody
    one, other = subject_keys(later, self_names), subject_keys(earlier, self_names)
    return not one or not other or bool(one & other)


@text_cache()
def _relative_name(content: str) -> str | None:
    """The name of the relative whom a sentence is about ("her sister Ida has ..."), if it has it."""
    relation = RELATION.match(content)
    return relation["name"] if relation is not None and not relation["link"] else None


_OWN_OWNERS = frozenset(["the", "user", "i", "my", "our", "we"])


def is_mentioned(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether who or what one statement is about is named in the other ("Comet was put down")."""
    for one, other in ((later, earlier), (earlier, later)):
        text = fold_sentence(other.content)
        keys = subject_keys(one, self_names)
        keys |= self_names if ACCOUNT_SUBJECT in keys else frozenset[str]()
        if any(re.search(rf"(?<![\w-]){re.escape(key)}(?!['\w-])", text) for key in keys):
            return True
    return False


@text_cache(size_of=_chars)
def subject_keys(told: Told, self_names: frozenset[str]) -> frozenset[str]:
    """The words that name who a statement is about; empty if nobody is named."""
    relation = RELATION.match(told.content)
    if relation is not None:
        words = relation_words(relation, self_names)
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


@text_cache()
def names_in(content: str) -> frozenset[str]:
    """The words of a sentence that are written as names, in lower case."""
    words = re.findall(r"[A-Za-z\u00c0-\u024f][\w'-]*", content)
    return frozenset(
        word.casefold().removesuffix("'s") for word in words[1:] if word[0].isupper() and word != "I"
    )
