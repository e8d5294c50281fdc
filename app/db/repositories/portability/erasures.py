"""The rows of erasures: their receipts, and what is still to be done for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db.models import Erasure
from app.db.session import AnyRow

E = Erasure


def insert_erasure(session: Session, row: Erasure) -> None:
    """Insert an erasure."""
    session.add(row)
    session.flush()


def update_erasure(session: Session, tenant_id: str, erasure_id: UUID, values: Mapping[str, Any]) -> None:
    """Set columns of an erasure."""
    session.execute(update(E).where(E.tenant_id == tenant_id, E.id == erasure_id).values(**values))


def get_erasure(session: Session, tenant_id: str, erasure_id: UUID) -> Erasure | None:
    """Load one erasure, or None."""
    return session.get(E, (tenant_id, erasure_id))


def list_erasures(session: Session, tenant_id: str, after: UUID | None, limit: int) -> Sequence[Erasure]:
    """List up to `limit` erasures of the tenant, newest first, those before the id `after`."""
    statement = select(E).where(E.tenant_id == tenant_id)
    if after is not None:
        statement = statement.where(E.id < after)
    return session.execute(statement.order_by(E.id.desc()).limit(limit)).scalars().all()


def list_recent_erasures(session: Session, within: timedelta) -> Sequence[AnyRow]:
    """List (tenant_id, id) of the erasures of all tenants that were recorded within this time."""
    return session.execute(text("SELECT * FROM memcubed_recent_erasures(:within)"), {"within": within}).all()


def list_unfinished_erasures(session: Session) -> Sequence[AnyRow]:
    """List the unfinished erasures of all tenants, oldest first."""
    return session.execute(text("SELECT * FROM memcubed_open_erasures()")).all()


def get_last_rewrite_at(session: Session) -> datetime | None:
    """Return when files were rewritten last for any erasure, or None when they never were."""
    return session.execute(text("SELECT memcubed_last_rewrite()")).scalar_one()
