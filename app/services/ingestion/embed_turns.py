"""The first stage of a job: turns become findable by meaning."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.vocabulary import JobStatus, Role, Stage
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import jobs, users
from app.llm.embedders import InUse
from app.llm.embeddings import Vectors
from app.memory.text.embedding_text import text_of
from app.resources import Resources
from app.services.models.model_registry import embed, hold_models, with_models
from app.services.platform.jobs import Claim, LeaseLost, claimed, ring_on, run_after, session_ids, working


def run(resources: Resources, *of_user: str) -> None:
    """Embed waiting turns and pass their jobs on: of whoever's turn it is, or of one user."""
    with claimed(resources, Stage.INGEST, *of_user) as held:
        if held is None:
            return
        with working(resources, held):
            with_models(resources, lambda in_use: _embed(resources, held, in_use))
    resources.doorbell.ring(Stage.EXTRACT)
    ring_on(resources, Stage.INGEST)


def _embed(resources: Resources, held: Claim, in_use: InUse) -> None:
    tenant_id = held.principal.tenant_id
    with resources.transaction(held.principal) as session:
        waiting = turns.without_vector(session, tenant_id, held.ids, in_use.active.model_id)
    waiting = [turn for turn in waiting if turn.role is not Role.SYSTEM]
    embedded = embed(in_use, [text_of(turn) for turn in waiting])
    with resources.transaction(held.principal) as session:
        revision = users.next_revision(session, tenant_id, held.user_id)
        if not jobs.hold(session, tenant_id, held.ids, held.worker):
            raise LeaseLost
        hold_models(session, in_use)
        ids = [turn.id for turn in waiting]
        rows = _rows(held, revision, in_use.active.model_id, ids, embedded.active)
        if in_use.target is not None and embedded.target is not None:
            rows += _rows(held, revision, in_use.target.model_id, ids, embedded.target)
        memories.insert_embeddings(session, rows)
        passed_on = {
            "stage": Stage.EXTRACT,
            "status": JobStatus.QUEUED,
            "attempts": 0,
            "error": None,
            "faults": 0,
        }
        passed_on |= {"lease_until": None, "worker": None}
        jobs.move(session, tenant_id, held.ids, passed_on | {"run_after": resources.now()})
        for session_id in session_ids(held.jobs):
            count, closed = jobs.pending_turns(session, tenant_id, held.user_id, session_id)
            start = run_after(resources, count, closed=closed)
            jobs.reschedule_session(session, tenant_id, held.user_id, session_id, start)


def _rows(
    held: Claim, revision: int, model_id: str, ids: Sequence[UUID], vectors: Vectors
) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": held.principal.tenant_id,
            "id": turn_id,
            "model_id": model_id,
            "user_id": held.user_id,
            "of_turn": True,
            "vector": vector,
            "revision": revision,
        }
        for turn_id, vector in zip(ids, vectors, strict=True)
    ]
