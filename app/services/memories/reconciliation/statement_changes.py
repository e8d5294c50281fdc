"""Apply what one statement does to another: the later in valid time ends, replaces or corrects the earlier.

A change is kept as assertions about the memory that it ends, with the turn, the quote and the date of the one
that ends it. So its validity follows from a replay, in whatever order the two arrived, and the deletion of
that turn or memory undoes it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.core.vocabulary import ChangeKind, Form, LinkType, Op, Origin
from app.memory.reconciliation.decisions import CONFLICT_FACTOR, SOURCE_AUTHORITY
from app.memory.reconciliation.timeline.replay import assertion_sort_key
from app.memory.reconciliation.told import can_end
from app.memory.types import NEVER_TRUE, Assertion
from app.services.memories.reconciliation.memory_pool import MemoryPool, is_state
from app.services.memories.validity_replay import slot_of

# These say that two statements can't both hold, whichever is the later.
_EXCLUSIVE = frozenset({ChangeKind.REPLACE, ChangeKind.RESCHEDULE})
_TICK = timedelta(microseconds=1)


def relate_statements(pool: MemoryPool, one: UUID, other: UUID, kind: ChangeKind, reason: str) -> None:
    """Let the later of two statements change the earlier; a correction goes by when it was said."""
    if one == other:
        return
    said_of_one, said_of_other = pool.said_of(one), pool.said_of(other)
    if not said_of_one or not said_of_other:
        return
    if kind is ChangeKind.CORRECT:
        is_later = _first_told(pool, said_of_one) >= _first_told(pool, said_of_other)
    else:
        first_of_one = min(map(assertion_sort_key, said_of_one))
        is_later = first_of_one >= min(map(assertion_sort_key, said_of_other))
    later, earlier = (one, other) if is_later else (other, one)
    if kind is ChangeKind.END and not _is_open(pool, earlier):
        return
    _end_by(pool, later, earlier, kind)
    # Who ended it and then states it again makes it true again: then the end is over.
    if kind in _EXCLUSIVE or (is_state(pool.get(later)) and kind is not ChangeKind.CORRECT):
        _end_by(pool, earlier, later, ChangeKind.END)
        if max(map(assertion_sort_key, pool.said_of(earlier))) > min(
            map(assertion_sort_key, pool.said_of(later))
        ):
            pool.change.link(earlier, later, LinkType.SUPERSEDES)
    if _has_authority(pool, later, earlier) and not pool.get(earlier).frozen:
        pool.change.link(later, earlier, LinkType.SUPERSEDES)
        if earlier in pool.rows:
            pool.change.edit(earlier, Op.SUPERSEDE, reason, {})
    else:
        doubt_statements(pool, later, earlier, reason)


def doubt_statements(pool: MemoryPool, one: UUID, other: UUID, reason: str) -> None:
    """Mark two statements that can't both hold, where nothing tells which does: neither is ended."""
    change = pool.change
    if any(
        link.type == LinkType.CONTRADICTS and {link.source_id, link.target_id} == {one, other}
        for link in change.links
    ):
        return
    change.link(one, other, LinkType.CONTRADICTS)
    for memory_id in (one, other):
        before = change.pending_values(memory_id).get("confidence", pool.get(memory_id).confidence)
        change.edit(memory_id, Op.CONTRADICT, reason, {"confidence": round(before * CONFLICT_FACTOR, 4)})


def repeat_changes(pool: MemoryPool, repeated: dict[UUID, Assertion]) -> None:
    """Let memories that were stated again end once more what they had ended, and what had ended them."""
    for ender, ended in pool.partners_of(repeated):
        key = slot_of(pool.get(ender))
        if key is not None and key == slot_of(pool.get(ended)):
            continue
        if ender in repeated:
            _assert_end(pool, repeated[ender], ender, ended)
        if ended in repeated and is_state(pool.get(ender)):
            _assert_end(pool, repeated[ended], ended, ender)
            if assertion_sort_key(repeated[ended]) > min(map(assertion_sort_key, pool.said_of(ender))):
                pool.change.link(ended, ender, LinkType.SUPERSEDES)


def _first_told(pool: MemoryPool, said: Sequence[Assertion]) -> tuple[datetime, str, int]:
    """When something was first said; of two statements the one that was said later corrects the other."""
    return min((pool.told_at(one), one.session_id, one.position) for one in said)


def _end_by(pool: MemoryPool, ender: UUID, ended: UUID, kind: ChangeKind) -> None:
    for said in pool.said_of(ender):
        _assert_end(pool, said, ender, ended, is_correction=kind is ChangeKind.CORRECT)


def _assert_end(
    pool: MemoryPool, said: Assertion, ender: UUID, ended: UUID, *, is_correction: bool = False
) -> None:
    """Add that what was said of the ender ends the other memory, unless the same turn states both."""
    stored = pool.assertions_of(ended)
    if any(one.turn_id is not None and one.turn_id == said.turn_id for one in stored):
        return
    copy = replace(
        said,
        memory_id=ended,
        recorded_at=pool.change.now,
        polarity=NEVER_TRUE if is_correction else -1,
        asserted_at=_correction_date(pool, said, ended)
        if is_correction
        else _end_date(pool, said, ender, ended),
        owner_user_id=None,
        owner_memory_id=None,
        owner_version=None,
    )
    pool.change.assert_said(copy)
    pool.change.replay_memories([ended])


def _correction_date(pool: MemoryPool, said: Assertion, ended: UUID) -> datetime:
    """When a correction was said; it takes back all that was said before, from whatever day on that holds."""
    told_at = pool.told_at(said)
    before = [one.asserted_at for one in pool.said_of(ended) if pool.told_at(one) <= told_at]
    return max([told_at, *before])


def _end_date(pool: MemoryPool, said: Assertion, ender: UUID, ended: UUID) -> datetime:
    """When what the ender tells took place; at the earliest right after the other was last stated before."""
    ending = pool.get(ender)
    at = said.asserted_at
    if ending.form == Form.EVENT and ending.event_from is not None:
        at = min(at, ending.event_from)
    before = [one for one in pool.said_of(ended) if assertion_sort_key(one) <= assertion_sort_key(said)]
    if not before or before[-1].asserted_at < at:
        return at
    last = before[-1].asserted_at
    follows = at == said.asserted_at == last
    return last if follows else last + _TICK


def _is_open(pool: MemoryPool, memory_id: UUID) -> bool:
    """Whether a memory can end: what only happened is over as it is."""
    memory = pool.get(memory_id)
    first = pool.said_of(memory_id)[0].asserted_at
    return is_state(memory) or can_end(memory.content, memory.form, memory.event_from, first)


def _has_authority(pool: MemoryPool, later: UUID, earlier: UUID) -> bool:
    ending, held = pool.said_of(later), pool.said_of(earlier)
    return max(SOURCE_AUTHORITY[one.origin] for one in ending) >= min(
        max(SOURCE_AUTHORITY[one.origin] for one in held), SOURCE_AUTHORITY[Origin.USER]
    )
