"""Contradictions between current memories: `contradicts` links that nobody has dismissed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.core.vocabulary import LinkType, Status
from app.db import models

L = models.Link


def open_pairs(session: Session, tenant_id: str, user_id: str) -> list[tuple[UUID, UUID]]:
    """(one, other) for every open contradiction of a user."""
    return _pairs(session, tenant_id, L.user_id == user_id)


def open_pairs_of(session: Session, tenant_id: str, ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """(one, other) for every open contradiction that one of these memories is a side of."""
    wanted = list(ids)
    return _pairs(session, tenant_id, or_(L.source_id.in_(wanted), L.target_id.in_(wanted)))


def _pairs(session: Session, tenant_id: str, condition: ColumnElement[bool]) -> list[tuple[UUID, UUID]]:
    one, other = aliased(models.Memory), aliased(models.Memory)
    rows = session.execute(
        select(L.source_id, L.target_id)
        .join(one, (one.tenant_id == L.tenant_id) & (one.id == L.source_id))
        .join(other, (other.tenant_id == L.tenant_id) & (other.id == L.target_id))
        .where(
            L.tenant_id == tenant_id,
            condition,
            L.type == LinkType.CONTRADICTS,
            L.dismissed_at.is_(None),
            one.status == Status.ACTIVATED,
            other.status == Status.ACTIVATED,
        )
    )
    return [(row.source_id, row.target_id) for row in rows]


def dismiss(session: Session, tenant_id: str, ids: Iterable[UUID], at: datetime) -> None:
    """Take the contradictions among these memories off the list."""
    wanted = list(ids)
    session.execute(
        update(L)
        .where(
            L.tenant_id == tenant_id,
            L.type == LinkType.CONTRADICTS,
            L.source_id.in_(wanted),
            L.target_id.in_(wanted),
        )
        .values(dismissed_at=at)
    )
