"""What became of turns: the memories that they assert, and the jobs that read them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow

A, M, J = models.Assertion, models.Memory, models.Job


def list_stated_memories(session: Session, tenant_id: str, turn_ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """List each assertion of these turns with its memory, in the order in which they were made."""
    return session.execute(
        select(A.turn_id, A.quote, A.polarity, M.id, M.kind, M.status, M.content)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(A.tenant_id == tenant_id, A.turn_id.in_(list(turn_ids)))
        .order_by(A.turn_id, M.id)
    ).all()


def list_jobs_by_ids(session: Session, tenant_id: str, job_ids: Iterable[UUID]) -> Sequence[models.Job]:
    """List the jobs that have these ids."""
    return session.execute(select(J).where(J.tenant_id == tenant_id, J.id.in_(list(job_ids)))).scalars().all()
