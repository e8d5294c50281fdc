"""The first stage of a job: turns become findable by meaning."""

from app.core.vocabulary import JobStatus, Role, Stage
from app.db.repositories import jobs, memories, turns, users
from app.memory.types import Turn
from app.resources import Resources
from app.services.jobs import Claim, LeaseLost, claim, due, run_after, session_ids, working

MAX_CHARS = 8_000  # far beyond the local model's 256 tokens, within what HTTP endpoints take


def run(resources: Resources, tenant_id: str, user_id: str) -> None:
    """Embed the turns of the user's waiting jobs and pass the jobs on to extraction."""
    held = claim(resources, tenant_id, user_id, Stage.INGEST)
    if held is None:
        return
    with working(resources, held):
        _embed(resources, held)
    resources.doorbell.ring(Stage.EXTRACT, tenant_id, user_id)
    if due(resources, held.principal, user_id, Stage.INGEST):
        resources.doorbell.ring(Stage.INGEST, tenant_id, user_id)


def text_of(turn: Turn) -> str:
    """What is embedded of a turn: who said it, and what."""
    speaker = f"{turn.name}: " if turn.name else ""
    return (speaker + turn.content)[:MAX_CHARS]


def _embed(resources: Resources, held: Claim) -> None:
    tenant_id, model_id = held.principal.tenant_id, resources.embedder.model_id
    with resources.transaction(held.principal) as session:
        waiting = turns.without_vector(session, tenant_id, held.ids, model_id)
    waiting = [turn for turn in waiting if turn.role is not Role.SYSTEM]
    vectors = resources.embedder.embed([text_of(turn) for turn in waiting])
    with resources.transaction(held.principal) as session:
        revision = users.next_revision(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        rows = [
            {
                "tenant_id": tenant_id,
                "id": turn.id,
                "model_id": model_id,
                "user_id": held.user_id,
                "of_turn": True,
                "vector": vector,
                "revision": revision,
            }
            for turn, vector in zip(waiting, vectors, strict=True)
        ]
        memories.insert_embeddings(session, rows)
        passed_on = {"stage": Stage.EXTRACT, "status": JobStatus.QUEUED, "attempts": 0, "error": None}
        passed_on |= {"lease_until": None, "worker": None}
        jobs.move(session, tenant_id, held.ids, passed_on | {"run_after": resources.now()})
        for session_id in session_ids(held.jobs):
            count, closed = jobs.pending_turns(session, tenant_id, held.user_id, session_id)
            start = run_after(resources, count, closed=closed)
            jobs.reschedule_session(session, tenant_id, held.user_id, session_id, start)
