"""Erase one session: its turns, what is known from them alone, and their traces in what others say too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Kind, Op, Origin, Status
from app.db import models
from app.db.memory_rows import VERSIONED_COLUMNS, MemoryChanges
from app.db.models import Erasure
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.repositories.portability import erasures
from app.db.repositories.sessions import session_rows
from app.db.repositories.sharing import copies
from app.memory.reconciliation.decisions import content_hash
from app.memory.redaction import CopiedWords, iter_texts, redact_copied_words
from app.memory.types import Assertion
from app.resources import Resources
from app.schemas.portability.session_erasures import SessionErasure
from app.services.consolidation import stage
from app.services.memories.memory_writes import write_removals
from app.services.memories.unit_of_work import UserWrite, join_user_write, refuse_duplicates
from app.services.memories.validity_replay import slots_of
from app.services.platform.user_context import UserContext
from app.services.portability.copy_withdrawal import queue_rederivation
from app.services.portability.erasure import hash_subject
from app.services.portability.erasure_receipts import forget_in_process, to_erasure_out

_ERASED_REASON = "the session that said it was erased"
_PART_ERASED_REASON = "a session that said it was erased"


@dataclass(frozen=True, slots=True)
class _ErasedSession:
    """What one transaction erased; `epoch` is the user's epoch before it."""

    row: Erasure
    epoch: int
    rows: dict[str, int]
    memories: int
    memories_kept: int


def erase_session(
    resources: Resources, principal: Principal, user_id: str, session_id: str
) -> SessionErasure:
    """Delete a session's turns, and the memories that nothing else says; return a receipt.

    A memory with another source stays, in the words of that, without a trace of the session. Once more
    changes nothing. Raises `Forbidden`, `NotFound` for an unknown user, and `Conflict` when a memory that
    would go or change is frozen.
    """
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    # A bound key may erase its user's sessions, although it sees no rows of erasures.
    ctx = UserContext(resources, replace(principal, user_id=None), user_id)
    with refuse_duplicates(), ctx.open_transaction() as user:
        known = users.get_revision_and_epoch(user)
        if known is None:
            raise NotFound("There is no such user.")
        with join_user_write(ctx, user.session) as change:
            erased = _erase_rows(change, session_id, known[1])
            if erased is None:
                change.abandon()
    if erased is None:
        return SessionErasure(
            user_id=user_id,
            session_id=session_id,
            erasure_id=None,
            erased_at=None,
            rows={},
            memories=0,
            memories_kept=0,
            remaining=0,
            parts=[],
        )
    return _finish(ctx, session_id, erased)


def _finish(ctx: UserContext, session_id: str, erased: _ErasedSession) -> SessionErasure:
    """Clear Redis and this process, count what is left, and return the receipt."""
    resources, tenant_id, cache = ctx.resources, ctx.tenant_id, ctx.resources.cache
    is_cleared = cache.delete_user_keys(tenant_id, ctx.user_id, erased.epoch)
    cache.purge()
    forget_in_process(resources, erased.row.id, [(tenant_id, ctx.user_id)])
    with ctx.open_transaction() as user:
        remaining = sum(session_rows.count_session_rows(user, session_id).values())
        columns = {"remaining": remaining, "redis_at": resources.now() if is_cleared else None}
        erasures.update_erasure(user.session, tenant_id, erased.row.id, columns)
        user.session.expire_all()
        row = erasures.get_erasure(user.session, tenant_id, erased.row.id) or erased.row
        receipt = to_erasure_out(user.session, row)
    stage.enqueue_consolidation(resources, ctx.principal, ctx.user_id)
    return SessionErasure(
        user_id=ctx.user_id,
        session_id=session_id,
        erasure_id=receipt.id,
        erased_at=receipt.erased_at,
        rows=erased.rows,
        memories=erased.memories,
        memories_kept=erased.memories_kept,
        remaining=receipt.remaining,
        parts=receipt.parts,
    )


def _erase_rows(change: UserWrite, session_id: str, epoch: int) -> _ErasedSession | None:
    """Erase the session in the transaction of `change`; return None when there is no such session."""
    user = change.user
    counts = session_rows.count_session_rows(user, session_id)
    if not sum(counts.values()):
        return None
    turn_rows = session_rows.list_turn_ids(user, session_id)
    stated_ids = session_rows.list_stated_memory_ids(user, session_id)
    summary_ids = session_rows.list_summary_ids(user, session_id)
    stated = _load_living(change, stated_ids)
    remaining = _load_other_assertions(change, stated_ids, {row.id for row in turn_rows})
    is_stated = {row.id: any(one.polarity > 0 for one in remaining[row.id]) for row in stated}
    gone = [row for row in stated if not is_stated[row.id]]
    kept = [row for row in stated if is_stated[row.id]]
    slots = slots_of(stated)  # read now, because an expired memory has no slot
    gone += _reword(change, session_id, kept, remaining)
    derived = _list_derived(change, stated_ids, summary_ids, [row.recorded_at for row in turn_rows])
    gone = list({row.id: row for row in (*gone, *derived)}.values())
    for row in gone:
        _expire(change, row)
    gone_ids = [row.id for row in gone]
    lost = set(gone_ids)
    kept_ids = [row.id for row in kept if row.id not in lost]
    change.lost_source |= set(kept_ids)
    queue_rederivation(change, [row.id for row in derived])
    session_rows.delete_session_rows(user, session_id)
    session_rows.put_jobs_back(user)
    # What the session's turns had ended holds again.
    write_removals(change, gone_ids, slots, kept_ids)
    turn_ids = [row.id for row in turn_rows]
    session_rows.hide_ids(user, {*turn_ids, *gone_ids})
    session_rows.hide_sources(change.session, change.tenant_id, kept_ids, turn_ids)
    rows = counts | {"memories": len(gone_ids)}
    salt, subject = hash_subject(f"{user.user_id}\n{session_id}")
    row = Erasure(
        tenant_id=change.tenant_id,
        id=new_id(),
        erased_at=change.now,
        actor=str(change.actor),
        salt=salt,
        subject=subject,
        rows=rows,
        copies=0,
    )
    erasures.insert_erasure(change.session, row)
    return _ErasedSession(row, epoch, counts, len(gone_ids), len(kept_ids))


def _load_living(change: UserWrite, ids: Iterable[UUID]) -> list[models.Memory]:
    rows = memories.list_memories_by_ids(change.session, change.tenant_id, ids)
    return [row for row in rows if row.status != Status.EXPIRED]


def _load_other_assertions(
    change: UserWrite, memory_ids: Sequence[UUID], turn_ids: set[UUID]
) -> dict[UUID, list[Assertion]]:
    """Load the assertions of these memories that do not go, by memory."""
    found: dict[UUID, list[Assertion]] = {memory_id: [] for memory_id in memory_ids}
    for one in memories.list_assertions(change.session, change.tenant_id, memory_ids):
        if one.turn_id is None or one.turn_id not in turn_ids:
            found[one.memory_id].append(one)
    return found


def _reword(
    change: UserWrite, session_id: str, kept: Sequence[models.Memory], remaining: dict[UUID, list[Assertion]]
) -> list[models.Memory]:
    """Take the words that only the session has out of memories that stay; return those that then must go.

    Their versions with such words lose their text.
    """
    gone: list[models.Memory] = []
    versions: dict[UUID, list[models.MemoryVersion]] = {row.id: [] for row in kept}
    for version in memories.list_memory_versions(change.session, change.tenant_id, list(versions)):
        versions[version.memory_id].append(version)
    texts_of_session = list(session_rows.iter_turn_texts(change.user, session_id)) if kept else []
    source_ids = {one.turn_id for row in kept for one in remaining[row.id] if one.turn_id is not None}
    sources = {turn.id: turn for turn in turns.load_turns(change.session, change.tenant_id, list(source_ids))}
    to_redact: list[tuple[UUID, int]] = []
    for row in kept:
        supporting = [one for one in remaining[row.id] if one.polarity > 0]
        said = [
            sources[one.turn_id] for one in supporting if one.turn_id is not None and one.turn_id in sources
        ]
        texts = [text for turn in said for text in (turn.content, turn.name) if text]
        if row.origin == Origin.EDIT:  # what a client wrote is that client's word
            texts += iter_texts(_column_values(row))
        words = CopiedWords.only_in(texts_of_session, texts)
        to_redact += [
            (row.id, one.version)
            for one in versions[row.id]
            if words.in_text(" ".join(iter_texts(one.snapshot)))
        ]
        values = redact_copied_words(_column_values(row), words)
        if words.in_text(row.content):
            wording = next((one.quote for one in reversed(supporting) if one.quote), None)
            if wording is None or _is_said_by_another(change, row, wording):
                gone.append(row)
                continue
            values |= {"content": wording, "content_hash": content_hash(wording)}
            copies.copy_vectors(change.user, row.id, _turn_of(supporting, wording), change.revision)
        if values:
            _require_unfrozen(row)
            change.edit(row.id, Op.ERASE, _PART_ERASED_REASON, cast("MemoryChanges", values))
    copies.redact_versions(change.session, change.tenant_id, to_redact)
    return gone


def _is_said_by_another(change: UserWrite, row: models.Memory, content: str) -> bool:
    same = memories.list_memories_by_hashes(change.user, [content_hash(content)])
    return any(other.kind == row.kind and other.id != row.id for other in same)


def _turn_of(supporting: Sequence[Assertion], quote: str) -> UUID | None:
    return next((one.turn_id for one in reversed(supporting) if one.quote == quote), None)


def _list_derived(
    change: UserWrite, stated_ids: Sequence[UUID], summary_ids: Sequence[UUID], recorded: Sequence[datetime]
) -> list[models.Memory]:
    """List what was derived from memories that the session states, and is to be derived again.

    A model may have been shown more memories than it names as sources, so insights that it wrote since the
    session began go too. What a client has edited is that client's word.
    """
    ids = {*summary_ids, *copies.list_derived_ids(change.session, change.tenant_id, stated_ids)}
    rows = {row.id: row for row in _load_living(change, ids)}
    if recorded:
        for row in copies.list_derived_since(change.user, [Kind.INSIGHT], min(recorded)):
            if row.extractor != "offline":
                rows[row.id] = row
    return [row for row in rows.values() if row.origin == Origin.INFERENCE]


def _expire(change: UserWrite, row: models.Memory) -> None:
    _require_unfrozen(row)
    change.expire(row.id, _ERASED_REASON)
    change.edit(row.id, Op.DELETE, _ERASED_REASON, {"content_hash": content_hash("")})


def _require_unfrozen(row: models.Memory) -> None:
    if row.frozen:
        raise Conflict(f"The memory {row.id}, which this session says, is frozen.")


def _column_values(row: models.Memory) -> dict[str, object]:
    return {name: getattr(row, name) for name in VERSIONED_COLUMNS}
