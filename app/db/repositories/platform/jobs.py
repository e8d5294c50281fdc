"""Jobs: claim, beat, finish, retry. The row is the truth."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import cast, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.core.vocabulary import JobStatus, Stage
from app.db import models
from app.db.bulk_insert import insert_rows
from app.db.session import AnyRow

J = models.Job


def insert_job(session: Session, values: Mapping[str, Any]) -> None:
    """Store a new job."""
    insert_rows(session, J, [values])


def get_job(session: Session, tenant_id: str, job_id: UUID) -> models.Job | None:
    """One job, or None."""
    return session.get(J, (tenant_id, job_id))


def load_job_statuses(session: Session, tenant_id: str, job_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The status of each of the jobs that are there."""
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
    """Jobs, newest first, from behind `after`."""
    statement = select(J).where(J.tenant_id == tenant_id)
    if user_id is not None:
        statement = statement.where(J.user_id == user_id)
    if status is not None:
        statement = statement.where(J.status == status)
    if after is not None:
        statement = statement.where(J.id < after)
    return session.execute(statement.order_by(J.id.desc()).limit(limit)).scalars().all()


def claim_jobs(
    session: Session,
    tenant_id: str,
    user_id: str,
    stage: Stage,
    worker: str,
    lease: timedelta,
    max_turns: int,
) -> Sequence[models.Job]:
    """Take the user's oldest due jobs of a stage, up to `max_turns` turns, or none while one is running.

    A running job whose lease ran out counts as due. The caller holds the user's advisory lock.
    """
    now = session.execute(select(func.now())).scalar_one()
    of_user = (J.tenant_id == tenant_id, J.user_id == user_id, J.stage == stage)
    busy = select(J.id).where(*of_user, J.status == JobStatus.RUNNING, J.lease_until >= now).limit(1)
    if session.execute(busy).first() is not None:
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
    for job in session.execute(due).scalars():
        # Twice its worker was lost: it may be what kills them.
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
    """Lengthen the lease; returns how many of the jobs are still this worker's."""
    rows = session.execute(
        update(J)
        .where(J.tenant_id == tenant_id, J.id.in_(ids), J.worker == worker, J.status == JobStatus.RUNNING)
        .values(lease_until=func.now() + lease)
        .returning(J.id)
    )
    return len(rows.all())


def lock_jobs(session: Session, tenant_id: str, ids: Sequence[UUID], worker: str) -> bool:
    """Lock the jobs and tell whether all of them are still this worker's."""
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
    """Count the LLM calls and tokens that a job has cost so far."""
    values = {column: getattr(J, column) + count for column, count in counts.items()}
    session.execute(update(J).where(J.tenant_id == tenant_id, J.id == job_id).values(**values))


def cache_llm_reply(
    session: Session, tenant_id: str, job_id: UUID, key: str, reply: Mapping[str, Any]
) -> None:
    """Keep an LLM answer on the running job, so that a retry does not buy it twice."""
    session.execute(
        update(J)
        .where(J.tenant_id == tenant_id, J.id == job_id, J.status == JobStatus.RUNNING)
        .values(llm_cache=J.llm_cache.op("||")(cast({key: reply}, JSONB)))
    )


def count_pending_turns(session: Session, tenant_id: str, user_id: str, session_id: str) -> tuple[int, bool]:
    """(turns that wait for extraction in a session, whether the session is closed)."""
    waiting = session.execute(
        select(
            func.coalesce(func.sum(J.turns_total), 0), func.coalesce(func.bool_or(J.close_session), False)
        ).where(
            J.tenant_id == tenant_id,
            J.user_id == user_id,
            J.session_id == session_id,
            J.stage == Stage.EXTRACT,
            J.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]),
        )
    ).one()
    return int(waiting[0]), bool(waiting[1])


def reschedule_session(
    session: Session, tenant_id: str, user_id: str, session_id: str, run_after: datetime
) -> None:
    """Let all waiting extract jobs of a session start together at `run_after`."""
    session.execute(
        update(J)
        .where(
            J.tenant_id == tenant_id,
            J.user_id == user_id,
            J.session_id == session_id,
            J.stage == Stage.EXTRACT,
            J.status == JobStatus.QUEUED,
            J.attempts == 0,
        )
        .values(run_after=run_after)
    )


def find_next_tenant(session: Session, stage: Stage, after: str, passed: Sequence[str]) -> str | None:
    """The tenant behind `after`, round and round, that has a due job of the stage and is not `passed`."""
    asked = {"stage": stage.value, "after": after, "passed": list(passed)}
    statement = text("SELECT memcubed_next_tenant(:stage, :after, CAST(:passed AS text[]), now())")
    return session.execute(statement, asked).scalar_one()


def find_next_user(session: Session, tenant_id: str, stage: Stage, after: str) -> str | None:
    """The tenant's user behind `after`, round and round, who has a due job of the stage and none running."""
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
    found = session.execute(due.where(J.user_id > after)).scalar_one_or_none()
    return found or session.execute(due).scalar_one_or_none()


def find_queued_job(session: Session, tenant_id: str, user_id: str, stage: Stage) -> UUID | None:
    """A job of the user and stage that nobody has begun."""
    of_user = (J.tenant_id == tenant_id, J.user_id == user_id, J.stage == stage)
    return session.execute(
        select(J.id).where(*of_user, J.status == JobStatus.QUEUED).limit(1)
    ).scalar_one_or_none()


def count_due_by_stage(session: Session, limit: int) -> Sequence[AnyRow]:
    """(stage, jobs): how many jobs of all tenants are due and nobody works on, at most `limit` each."""
    asked = {"stages": [stage.value for stage in Stage], "limit": limit}
    statement = text("SELECT * FROM memcubed_due_stages(CAST(:stages AS text[]), :limit, now())")
    return session.execute(statement, asked).all()
