"""Tell which of two items came first, and list a user's dated memories in order."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.errors import InvalidInput, NotFound
from app.core.security import Principal
from app.core.vocabulary import DatedBy, ItemType, KeyScope
from app.db import models
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.memories import timeline as rows_of
from app.db.repositories.memories.timeline import TimelineFilter
from app.memory.chronology import DatedItem
from app.memory.chronology import temporal_order as order_of
from app.resources import Resources
from app.schemas.memories.chronology import OrderEvidence, OrderOut, TimelineItem, TimelinePage
from app.services.memories.identities import resolve_filter
from app.services.platform.pagination import decode_dated_cursor, encode_dated_cursor
from app.services.platform.user_context import UserContext


def compare_order(
    resources: Resources, principal: Principal, user_id: str, first: UUID, second: UUID
) -> OrderOut:
    """Compare the dates of two turns or memories of a user. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    with resources.read_transaction(principal) as session:
        one = _load_evidence(session, principal.tenant_id, user_id, first, "first")
        other = _load_evidence(session, principal.tenant_id, user_id, second, "second")
    answer = order_of(_to_dated(one), _to_dated(other))
    return OrderOut(answer=answer, first=one, second=other)


def _load_evidence(
    session: Session, tenant_id: str, user_id: str, item_id: UUID, field: str
) -> OrderEvidence:
    """Date an item by its stated event, else by the first turn that asserts it, else by its valid time."""
    turn = turns.get_turn(session, tenant_id, item_id)
    if turn is not None and turn.user_id == user_id:
        return _to_evidence(item_id, ItemType.TURN, turn.content, DatedBy.LOG, turn.observed_at, None, turn)
    memory = memories.get_memory(session, tenant_id, item_id)
    if memory is None or memory.user_id != user_id:
        raise NotFound("This user has no turn or memory of this id.", field=field)
    if memory.event_from is not None:
        at, end = memory.event_from, memory.event_to
        return _to_evidence(item_id, ItemType.MEMORY, memory.content, DatedBy.EVENT, at, end, None)
    supporting = [a for a in memories.list_assertions(session, tenant_id, [item_id]) if a.polarity > 0]
    source = (
        turns.get_turn(session, tenant_id, supporting[0].turn_id)
        if supporting and supporting[0].turn_id
        else None
    )
    at = supporting[0].asserted_at if supporting else memory.valid_from or memory.recorded_at
    return _to_evidence(item_id, ItemType.MEMORY, memory.content, DatedBy.LOG, at, None, source)


def _to_evidence(
    item_id: UUID,
    item_type: ItemType,
    content: str,
    dated_by: DatedBy,
    at: datetime,
    end: datetime | None,
    turn: models.Turn | None,
) -> OrderEvidence:
    values = {"id": item_id, "type": item_type, "content": content, "dated_by": dated_by}
    turn_position = {"session_id": turn.session_id, "position": turn.position} if turn is not None else {}
    no_position = {"session_id": None, "position": None}
    return OrderEvidence.model_validate(values | {"from": at, "to": end or at} | no_position | turn_position)


def _to_dated(evidence: OrderEvidence) -> DatedItem:
    stated = evidence.dated_by is DatedBy.EVENT
    # Without a turn there is no session, and two such items have no order within one.
    session_id = evidence.session_id if evidence.session_id is not None else f"\0{evidence.id}"
    return DatedItem(evidence.from_, evidence.to, stated, session_id, evidence.position or 0)


def list_timeline(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str,
    wanted: TimelineFilter,
    cursor: str | None,
    limit: int,
    is_counted: bool = False,
) -> TimelinePage:
    """List the dated memories that begin or happen within [since, until), oldest first.

    `is_counted`: with the number of all that match. Raises `InvalidInput`.
    """
    principal.require_scope(KeyScope.READ)
    principal.require_user(user_id)
    if wanted.since is not None and wanted.until is not None and wanted.since > wanted.until:
        raise InvalidInput("`since` must not be after `until`.", field="since")
    with UserContext(resources, principal, user_id).read_transaction() as user:
        after = decode_dated_cursor(cursor)
        subject, _ = resolve_filter(user, wanted.subject, None)
        wanted = replace(wanted, subject=subject)
        rows = rows_of.list_timeline(user, wanted, after=after, limit=limit + 1)
        items = [_to_timeline_item(row) for row in rows[:limit]]
        total = rows_of.count_timeline(user, wanted) if is_counted else None
    more = len(rows) > limit
    return TimelinePage(
        items=items,
        next_cursor=encode_dated_cursor(items[-1].from_, items[-1].id) if more else None,
        total=total,
    )


def _to_timeline_item(row: models.Memory) -> TimelineItem:
    happened = row.event_from is not None
    names = ("id", "kind", "form", "status", "content", "subject", "attribute", "value", "place")
    return TimelineItem.model_validate(
        {name: getattr(row, name) for name in names}
        | {
            "from": row.event_from if happened else row.valid_from,
            "to": row.event_to if happened else row.valid_to,
            "precision": row.event_precision,
        }
    )
