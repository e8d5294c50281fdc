"""Decides what a new fact does to stored memories, and replays a slot's assertions into a timeline."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.vocabulary import Kind, Origin
from app.memory.reconciliation.verdicts import Verdict
from app.memory.text.analysis_text import analyse_original
from app.memory.types import Assertion, Fact, Memory, Slot

SOURCE_AUTHORITY = {
    Origin.EDIT: 5,
    Origin.USER: 4,
    Origin.TOOL: 3,
    Origin.ASSISTANT: 2,
    Origin.COPY: 1,  # another user's memory ends nothing that this user stated
    Origin.INFERENCE: 0,
}
SOURCE_RELIABILITY = {
    Origin.EDIT: 0.95,
    Origin.USER: 0.8,
    Origin.TOOL: 0.6,
    Origin.ASSISTANT: 0.4,
    Origin.COPY: 0.5,
    Origin.INFERENCE: 0.5,
}
MAX_CONFIDENCE = 0.99
CONFLICT_FACTOR = 0.7  # factor (chosen) by which both sides of a contradiction lose confidence
YES_NO_VALUES = {"yes", "no"}

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
# English, German, Italian, French, Spanish, Portuguese, Dutch, Russian, Chinese, Japanese. A word too many
# only keeps two texts apart.
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nothing|without|cannot|nicht|kein\w*|nie|niemals|ohne|non|mai|senza|pas|jamais|sans"
    r"|nunca|jamás|sin|não|nem|sem|niet|geen|nooit|не|нет|никогда|без)\b|n['’]t\b|[不没沒無无未]|ない|ません",
    re.IGNORECASE,
)
_DATE_WORD = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SimilarityThresholds:
    """Cosine thresholds for MiniLM (chosen).

    From `duplicate` on two texts are the same statement, from `grey_zone` on a model is asked.
    """

    duplicate: float = 0.92
    grey_zone: float = 0.80


class ReconciliationAction(StrEnum):
    """What is done with a fact."""

    SAME = "same"
    NEW = "new"
    DENY = "deny"
    REFINE = "refine"
    REPLACE = "replace"
    CONTRADICT = "contradict"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class ReconciliationDecision:
    """An action, the stored memory that it concerns, and the reason."""

    action: ReconciliationAction
    memory_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class ValidityInterval:
    """[since, until): the interval in which one memory held a slot; `until` is None while it still does."""

    memory_id: UUID
    since: datetime
    until: datetime | None


def normalise_text(text: str) -> str:
    """Normalise case, width, marks, punctuation and spaces, so that equal statements compare equal."""
    folded = unicodedata.normalize("NFKC", analyse_original(text).text).casefold()
    return " ".join(re.sub(r"[^\w\s:+@./-]", " ", folded).strip(" .").split())


def content_hash(text: str) -> bytes:
    """SHA-256 of the normalised text, 32 bytes."""
    return hashlib.sha256(normalise_text(text).encode()).digest()


def details_differ(left: str, right: str) -> bool:
    """Whether two texts differ in a number, date word or negation; then their similarity is no evidence."""
    # Numbers are compared first: most pairs differ in them, and a search compares many pairs.
    return (
        _find_tokens(_NUMBER, left) != _find_tokens(_NUMBER, right)
        or _find_tokens(_DATE_WORD, left) != _find_tokens(_DATE_WORD, right)
        or _has_negation(left) != _has_negation(right)
    )


def extract_details(text: str) -> tuple[frozenset[str], frozenset[str], bool]:
    """(numbers, date words, whether there is a negation) of a text."""
    return _find_tokens(_NUMBER, text), _find_tokens(_DATE_WORD, text), _has_negation(text)


def _find_tokens(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(map(str.casefold, pattern.findall(text)))


def _has_negation(text: str) -> bool:
    return _NEGATION.search(text) is not None


def decide_action(
    fact: Fact,
    known: Sequence[Memory],
    verdicts: Mapping[UUID, Verdict] | None,
    thresholds: SimilarityThresholds = SimilarityThresholds(),
) -> ReconciliationDecision:
    """Decide by exact text, then by slot, then by similarity; `ASK` only in the grey zone.

    `known` are the memories with the same text, of the same slot, or close by cosine (`similarity`).
    `verdicts` are a model's answers for the grey zone, by memory id; None means that there is no model to
    ask.
    """
    fact_hash = content_hash(fact.content)
    for memory in known:
        same_kind = memory.kind == fact.kind and memory.form == fact.form
        if same_kind and content_hash(memory.content) == fact_hash:
            return ReconciliationDecision(ReconciliationAction.SAME, memory.id, "same words")
    if fact.slot is not None:
        return _decide_slot(fact, known)
    near = [m for m in known if is_comparable(fact, m) and m.similarity >= thresholds.grey_zone]
    for memory in sorted(near, key=lambda m: (-m.similarity, m.id)):
        is_certain = memory.similarity >= thresholds.duplicate and memory.polarity == fact.polarity
        if is_certain and not details_differ(memory.content, fact.content):
            return ReconciliationDecision(
                ReconciliationAction.SAME, memory.id, f"cosine {memory.similarity:.2f}"
            )
        if verdicts is None:
            continue
        if memory.id not in verdicts:
            return ReconciliationDecision(
                ReconciliationAction.ASK, memory.id, f"cosine {memory.similarity:.2f}"
            )
        decision = _decide_by_verdict(verdicts[memory.id], memory)
        if decision is not None:
            return decision
    return ReconciliationDecision(ReconciliationAction.NEW, None, "nothing like it")


def is_comparable(fact: Fact, memory: Memory) -> bool:
    """Whether similarity between the two is evidence.

    An example equals another only by the same words. A derived memory is nobody's statement, so a similar
    fact must not be merged into it.
    """
    has_example = Kind.EXAMPLE in {fact.kind, memory.kind}
    is_derived = memory.origin is Origin.INFERENCE
    return memory.slot is None and memory.form == fact.form and not has_example and not is_derived


def _decide_slot(fact: Fact, known: Sequence[Memory]) -> ReconciliationDecision:
    slot = fact.slot
    assert slot is not None
    for memory in known:
        known_slot = memory.slot
        if known_slot is None or (known_slot.subject, known_slot.attribute, known_slot.value) != (
            slot.subject,
            slot.attribute,
            slot.value,
        ):
            continue
        if memory.polarity == fact.polarity:
            return ReconciliationDecision(
                ReconciliationAction.SAME, memory.id, f"same value of {slot.attribute}"
            )
        if is_retraction(slot, fact.polarity):
            return ReconciliationDecision(
                ReconciliationAction.DENY, memory.id, f"{slot.attribute} is no longer {slot.value}"
            )
    return ReconciliationDecision(ReconciliationAction.NEW, None, f"value of {slot.attribute}")


def _decide_by_verdict(verdict: Verdict, memory: Memory) -> ReconciliationDecision | None:
    action = {
        Verdict.SAME: ReconciliationAction.SAME,
        Verdict.REFINES: ReconciliationAction.REFINE,
        Verdict.SUPERSEDES: ReconciliationAction.REPLACE,
        Verdict.RETRACTS: ReconciliationAction.REPLACE,
        Verdict.CONTRADICTS: ReconciliationAction.CONTRADICT,
    }.get(verdict)
    return ReconciliationDecision(action, memory.id, f"model: {verdict}") if action is not None else None


def assertion_sort_key(assertion: Assertion) -> tuple[datetime, str, int, str, datetime | None, UUID]:
    """Sort key of an assertion in valid time, independent of arrival order; the later of two edits wins."""
    edited_at = assertion.recorded_at if assertion.turn_id is None else None
    position = (assertion.asserted_at, assertion.session_id, assertion.position, str(assertion.turn_id or ""))
    return (*position, edited_at, assertion.memory_id)


def replay_slot(assertions: Sequence[Assertion]) -> tuple[list[ValidityInterval], set[UUID]]:
    """The timeline of one slot, from all its dated assertions, and the memories that are left in conflict.

    Sorting before the replay makes the result independent of arrival order. A denial (polarity -1) ends its
    own memory's interval. An assertion never replaces the holder's value if it has less authority, or has the
    same date in another session: the two are in conflict until a later assertion of at least that authority
    says who holds the slot, or the holder's value is denied.
    """
    timeline: list[ValidityInterval] = []
    disputed: dict[UUID, Assertion] = {}
    holder: Assertion | None = None
    for assertion in sorted(assertions, key=assertion_sort_key):
        is_holder = holder is not None and assertion.memory_id == holder.memory_id
        if assertion.polarity < 0:
            disputed.pop(assertion.memory_id, None)
            if is_holder:
                timeline[-1] = _end_interval(timeline[-1], assertion.asserted_at)
                holder, disputed = _next_holder(disputed)
                if holder is not None:
                    timeline.append(ValidityInterval(holder.memory_id, assertion.asserted_at, None))
            continue
        if holder is not None and not is_holder:
            if SOURCE_AUTHORITY[assertion.origin] < SOURCE_AUTHORITY[holder.origin] or _is_tied(
                assertion, holder
            ):
                disputed[assertion.memory_id] = assertion
                continue
            timeline[-1] = _end_interval(timeline[-1], assertion.asserted_at)
        if not is_holder:
            timeline.append(ValidityInterval(assertion.memory_id, assertion.asserted_at, None))
        if holder is None or SOURCE_AUTHORITY[assertion.origin] >= SOURCE_AUTHORITY[holder.origin]:
            holder = assertion
        disputed = {i: claim for i, claim in disputed.items() if not _settles_dispute(assertion, claim)}
    return timeline, set(disputed)


def _is_tied(left: Assertion, right: Assertion) -> bool:
    """Whether neither of two assertions can be said to be the later one."""
    same_authority = SOURCE_AUTHORITY[left.origin] == SOURCE_AUTHORITY[right.origin]
    return same_authority and left.asserted_at == right.asserted_at and left.session_id != right.session_id


def _settles_dispute(assertion: Assertion, claim: Assertion) -> bool:
    """Whether an assertion of the slot's holder after a disputed claim ends the dispute."""
    if assertion.memory_id == claim.memory_id:
        return True
    return SOURCE_AUTHORITY[assertion.origin] >= SOURCE_AUTHORITY[claim.origin] and not _is_tied(
        assertion, claim
    )


def _next_holder(disputed: Mapping[UUID, Assertion]) -> tuple[Assertion | None, dict[UUID, Assertion]]:
    """(the best of the disputed claims, the remaining disputes) after the holder's value is denied."""
    if not disputed:
        return None, {}
    best = max(
        disputed.values(), key=lambda claim: (SOURCE_AUTHORITY[claim.origin], assertion_sort_key(claim))
    )
    return best, {i: c for i, c in disputed.items() if c is not best and not _is_replaced(c, best)}


def _is_replaced(claim: Assertion, by: Assertion) -> bool:
    return assertion_sort_key(claim) < assertion_sort_key(by) and not _is_tied(claim, by)


def _end_interval(interval: ValidityInterval, at: datetime) -> ValidityInterval:
    return ValidityInterval(interval.memory_id, interval.since, at)


def is_retraction(slot: Slot | None, polarity: int) -> bool:
    """Whether a statement retracts a value, rather than giving a yes/no slot its negative."""
    return slot is not None and polarity < 0 and slot.value not in YES_NO_VALUES


def combine_confidences(reliability_by_session: Sequence[tuple[str, float]]) -> float:
    """Noisy-or of independent sources, 1 - prod(1 - r), at most `MAX_CONFIDENCE`.

    Takes (session_id, reliability in [0, 1]) pairs; only the strongest of each session counts.
    """
    best: dict[str, float] = {}
    for session_id, reliability in reliability_by_session:
        best[session_id] = max(best.get(session_id, 0.0), reliability)
    doubt = 1.0
    for reliability in best.values():
        doubt *= 1.0 - reliability
    return round(min(1.0 - doubt, MAX_CONFIDENCE), 4)
