"""Re-embedding runs over the stored vectors: their rows, the vectors still missing, and deletions."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from app.core.vocabulary import ReembedStatus
from app.db import models
from app.db.session import AnyRow

R = models.Reembedding
E = models.Embedding
ACTIVE_STATUSES = (ReembedStatus.QUEUED, ReembedStatus.RUNNING)

_PENDING = text("""
SELECT e.id, e.user_id, e.of_turn, e.revision, t.name, coalesce(t.content, m.content) AS content
FROM embeddings e
LEFT JOIN turns t ON e.of_turn AND t.tenant_id = e.tenant_id AND t.id = e.id
LEFT JOIN memories m ON NOT e.of_turn AND m.tenant_id = e.tenant_id AND m.id = e.id
WHERE e.tenant_id = :tenant AND e.model_id = :source AND (CAST(:after AS uuid) IS NULL OR e.id > :after)
  AND NOT EXISTS (
    SELECT 1 FROM embeddings n WHERE n.tenant_id = e.tenant_id AND n.id = e.id AND n.model_id = :target)
ORDER BY e.id LIMIT :limit
""")


def insert_run(session: Session, run: models.Reembedding) -> None:
    """Insert a run; the columns that it leaves out get their defaults, which the statement returns."""
    session.add(run)
    session.flush()


def get_latest_run(session: Session) -> models.Reembedding | None:
    """Load the run under way, or else the last one, or None."""
    return session.execute(
        select(R).order_by(R.status.in_(ACTIVE_STATUSES).desc(), R.id.desc()).limit(1)
    ).scalar_one_or_none()


def lock_active_run(session: Session) -> models.Reembedding | None:
    """Load and lock the run that has not ended, or None."""
    return session.execute(
        select(R).where(R.status.in_(ACTIVE_STATUSES)).with_for_update()
    ).scalar_one_or_none()


def claim_run(session: Session, worker: str, lease: timedelta) -> models.Reembedding | None:
    """Claim the run that is due; return None when none is, or another worker has the lease."""
    free = or_(R.lease_until.is_(None), R.lease_until < func.now())
    run = session.execute(
        select(R)
        .where(R.status.in_(ACTIVE_STATUSES), R.run_after <= func.now(), free)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if run is None:
        return None
    now = session.execute(select(func.now())).scalar_one()
    run.status = ReembedStatus.RUNNING
    run.attempts += 1
    run.worker, run.lease_until = worker, now + lease
    run.started_at = run.started_at or now
    return run


def renew_lease(session: Session, run_id: UUID, worker: str, lease: timedelta) -> None:
    """Renew the lease if the run is still this worker's."""
    session.execute(
        update(R)
        .where(R.id == run_id, R.worker == worker, R.status == ReembedStatus.RUNNING)
        .values(lease_until=func.now() + lease)
    )


def lock_run(session: Session, run_id: UUID, worker: str) -> bool:
    """Lock the run; return whether it is still this worker's and not cancelled."""
    locked = session.execute(
        select(R.id)
        .where(R.id == run_id, R.worker == worker, R.status == ReembedStatus.RUNNING)
        .with_for_update()
    )
    return locked.first() is not None


def update_run(session: Session, run_id: UUID, values: Mapping[str, Any]) -> None:
    """Set columns of a run."""
    session.execute(update(R).where(R.id == run_id).values(**values))


def find_following_tenant(session: Session, after: str) -> str | None:
    """Return the next tenant in the order of ids, or None."""
    return session.execute(select(func.memcubed_next_tenant(after))).scalar_one()


def list_pending_rows(
    session: Session, tenant_id: str, source_id: str, target_id: str, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """List (id, user_id, of_turn, revision, name, content) of rows with a vector of the source model alone.

    They are in the order of ids after `after`; `content` is None where the text was deleted.
    """
    values = {"tenant": tenant_id, "source": source_id, "target": target_id, "after": after, "limit": limit}
    return session.execute(_PENDING, values).all()


def lock_users(session: Session, tenant_id: str, user_ids: Sequence[str]) -> set[str]:
    """Lock those of the users that nobody writes just now until the transaction ends; return their ids."""
    U = models.User
    rows = session.execute(
        select(U.user_id)
        .where(U.tenant_id == tenant_id, U.user_id.in_(user_ids))
        .order_by(U.user_id)
        # The lock that users.next_revision() takes: every writer and every erasure of a user has it.
        .with_for_update(skip_locked=True, key_share=True)
    )
    return set(rows.scalars())


def load_vector_revisions(
    session: Session, tenant_id: str, model_id: str, ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Load the revision of each of these vectors of a model, by id; missing ones are left out."""
    rows = session.execute(
        select(E.id, E.revision).where(E.tenant_id == tenant_id, E.id.in_(ids), E.model_id == model_id)
    )
    return {row.id: row.revision for row in rows}


def delete_other_vectors(
    session: Session, tenant_id: str, keep: str, after: UUID | None, limit: int
) -> tuple[int, UUID | None]:
    """Delete up to `limit` vectors of a tenant that are not of the model `keep`, in the order of ids.

    Returns (number of deleted vectors, last id); the id is None when there were none after `after`.
    """
    candidates = select(E.id).where(E.tenant_id == tenant_id, E.model_id != keep)
    if after is not None:
        candidates = candidates.where(E.id > after)
    ids = session.execute(candidates.order_by(E.id).limit(limit)).scalars().all()
    if not ids:
        return 0, None
    deleted = session.execute(
        delete(E).where(E.tenant_id == tenant_id, E.id.in_(ids), E.model_id != keep).returning(E.id)
    )
    return len(deleted.all()), ids[-1]
