"""Withdraw copies of an erased user's memories from other users, and whatever was derived from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.security import Principal
from app.core.vocabulary import Basis, Kind, Op, Origin, Status
from app.db import models
from app.db.memory_rows import VERSIONED_COLUMNS, MemoryChanges
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import derivations, memories
from app.db.repositories.sharing import copies
from app.db.repositories.sharing.copies import CopiedAssertion
from app.db.user_session import UserSession
from app.memory.reconciliation.decisions import content_hash
from app.memory.redaction import (
    REDACTION_MARKER,
    CopiedWords,
    contains_statement,
    drop_merged_words,
    is_subsumed_by,
    iter_texts,
    keep_corroborated,
    redact_copied_words,
)
from app.memory.types import Assertion
from app.resources import Resources
from app.services.memories.memory_versions import slots_of
from app.services.memories.memory_writes import write_removals
from app.services.memories.unit_of_work import UserWrite, join_user_write
from app.services.platform.user_context import UserContext

_SOURCE_ERASED_REASON = "what it was copied from was erased"
_PART_ERASED_REASON = "what was copied into it was erased"
_POSTED_AGAIN_REASON = "posted again"


@dataclass(slots=True)
class WithdrawalVerdict:
    """What becomes of a memory: it goes, or stays with these columns changed.

    `like` is the turn or memory whose words it gets.
    """

    is_deleted: bool = False
    values: MemoryChanges = field(default_factory=MemoryChanges)
    wording_source_id: UUID | None = None


@dataclass(slots=True)
class _ReceivedCopies:
    """What a receiver has of the erased: the memories, their versions, and what else asserts them."""

    rows: dict[UUID, models.Memory]
    versions: dict[UUID, list[models.MemoryVersion]]
    remaining_assertions: dict[UUID, list[Assertion]]
    received_at: dict[UUID, datetime]
    words: CopiedWords = field(default_factory=CopiedWords)
    foreign_terms: set[str] = field(default_factory=set[str])


def withdraw_copies(
    session: Session, resources: Resources, principal: Principal, owner: str
) -> tuple[int, set[str]]:
    """Remove what others copied of `owner`, through however many hands; (memories that go, whose they were).

    The locks of all who may have a copy are held by the caller.
    """
    waiting, gone, affected = (
        copies.list_copies_from(UserSession(session, principal.tenant_id, owner)),
        0,
        set[str](),
    )
    while waiting:
        by_user: dict[str, list[CopiedAssertion]] = {}
        for one in waiting:
            by_user.setdefault(one.user_id, []).append(one)
        waiting = []
        for name, copied in sorted(by_user.items()):
            if name == owner:
                continue
            with join_user_write(UserContext(resources, principal, name), session) as change:
                count, spoilt = _withdraw_from_user(change, copied)
            gone, affected = gone + count, affected | {name}
            # What was copied on after an edit has the receiver for its owner.
            waiting += copies.list_copies_of_versions(UserSession(session, principal.tenant_id, name), spoilt)
    return gone, affected


def _withdraw_from_user(
    change: UserWrite, copied: Sequence[CopiedAssertion]
) -> tuple[int, list[tuple[UUID, int]]]:
    """(memories of the user that go, the versions that were not the user's own words)."""
    session, tenant_id, user_id = change.session, change.tenant_id, change.user_id
    copies.requeue_consolidation(UserSession(session, tenant_id, user_id))
    held = _load_received_copies(session, tenant_id, copied)
    verdicts = {i: _judge_memory(session, held, row) for i, row in held.rows.items()}
    change.lost_source |= {i for i, verdict in verdicts.items() if not verdict.is_deleted}
    slots = slots_of(list(held.rows.values()))  # now: what expires loses its slot
    _judge_derived_memories(change, held, verdicts)
    frozen = {i for i, row in held.rows.items() if row.frozen}
    for memory_id, verdict in verdicts.items():
        _apply_verdict(change, held.rows[memory_id], verdict)
    going = [i for i, verdict in verdicts.items() if verdict.is_deleted]
    kept = {i: verdict for i, verdict in verdicts.items() if not verdict.is_deleted}
    spoilt = [(i, number) for i, verdict in kept.items() for number in _versions_to_redact(held, i, verdict)]
    lost = [(i, v.version) for i in going for v in held.versions[i] if v.at >= held.received_at[i]]
    write_removals(change, going, slots)
    for memory_id, verdict in kept.items():
        if "content" in verdict.values:
            user = UserSession(session, tenant_id, user_id)
            copies.copy_vectors(user, memory_id, verdict.wording_source_id, change.revision)
        if memory_id in frozen and verdict.values:
            memories.update_memory(session, tenant_id, memory_id, {"frozen": True})
    copies.redact_versions(session, tenant_id, spoilt)
    return len(going), [*lost, *spoilt]


def _load_received_copies(
    session: Session, tenant_id: str, copied: Sequence[CopiedAssertion]
) -> _ReceivedCopies:
    """The memories that the copies are in, but those that are deleted already; the copies' assertions go."""
    since: dict[UUID, datetime] = {}
    for one in copied:
        since[one.memory_id] = min(one.recorded_at, since.get(one.memory_id, one.recorded_at))
    rows = {
        row.id: row
        for row in memories.list_memories_by_ids(session, tenant_id, since)
        if row.status != Status.EXPIRED
    }
    versions: dict[UUID, list[models.MemoryVersion]] = {i: [] for i in rows}
    for version in memories.list_memory_versions(session, tenant_id, list(rows)):
        versions[version.memory_id].append(version)
    for of in versions.values():
        of.sort(key=lambda version: version.version)
    copies.delete_assertions(session, tenant_id, [one.id for one in copied])
    left: dict[UUID, list[Assertion]] = {i: [] for i in rows}
    for assertion in memories.list_assertions(session, tenant_id, rows):
        left[assertion.memory_id].append(assertion)
    held = _ReceivedCopies(rows, versions, left, since)
    for memory_id, of in versions.items():
        if not _originated_as_copy(held, memory_id):
            continue
        held.foreign_terms |= {
            word for name in ("keywords", "tags", "entities") for word in _iter_index_words(of, name)
        }
        for version in of:
            if version.snapshot.get("origin") == Origin.COPY:
                held.words.add(version.snapshot)
    return held


def _iter_index_words(versions: Iterable[models.MemoryVersion], name: str) -> Iterable[str]:
    for version in versions:
        yield from version.snapshot.get(name) or ()


def _originated_as_copy(held: _ReceivedCopies, memory_id: UUID) -> bool:
    """Whether the first words of a memory came with the copy; when they are not known any more, they did."""
    of = held.versions[memory_id]
    if not of or of[0].snapshot == REDACTION_MARKER:
        return True
    return of[0].snapshot.get("origin") == Origin.COPY and held.received_at[memory_id] <= of[0].at


def _judge_memory(session: Session, held: _ReceivedCopies, row: models.Memory) -> WithdrawalVerdict:
    """What becomes of one memory that the erased user had a part in."""
    left = [one for one in held.remaining_assertions[row.id] if one.polarity > 0]
    if not left:
        return WithdrawalVerdict(
            is_deleted=not held.remaining_assertions[row.id] or _originated_as_copy(held, row.id)
        )
    values = _versioned_values(row)
    if not _originated_as_copy(held, row.id):
        first = held.versions[row.id][0].snapshot
        return WithdrawalVerdict(
            values=cast("MemoryChanges", drop_merged_words(values, first, held.foreign_terms))
        )
    copied = {
        version.snapshot.get("content") for version in held.versions[row.id] if _is_copy_version(version)
    }
    if row.origin == Origin.EDIT and row.content not in copied and not held.words.in_text(row.content):
        return WithdrawalVerdict(values=cast("MemoryChanges", redact_copied_words(values, held.words)))
    return _restore_own_words(session, held, row, left)


def _is_copy_version(version: models.MemoryVersion) -> bool:
    return version.snapshot.get("origin") == Origin.COPY


def _restore_own_words(
    session: Session, held: _ReceivedCopies, row: models.Memory, left: Sequence[Assertion]
) -> WithdrawalVerdict:
    """The words of whoever says it too: as they are if they are the same, else in the place of the copy's."""
    values, said = _versioned_values(row), list[tuple[str, UUID | None]]()
    of_turns = {turn.id: turn for turn in turns.load_turns(session, row.tenant_id, _turn_ids(left))}
    for one in reversed(left):
        turn = of_turns.get(one.turn_id) if one.turn_id is not None else None
        if turn is not None:
            said.append((one.quote or turn.content, turn.id))
            said.append((turn.content, turn.id))
        said += _owner_wording(session, row.tenant_id, one)
    texts = [text for text, _ in said]
    if any(contains_statement(text, row.content) for text in texts):
        return WithdrawalVerdict(values=cast("MemoryChanges", keep_corroborated(values, row.content, texts)))
    if _was_posted(held, row.id):
        if row.attribute is None:
            return WithdrawalVerdict(
                values=cast("MemoryChanges", keep_corroborated(values, row.content, [*texts, row.content]))
            )
        slot = " ".join(str(part).replace("_", " ") for part in (row.subject, row.attribute, row.value))
        said.append((slot, None))
    if not said:
        return WithdrawalVerdict(is_deleted=True)
    content, like = said[0]
    same = memories.list_memories_by_hashes(
        UserSession(session, row.tenant_id, row.user_id), [content_hash(content)]
    )
    if any(other.kind == row.kind and other.id != row.id for other in same):
        return WithdrawalVerdict(is_deleted=True)  # another memory says so in these words
    return WithdrawalVerdict(
        values=cast("MemoryChanges", keep_corroborated(values, content, texts)), wording_source_id=like
    )


def _versioned_values(row: models.Memory) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in VERSIONED_COLUMNS}


def _turn_ids(left: Sequence[Assertion]) -> list[UUID]:
    return [one.turn_id for one in left if one.turn_id is not None]


def _owner_wording(session: Session, tenant_id: str, one: Assertion) -> list[tuple[str, UUID | None]]:
    """The words of another owner's memory, at the version that was copied."""
    if one.owner_memory_id is None or one.owner_version is None:
        return []
    version = copies.get_memory_version(session, tenant_id, one.owner_memory_id, one.owner_version)
    if version is None or version.snapshot == REDACTION_MARKER:
        return []
    content = version.snapshot.get("content")
    return [(str(content), one.owner_memory_id)] if content else []


def _was_posted(held: _ReceivedCopies, memory_id: UUID) -> bool:
    """Whether somebody posted what the memory says, word for word or as the value of its slot."""
    return any(version.reason == _POSTED_AGAIN_REASON for version in held.versions[memory_id])


def _judge_derived_memories(
    change: UserWrite, held: _ReceivedCopies, verdicts: dict[UUID, WithdrawalVerdict]
) -> None:
    """Judge what was concluded from the copies: it goes, and is made again from what is left.

    A model that concluded something may have been shown more than it names: what it wrote since the first
    copy came goes too. What a person edited stays if none of the words is in it.
    """
    session = change.session
    spoilt = [i for i, v in verdicts.items() if v.is_deleted or v.values]
    inside = copies.list_derived_ids(session, change.tenant_id, spoilt)
    first = min(held.received_at.values())
    concluded = copies.list_derived_since(
        UserSession(session, change.tenant_id, change.user_id),
        [Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT],
        first,
    )
    rows = [row for row in concluded if row.id not in held.rows]
    versions: dict[UUID, list[models.MemoryVersion]] = {row.id: [] for row in rows}
    for version in memories.list_memory_versions(session, change.tenant_id, list(versions)):
        versions[version.memory_id].append(version)
    for row in rows:
        derived = [v for v in versions[row.id] if v.snapshot.get("origin") == Origin.INFERENCE]
        if not derived and row.origin != Origin.INFERENCE:
            continue  # somebody's own summary
        by_model = row.kind == Kind.INSIGHT and row.extractor != "offline"
        if row.origin == Origin.INFERENCE and row.id not in inside and not by_model:
            goes = False
        elif row.origin == Origin.INFERENCE:
            goes = True
        else:
            goes = held.words.in_text(" ".join(iter_texts(_versioned_values(row))))
        held.rows[row.id], held.versions[row.id], held.received_at[row.id] = row, versions[row.id], first
        verdicts[row.id] = WithdrawalVerdict(is_deleted=goes)
    _queue_rederivation(change, [i for i, verdict in verdicts.items() if verdict.is_deleted])


def _queue_rederivation(change: UserWrite, going: Sequence[UUID]) -> None:
    """Let the next consolidation derive anew what goes."""
    of_session: list[str] = []
    of_day: list[str] = []
    for row in derivations.list_derivations_of(change.session, change.tenant_id, going):
        if row.basis == Basis.SESSION:
            of_session.append(row.key)
        elif row.basis == Basis.DAY:
            of_day.append(row.key)
    if of_session:
        derivations.touch_sessions(change.user, of_session, change.now)
    if of_day:
        copies.touch_sessions_of_days(change.user, of_day, change.now)
    derivations.delete_derivations(change.session, change.tenant_id, going)


def _apply_verdict(change: UserWrite, row: models.Memory, verdict: WithdrawalVerdict) -> None:
    """Note the change; a hold is no right to what another erases."""
    if verdict.is_deleted:
        change.expire(row.id, _SOURCE_ERASED_REASON)
        change.edit(row.id, Op.DELETE, "", {"frozen": False})
    elif verdict.values:
        values = verdict.values | MemoryChanges(frozen=False)
        if "content" in values:
            values["content_hash"] = content_hash(values["content"])
        change.edit(row.id, Op.ERASE, _PART_ERASED_REASON, values)


def _versions_to_redact(held: _ReceivedCopies, memory_id: UUID, verdict: WithdrawalVerdict) -> list[int]:
    """The versions that say, of what is not the user's own word, anything else than what is kept."""
    row, of, since = held.rows[memory_id], held.versions[memory_id], held.received_at[memory_id]
    kept = {name.rstrip("_"): getattr(row, name) for name in VERSIONED_COLUMNS}
    kept |= {name.rstrip("_"): value for name, value in verdict.values.items()}
    if memory_id not in held.remaining_assertions:
        return [v.version for v in of if v.at >= since and not is_subsumed_by(v.snapshot, kept)]
    if _originated_as_copy(held, memory_id):
        return [v.version for v in of if not is_subsumed_by(v.snapshot, kept)]
    return [
        v.version
        for v in of
        if v.at >= since and drop_merged_words(v.snapshot, of[0].snapshot, held.foreign_terms)
    ]
