"""Feedback on searches, and the rankers of tenants that are trained on it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import Feedback, Ranker, RankerVersion
from app.db.user_session import UserSession

F = Feedback
R = Ranker
V = RankerVersion


def get_feedback(session: Session, tenant_id: str, retrieval_id: UUID) -> Feedback | None:
    """Load the feedback on one retrieval, or None."""
    return session.get(F, (tenant_id, retrieval_id))


def insert_feedback(session: Session, row: Feedback) -> None:
    """Store the feedback on one retrieval."""
    session.add(row)
    session.flush()


def load_citations(user: UserSession, memory_ids: Collection[UUID]) -> dict[UUID, list[datetime]]:
    """Load when the user cited each of these memories, in no order; those never cited are left out.

    What a grantee cites is in the grantee's feedback, and does nothing to the owner's memory.
    """
    rows = user.session.execute(
        select(F.cited_ids, F.at).where(
            F.tenant_id == user.tenant_id, F.user_id == user.user_id, F.cited_ids.overlap(list(memory_ids))
        )
    )
    citations: dict[UUID, list[datetime]] = {}
    for cited_ids, at in rows:
        for memory_id in set(cited_ids) & set(memory_ids):
            citations.setdefault(memory_id, []).append(at)
    return citations


def count_feedback(session: Session, tenant_id: str, *, since: datetime | None) -> int:
    """Count the tenant's feedback after `since`; None = all of it."""
    statement = select(func.count()).select_from(F).where(F.tenant_id == tenant_id)
    if since is not None:
        statement = statement.where(F.at > since)
    return session.execute(statement).scalar_one()


def list_newest_feedback(
    session: Session, tenant_id: str, *, since: datetime | None, limit: int
) -> Sequence[Feedback]:
    """List the newest `limit` feedback rows after `since`, oldest first."""
    statement = select(F).where(F.tenant_id == tenant_id)
    if since is not None:
        statement = statement.where(F.at > since)
    rows = session.execute(statement.order_by(F.at.desc(), F.id.desc()).limit(limit)).scalars().all()
    return rows[::-1]


def get_ranker(session: Session, tenant_id: str) -> Ranker | None:
    """Load the tenant's ranker, or None while the tenant has the built-in one."""
    return session.get(R, tenant_id)


def lock_ranker(session: Session, tenant_id: str) -> Ranker:
    """Insert the tenant's ranker unless it exists, and lock it until the transaction ends."""
    session.execute(insert(R).values(tenant_id=tenant_id).on_conflict_do_nothing())
    statement = select(R).where(R.tenant_id == tenant_id).with_for_update()
    return session.execute(statement).scalar_one()


def update_ranker(session: Session, tenant_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of the tenant's ranker."""
    session.execute(update(R).where(R.tenant_id == tenant_id).values(**values))


def insert_ranker_version(session: Session, row: RankerVersion) -> None:
    """Store a new version of a ranker."""
    session.add(row)
    session.flush()


def get_ranker_weights(session: Session, tenant_id: str, version: int) -> dict[str, float]:
    """Load the weights of a version by the names of the features; {} for the built-in version."""
    row = session.get(V, (tenant_id, version))
    return row.weights if row is not None else {}


def list_ranker_versions(session: Session, tenant_id: str, limit: int) -> Sequence[RankerVersion]:
    """List the newest `limit` versions of the tenant's ranker, newest first."""
    statement = select(V).where(V.tenant_id == tenant_id).order_by(V.version.desc()).limit(limit)
    return session.execute(statement).scalars().all()
