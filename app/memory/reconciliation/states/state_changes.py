"""Whether a state that one statement tells excludes the state that an earlier one told of the same holder."""

import re

from app.core.text_caches import text_cache
from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.cues.change_cues import says_corrected, says_new, says_replaced
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.states.clauses import split_clauses
from app.memory.reconciliation.states.holders import NOBODY, Holder, is_same_holder, resolve_holder
from app.memory.reconciliation.states.state_frames import Hold
from app.memory.reconciliation.states.state_reading import read_states, read_subject
from app.memory.reconciliation.states.state_words import SEVERAL_NOUNS, SINGLE_NOUNS
from app.memory.reconciliation.states.states import State
from app.memory.reconciliation.told import Finding, Found, Told, tells_end

_CIVIL = frozenset(
    [
        "relationship",
        "employment",
        "pregnancy",
        "tenure",
        "driving",
        "hours",
        "work_place",
        "diet",
        "studies",
        "training",
        "smoking",
        "drinking",
        "parenthood",
        "living",
        "religion",
    ]
)
# One at a time, so that another value replaces it without a word of change.
_STRICT = frozenset(["residence", "employer", "bank", "carrier", "internet", "energy", "insurance", "school"])
# Mostly one at a time, so that a second one is put in doubt: one may have two cars.
_ONE_AT_A_TIME = frozenset(
    ["gym", "doctor", "vehicle", "bicycle", "field_of_study", "office", "reports to", "way to work"]
)
_DOUBTED_LINES = frozenset(["diet", "tenure", "smoking", "drinking", "religion", "living"])
_MEETING_TOPICS = {
    "thing:bank": "bank", "thing:employer": "employer", "thing:carrier": "carrier", "thing:gym": "gym",
    "thing:internet": "internet", "thing:energy": "energy", "thing:insurance": "insurance",
    "thing:school": "school",
    "thing:doctor": "doctor", "thing:vehicle": "vehicle", "thing:bicycle": "bicycle", "thing:phone": "phone",
    "thing:laptop": "laptop", "thing:camera": "camera", "thing:residence": "residence",
    "thing:browser": "browser",
    "thing:editor": "editor", "thing:console": "console", "thing:watch": "watch", "thing:company": "employer",
    "thing:major": "field_of_study",
}  # fmt: skip


def share_state(one: Told, other: Told) -> bool:
    """Whether two statements tell states of one topic."""
    return not _topics_of(one.content).isdisjoint(_topics_of(other.content))


@text_cache()
def _topics_of(content: str) -> frozenset[str]:
    return frozenset(map(_topic, read_states(content)))


def find_state_change(later: Told, earlier: Told, self_names: frozenset[str]) -> Found | None:
    """The end of the earlier statement by a state of the later one that excludes it."""
    if later.lies_ahead or later.polarity < 0 or not share_state(later, earlier):
        return None
    held = read_states(earlier.content)
    if held and (earlier.lies_ahead or tells_end(earlier)):
        # "Is single" is a state after an end, "is expecting a baby in June" one with an end that lies ahead;
        # "broke up" is the end itself, and stays.
        held = tuple(state for state in held if state.topic in _CIVIL and state.hold is Hold.HOLDS)
    if not held:
        return None
    doubt: Found | None = None
    for state in read_states(later.content):
        for before in held:
            found = _compare(state, before, later, earlier, self_names)
            if found is None:
                continue
            if found.finding is Finding.CHANGED and not _tells_of_others(held, before, earlier, self_names):
                return found
            doubt = doubt or Found(Finding.DOUBTFUL, found.kind, found.reason)
    return doubt


def _topic(state: State) -> str:
    return _MEETING_TOPICS.get(state.topic, state.topic)


def _tells_of_others(
    held: tuple[State, ...], before: State, earlier: Told, self_names: frozenset[str]
) -> bool:
    """Whether the earlier statement tells a state of another person too, which would end with it."""
    one = resolve_holder(before.holder, earlier.subject, self_names)
    others = (resolve_holder(state.holder, earlier.subject, self_names) for state in held)
    return any(
        (other.kin or other.names) and not other.is_thing and not is_same_holder(one, other)
        for other in others
    )


def _compare(
    state: State, before: State, later: Told, earlier: Told, self_names: frozenset[str]
) -> Found | None:
    if _topic(state) != _topic(before) or state.is_secondary or before.is_secondary:
        return None
    if not _same_owner(state, before, later, earlier, self_names):
        return None
    is_new = state.hold is Hold.BEGINS or _says_new(later.content)
    is_certain = _exclude(state, before, object_words(earlier.content), is_new)
    if is_certain is None:
        return None
    kind = ChangeKind.CORRECT if says_corrected(later.content) else ChangeKind.REPLACE
    finding = Finding.CHANGED if is_certain else Finding.DOUBTFUL
    return Found(finding, kind, f"another {_topic(state).removeprefix('thing:').partition(':')[0]}")


_CONTRAST = re.compile(r"(?:,|\band) not \S|\bnot (?:\S+ ){1,3}but \S|\brather than\b|\bno longer\b")


def _says_new(content: str) -> bool:
    return says_new(content) or says_replaced(content) or _CONTRAST.search(content) is not None


def _exclude(state: State, before: State, earlier_words: frozenset[str], is_new: bool) -> bool | None:
    """Whether a state surely takes the place of one of its topic; False for maybe, None for not at all."""
    if state.topic in _CIVIL:
        return _is_other_line(state, before, is_new)
    if state.topic == "role":
        return _is_other_role(state, before, is_new)
    if state.is_described and before.is_described:
        return _is_other_description(state, before, is_new)
    if before.old or not _differ(state, before) or not _gives_up(state, before.value | earlier_words):
        return None
    is_firm = state.hold is Hold.HOLDS and before.hold is not Hold.HAS
    if is_new or _topic(state) in _STRICT:
        return is_new or is_firm
    return False if is_firm and _topic(state) in _ONE_AT_A_TIME else None


def _gives_up(state: State, held: frozenset[str]) -> bool:
    """Whether the value that a state names as the one before is the one held, if it names any."""
    return not state.old or bool(state.old & held)


def _is_other_line(state: State, before: State, is_new: bool) -> bool | None:
    """Whether a civil state excludes the one before: without a word of change maybe."""
    if state.value == before.value:
        return None
    if is_new or _is_settled(state):
        return True
    return False if state.topic in _DOUBTED_LINES and before.hold is Hold.HOLDS else None


def _is_settled(state: State) -> bool:
    return state.topic == "relationship" or state.hold is Hold.BEGINS


def _is_other_role(state: State, before: State, is_new: bool) -> bool | None:
    """Whether a role is another one at the same place, or a step in the same line of work."""
    if state.value == before.value:
        return None
    same_place = bool(state.organisation & before.organisation)
    other_place = bool(state.organisation) and bool(before.organisation) and not same_place
    same_head = state.head == before.head
    if same_place or (same_head and not other_place):
        return True
    if is_new and (state.hold is Hold.BEGINS or not other_place):
        return True
    return True if same_head and is_new else None


def _is_other_description(state: State, before: State, is_new: bool) -> bool | None:
    """Whether a described thing of one owner is something else than it was."""
    if state.link != before.link or state.modifiers != before.modifiers or not _differ(state, before):
        return None
    if state.head in SEVERAL_NOUNS or before.head in SEVERAL_NOUNS:
        return None
    if bool(state.names) != bool(before.names) or (not state.names and not (state.link and is_new)):
        return None
    if state.old:
        return bool(state.old & before.value) or None
    if is_new:
        return True
    return True if state.head in SINGLE_NOUNS and before.head in SINGLE_NOUNS else None


def _differ(state: State, before: State) -> bool:
    """Whether two values are not one: of names one may say more, of words none may be shared."""
    one, other = state.names or state.value, before.names or before.value
    if state.names and before.names:
        return not (one <= before.value or other <= state.value)
    return bool(one) and bool(other) and not state.value & before.value


def _same_owner(state: State, before: State, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    one, other = _whose(state, later, self_names), _whose(before, earlier, self_names)
    if is_same_holder(one, other):
        return True
    # "The vet" is the vet of whoever was told of: of a pet's, not of another person's.
    is_open = state.is_described and state.holder == NOBODY
    return is_open and before.is_described and not other.kin and not _is_person(before.holder, earlier)


def _whose(state: State, told: Told, self_names: frozenset[str]) -> Holder:
    found = resolve_holder(state.holder, _subject(told, state), self_names)
    is_couple = state.topic == "relationship" and found.kin == "partner" and not found.owners
    return Holder(is_account=True) if is_couple else found


def _subject(told: Told, state: State) -> str | None:
    """Who a statement is about, unless that is the value itself ("Bath is home now")."""
    words = object_words(told.subject or "")
    return None if words and words <= state.value else told.subject


def _is_person(holder: Holder, earlier: Told) -> bool:
    """Whether an owner is named by a proper name."""
    return any(name.capitalize() in earlier.content for name in holder.names)


def are_relatives_of_two(one: str, other: str, self_names: frozenset[str]) -> bool:
    """Whether two sentences are about relatives of one degree of two persons ("Ann's dad", "Bo's dad")."""
    first, second = (
        read_subject(split_clauses(content)[0].text) if content else None for content in (one, other)
    )
    if first is None or second is None or not first.kin or first.kin != second.kin:
        return False
    return first.owners - self_names != second.owners - self_names


def tell_of_others(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether two statements tell one property of different persons or things: neither changes the other."""
    if not share_state(later, earlier):
        return False
    pairs = [
        (state, before)
        for state in read_states(later.content)
        for before in read_states(earlier.content)
        if _topic(state) == _topic(before)
    ]
    return bool(pairs) and all(_is_of_other(*pair, later, earlier, self_names) for pair in pairs)


def _is_of_other(state: State, before: State, later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    if state.is_secondary != before.is_secondary:
        return True
    if not _same_owner(state, before, later, earlier, self_names):
        return True
    if not (state.is_described and before.is_described) or state.head in _TOLD_BY_NUMBER:
        return False
    if state.link != before.link:
        return True  # where a book is, and what it is about
    return state.modifiers != before.modifiers or bool(state.names) != bool(before.names)


_TOLD_BY_NUMBER = frozenset(["number", "code", "rent", "salary", "price", "fee", "score", "weight", "pin"])
