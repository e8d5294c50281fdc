"""Read and dismiss open conflicts: `contradicts` links between current memories that are not dismissed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.core.vocabulary import LinkType
from app.db import models
from app.db.user_session import UserSession

L = models.Link
# The statements are texts: every search runs one after a write, and building it took 15 ms.
_OPEN = """
SELECT l.source_id, l.target_id FROM links l
JOIN memories one ON one.tenant_id = l.tenant_id AND one.id = l.source_id AND one.status = 'activated'
JOIN memories other ON other.tenant_id = l.tenant_id AND other.id = l.target_id AND other.status = 'activated'
WHERE l.tenant_id = :tenant AND l.type = 'contradicts' AND l.dismissed_at IS NULL AND """
_OF_USER = text(_OPEN + "l.user_id = :user")
_OF_MEMORIES = text(_OPEN + "(l.source_id = ANY(:ids) OR l.target_id = ANY(:ids))")


def list_open_conflicts(user: UserSession) -> list[tuple[UUID, UUID]]:
    """List (one, other) for every open contradiction of a user."""
    rows = user.session.execute(_OF_USER, {"tenant": user.tenant_id, "user": user.user_id})
    return [(row.source_id, row.target_id) for row in rows]


def list_open_conflicts_of(session: Session, tenant_id: str, ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """List (one, other) for every open contradiction that one of these memories is a side of."""
    rows = session.execute(_OF_MEMORIES, {"tenant": tenant_id, "ids": list(ids)})
    return [(row.source_id, row.target_id) for row in rows]


def dismiss_conflicts(session: Session, tenant_id: str, ids: Iterable[UUID], at: datetime) -> None:
    """Dismiss the contradictions among these memories."""
    memory_ids = list(ids)
    session.execute(
        update(L)
        .where(
            L.tenant_id == tenant_id,
            L.type == LinkType.CONTRADICTS,
            L.source_id.in_(memory_ids),
            L.target_id.in_(memory_ids),
        )
        .values(dismissed_at=at)
    )
