"""Read one user's rows as of a bitemporal point, for the parameters `as_of` and `known_at`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from app.core.vocabulary import LinkType, Status
from app.db import models
from app.db.repositories.memories.memories import to_assertion
from app.db.user_session import UserSession
from app.memory.types import Assertion

T = models.Turn
M = models.Memory
A = models.Assertion
L = models.Link
V = models.MemoryVersion


def list_turns_as_of(
    user: UserSession, said_by: datetime | None, known_at: datetime | None
) -> Sequence[models.Turn]:
    """List turns said up to `said_by` and recorded up to `known_at`, oldest first; None means no bound."""
    statement = select(T).where(T.tenant_id == user.tenant_id, T.user_id == user.user_id)
    if said_by is not None:
        statement = statement.where(T.observed_at <= said_by)
    if known_at is not None:
        statement = statement.where(T.recorded_at <= known_at)
    return user.session.execute(statement.order_by(T.observed_at, T.session_id, T.position)).scalars().all()


def list_memories_as_of(user: UserSession, known_at: datetime | None) -> Sequence[models.Memory]:
    """List memories recorded up to `known_at`, newest first, without deleted ones; None means no bound."""
    statement = select(M).where(
        M.tenant_id == user.tenant_id, M.user_id == user.user_id, M.status != Status.EXPIRED
    )
    if known_at is not None:
        statement = statement.where(M.recorded_at <= known_at)
    return user.session.execute(statement.order_by(M.id.desc())).scalars().all()


def load_versions_as_of(user: UserSession, known_at: datetime) -> dict[UUID, models.MemoryVersion]:
    """Load the newest version of each memory that was written up to `known_at`."""
    newest = (
        select(V.memory_id, func.max(V.version).label("version"))
        .join(M, (M.tenant_id == V.tenant_id) & (M.id == V.memory_id))
        .where(M.tenant_id == user.tenant_id, M.user_id == user.user_id, V.at <= known_at)
        .group_by(V.memory_id)
        .subquery()
    )
    rows = user.session.execute(
        select(V)
        .join(newest, (V.memory_id == newest.c.memory_id) & (V.version == newest.c.version))
        .where(V.tenant_id == user.tenant_id)
    )
    return {row.memory_id: row for row in rows.scalars()}


def list_assertions_as_of(user: UserSession, known_at: datetime | None) -> list[Assertion]:
    """List assertions recorded up to `known_at`, newest first; None means no bound."""
    statement = (
        select(A)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(M.tenant_id == user.tenant_id, M.user_id == user.user_id)
    )
    if known_at is not None:
        statement = statement.where(A.recorded_at <= known_at)
    rows = user.session.execute(
        statement.order_by(A.asserted_at.desc(), A.session_id.desc(), A.position.desc())
    )
    return [to_assertion(row) for row in rows.scalars()]


def list_contradictions_as_of(user: UserSession, known_at: datetime | None) -> list[tuple[UUID, UUID]]:
    """List (one, other) for every contradiction recorded up to `known_at` and not dismissed by then."""
    statement = select(L.source_id, L.target_id).where(
        L.tenant_id == user.tenant_id, L.user_id == user.user_id, L.type == LinkType.CONTRADICTS
    )
    if known_at is None:
        statement = statement.where(L.dismissed_at.is_(None))
    else:
        statement = statement.where(
            L.at <= known_at, or_(L.dismissed_at.is_(None), L.dismissed_at > known_at)
        )
    return [(row.source_id, row.target_id) for row in user.session.execute(statement)]
