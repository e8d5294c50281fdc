"""Read dated memories in the order of their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, func, or_, select, tuple_

from app.core.vocabulary import Kind, Status
from app.db import models
from app.db.repositories.memories.memories import was_said_in
from app.db.repositories.search import location_filters, metadata_filters
from app.db.user_session import UserSession
from app.memory.geography import Area
from app.memory.metadata_filters import Condition

M = models.Memory
_begins_at = func.coalesce(M.event_from, M.valid_from)


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """A filter of timeline items that begin or happen within [since, until); None means no bound."""

    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    kinds: Sequence[Kind] | None = None
    area: Area | None = None
    session_id: str | None = None
    metadata: Condition | None = None


def list_timeline(
    user: UserSession, wanted: TimelineFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[models.Memory]:
    """List memories by the date of the event, else by the start of their validity, starting after `after`."""
    statement = select(M).where(*_filter_conditions(user, wanted))
    if after is not None:
        statement = statement.where(tuple_(_begins_at, M.id) > after)
    return user.session.execute(statement.order_by(_begins_at, M.id).limit(limit)).scalars().all()


def count_timeline(user: UserSession, wanted: TimelineFilter) -> int:
    """Count the memories of the timeline."""
    statement = select(func.count()).select_from(M).where(*_filter_conditions(user, wanted))
    return user.session.execute(statement).scalar_one()


def _filter_conditions(user: UserSession, wanted: TimelineFilter) -> list[ColumnElement[bool] | TextClause]:
    conditions: list[ColumnElement[bool] | TextClause] = [
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.status.in_([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED]),
        _begins_at.is_not(None),
    ]
    if wanted.since is not None:
        conditions.append(or_(_begins_at >= wanted.since, M.event_to > wanted.since))
    if wanted.until is not None:
        conditions.append(_begins_at < wanted.until)
    if wanted.subject is not None:
        conditions.append(M.subject == wanted.subject)
    if wanted.kinds is not None:
        conditions.append(M.kind.in_(wanted.kinds))
    if wanted.area is not None:
        conditions.append(location_filters.is_within_area(M.place, wanted.area))
    if wanted.session_id is not None:
        conditions.append(was_said_in(user, wanted.session_id))
    if wanted.metadata is not None:
        conditions.append(metadata_filters.memory_matches(user, wanted.metadata))
    return conditions
