"""Rows of the service as a whole: heartbeats of workers, usage counters, privileges of the role."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow

W = models.Worker
U = models.Usage


def record_heartbeat(session: Session, name: str, queues: Sequence[str]) -> None:
    """Record a worker's heartbeat."""
    statement = insert(W).values(name=name, queues=list(queues), seen_at=func.now())
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"seen_at": func.now(), "queues": statement.excluded.queues}
        )
    )


def list_live_workers(session: Session, within_seconds: float) -> Sequence[models.Worker]:
    """List the workers whose last heartbeat is at most so many seconds old."""
    bound = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, within_seconds)
    return session.execute(select(W).where(W.seen_at > bound)).scalars().all()


def delete_old_workers(session: Session) -> None:
    """Delete heartbeats older than a day."""
    session.execute(text("DELETE FROM workers WHERE seen_at < now() - interval '1 day'"))


def add_usage_counts(session: Session, tenant_id: str, day: date, counts: Mapping[str, int]) -> None:
    """Add to the tenant's counters of a day."""
    if not any(counts.values()):
        return
    statement = insert(U).values(tenant_id=tenant_id, day=day, **counts)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "day"],
            set_={name: getattr(U, name) + getattr(statement.excluded, name) for name in counts},
        )
    )


def get_consolidation_calls(session: Session, tenant_id: str, day: date) -> int:
    """Return how many LLM calls consolidation has made for the tenant on a day."""
    statement = select(U.consolidation_calls).where(U.tenant_id == tenant_id, U.day == day)
    return session.execute(statement).scalar_one_or_none() or 0


def list_job_counts(session: Session) -> Sequence[AnyRow]:
    """List (status, stage, jobs, oldest) over the jobs of all tenants that have not succeeded."""
    return session.execute(text("SELECT * FROM memcubed_job_counts()")).all()


def get_usage_totals(session: Session) -> RowMapping:
    """Return the counters summed over all tenants and days."""
    return session.execute(text("SELECT * FROM memcubed_usage_totals()")).mappings().one()


def list_role_flaws(session: Session) -> list[str]:
    """List why the connected role could bypass row-level security; empty = it can't."""
    row = session.execute(
        text("""
        SELECT r.rolsuper, r.rolbypassrls,
          EXISTS (SELECT 1 FROM pg_class c
                  WHERE c.relname = 'turns' AND pg_has_role(c.relowner, 'MEMBER')) AS owner
        FROM pg_roles r WHERE r.rolname = current_user""")
    ).one()
    return [
        name for name, bad in (("superuser", row[0]), ("BYPASSRLS", row[1]), ("table owner", row[2])) if bad
    ]
