"""List the conflicts between memories, and write how a client resolves them."""

from collections.abc import Sequence
from uuid import UUID

from app.core.errors import Conflict as Clash
from app.core.errors import InvalidInput, NotFound
from app.core.security import Principal
from app.core.vocabulary import KeyScope, LinkType, Op, Origin, Volatility
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.db.repositories.memories import conflicts, memories
from app.memory.reconciliation.decisions import SOURCE_RELIABILITY
from app.memory.reconciliation.timeline.conflicts import conflict_sets
from app.memory.types import Assertion
from app.resources import Resources
from app.schemas.memories.conflicts import (
    Conflict,
    ConflictPage,
    ConflictSide,
    ResolveConflict,
    ResolvedConflict,
)
from app.schemas.memories.memories import MemorySource
from app.services.memories.memory_reads import to_memory_outs, to_sources
from app.services.memories.unit_of_work import UserWrite, join_user_write, refuse_duplicates
from app.services.memories.validity_replay import slots_of
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext


def list_conflicts(
    resources: Resources, principal: Principal, *, user_id: str, cursor: str | None, limit: int
) -> ConflictPage:
    """List a user's open conflicts; the one whose first side is newest comes first."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    after, tenant_id = decode_cursor(cursor), principal.tenant_id
    with UserContext(resources, principal, user_id).read_transaction() as user:
        session = user.session
        sets = conflict_sets(conflicts.list_open_conflicts(user))
        ids = [i for i in sorted(sets, reverse=True) if after is None or i < after][: limit + 1]
        memory_ids = [memory_id for i in ids[:limit] for memory_id in sets[i]]
        rows = {row.id: row for row in memories.list_memories_by_ids(session, tenant_id, memory_ids)}
        assertions = memories.list_assertions(session, tenant_id, memory_ids)
        sources = to_sources(memories.list_sources(session, tenant_id, memory_ids))
    items = [_to_conflict([rows[m] for m in sets[i]], assertions, sources) for i in ids[:limit]]
    return ConflictPage(items=items, next_cursor=encode_cursor(ids, limit))


def resolve_conflict(
    resources: Resources, principal: Principal, conflict_id: UUID, request: ResolveConflict
) -> ResolvedConflict:
    """Keep one side or dismiss the conflict.

    Raises `NotFound` when no open conflict has that side, `InvalidInput` when `keep` is not a side,
    `Conflict` when a frozen side would have to change.
    """
    principal.require_scope(KeyScope.WRITE)
    tenant_id = principal.tenant_id
    with refuse_duplicates(), resources.open_transaction(principal) as session:
        row = memories.get_memory(session, tenant_id, conflict_id)
        if row is None:
            raise NotFound("There is no such conflict.")
        with join_user_write(UserContext(resources, principal, row.user_id), session) as change:
            session.expire_all()  # rows that were read before the lock may have changed
            sets = conflict_sets(conflicts.list_open_conflicts(change.user))
            ids = next((ids for ids in sets.values() if conflict_id in ids), None)
            if ids is None:
                raise NotFound("There is no such conflict.")
            _resolve_sides(change, ids, request)
        session.expire_all()
        after = sorted(memories.list_memories_by_ids(session, tenant_id, ids), key=lambda side: side.id)
        return ResolvedConflict(
            id=ids[0], kept=request.keep, memories=to_memory_outs(session, tenant_id, after, resources.now())
        )


def _resolve_sides(change: UserWrite, ids: Sequence[UUID], request: ResolveConflict) -> None:
    """Collect the changes of the sides. Raises `InvalidInput` when the one to keep is none of them."""
    rows = memories.list_memories_by_ids(change.session, change.tenant_id, ids)
    sides = sorted(rows, key=lambda side: side.id)
    kept = next((side for side in sides if side.id == request.keep), None)
    if request.keep is not None and kept is None:
        raise InvalidInput("This memory is not a side of the conflict.", field="keep")
    if kept is not None:
        _apply_kept_side(change, kept, sides, request.reason or "conflict resolved")
        return
    conflicts.dismiss_conflicts(change.session, change.tenant_id, ids, change.now)
    for side in sides:
        change.edit(side.id, Op.DISMISS, request.reason or "conflict dismissed", {})


def _apply_kept_side(
    change: UserWrite, kept: models.Memory, sides: Sequence[models.Memory], reason: str
) -> None:
    """Assert that one side is true, as an edit; the other sides of a slot then follow from its timeline.

    Raises `Conflict` when a side is frozen.
    """
    others = [side for side in sides if side.id != kept.id]
    if any(side.frozen for side in others) or (kept.frozen and kept.volatility == Volatility.DISPUTABLE):
        raise Clash("A side of the conflict is frozen.")
    assertions = memories.list_assertions(change.session, change.tenant_id, [side.id for side in sides])
    kept_asserted_at = [assertion.asserted_at for assertion in assertions if assertion.memory_id == kept.id]
    resolved_at = max([change.now, *(assertion.asserted_at for assertion in assertions)])
    if kept.volatility == Volatility.DISPUTABLE and kept_asserted_at:
        # The side is true since it was claimed, and not only since a client decided so.
        change.assert_edit(kept.id, max(kept_asserted_at))
    change.assert_edit(kept.id, resolved_at)
    values: MemoryChanges = {"confidence": max(kept.confidence, SOURCE_RELIABILITY[Origin.EDIT])}
    change.edit(kept.id, Op.RESOLVE, reason, values)
    slots = slots_of([kept])
    change.replay_slots(slots)
    for side in others:
        if slots_of([side]) & slots:
            change.edit(side.id, Op.RESOLVE, reason, {})
        else:
            until = max(resolved_at, side.valid_from) if side.valid_from is not None else resolved_at
            end_columns = change.superseded_until(until) | MemoryChanges(retired_at=resolved_at)
            change.edit(side.id, Op.RESOLVE, reason, end_columns)
            change.assert_edit(side.id, until, polarity=-1)
        change.link(kept.id, side.id, LinkType.SUPERSEDES)


def _to_conflict(
    sides: Sequence[models.Memory], assertions: Sequence[Assertion], sources: dict[UUID, list[MemorySource]]
) -> Conflict:
    slots = {(side.subject, side.attribute) for side in sides}
    subject, attribute = next(iter(slots)) if len(slots) == 1 else (None, None)
    return Conflict(
        id=sides[0].id,
        user_id=sides[0].user_id,
        subject=subject,
        attribute=attribute,
        sides=[_to_conflict_side(side, assertions, sources.get(side.id, [])) for side in sides],
    )


def _to_conflict_side(
    row: models.Memory, assertions: Sequence[Assertion], sources: list[MemorySource]
) -> ConflictSide:
    asserted_times = [a.asserted_at for a in assertions if a.memory_id == row.id and a.polarity > 0]
    return ConflictSide(
        memory_id=row.id,
        content=row.content,
        value=row.value,
        origin=Origin(row.origin),
        confidence=row.confidence,
        volatility=Volatility(row.volatility),
        valid_from=row.valid_from,
        holds=row.attribute is not None and row.volatility != Volatility.DISPUTABLE,
        version=row.version,
        first_said=min(asserted_times, default=None),
        last_said=max(asserted_times, default=None),
        sources=sources,
    )
