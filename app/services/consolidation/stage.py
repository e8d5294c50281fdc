"""The third stage, on beat and on session end: forget what faded, merge repetitions, derive."""

from datetime import timedelta
from uuid import UUID

from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import Scope, Stage
from app.db.repositories.memories.derivations import MAX_DEPTH
from app.db.repositories.platform import jobs, users
from app.resources import Resources
from app.services.consolidation import forgetting, insights, merging, summaries, topics
from app.services.platform.jobs import Claim, claimed, finish, ring_on, working
from app.services.search import user_indexes

INTERVAL = timedelta(days=1)
USERS_AT_ONCE = 200


def run(resources: Resources, *of_user: str) -> None:
    """Work on the waiting consolidation of whoever's turn it is, or of one user."""
    with claimed(resources, Stage.CONSOLIDATE, *of_user) as held:
        if held is None:
            return
        tenant_id, user_id = held.principal.tenant_id, held.user_id
        with working(resources, held):
            started = resources.now()
            forgetting.forget(resources, held)
            merging.merge(resources, held)
            derive(resources, held)
            with resources.transaction(held.principal) as session:
                users.consolidated(session, tenant_id, user_id, started)
            finish(resources, held)
    user_indexes.ask_for_pack(resources, held.principal, user_id)
    ring_on(resources, Stage.CONSOLIDATE)


def derive(resources: Resources, held: Claim) -> None:
    """Derive from the bottom up, and again what that makes stale, until nothing changes; topics at the end.

    Nothing rests on a topic and none rests on what is derived, so what is left of the budget is theirs.
    """
    for _ in range(MAX_DEPTH):
        parts = (summaries.make, insights.insights, insights.portraits, insights.renew)
        if not sum(part(resources, held).written for part in parts):
            break
    topics.make(resources, held)


def schedule(resources: Resources) -> int:
    """Queue a consolidation for users whose last one is a day old or who have something that can't wait.

    That is what expires, a stale memory, a session that has ended.

    Returns how many were queued.
    """
    now = resources.now()
    with resources.transaction(None) as session:
        idle_since = now - timedelta(minutes=resources.settings.session_idle_minutes)
        due = users.due(session, now, now - INTERVAL, idle_since, USERS_AT_ONCE)
    for row in due:
        enqueue(resources, Principal(row.tenant_id), row.user_id)
    return len(due)


def ask_for(resources: Resources, principal: Principal, user_id: str) -> UUID | None:
    """Queue a consolidation that a client asks for."""
    principal.require(Scope.WRITE)
    principal.require_user(user_id)
    return enqueue(resources, principal, user_id)


def enqueue(resources: Resources, principal: Principal, user_id: str) -> UUID | None:
    """Queue a consolidation of one user; returns the id of its job. One that waits already is that job."""
    tenant_id = principal.tenant_id
    with resources.transaction(principal) as session:
        users.lock(session, tenant_id, user_id)
        job_id = jobs.waiting(session, tenant_id, user_id, Stage.CONSOLIDATE)
        if job_id is None and users.state(session, tenant_id, user_id) is not None:
            job_id = new_id()
            row = {"tenant_id": tenant_id, "id": job_id, "user_id": user_id, "session_id": ""}
            jobs.add(session, row | {"stage": Stage.CONSOLIDATE, "turns_total": 0})
    resources.doorbell.ring(Stage.CONSOLIDATE)
    return job_id
