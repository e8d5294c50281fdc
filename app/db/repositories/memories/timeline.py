"""Read dated memories in the order of their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from app.core.vocabulary import Kind, Status
from app.db import models
from app.db.repositories.search import location_filters
from app.db.user_session import UserSession
from app.memory.geography import Area

M = models.Memory


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """A filter of timeline items that begin or happen within [since, until); None means no bound."""

    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    kinds: Sequence[Kind] | None = None
    area: Area | None = None


def list_timeline(
    user: UserSession, wanted: TimelineFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[models.Memory]:
    """List memories by the date of the event, else by the start of their validity, starting after `after`."""
    at = func.coalesce(M.event_from, M.valid_from)
    statement = select(M).where(
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.status.in_([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED]),
        at.is_not(None),
    )
    if wanted.since is not None:
        statement = statement.where(or_(at >= wanted.since, M.event_to > wanted.since))
    if wanted.until is not None:
        statement = statement.where(at < wanted.until)
    if wanted.subject is not None:
        statement = statement.where(M.subject == wanted.subject)
    if wanted.kinds is not None:
        statement = statement.where(M.kind.in_(wanted.kinds))
    if wanted.area is not None:
        statement = statement.where(location_filters.is_within_area(M.place, wanted.area))
    if after is not None:
        statement = statement.where(tuple_(at, M.id) > after)
    return user.session.execute(statement.order_by(at, M.id).limit(limit)).scalars().all()
