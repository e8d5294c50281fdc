"""Dated memories in the order of their dates."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from app.core.vocabulary import Kind, Status
from app.db import models
from app.db.repositories.search import location_filters
from app.db.user_session import UserSession
from app.memory.geography import Area

M = models.Memory


def list_timeline(
    user: UserSession,
    *,
    since: datetime | None,
    until: datetime | None,
    subject: str | None,
    kinds: Sequence[Kind] | None,
    area: Area | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[models.Memory]:
    """What is or was true, by the date of the event, else by when it began to hold, from behind `after`."""
    at = func.coalesce(M.event_from, M.valid_from)
    statement = select(M).where(
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.status.in_([Status.ACTIVATED, Status.SUPERSEDED, Status.ARCHIVED]),
        at.is_not(None),
    )
    if since is not None:
        statement = statement.where(or_(at >= since, M.event_to > since))
    if until is not None:
        statement = statement.where(at < until)
    if subject is not None:
        statement = statement.where(M.subject == subject)
    if kinds is not None:
        statement = statement.where(M.kind.in_(kinds))
    if area is not None:
        statement = statement.where(location_filters.is_within_area(M.place, area))
    if after is not None:
        statement = statement.where(tuple_(at, M.id) > after)
    return user.session.execute(statement.order_by(at, M.id).limit(limit)).scalars().all()
