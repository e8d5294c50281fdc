"""Withdraw copies of an erased user's memories from other users, with the memories derived from them."""

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
from app.services.memories.memory_writes import write_removals
from app.services.memories.unit_of_work import UserWrite, join_user_write
from app.services.memories.validity_replay import slots_of
from app.services.platform.user_context import UserContext

_SOURCE_ERASED_REASON = "what it was copied from was erased"
_PART_ERASED_REASON = "what was copied into it was erased"
_POSTED_AGAIN_REASON = "posted again"


@dataclass(slots=True)
class WithdrawalVerdict:
    """The decision on a memory: delete it, or keep it with changed columns.

    `wording_source_id` is the turn or memory whose words it gets.
    """

    is_deleted: bool = False
    values: MemoryChanges = field(default_factory=MemoryChanges)
    wording_source_id: UUID | None = None


@dataclass(slots=True)
class _ReceivedCopies:
    """A receiver's copies of the erased user's memories: memories, versions, and their other assertions."""

    rows: dict[UUID, models.Memory]
    versions: dict[UUID, list[models.MemoryVersion]]
    remaining_assertions: dict[UUID, list[Assertion]]
    received_at: dict[UUID, datetime]
    words: CopiedWords = field(default_factory=CopiedWords)
    foreign_terms: set[str] = field(default_factory=set[str])


def withdraw_copies(
    session: Session, resources: Resources, principal: Principal, owner: str
) -> tuple[int, set[str]]:
    """Remove the copies of `owner`'s memories from all users; return (number of deleted memories, user ids).

    Copies of copies are followed too. The caller holds the locks of all users who may have a copy.
    """
    waiting, deleted_count, affected = (
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
                count, tainted_versions = _withdraw_from_user(change, copied)
            deleted_count, affected = deleted_count + count, affected | {name}
            # What was copied on after an edit names the receiver as its owner.
            waiting += copies.list_copies_of_versions(
                UserSession(session, principal.tenant_id, name), tainted_versions
            )
    return deleted_count, affected


def _withdraw_from_user(
    change: UserWrite, copied: Sequence[CopiedAssertion]
) -> tuple[int, list[tuple[UUID, int]]]:
    """Return (number of deleted memories of the user, versions that were not the user's own words)."""
    session, tenant_id, user_id = change.session, change.tenant_id, change.user_id
    copies.requeue_consolidation(UserSession(session, tenant_id, user_id))
    received = _load_received_copies(session, tenant_id, copied)
    verdicts = {i: _judge_memory(session, received, row) for i, row in received.rows.items()}
    change.lost_source |= {i for i, verdict in verdicts.items() if not verdict.is_deleted}
    slots = slots_of(list(received.rows.values()))  # read now, because an expired memory has no slot
    _judge_derived_memories(change, received, verdicts)
    frozen = {i for i, row in received.rows.items() if row.frozen}
    for memory_id, verdict in verdicts.items():
        _apply_verdict(change, received.rows[memory_id], verdict)
    deleted_ids = [i for i, verdict in verdicts.items() if verdict.is_deleted]
    kept_verdicts = {i: verdict for i, verdict in verdicts.items() if not verdict.is_deleted}
    versions_to_redact = [
        (i, number)
        for i, verdict in kept_verdicts.items()
        for number in _versions_to_redact(received, i, verdict)
    ]
    deleted_versions = [
        (i, v.version) for i in deleted_ids for v in received.versions[i] if v.at >= received.received_at[i]
    ]
    write_removals(change, deleted_ids, slots)
    for memory_id, verdict in kept_verdicts.items():
        if "content" in verdict.values:
            user = UserSession(session, tenant_id, user_id)
            copies.copy_vectors(user, memory_id, verdict.wording_source_id, change.revision)
        if memory_id in frozen and verdict.values:
            memories.update_memory(session, tenant_id, memory_id, {"frozen": True})
    copies.redact_versions(session, tenant_id, versions_to_redact)
    return len(deleted_ids), [*deleted_versions, *versions_to_redact]


def _load_received_copies(
    session: Session, tenant_id: str, copied: Sequence[CopiedAssertion]
) -> _ReceivedCopies:
    """Load the memories that have the copies, without deleted ones, and delete the copies' assertions."""
    received_at: dict[UUID, datetime] = {}
    for one in copied:
        received_at[one.memory_id] = min(one.recorded_at, received_at.get(one.memory_id, one.recorded_at))
    rows = {
        row.id: row
        for row in memories.list_memories_by_ids(session, tenant_id, received_at)
        if row.status != Status.EXPIRED
    }
    versions: dict[UUID, list[models.MemoryVersion]] = {i: [] for i in rows}
    for version in memories.list_memory_versions(session, tenant_id, list(rows)):
        versions[version.memory_id].append(version)
    for memory_versions in versions.values():
        memory_versions.sort(key=lambda version: version.version)
    copies.delete_assertions(session, tenant_id, [one.id for one in copied])
    remaining: dict[UUID, list[Assertion]] = {i: [] for i in rows}
    for assertion in memories.list_assertions(session, tenant_id, rows):
        remaining[assertion.memory_id].append(assertion)
    received = _ReceivedCopies(rows, versions, remaining, received_at)
    for memory_id, memory_versions in versions.items():
        if not _originated_as_copy(received, memory_id):
            continue
        received.foreign_terms |= {
            word
            for name in ("keywords", "tags", "entities")
            for word in _iter_index_words(memory_versions, name)
        }
        for version in memory_versions:
            if version.snapshot.get("origin") == Origin.COPY:
                received.words.add(version.snapshot)
    return received


def _iter_index_words(versions: Iterable[models.MemoryVersion], name: str) -> Iterable[str]:
    for version in versions:
        yield from version.snapshot.get(name) or ()


def _originated_as_copy(received: _ReceivedCopies, memory_id: UUID) -> bool:
    """Return whether the first words of a memory came with the copy; unknown first words count as copied."""
    versions = received.versions[memory_id]
    if not versions or versions[0].snapshot == REDACTION_MARKER:
        return True
    return (
        versions[0].snapshot.get("origin") == Origin.COPY
        and received.received_at[memory_id] <= versions[0].at
    )


def _judge_memory(session: Session, received: _ReceivedCopies, row: models.Memory) -> WithdrawalVerdict:
    """Decide on one memory that has copied assertions of the erased user."""
    supporting = [one for one in received.remaining_assertions[row.id] if one.polarity > 0]
    if not supporting:
        return WithdrawalVerdict(
            is_deleted=not received.remaining_assertions[row.id] or _originated_as_copy(received, row.id)
        )
    values = _versioned_values(row)
    if not _originated_as_copy(received, row.id):
        first = received.versions[row.id][0].snapshot
        return WithdrawalVerdict(
            values=cast("MemoryChanges", drop_merged_words(values, first, received.foreign_terms))
        )
    copied = {
        version.snapshot.get("content") for version in received.versions[row.id] if _is_copy_version(version)
    }
    if row.origin == Origin.EDIT and row.content not in copied and not received.words.in_text(row.content):
        return WithdrawalVerdict(values=cast("MemoryChanges", redact_copied_words(values, received.words)))
    return _restore_own_words(session, received, row, supporting)


def _is_copy_version(version: models.MemoryVersion) -> bool:
    return version.snapshot.get("origin") == Origin.COPY


def _restore_own_words(
    session: Session, received: _ReceivedCopies, row: models.Memory, supporting: Sequence[Assertion]
) -> WithdrawalVerdict:
    """Keep the memory in the words of its other sources: unchanged if they agree, else with their wording."""
    values, wordings = _versioned_values(row), list[tuple[str, UUID | None]]()
    turn_by_id = {turn.id: turn for turn in turns.load_turns(session, row.tenant_id, _turn_ids(supporting))}
    for one in reversed(supporting):
        turn = turn_by_id.get(one.turn_id) if one.turn_id is not None else None
        if turn is not None:
            wordings.append((one.quote or turn.content, turn.id))
            wordings.append((turn.content, turn.id))
        wordings += _owner_wording(session, row.tenant_id, one)
    texts = [text for text, _ in wordings]
    if any(contains_statement(text, row.content) for text in texts):
        return WithdrawalVerdict(values=cast("MemoryChanges", keep_corroborated(values, row.content, texts)))
    if _was_posted(received, row.id):
        if row.attribute is None:
            return WithdrawalVerdict(
                values=cast("MemoryChanges", keep_corroborated(values, row.content, [*texts, row.content]))
            )
        slot = " ".join(str(part).replace("_", " ") for part in (row.subject, row.attribute, row.value))
        wordings.append((slot, None))
    if not wordings:
        return WithdrawalVerdict(is_deleted=True)
    content, wording_source_id = wordings[0]
    same = memories.list_memories_by_hashes(
        UserSession(session, row.tenant_id, row.user_id), [content_hash(content)]
    )
    if any(other.kind == row.kind and other.id != row.id for other in same):
        return WithdrawalVerdict(is_deleted=True)  # another memory has this content
    return WithdrawalVerdict(
        values=cast("MemoryChanges", keep_corroborated(values, content, texts)),
        wording_source_id=wording_source_id,
    )


def _versioned_values(row: models.Memory) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in VERSIONED_COLUMNS}


def _turn_ids(assertions: Sequence[Assertion]) -> list[UUID]:
    return [one.turn_id for one in assertions if one.turn_id is not None]


def _owner_wording(session: Session, tenant_id: str, one: Assertion) -> list[tuple[str, UUID | None]]:
    """Return the words of another owner's memory, at the version that was copied."""
    if one.owner_memory_id is None or one.owner_version is None:
        return []
    version = copies.get_memory_version(session, tenant_id, one.owner_memory_id, one.owner_version)
    if version is None or version.snapshot == REDACTION_MARKER:
        return []
    content = version.snapshot.get("content")
    return [(str(content), one.owner_memory_id)] if content else []


def _was_posted(received: _ReceivedCopies, memory_id: UUID) -> bool:
    """Return whether a client posted the memory's content, word for word or as the value of its slot."""
    return any(version.reason == _POSTED_AGAIN_REASON for version in received.versions[memory_id])


def _judge_derived_memories(
    change: UserWrite, received: _ReceivedCopies, verdicts: dict[UUID, WithdrawalVerdict]
) -> None:
    """Decide on memories derived from the copies: they are deleted, and derived again from the other sources.

    A model may have been shown more memories than it names as sources, so insights that it wrote since the
    first copy came are deleted too. A memory that a client edited is kept if it has none of the copied words.
    """
    session = change.session
    changed_ids = [i for i, v in verdicts.items() if v.is_deleted or v.values]
    derived_ids = copies.list_derived_ids(session, change.tenant_id, changed_ids)
    first_received_at = min(received.received_at.values())
    derived_rows = copies.list_derived_since(
        UserSession(session, change.tenant_id, change.user_id),
        [Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT],
        first_received_at,
    )
    rows = [row for row in derived_rows if row.id not in received.rows]
    versions: dict[UUID, list[models.MemoryVersion]] = {row.id: [] for row in rows}
    for version in memories.list_memory_versions(session, change.tenant_id, list(versions)):
        versions[version.memory_id].append(version)
    for row in rows:
        derived = [v for v in versions[row.id] if v.snapshot.get("origin") == Origin.INFERENCE]
        if not derived and row.origin != Origin.INFERENCE:
            continue  # a summary of the user's own
        by_model = row.kind == Kind.INSIGHT and row.extractor != "offline"
        if row.origin == Origin.INFERENCE and row.id not in derived_ids and not by_model:
            is_deleted = False
        elif row.origin == Origin.INFERENCE:
            is_deleted = True
        else:
            is_deleted = received.words.in_text(" ".join(iter_texts(_versioned_values(row))))
        received.rows[row.id], received.versions[row.id], received.received_at[row.id] = (
            row,
            versions[row.id],
            first_received_at,
        )
        verdicts[row.id] = WithdrawalVerdict(is_deleted=is_deleted)
    queue_rederivation(change, [i for i, verdict in verdicts.items() if verdict.is_deleted])


def queue_rederivation(change: UserWrite, deleted_ids: Sequence[UUID]) -> None:
    """Let the next consolidation derive the deleted memories anew."""
    session_ids: list[str] = []
    days: list[str] = []
    for row in derivations.list_derivations_of(change.session, change.tenant_id, deleted_ids):
        if row.basis == Basis.SESSION:
            session_ids.append(row.key)
        elif row.basis == Basis.DAY:
            days.append(row.key)
    if session_ids:
        derivations.touch_sessions(change.user, session_ids, change.now)
    if days:
        copies.touch_sessions_of_days(change.user, days, change.now)
    derivations.delete_derivations(change.session, change.tenant_id, deleted_ids)


def _apply_verdict(change: UserWrite, row: models.Memory, verdict: WithdrawalVerdict) -> None:
    """Collect the change; a legal hold does not protect what another user erases."""
    if verdict.is_deleted:
        change.expire(row.id, _SOURCE_ERASED_REASON)
        change.edit(row.id, Op.DELETE, "", {"frozen": False})
    elif verdict.values:
        values = verdict.values | MemoryChanges(frozen=False)
        if "content" in values:
            values["content_hash"] = content_hash(values["content"])
        change.edit(row.id, Op.ERASE, _PART_ERASED_REASON, values)


def _versions_to_redact(received: _ReceivedCopies, memory_id: UUID, verdict: WithdrawalVerdict) -> list[int]:
    """Return the versions with copied content that the memory no longer has."""
    row, versions, since = (
        received.rows[memory_id],
        received.versions[memory_id],
        received.received_at[memory_id],
    )
    kept_values = {name.rstrip("_"): getattr(row, name) for name in VERSIONED_COLUMNS}
    kept_values |= {name.rstrip("_"): value for name, value in verdict.values.items()}
    if memory_id not in received.remaining_assertions:
        return [v.version for v in versions if v.at >= since and not is_subsumed_by(v.snapshot, kept_values)]
    if _originated_as_copy(received, memory_id):
        return [v.version for v in versions if not is_subsumed_by(v.snapshot, kept_values)]
    return [
        v.version
        for v in versions
        if v.at >= since and drop_merged_words(v.snapshot, versions[0].snapshot, received.foreign_terms)
    ]
