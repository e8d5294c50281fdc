"""Replays dated assertions into intervals of validity: of one memory, and of the memories of one slot.

Sorting before the replay makes the result independent of the order of arrival. An assertion with less
authority than the one that it goes against changes nothing; it leaves a doubt, until a later assertion of
enough authority settles it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Origin
from app.memory.reconciliation.decisions import SOURCE_AUTHORITY
from app.memory.types import NEVER_TRUE, Assertion


@dataclass(frozen=True, slots=True)
class ValidityInterval:
    """[since, until): the interval in which one memory held; `until` is None while it still does."""

    memory_id: UUID
    since: datetime
    until: datetime | None


SaidKey = tuple[datetime, str, int, str, datetime | None, UUID]


def assertion_sort_key(assertion: Assertion) -> SaidKey:
    """Sort key of an assertion in valid time, independent of arrival order; the later of two edits wins."""
    edited_at = assertion.recorded_at if assertion.turn_id is None else None
    position = (assertion.asserted_at, assertion.session_id, assertion.position, str(assertion.turn_id or ""))
    return (*position, edited_at, assertion.memory_id)


def drop_corrected(assertions: Sequence[Assertion]) -> list[Assertion]:
    """The assertions without those that a later correction takes back, and without the corrections."""
    corrections = [one for one in assertions if one.polarity == NEVER_TRUE]
    if not corrections:
        return list(assertions)

    def is_taken_back(assertion: Assertion) -> bool:
        return any(
            one.memory_id == assertion.memory_id
            and one.asserted_at >= assertion.asserted_at
            and _may_end(one, assertion)
            for one in corrections
        )

    return [one for one in assertions if one.polarity != NEVER_TRUE and not is_taken_back(one)]


def replay_memory(assertions: Sequence[Assertion]) -> tuple[list[ValidityInterval], bool]:
    """The intervals in which a memory without a slot held, oldest first, and whether that is in doubt."""
    timeline: list[ValidityInterval] = []
    is_doubted = False
    holder: Assertion | None = None
    ender: Assertion | None = None
    for assertion in sorted(drop_corrected(assertions), key=assertion_sort_key):
        if assertion.polarity < 0:
            if holder is None:
                ender = _stronger(assertion, ender) if ender is not None else None
            elif _may_end(assertion, holder):
                timeline[-1] = _end_interval(timeline[-1], assertion.asserted_at)
                holder, ender, is_doubted = None, assertion, False
            else:
                is_doubted = True
        elif holder is not None:
            is_doubted = is_doubted and not _may_end(assertion, holder)
            holder = _stronger(assertion, holder)
        elif ender is None or _may_end(assertion, ender):
            timeline.append(ValidityInterval(assertion.memory_id, assertion.asserted_at, None))
            holder, ender = assertion, None
        else:
            is_doubted = True
    return timeline, is_doubted


def _stronger(new: Assertion, old: Assertion) -> Assertion:
    return new if SOURCE_AUTHORITY[new.origin] >= SOURCE_AUTHORITY[old.origin] else old


def _may_end(assertion: Assertion, held: Assertion) -> bool:
    """Whether an assertion has the authority to go against another; the user's word ends also an edit."""
    needed = min(SOURCE_AUTHORITY[held.origin], SOURCE_AUTHORITY[Origin.USER])
    return SOURCE_AUTHORITY[assertion.origin] >= needed


def replay_slot(assertions: Sequence[Assertion]) -> tuple[list[ValidityInterval], set[UUID]]:
    """The timeline of one slot, from all its dated assertions, and the memories that are left in conflict.

    A denial (polarity -1) ends its own memory's interval, unless its authority is too small. An assertion
    never replaces the holder's value if it has less authority, or has the same date in another session: the
    two are in conflict until a later assertion of at least that authority says who holds the slot, or the
    holder's value is denied.
    """
    replay = _SlotReplay()
    for assertion in sorted(drop_corrected(assertions), key=assertion_sort_key):
        if assertion.polarity < 0:
            replay.deny(assertion)
        else:
            replay.state(assertion)
    return replay.timeline, set(replay.disputed)


class _SlotReplay:
    """Who holds a slot, who disputes it, and which values were denied, after the assertions so far."""

    def __init__(self) -> None:
        self.timeline: list[ValidityInterval] = []
        self.disputed: dict[UUID, Assertion] = {}
        self._holder: Assertion | None = None
        self._enders: dict[UUID, Assertion] = {}

    def deny(self, assertion: Assertion) -> None:
        """End the value's interval, if it holds the slot; the best of the disputed claims follows it."""
        claim = self.disputed.get(assertion.memory_id)
        if claim is not None and _may_end(assertion, claim):
            del self.disputed[assertion.memory_id]
        holder = self._holder
        if holder is None or holder.memory_id != assertion.memory_id or not _may_end(assertion, holder):
            return
        self._enders[assertion.memory_id] = assertion
        self.timeline[-1] = _end_interval(self.timeline[-1], assertion.asserted_at)
        self._holder, self.disputed = _next_holder(self.disputed)
        if self._holder is not None:
            self._begin(self._holder.memory_id, assertion.asserted_at)

    def state(self, assertion: Assertion) -> None:
        """Let the value hold the slot, or dispute it where the assertion may not replace the holder."""
        holder = self._holder
        is_holder = holder is not None and holder.memory_id == assertion.memory_id
        ender = self._enders.get(assertion.memory_id)
        if not is_holder and ender is not None and not _may_end(assertion, ender):
            return
        if holder is not None and not is_holder:
            is_weaker = SOURCE_AUTHORITY[assertion.origin] < SOURCE_AUTHORITY[holder.origin]
            if is_weaker or _is_tied(assertion, holder):
                self.disputed[assertion.memory_id] = assertion
                return
            self.timeline[-1] = _end_interval(self.timeline[-1], assertion.asserted_at)
        if not is_holder:
            self._begin(assertion.memory_id, assertion.asserted_at)
        self._holder = assertion if holder is None else _stronger(assertion, holder)
        self.disputed = {i: one for i, one in self.disputed.items() if not _settles_dispute(assertion, one)}

    def _begin(self, memory_id: UUID, since: datetime) -> None:
        self.timeline.append(ValidityInterval(memory_id, since, None))


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
