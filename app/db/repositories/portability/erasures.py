"""Receipts of erasures, and what is left to be done for them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.db.models import Erasure
from app.db.session import AnyRow

E = Erasure


def insert_erasure(session: Session, row: Erasure) -> None:
    """Note an erasure."""
    session.add(row)
    session.flush()


def update_erasure(session: Session, tenant_id: str, erasure_id: UUID, values: Mapping[str, Any]) -> None:
    """Note that something more was done for an erasure."""
    session.execute(update(E).where(E.tenant_id == tenant_id, E.id == erasure_id).values(**values))


def get_erasure(session: Session, tenant_id: str, erasure_id: UUID) -> Erasure | None:
    """One erasure, or None."""
    return session.get(E, (tenant_id, erasure_id))


def list_erasures(session: Session, tenant_id: str, after: UUID | None, limit: int) -> Sequence[Erasure]:
    """The tenant's erasures, newest first, from behind `after`."""
    statement = select(E).where(E.tenant_id == tenant_id)
    if after is not None:
        statement = statement.where(E.id < after)
    return session.execute(statement.order_by(E.id.desc()).limit(limit)).scalars().all()


def list_recent_erasures(session: Session, within: timedelta) -> Sequence[AnyRow]:
    """(tenant_id, id) of the erasures of all tenants that were recorded lately."""
    return session.execute(text("SELECT * FROM memcubed_recent_erasures(:within)"), {"within": within}).all()


def list_unfinished_erasures(session: Session) -> Sequence[AnyRow]:
    """The erasures of all tenants of which something is left to do, oldest first."""
    return session.execute(text("SELECT * FROM memcubed_open_erasures()")).all()


def get_last_rewrite_at(session: Session) -> Any:
    """When files were rewritten last for any erasure, or None."""
    return session.execute(text("SELECT memcubed_last_rewrite()")).scalar_one()
