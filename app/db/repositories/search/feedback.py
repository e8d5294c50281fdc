"""Feedback on searches, and the tenant's ranker that is learned from it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import Feedback, Ranker, RankerVersion

F = Feedback
R = Ranker
V = RankerVersion


def get_feedback(session: Session, tenant_id: str, retrieval_id: UUID) -> Feedback | None:
    """What was said of one search."""
    return session.get(F, (tenant_id, retrieval_id))


def insert_feedback(session: Session, row: Mapping[str, Any]) -> None:
    """Store what was said of one search."""
    session.execute(insert(F), [row])


def load_citations(
    session: Session, tenant_id: str, user_id: str, memory_ids: Collection[UUID]
) -> dict[UUID, list[datetime]]:
    """When each of these memories was cited by its user; those that never were are left out.

    What a grantee cites is in the grantee's feedback, and does nothing to the owner's memory.
    """
    rows = session.execute(
        select(F.cited_ids, F.at).where(
            F.tenant_id == tenant_id, F.user_id == user_id, F.cited_ids.overlap(list(memory_ids))
        )
    )
    found: dict[UUID, list[datetime]] = {}
    for cited_ids, at in rows:
        for memory_id in set(cited_ids) & set(memory_ids):
            found.setdefault(memory_id, []).append(at)
    return found


def count_feedback(session: Session, tenant_id: str, *, since: datetime | None) -> int:
    """How often something was said of a search after `since`."""
    statement = select(func.count()).select_from(F).where(F.tenant_id == tenant_id)
    if since is not None:
        statement = statement.where(F.at > since)
    return session.execute(statement).scalar_one()


def list_newest_feedback(
    session: Session, tenant_id: str, *, since: datetime | None, limit: int
) -> Sequence[Feedback]:
    """The last `limit` after `since`, oldest first."""
    statement = select(F).where(F.tenant_id == tenant_id)
    if since is not None:
        statement = statement.where(F.at > since)
    rows = session.execute(statement.order_by(F.at.desc(), F.id.desc()).limit(limit)).scalars().all()
    return rows[::-1]


def get_ranker(session: Session, tenant_id: str) -> Ranker | None:
    """The tenant's ranker, or None while it is the built-in one."""
    return session.get(R, tenant_id)


def lock_ranker(session: Session, tenant_id: str) -> Ranker:
    """The tenant's ranker, made if need be and locked until the transaction ends."""
    session.execute(insert(R).values(tenant_id=tenant_id).on_conflict_do_nothing())
    statement = select(R).where(R.tenant_id == tenant_id).with_for_update()
    return session.execute(statement).scalar_one()


def update_ranker(session: Session, tenant_id: str, values: Mapping[str, Any]) -> None:
    """Change the head of the tenant's ranker."""
    session.execute(update(R).where(R.tenant_id == tenant_id).values(**values))


def insert_ranker_version(session: Session, row: Mapping[str, Any]) -> None:
    """Store the weights of a new version."""
    session.execute(insert(V), [row])


def get_ranker_weights(session: Session, tenant_id: str, version: int) -> dict[str, float]:
    """The weights of a version; the built-in one has none."""
    found = session.get(V, (tenant_id, version))
    return found.weights if found is not None else {}


def list_ranker_versions(session: Session, tenant_id: str, limit: int) -> Sequence[RankerVersion]:
    """The last versions, newest first."""
    statement = select(V).where(V.tenant_id == tenant_id).order_by(V.version.desc()).limit(limit)
    return session.execute(statement).scalars().all()
