"""The third job stage, run daily and at session end: forget faded memories, merge duplicates, derive new
memories.
"""

from datetime import timedelta
from uuid import UUID

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import KeyScope, Stage
from app.db import models
from app.db.repositories.memories.derivations import MAX_DEPTH
from app.db.repositories.platform import jobs, users
from app.resources import Resources
from app.services.consolidation import forgetting, insights, merging, summaries, topics
from app.services.platform.jobs import JobClaim, claim_due_jobs, finish_jobs, notify_if_waiting, process_claim
from app.services.platform.user_context import UserContext
from app.services.search import user_indexes

CONSOLIDATION_INTERVAL = timedelta(days=1)
MAX_USERS_PER_SCHEDULE = 200


def run_consolidation(resources: Resources, *of_user: str) -> None:
    """Consolidate the user whose job is due next, or the given (tenant id, user id)."""
    with claim_due_jobs(resources, Stage.CONSOLIDATE, *of_user) as claim:
        if claim is None:
            return
        with process_claim(resources, claim):
            started = resources.now()
            forgetting.forget_due_memories(resources, claim)
            merging.merge_duplicates(resources, claim)
            derive_memories(resources, claim)
            with claim.user_context(resources).open_transaction() as user:
                users.set_consolidated_at(user, started)
            finish_jobs(resources, claim)
    user_indexes.request_index_snapshot(claim.user_context(resources))
    notify_if_waiting(resources, Stage.CONSOLIDATE)


def derive_memories(resources: Resources, claim: JobClaim) -> None:
    """Derive from the bottom up, and again what became stale by that, until nothing changes; then derive
    topics.

    No derived memory is a source of a topic or has a topic as a source, so topics use what is left of the LLM
    budget.
    """
    for _ in range(MAX_DEPTH):
        parts = (
            summaries.derive_summaries,
            insights.derive_insights,
            insights.derive_portrait,
            insights.rederive_stale,
        )
        if not sum(part(resources, claim).written for part in parts):
            break
    topics.derive_topics(resources, claim)


def schedule_consolidations(resources: Resources) -> int:
    """Queue a consolidation for the users who are due, and return how many were queued.

    A user is due a day after the last consolidation, or when a memory expires or is stale, or a session has
    ended.
    """
    now = resources.now()
    with resources.open_transaction(None) as session:
        idle_since = now - timedelta(minutes=resources.settings.session_idle_minutes)
        due = users.list_due_users(
            session, now, now - CONSOLIDATION_INTERVAL, idle_since, MAX_USERS_PER_SCHEDULE
        )
    for row in due:
        enqueue_consolidation(resources, Principal(row.tenant_id), row.user_id)
    return len(due)


def request_consolidation(resources: Resources, principal: Principal, user_id: str) -> UUID | None:
    """Queue a consolidation on a client's request; return the job's id, or None for an unknown user."""
    principal.require_scope(KeyScope.WRITE)
    principal.require_user(user_id)
    return enqueue_consolidation(resources, principal, user_id)


def enqueue_consolidation(resources: Resources, principal: Principal, user_id: str) -> UUID | None:
    """Queue a consolidation of one user and return the id of its job, or None for an unknown user.

    A job that is queued already is returned instead of a new one.
    """
    with UserContext(resources, principal, user_id).open_transaction() as user:
        users.lock_user(user)
        job_id = jobs.find_queued_job(user, Stage.CONSOLIDATE)
        if job_id is None and users.get_revision_and_epoch(user) is not None:
            job_id = new_id()
            job = models.Job(
                tenant_id=user.tenant_id,
                id=job_id,
                user_id=user_id,
                session_id="",
                stage=Stage.CONSOLIDATE,
                turns_total=0,
            )
            jobs.insert_job(user.session, job)
    resources.notifier.notify_workers(Stage.CONSOLIDATE)
    return job_id
