"""The rows of jobs. A row alone decides who works on a job; messages to workers carry no content."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.core.vocabulary import JobStatus, Stage
from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

J = models.Job


def insert_job(session: Session, job: models.Job) -> None:
    """Insert a job; the columns that it leaves out get their defaults."""
    session.add(job)
    session.flush()


def get_job(session: Session, tenant_id: str, job_id: UUID) -> models.Job | None:
    """Load one job, or None."""
    return session.get(J, (tenant_id, job_id))


def load_job_statuses(session: Session, tenant_id: str, job_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Load the status of each of the jobs, by id; ids of no job are left out."""
    rows = session.execute(select(J.id, J.status).where(J.tenant_id == tenant_id, J.id.in_(job_ids)))
    return {row.id: row.status for row in rows}


def list_jobs(
    session: Session,
    tenant_id: str,
    *,
    user_id: str | None,
    status: JobStatus | None,
    after: UUID | None,
    limit: int,
) -> Sequence[models.Job]:
    """List up to `limit` jobs, newest first, those before the id `after`; None = no filter."""
    statement = select(J).where(J.tenant_id == tenant_id)
    if user_id is not None:
        statement = statement.where(J.user_id == user_id)
    if status is not None:
        statement = statement.where(J.status == status)
    if after is not None:
        statement = statement.where(J.id < after)
    return session.execute(statement.order_by(J.id.desc()).limit(limit)).scalars().all()


def claim_jobs(
    user: UserSession,
    stage: Stage,
    worker: str,
    lease: timedelta,
    max_turns: int,
) -> Sequence[models.Job]:
    """Claim the user's oldest due jobs of a stage, up to `max_turns` turns; none while one is running.

    A running job whose lease has expired counts as due. The caller holds the user's advisory lock.
    """
    now = user.session.execute(select(func.now())).scalar_one()
    of_user = (J.tenant_id == user.tenant_id, J.user_id == user.user_id, J.stage == stage)
    busy = select(J.id).where(*of_user, J.status == JobStatus.RUNNING, J.lease_until >= now).limit(1)
    if user.session.execute(busy).first() is not None:
        return []
    due = (
        select(J)
        .where(
            *of_user,
            J.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]),
            J.run_after <= now,
        )
        .order_by(J.id)
        .limit(100)
        .with_for_update()
    )
    taken: list[models.Job] = []
    turns = 0
    for job in user.session.execute(due).scalars():
        # Its worker was lost, and not at the first attempt: it may be what kills workers, so it runs alone.
        job.alone = job.alone or (job.status == JobStatus.RUNNING and job.attempts > 1)
        if taken and (job.alone or taken[0].alone or turns + job.turns_total > max_turns):
            break
        turns += job.turns_total
        taken.append(job)
        job.status = JobStatus.RUNNING
        job.attempts += 1
        job.lease_until = now + lease
        job.worker = worker
        job.started_at = job.started_at or now
    return taken


def renew_lease(session: Session, tenant_id: str, ids: Sequence[UUID], worker: str, lease: timedelta) -> int:
    """Renew the lease of a worker's jobs; return how many of them are still this worker's."""
    rows = session.execute(
        update(J)
        .where(J.tenant_id == tenant_id, J.id.in_(ids), J.worker == worker, J.status == JobStatus.RUNNING)
        .values(lease_until=func.now() + lease)
        .returning(J.id)
    )
    return len(rows.all())


def lock_jobs(session: Session, tenant_id: str, ids: Sequence[UUID], worker: str) -> bool:
    """Lock the jobs; return whether all of them are still this worker's."""
    rows = session.execute(
        select(J.id)
        .where(J.tenant_id == tenant_id, J.id.in_(ids), J.worker == worker, J.status == JobStatus.RUNNING)
        .with_for_update()
    )
    return len(rows.all()) == len(ids)


def update_jobs(session: Session, tenant_id: str, ids: Sequence[UUID], values: Mapping[str, Any]) -> None:
    """Set the same columns of several jobs."""
    session.execute(update(J).where(J.tenant_id == tenant_id, J.id.in_(ids)).values(**values))


def update_progress(session: Session, tenant_id: str, job_id: UUID) -> None:
    """Set the job's progress to the number of its turns that extraction has read."""
    T = models.Turn
    done = (
        select(func.count())
        .select_from(T)
        .where(T.tenant_id == tenant_id, T.job_id == job_id, T.state.in_(["extracted", "nothing"]))
        .scalar_subquery()
    )
    session.execute(update(J).where(J.tenant_id == tenant_id, J.id == job_id).values(turns_done=done))


def add_llm_usage(session: Session, tenant_id: str, job_id: UUID, counts: Mapping[str, int]) -> None:
    """Add to the counters of LLM calls and tokens of a job."""
    values = {column: getattr(J, column) + count for column, count in counts.items()}
    session.execute(update(J).where(J.tenant_id == tenant_id, J.id == job_id).values(**values))


def cache_llm_reply(
    session: Session, tenant_id: str, job_id: UUID, key: str, reply: Mapping[str, Any]
) -> None:
    """Cache an LLM reply in the row of a running job, so that a retry does not pay for it twice."""
    session.execute(
        update(J)
        .where(J.tenant_id == tenant_id, J.id == job_id, J.status == JobStatus.RUNNING)
        .values(llm_cache=J.llm_cache.op("||")(cast({key: reply}, JSONB)))
    )


def count_pending_turns(user: UserSession, session_id: str) -> tuple[int, bool]:
    """Return (number of turns that wait for extraction in a session, whether the session is closed)."""
    waiting = user.session.execute(
        select(
            func.coalesce(func.sum(J.turns_total), 0), func.coalesce(func.bool_or(J.close_session), False)
        ).where(
            J.tenant_id == user.tenant_id,
            J.user_id == user.user_id,
            J.session_id == session_id,
            J.stage == Stage.EXTRACT,
            J.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]),
        )
    ).one()
    return int(waiting[0]), bool(waiting[1])


def reschedule_session(user: UserSession, session_id: str, run_after: datetime) -> None:
    """Set one start for all extraction jobs of a session that no worker has begun."""
    user.session.execute(
        update(J)
        .where(
            J.tenant_id == user.tenant_id,
            J.user_id == user.user_id,
            J.session_id == session_id,
            J.stage == Stage.EXTRACT,
            J.status == JobStatus.QUEUED,
            J.attempts == 0,
        )
        .values(run_after=run_after)
    )


def find_next_tenant(session: Session, stage: Stage, after: str, excluded: Sequence[str]) -> str | None:
    """Find the next tenant with a due job of the stage, in the circular order of ids after `after`.

    Returns None when no tenant but the `excluded` ones has one.
    """
    values = {"stage": stage.value, "after": after, "passed": list(excluded)}
    statement = text("SELECT memcubed_next_tenant(:stage, :after, CAST(:passed AS text[]), now())")
    return session.execute(statement, values).scalar_one()


def find_next_user(session: Session, tenant_id: str, stage: Stage, after: str) -> str | None:
    """Find the next user of a tenant with a due job of the stage and none running; None = there is none.

    Users are tried in the circular order of their ids after `after`.
    """
    of_stage = (J.tenant_id == tenant_id, J.stage == stage)
    running = select(J.user_id).where(*of_stage, J.status == JobStatus.RUNNING, J.lease_until >= func.now())
    busy = session.execute(running.distinct()).scalars().all()
    due = (
        select(J.user_id)
        .where(
            *of_stage,
            J.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]),
            J.run_after <= func.now(),
            J.user_id.not_in(busy),
        )
        .order_by(J.user_id)
        .limit(1)
    )
    user_id = session.execute(due.where(J.user_id > after)).scalar_one_or_none()
    return user_id or session.execute(due).scalar_one_or_none()


def find_queued_job(user: UserSession, stage: Stage) -> UUID | None:
    """Find a job of the user and stage that no worker has begun; return its id, or None."""
    of_user = (J.tenant_id == user.tenant_id, J.user_id == user.user_id, J.stage == stage)
    return user.session.execute(
        select(J.id).where(*of_user, J.status == JobStatus.QUEUED).limit(1)
    ).scalar_one_or_none()


def count_due_by_stage(session: Session, limit: int) -> Sequence[AnyRow]:
    """List (stage, jobs): how many due jobs of all tenants nobody works on, counted up to `limit` each."""
    values = {"stages": [stage.value for stage in Stage], "limit": limit}
    statement = text("SELECT * FROM memcubed_due_stages(CAST(:stages AS text[]), :limit, now())")
    return session.execute(statement, values).all()
