"""Jobs: claim with a lease, keep it, finish, fail, retry, and find the ones that were lost."""

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.core.errors import Conflict, NotFound, Unavailable, UpstreamFailed
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import JobStatus, Scope, Stage, TurnState
from app.db import models
from app.db.repositories import idempotency, jobs, operations, turns, users
from app.resources import Resources
from app.schemas.turns import JobDetail, JobOut, JobPage, LlmUsage, Progress, TurnOutcome
from app.services.pages import as_cursor, from_cursor

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
BATCH_TURNS = 128
SWEEP_LIMIT = 500
_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 3600.0
_IDEMPOTENCY_DAYS = 7
_ENDED = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.DEAD}


class LeaseLost(Exception):
    """Another worker took the jobs; what this one has done is dropped, not written twice."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Jobs of one user and stage that this worker holds."""

    principal: Principal
    user_id: str
    stage: Stage
    worker: str
    jobs: tuple[models.Job, ...]

    @property
    def ids(self) -> list[UUID]:
        """The ids of the jobs."""
        return [job.id for job in self.jobs]


def claim(resources: Resources, tenant_id: str, user_id: str, stage: Stage) -> Claim | None:
    """Take the user's due jobs of a stage, or None when there is nothing to take."""
    principal = Principal(tenant_id)
    worker = str(new_id())
    lease = timedelta(seconds=resources.settings.lease_seconds)
    with resources.transaction(principal) as session:
        users.lock(session, tenant_id, user_id)
        taken = jobs.claim(session, tenant_id, user_id, stage, worker, lease, BATCH_TURNS)
    return Claim(principal, user_id, stage, worker, tuple(taken)) if taken else None


@contextmanager
def keeping(seconds: float, beat: Callable[[], object]) -> Generator[None]:
    """Call `beat` in the background three times in each lease of `seconds`, until the block ends."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(seconds / 3):
            try:
                beat()
            except Unavailable:
                log.warning("lease_not_kept")

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def lease(resources: Resources, held: Claim) -> AbstractContextManager[None]:
    """Lengthen the claim's lease in the background until the block ends."""
    seconds = resources.settings.lease_seconds

    def beat() -> None:
        with resources.transaction(held.principal) as session:
            jobs.beat(session, held.principal.tenant_id, held.ids, held.worker, timedelta(seconds=seconds))

    return keeping(seconds, beat)


@contextmanager
def working(resources: Resources, held: Claim) -> Generator[None]:
    """Keep the lease; what goes wrong in the block is written on the jobs, and they are tried again."""
    with lease(resources, held):
        try:
            yield
        except LeaseLost:
            log.warning("lease_lost", stage=held.stage)
        except UpstreamFailed as failure:
            fail(resources, held, failure.message, retryable=failure.retryable, alone=not failure.retryable)
        except Unavailable:
            # Without the database nothing can be noted; the lease runs out and the sweep finds the jobs.
            log.warning("database_lost", stage=held.stage)
        except Exception as exc:  # a fault of ours must not leave a job without a word
            log.error("job_fault", stage=held.stage, exc_info=exc)
            fail(resources, held, f"internal error ({type(exc).__name__})", retryable=True, alone=True)


def fail(resources: Resources, held: Claim, reason: str, *, retryable: bool, alone: bool = False) -> None:
    """Queue the jobs again with a growing wait, or end them when trying again is no use.

    With `alone` each runs by itself from now on, so that the one at fault can't take its neighbours down;
    otherwise they run together again, and find the LLM's answers that were bought for them together.
    """
    tenant_id = held.principal.tenant_id
    with resources.transaction(held.principal) as session:
        users.lock(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            return
        revision = users.next_revision(session, tenant_id, held.user_id)
        for job in held.jobs:
            spent = job.attempts >= MAX_ATTEMPTS
            values = {"error": reason, "lease_until": None, "worker": None, "alone": job.alone or alone}
            if not spent and (retryable or len(held.jobs) > 1):
                values |= {
                    "status": JobStatus.QUEUED,
                    "run_after": resources.now() + wait_after(job.attempts),
                }
            else:
                status = JobStatus.DEAD if retryable else JobStatus.FAILED
                values |= {"status": status, "finished_at": resources.now()}
                left = turns.unextracted(session, tenant_id, [job.id])
                failed = {turn.id: (TurnState.FAILED, reason, 0) for turn in left}
                turns.set_state(session, tenant_id, failed, {}, revision)
                operations.count(session, tenant_id, resources.now().date(), {"jobs_dead": 1})
            jobs.move(session, tenant_id, [job.id], values)
    log.warning("job_failed", stage=held.stage, jobs=[str(i) for i in held.ids], retryable=retryable)


def finish(resources: Resources, held: Claim) -> None:
    """End the claim's jobs. Raises `LeaseLost`."""
    tenant_id = held.principal.tenant_id
    with resources.transaction(held.principal) as session:
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        for job in held.jobs:
            jobs.count_done(session, tenant_id, job.id)
        ended = {"status": JobStatus.SUCCEEDED, "finished_at": resources.now(), "lease_until": None}
        jobs.move(session, tenant_id, held.ids, ended | {"worker": None, "error": None, "llm_cache": {}})
        operations.count(session, tenant_id, resources.now().date(), {"jobs_succeeded": len(held.jobs)})


def wait_after(attempts: int) -> timedelta:
    """5 s after the first failure, then twice as long each time, at most an hour."""
    return timedelta(seconds=min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS))


def sweep(resources: Resources) -> int:
    """Ring for every due job of any tenant that nobody works on; returns for how many users and stages."""
    with resources.transaction(None) as session:
        due = jobs.sweep(session, SWEEP_LIMIT)
    rung: set[tuple[str, str, str]] = set()
    for row in due:
        with resources.transaction(Principal(row.tenant_id)) as session:
            owner = jobs.owner_of(session, row.tenant_id, row.id)
        key = (row.stage, row.tenant_id, owner.user_id) if owner is not None else None
        if key is None or key in rung:
            continue
        rung.add(key)
        if not resources.doorbell.ring(Stage(row.stage), row.tenant_id, key[2]):
            break
    return len(rung)


def prune(resources: Resources) -> None:
    """Forget old Idempotency-Keys and heartbeats."""
    with resources.transaction(None) as session:
        idempotency.prune(session, resources.now() - timedelta(days=_IDEMPOTENCY_DAYS))
        operations.forget_workers(session)


def get(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """One job with the outcome of each of its turns. Raises `NotFound`."""
    principal.require(Scope.READ)
    with resources.transaction(principal) as session:
        job = jobs.get(session, principal.tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        outcomes = turns.of_job(session, principal.tenant_id, job_id)
    return JobDetail(
        **_as_out(job).model_dump(),
        turns=[
            TurnOutcome(
                turn_id=row.id, ref=row.ref, state=row.state, reason=row.state_reason, extracted=row.extracted
            )
            for row in outcomes
        ],
    )


def page(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str | None,
    status: JobStatus | None,
    cursor: str | None,
    limit: int,
) -> JobPage:
    """Jobs, newest first."""
    principal.require(Scope.READ)
    if user_id is not None:
        principal.require_user(user_id)
    with resources.transaction(principal) as session:
        rows = jobs.page(
            session,
            principal.tenant_id,
            user_id=user_id,
            status=status,
            after=from_cursor(cursor),
            limit=limit + 1,
        )
    return JobPage(
        items=[_as_out(row) for row in rows[:limit]], next_cursor=as_cursor([row.id for row in rows], limit)
    )


def retry(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """Start an ended job again: the turns that failed are read again, the others stay as they are.

    Raises `NotFound`, and `Conflict` while the job is not at an end or when it succeeded.
    """
    principal.require(Scope.WRITE)
    with resources.transaction(principal) as session:
        job = jobs.get(session, principal.tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        users.lock(session, principal.tenant_id, job.user_id)
        session.refresh(job)
        if job.status not in {JobStatus.FAILED, JobStatus.DEAD}:
            raise Conflict(f"The job is {job.status}; only a failed or dead job can be retried.")
        values = {"status": JobStatus.QUEUED, "attempts": 0, "error": None, "finished_at": None}
        jobs.move(session, principal.tenant_id, [job_id], values | {"run_after": resources.now()})
        stage, user_id = Stage(job.stage), job.user_id
    resources.doorbell.ring(stage, principal.tenant_id, user_id)
    return get(resources, principal, job_id)


def ended(resources: Resources, principal: Principal, job_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Whether each of the jobs that are there has come to an end."""
    with resources.transaction(principal) as session:
        found = jobs.statuses(session, principal.tenant_id, job_ids)
    return {job_id: status in _ENDED for job_id, status in found.items()}


def finished(resources: Resources, principal: Principal, job_id: UUID) -> bool:
    """Whether the job has come to an end. Raises `NotFound`."""
    found = ended(resources, principal, [job_id])
    if job_id not in found:
        raise NotFound("There is no such job.", field="wait_for")
    return found[job_id]


def _as_out(job: models.Job) -> JobOut:
    return JobOut(
        id=job.id,
        user_id=job.user_id,
        session_id=job.session_id,
        status=JobStatus(job.status),
        stage=Stage(job.stage),
        progress=Progress(done=job.turns_done, total=job.turns_total),
        attempts=job.attempts,
        error=job.error,
        llm=LlmUsage(
            calls=job.llm_calls,
            failed_calls=job.llm_failed_calls,
            prompt_tokens=job.prompt_tokens,
            completion_tokens=job.completion_tokens,
        ),
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        run_after=job.run_after,
    )


def due(resources: Resources, principal: Principal, user_id: str, stage: Stage) -> bool:
    """Whether the user has another due job of this stage."""
    with resources.transaction(principal) as session:
        return jobs.next_due(session, principal.tenant_id, user_id, stage) is not None


def run_after(resources: Resources, waiting_turns: int, *, closed: bool) -> datetime:
    """When a session's waiting turns are extracted.

    Without an LLM at once; with one as soon as a segment's worth waits, so that one call reads many turns.
    """
    if resources.chat is None or closed or waiting_turns >= SEGMENT_WORTH:
        return resources.now()
    return resources.now() + timedelta(seconds=resources.settings.extract_idle_seconds)


SEGMENT_WORTH = 6


def session_ids(held: Sequence[models.Job]) -> list[str]:
    """The sessions that the jobs belong to, each once."""
    return list(dict.fromkeys(job.session_id for job in held))
