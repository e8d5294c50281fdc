"""Jobs: claim with a lease, keep it, finish, fail, retry, and find the ones that were lost."""

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
from app.schemas.turns import JobDetail, JobOut, JobPage, LlmUsage, Progress, TurnOutcome
from app.services.platform.pagination import decode_cursor, encode_cursor

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
MAX_TURNS_PER_CLAIM = 128
MAX_FAULTS = 3  # times in a row that a job may end by the same fault
MAX_NOTIFICATIONS = 16  # of one sweep for one stage; whoever hears one rings again while jobs wait
_MAX_TENANTS_TRIED, _MAX_USERS_TRIED = 16, 4  # for one claim, when others take what was found
_FIRST_WAIT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 3600.0
_IDEMPOTENCY_DAYS = 7
_FINISHED_STATUSES = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.DEAD}


class LeaseLost(Exception):
    """Another worker took the jobs; what this one has done is dropped, not written twice."""


@dataclass(frozen=True, slots=True)
class JobClaim:
    """Jobs of one user and stage that this worker holds."""

    principal: Principal
    user_id: str
    stage: Stage
    worker_id: str
    jobs: tuple[models.Job, ...]

    @property
    def job_ids(self) -> list[UUID]:
        """The ids of the jobs."""
        return [job.id for job in self.jobs]


@contextmanager
def claim_due_jobs(resources: Resources, stage: Stage, *of_user: str) -> Generator[JobClaim | None]:
    """The due jobs of whoever's turn it is, or of one user (tenant, user); None when nothing is due.

    A tenant does not hold more than half of this process's threads while another one waits.
    """
    held = (
        claim_user_jobs(resources, of_user[0], of_user[1], stage)
        if of_user
        else _claim_next(resources, stage)
    )
    if held is None:
        yield None
        return
    resources.round_robin.record_served(stage, held.principal.tenant_id, held.user_id)
    try:
        yield held
    finally:
        resources.round_robin.release_thread(held.principal.tenant_id)


def _claim_next(resources: Resources, stage: Stage) -> JobClaim | None:
    full = resources.round_robin.list_saturated_tenants(max(1, resources.settings.worker_threads // 2))
    held = _claim_of_others(resources, stage, full)
    return held if held is not None or not full else _claim_of_others(resources, stage, [])


def _claim_of_others(resources: Resources, stage: Stage, passed: Sequence[str]) -> JobClaim | None:
    """The next claim of a tenant that is not `passed`."""
    tried = list(passed)
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
            held = claim_user_jobs(resources, tenant_id, user_id, stage) if user_id is not None else None
            if user_id is None or held is not None:
                break
            last = user_id
        else:
            continue
        if held is not None:
            return held
    # So many have nobody but who is being worked for: the next ring asks those behind them.
    resources.round_robin.record_skipped(stage, tried[-1])
    return None


def notify_if_waiting(resources: Resources, stage: Stage) -> None:
    """Ring for the next one if anybody waits for this stage."""
    with resources.open_transaction(None) as session:
        waiting = jobs.find_next_tenant(session, stage, "", [])
    if waiting is not None:
        resources.notifier.notify_workers(stage)


def claim_user_jobs(resources: Resources, tenant_id: str, user_id: str, stage: Stage) -> JobClaim | None:
    """Take the user's due jobs of a stage, or None when there is nothing to take."""
    principal = Principal(tenant_id)
    worker = str(new_id())
    lease = timedelta(seconds=resources.settings.lease_seconds)
    with resources.open_transaction(principal) as session:
        users.lock_user(UserSession(session, tenant_id, user_id))
        taken = jobs.claim_jobs(session, tenant_id, user_id, stage, worker, lease, MAX_TURNS_PER_CLAIM)
    return JobClaim(principal, user_id, stage, worker, tuple(taken)) if taken else None


@contextmanager
def renew_in_background(seconds: float, renew_once: Callable[[], object]) -> Generator[None]:
    """Call `beat` in the background three times in each lease of `seconds`, until the block ends."""
    done = threading.Event()

    def renew_until_done() -> None:
        while not done.wait(seconds / 3):
            try:
                renew_once()
            except Unavailable:
                log.warning("lease_not_kept")

    thread = threading.Thread(target=renew_until_done, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def renew_lease(resources: Resources, claim: JobClaim) -> AbstractContextManager[None]:
    """Lengthen the claim's lease in the background until the block ends."""
    seconds = resources.settings.lease_seconds

    def extend_lease() -> None:
        with resources.open_transaction(claim.principal) as session:
            jobs.renew_lease(
                session, claim.principal.tenant_id, claim.job_ids, claim.worker_id, timedelta(seconds=seconds)
            )

    return renew_in_background(seconds, extend_lease)


@contextmanager
def process_claim(resources: Resources, claim: JobClaim) -> Generator[None]:
    """Keep the lease; what goes wrong in the block is written on the jobs, and they are tried again."""
    with renew_lease(resources, claim):
        try:
            yield
        except LeaseLost:
            log.warning("lease_lost", stage=claim.stage)
        except UpstreamFailed as failure:
            alone = failure.answered or not failure.retryable
            again = {"retryable": failure.retryable, "fault": failure.answered}
            fail_jobs(resources, claim, failure.message, alone=alone, **again)
        except Unavailable:
            # Without the database nothing can be noted; the lease runs out and the sweep finds the jobs.
            log.warning("database_lost", stage=claim.stage)
        except Exception as exc:  # noqa: BLE001 - a fault of ours must not leave a job without a word
            log.error("job_fault", stage=claim.stage, **describe_exception(exc))
            reason = f"internal error ({type(exc).__name__} in {_raising_function(exc)})"
            fail_jobs(resources, claim, reason, retryable=True, alone=True, fault=True)


def _raising_function(exc: BaseException) -> str:
    """The function of ours in which it was raised."""
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
    """Queue the jobs again with a growing wait, or end them when trying again is no use.

    With `alone` each runs by itself from now on, so that the one at fault can't take its neighbours down;
    otherwise they run together again, and find the LLM's answers that were bought for them together.
    A `fault` is what the next attempt is likely to meet again. The second time the answers that may have
    led to it are dropped, so that they are asked for anew; the `FAULTS_MOST`-th time the job has failed.
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
    """End the claim's jobs and return them; those with turns that nobody has read yet wait again.

    Raises `LeaseLost`.
    """
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        for job in claim.jobs:
            jobs.update_progress(session, tenant_id, job.id)
        unread = turns.list_unread_jobs(session, tenant_id, claim.job_ids)
        ended = [job for job in claim.jobs if job.id not in unread]
        freed = {"lease_until": None, "worker": None, "error": None, "faults": 0}
        over = freed | {"status": JobStatus.SUCCEEDED, "finished_at": resources.now(), "llm_cache": {}}
        jobs.update_jobs(session, tenant_id, [job.id for job in ended], over)
        waits = freed | {"status": JobStatus.QUEUED, "run_after": resources.now(), "attempts": 0}
        jobs.update_jobs(session, tenant_id, list(unread), waits)
        operations.add_usage_counts(
            session, tenant_id, resources.now().date(), {"jobs_succeeded": len(ended)}
        )
    return ended


def retry_delay(attempts: int) -> timedelta:
    """5 s after the first failure, then twice as long each time, at most an hour."""
    return timedelta(seconds=min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS))


def sweep_due_jobs(resources: Resources) -> int:
    """Ring for due jobs of any tenant that nobody works on, as often as there are, at most `RINGS` a stage.

    Rings that nobody has heard yet count, or Redis would fill while the workers are away. Returns how often
    it rang.
    """
    with resources.open_transaction(None) as session:
        due = jobs.count_due_by_stage(session, MAX_NOTIFICATIONS)
        is_to_pack = index_snapshots.is_index_snapshot_requested(session)
    rung = 0
    for row in due:
        stage = Stage(row.stage)
        for _ in range(row.jobs - resources.cache.queue_length(stage.value)):
            rung += resources.notifier.notify_workers(stage)
    if is_to_pack and not resources.cache.queue_length(Stage.CONSOLIDATE.value):
        resources.notifier.notify_index_snapshot()
    return rung


def prune_expired_rows(resources: Resources) -> None:
    """Forget old Idempotency-Keys and heartbeats."""
    with resources.open_transaction(None) as session:
        idempotency.prune_responses(session, resources.now() - timedelta(days=_IDEMPOTENCY_DAYS))
        operations.delete_old_workers(session)


def get_job(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """One job with the outcome of each of its turns. Raises `NotFound`."""
    principal.require_scope(KeyScope.READ)
    with resources.open_transaction(principal) as session:
        job = jobs.get_job(session, principal.tenant_id, job_id)
        if job is None:
            raise NotFound("There is no such job.")
        outcomes = turns.list_turns_of_job(session, principal.tenant_id, job_id)
    return JobDetail(
        **_to_job_out(job).model_dump(),
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
    """Jobs, newest first."""
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
        items=[_to_job_out(row) for row in rows[:limit]],
        next_cursor=encode_cursor([row.id for row in rows], limit),
    )


def retry_job(resources: Resources, principal: Principal, job_id: UUID) -> JobDetail:
    """Start an ended job again: the turns that failed are read again, the others stay as they are.

    Raises `NotFound`, and `Conflict` while the job is not at an end or when it succeeded.
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
    """Whether each of the jobs that are there has come to an end."""
    with resources.open_transaction(principal) as session:
        found = jobs.load_job_statuses(session, principal.tenant_id, job_ids)
    return {job_id: status in _FINISHED_STATUSES for job_id, status in found.items()}


def is_job_finished(resources: Resources, principal: Principal, job_id: UUID) -> bool:
    """Whether the job has come to an end. Raises `NotFound`."""
    found = are_jobs_finished(resources, principal, [job_id])
    if job_id not in found:
        raise NotFound("There is no such job.", field="wait_for")
    return found[job_id]


def _to_job_out(job: models.Job) -> JobOut:
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


def compute_run_after(resources: Resources, waiting_turns: int, *, closed: bool) -> datetime:
    """When a session's waiting turns are extracted.

    Without an LLM at once; with one as soon as a segment's worth waits, so that one call reads many turns.
    """
    if resources.chat is None or closed or waiting_turns >= SEGMENT_WORTH:
        return resources.now()
    return resources.now() + timedelta(seconds=resources.settings.extract_idle_seconds)


SEGMENT_WORTH = 6


def unique_session_ids(held: Sequence[models.Job]) -> list[str]:
    """The sessions that the jobs belong to, each once."""
    return list(dict.fromkeys(job.session_id for job in held))
