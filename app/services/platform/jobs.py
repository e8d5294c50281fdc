"""Jobs: claim them with a lease, renew it, finish, fail or retry them, and find those that were lost."""

import os
import threading
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.core.errors import Conflict, NotFound, Unavailable, UpstreamFailed
from app.core.ids import new_id
from app.core.logs import describe_exception
from app.core.security import Principal
from app.core.vocabulary import JobStatus, KeyScope, Stage, TurnState
from app.db import models
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import idempotency, jobs, operations, users
from app.db.repositories.search import index_snapshots
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.platform.jobs import JobDetail, JobOut, JobPage, JobProgress, LlmUsage, TurnOutcome
from app.services.platform.pagination import decode_cursor, encode_cursor
from app.services.platform.user_context import UserContext

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
MAX_TURNS_PER_CLAIM = 128
MAX_FAULTS = 3  # times in a row that a job may end by the same fault
MAX_NOTIFICATIONS = 16  # of one sweep for one stage; a worker that gets one sends the next while jobs wait
_MAX_TENANTS_TRIED, _MAX_USERS_TRIED = 16, 4  # for one claim, when other workers are faster
_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 3600.0
_IDEMPOTENCY_DAYS = 7
SEGMENT_WORTH = 6  # turns that one extraction call reads at best
_FINISHED_STATUSES = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.DEAD}


class LeaseLost(Exception):
    """Raised when another worker has claimed the jobs: the results of this one are dropped."""


@dataclass(frozen=True, slots=True)
class JobClaim:
    """Jobs of one user and stage that this worker has a lease of."""

    principal: Principal
    user_id: str
    stage: Stage
    worker_id: str
    jobs: tuple[models.Job, ...]

    @property
    def job_ids(self) -> list[UUID]:
        """Return the ids of the jobs."""
        return [job.id for job in self.jobs]

    def user_context(self, resources: Resources) -> UserContext:
        """Return the context in which the jobs' user is worked for."""
        return UserContext(resources, self.principal, self.user_id)


@contextmanager
def claim_due_jobs(resources: Resources, stage: Stage, *of_user: str) -> Generator[JobClaim | None]:
    """Claim the due jobs of the next user in turn, or of one user (tenant id, user id).

    Yields None when nothing is due. A tenant does not occupy more than half of this process's threads while
    another tenant waits.
    """
    claim = (
        claim_user_jobs(resources, of_user[0], of_user[1], stage)
        if of_user
        else _claim_next(resources, stage)
    )
    if claim is None:
        yield None
        return
    resources.round_robin.record_served(stage, claim.principal.tenant_id, claim.user_id)
    try:
        yield claim
    finally:
        resources.round_robin.release_thread(claim.principal.tenant_id)


def _claim_next(resources: Resources, stage: Stage) -> JobClaim | None:
    saturated = resources.round_robin.list_saturated_tenants(max(1, resources.settings.worker_threads // 2))
    claim = _claim_of_others(resources, stage, saturated)
    return claim if claim is not None or not saturated else _claim_of_others(resources, stage, [])


def _claim_of_others(resources: Resources, stage: Stage, excluded: Sequence[str]) -> JobClaim | None:
    """Claim jobs of the next tenant in turn that is not `excluded`; None when there is none."""
    tried = list(excluded)
    for _ in range(_MAX_TENANTS_TRIED):
        with resources.open_transaction(None) as session:
            tenant_id = jobs.find_next_tenant(session, stage, resources.round_robin.last_tenant(stage), tried)
        if tenant_id is None:
            return None
        tried.append(tenant_id)
        last = resources.round_robin.last_user(stage, tenant_id)
        for _ in range(_MAX_USERS_TRIED):
            with resources.open_transaction(Principal(tenant_id)) as session:
                user_id = jobs.find_next_user(session, tenant_id, stage, last)
            claim = claim_user_jobs(resources, tenant_id, user_id, stage) if user_id is not None else None
            if user_id is None or claim is not None:
                break
            last = user_id
        else:
            continue
        if claim is not None:
            return claim
    # All users of so many tenants are being worked for: the next notification tries the tenants after them.
    resources.round_robin.record_skipped(stage, tried[-1])
    return None


def notify_if_waiting(resources: Resources, stage: Stage) -> None:
    """Notify one more worker if jobs of this stage wait."""
    with resources.open_transaction(None) as session:
        waiting = jobs.find_next_tenant(session, stage, "", [])
    if waiting is not None:
        resources.notifier.notify_workers(stage)


def claim_user_jobs(resources: Resources, tenant_id: str, user_id: str, stage: Stage) -> JobClaim | None:
    """Claim the user's due jobs of a stage; return None when none is due or some are being worked on."""
    principal = Principal(tenant_id)
    worker = str(new_id())
    lease = timedelta(seconds=resources.settings.lease_seconds)
    with resources.open_transaction(principal) as session:
        users.lock_user(UserSession(session, tenant_id, user_id))
        taken = jobs.claim_jobs(
            UserSession(session, tenant_id, user_id), stage, worker, lease, MAX_TURNS_PER_CLAIM
        )
    return JobClaim(principal, user_id, stage, worker, tuple(taken)) if taken else None


@contextmanager
def renew_in_background(seconds: float, renew_once: Callable[[], object]) -> Generator[None]:
    """Call `renew_once` in a thread three times in each lease of `seconds`, until the block ends."""
    done = threading.Event()

    def renew_until_done() -> None:
        while not done.wait(seconds / 3):
            try:
                renew_once()
            except Unavailable:
                log.warning("lease_not_renewed")

    thread = threading.Thread(target=renew_until_done, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def renew_lease(resources: Resources, claim: JobClaim) -> AbstractContextManager[None]:
    """Renew the claim's lease in the background until the block ends."""
    seconds = resources.settings.lease_seconds

    def extend_lease() -> None:
        with resources.open_transaction(claim.principal) as session:
            jobs.renew_lease(
                session, claim.principal.tenant_id, claim.job_ids, claim.worker_id, timedelta(seconds=seconds)
            )

    return renew_in_background(seconds, extend_lease)


@contextmanager
def process_claim(resources: Resources, claim: JobClaim) -> Generator[None]:
    """Renew the lease while the block runs; an exception in it fails or reschedules the jobs."""
    with renew_lease(resources, claim):
        try:
            yield
        except LeaseLost:
            log.warning("lease_lost", stage=claim.stage)
        except UpstreamFailed as failure:
            alone = failure.answered or not failure.retryable
            kind = {"retryable": failure.retryable, "fault": failure.answered}
            fail_jobs(resources, claim, failure.message, alone=alone, **kind)
        except Unavailable:
            # Without the database nothing can be recorded; the lease expires and the sweep finds the jobs.
            log.warning("database_lost", stage=claim.stage)
        except Exception as exc:  # noqa: BLE001 - a bug must not leave a job without a recorded error
            log.error("job_fault", stage=claim.stage, **describe_exception(exc))
            reason = f"internal error ({type(exc).__name__} in {_raising_function(exc)})"
            fail_jobs(resources, claim, reason, retryable=True, alone=True, fault=True)


def _raising_function(exc: BaseException) -> str:
    """Return the name of the innermost function of this application that raised the exception."""
    frames = traceback.extract_tb(exc.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}app{os.sep}" in frame.filename]
    return (ours or frames)[-1].name


def fail_jobs(
    resources: Resources,
    claim: JobClaim,
    reason: str,
    *,
    retryable: bool,
    alone: bool = False,
    fault: bool = False,
) -> None:
    """Reschedule the jobs with a growing delay, or end them when another attempt is of no use.

    With `alone` each job runs by itself from now on, so that the faulty one can't take the others down;
    otherwise they run together again, and find the cached LLM replies that were made for them together.
    A `fault` is an error that the next attempt is likely to meet again. At the second one the cached replies
    that may have led to it are dropped, so that they are asked for anew; at the `MAX_FAULTS`-th the job has
    failed.
    """
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        users.lock_user(UserSession(session, tenant_id, claim.user_id))
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            return
        revision = users.next_revision(UserSession(session, tenant_id, claim.user_id))
        for job in claim.jobs:
            faults = (job.faults + 1 if job.error == reason else 1) if fault else 0
            spent, no_use = job.attempts >= MAX_ATTEMPTS, not retryable or faults >= MAX_FAULTS
            values = {"error": reason, "lease_until": None, "worker": None, "alone": job.alone or alone}
            values |= {"faults": faults} | ({"llm_cache": {}} if faults > 1 else {})
            if not spent and (not no_use or len(claim.jobs) > 1):
                values |= {
                    "status": JobStatus.QUEUED,
                    "run_after": resources.now() + retry_delay(job.attempts),
                }
            else:
                status = JobStatus.FAILED if no_use else JobStatus.DEAD
                values |= {"status": status, "finished_at": resources.now()}
                left = turns.list_unextracted_turns(session, tenant_id, [job.id])
                failed = {turn.id: (TurnState.FAILED, reason, 0) for turn in left}
                turns.update_turn_states(session, tenant_id, failed, {}, revision)
                operations.add_usage_counts(session, tenant_id, resources.now().date(), {"jobs_dead": 1})
            jobs.update_jobs(session, tenant_id, [job.id], values)
    log.warning("job_failed", stage=claim.stage, jobs=[str(i) for i in claim.job_ids], retryable=retryable)


def finish_jobs(resources: Resources, claim: JobClaim) -> list[models.Job]:
    """End the claim's jobs and return them; jobs with turns that are still unread are queued again.

    If the user has written much since the last snapshot of the search index, a new one is requested: so the
    first search of a process reads a snapshot, however few the user's rows are. Raises `LeaseLost` when
    another worker has claimed the jobs.
    """
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        for job in claim.jobs:
            jobs.update_progress(session, tenant_id, job.id)
        unread = turns.list_unread_jobs(session, tenant_id, claim.job_ids)
        ended = [job for job in claim.jobs if job.id not in unread]
        released = {"lease_until": None, "worker": None, "error": None, "faults": 0}
        succeeded = released | {
            "status": JobStatus.SUCCEEDED,
            "finished_at": resources.now(),
            "llm_cache": {},
        }
        jobs.update_jobs(session, tenant_id, [job.id for job in ended], succeeded)
        requeued = released | {"status": JobStatus.QUEUED, "run_after": resources.now(), "attempts": 0}
        jobs.update_jobs(session, tenant_id, list(unread), requeued)
        operations.add_usage_counts(
            session, tenant_id, resources.now().date(), {"jobs_succeeded": len(ended)}
        )
        user = UserSession(session, tenant_id, claim.user_id)
        is_snapshot_due = index_snapshots.request_due_index_snapshot(user, resources.now())
    if is_snapshot_due:
        resources.notifier.notify_index_snapshot()
    return ended


def retry_delay(attempts: int) -> timedelta:
    """Return the delay after so many attempts: 5 s after the first, then twice as long, up to 1 h."""
    return timedelta(seconds=min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS))


def sweep_due_jobs(resources: Resources) -> int:
    """Notify workers of due jobs that nobody works on, of all tenants, at most `MAX_NOTIFICATIONS` per stage.

    Notifications that still wait in Redis count, or Redis would fill while the workers are away. Returns how
    many were sent.
    """
    with resources.open_transaction(None) as session:
        due = jobs.count_due_by_stage(session, MAX_NOTIFICATIONS)
        is_snapshot_due = index_snapshots.is_index_snapshot_requested(session)
    sent = 0
    for row in due:
        stage = Stage(row.stage)
        for _ in range(row.jobs - resources.cache.queue_length(stage.value)):
            sent += resources.notifier.notify_workers(stage)
    if is_snapshot_due and not resources.cache.queue_length(Stage.CONSOLIDATE.value):
        resources.notifier.notify_index_snapshot()
    return sent


def prune_expired_rows(resources: Resources) -> None:
    """Delete stored responses of old Idempotency-Keys, and old heartbeats."""
    with resources.open_transaction(None) as session:
        idempotency.prune_responses(session, resources.now() - timedelta(days=_IDEMPOTENCY_DAYS))
        operations.delete_old_workers(session)


def get_job(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """Return one job with the outcome of each of its turns. Raises `Forbidden`, `NotFound`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        job = jobs.get_job(session, principal.tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        outcomes = turns.list_turns_of_job(session, principal.tenant_id, job_id)
    return JobDetail(
        **to_job_out(job).model_dump(),
        turns=[
            TurnOutcome(
                turn_id=row.id, ref=row.ref, state=row.state, reason=row.state_reason, extracted=row.extracted
            )
            for row in outcomes
        ],
    )


def list_jobs(
    resources: Resources,
    principal: Principal,
    *,
    user_id: str | None,
    status: JobStatus | None,
    cursor: str | None,
    limit: int,
) -> JobPage:
    """List jobs, newest first; a filter that is None is not applied. Raises `Forbidden`, `InvalidInput`."""
    principal.require_scope(KeyScope.READ)
    if user_id is not None:
        principal.require_user(user_id)
    with resources.open_transaction(principal) as session:
        rows = jobs.list_jobs(
            session,
            principal.tenant_id,
            user_id=user_id,
            status=status,
            after=decode_cursor(cursor),
            limit=limit + 1,
        )
    return JobPage(
        items=[to_job_out(row) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def retry_job(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """Queue a failed or dead job again: its failed turns are read again, the others stay as they are.

    Raises `Forbidden`, `NotFound`, and `Conflict` for a job in any other status.
    """
    principal.require_scope(KeyScope.WRITE)
    with resources.open_transaction(principal) as session:
        job = jobs.get_job(session, principal.tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        users.lock_user(UserSession(session, principal.tenant_id, job.user_id))
        session.refresh(job)
        if job.status not in {JobStatus.FAILED, JobStatus.DEAD}:
            raise Conflict(f"The job is {job.status}; only a failed or dead job can be retried.")
        values = {"status": JobStatus.QUEUED, "attempts": 0, "faults": 0, "error": None, "finished_at": None}
        jobs.update_jobs(session, principal.tenant_id, [job_id], values | {"run_after": resources.now()})
        stage = Stage(job.stage)
    resources.notifier.notify_workers(stage)
    return get_job(resources, principal, job_id)


def are_jobs_finished(
    resources: Resources, principal: Principal, job_ids: Sequence[UUID]
) -> dict[UUID, bool]:
    """Return whether each of the jobs is finished, by id; ids of no job are left out."""
    with resources.open_transaction(principal) as session:
        statuses = jobs.load_job_statuses(session, principal.tenant_id, job_ids)
    return {job_id: status in _FINISHED_STATUSES for job_id, status in statuses.items()}


def is_job_finished(resources: Resources, principal: Principal, job_id: UUID) -> bool:
    """Return whether the job is finished. Raises `NotFound`."""
    finished = are_jobs_finished(resources, principal, [job_id])
    if job_id not in finished:
        raise NotFound("There is no such job.", field="wait_for")
    return finished[job_id]


def to_job_out(job: models.Job) -> JobOut:
    """Convert a stored job to the response."""
    return JobOut(
        id=job.id,
        user_id=job.user_id,
        session_id=job.session_id,
        status=JobStatus(job.status),
        stage=Stage(job.stage),
        progress=JobProgress(done=job.turns_done, total=job.turns_total),
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


def compute_run_after(resources: Resources, waiting_turns: int, *, closed: bool) -> datetime:
    """Return when a session's waiting turns are to be extracted.

    Without an LLM that is now. With one it is as soon as a segment's worth of turns waits or the session is
    closed, so that one call reads many turns, and otherwise after `extract_idle_seconds`.
    """
    if resources.chat is None or closed or waiting_turns >= SEGMENT_WORTH:
        return resources.now()
    return resources.now() + timedelta(seconds=resources.settings.extract_idle_seconds)


def unique_session_ids(claimed: Sequence[models.Job]) -> list[str]:
    """Return the ids of the sessions that the jobs belong to, each once."""
    return list(dict.fromkeys(job.session_id for job in claimed))
