"""Store and read snapshots."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import models
from app.db.user_session import UserSession

S = models.Snapshot


def insert_snapshot(session: Session, row: models.Snapshot) -> None:
    """Store a snapshot."""
    session.add(row)


def get_snapshot(session: Session, tenant_id: str, snapshot_id: UUID) -> models.Snapshot | None:
    """Return one snapshot, or None."""
    return session.get(S, (tenant_id, snapshot_id))


def list_snapshots(user: UserSession, *, after: UUID | None, limit: int) -> Sequence[models.Snapshot]:
    """List a user's snapshots, newest first, starting after the id `after`."""
    statement = select(S).where(S.tenant_id == user.tenant_id, S.user_id == user.user_id)
    if after is not None:
        statement = statement.where(S.id < after)
    return user.session.execute(statement.order_by(S.id.desc()).limit(limit)).scalars().all()
