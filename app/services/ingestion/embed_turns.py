"""The first job stage: embed turns so that vector search finds them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.vocabulary import JobStatus, Role, Stage
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import memories
from app.db.repositories.platform import jobs, users
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.llm.embeddings import Vectors
from app.memory.text.embedding_text import turn_embedding_text
from app.resources import Resources
from app.services.models.model_registry import embed_texts, lock_models, with_models
from app.services.platform.jobs import (
    JobClaim,
    LeaseLost,
    claim_due_jobs,
    compute_run_after,
    notify_if_waiting,
    process_claim,
    unique_session_ids,
)


def run_embedding(resources: Resources, *of_user: str) -> None:
    """Embed the waiting turns of the next user in turn, or of one (tenant id, user id).

    Their jobs go on to the extraction stage.
    """
    with claim_due_jobs(resources, Stage.INGEST, *of_user) as claim:
        if claim is None:
            return
        with process_claim(resources, claim):
            with_models(resources, lambda in_use: _embed_turns(resources, claim, in_use))
    resources.notifier.notify_workers(Stage.EXTRACT)
    notify_if_waiting(resources, Stage.INGEST)


def _embed_turns(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> None:
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        waiting = turns.list_unembedded_turns(session, tenant_id, claim.job_ids, in_use.active.model_id)
    waiting = [turn for turn in waiting if turn.role is not Role.SYSTEM]
    embedded = embed_texts(in_use, [turn_embedding_text(turn) for turn in waiting])
    with resources.open_transaction(claim.principal) as session:
        revision = users.next_revision(session, tenant_id, claim.user_id)
        if not jobs.lock_jobs(session, tenant_id, claim.job_ids, claim.worker_id):
            raise LeaseLost
        lock_models(session, in_use)
        ids = [turn.id for turn in waiting]
        rows = _embedding_rows(claim, revision, in_use.active.model_id, ids, embedded.active)
        if in_use.target is not None and embedded.target is not None:
            rows += _embedding_rows(claim, revision, in_use.target.model_id, ids, embedded.target)
        memories.insert_embeddings(session, rows)
        next_stage = {
            "stage": Stage.EXTRACT,
            "status": JobStatus.QUEUED,
            "attempts": 0,
            "error": None,
            "faults": 0,
        }
        next_stage |= {"lease_until": None, "worker": None}
        jobs.update_jobs(session, tenant_id, claim.job_ids, next_stage | {"run_after": resources.now()})
        user = UserSession(session, tenant_id, claim.user_id)
        for session_id in unique_session_ids(claim.jobs):
            count, closed = jobs.count_pending_turns(user, session_id)
            start = compute_run_after(resources, count, closed=closed)
            jobs.reschedule_session(user, session_id, start)


def _embedding_rows(
    claim: JobClaim, revision: int, model_id: str, ids: Sequence[UUID], vectors: Vectors
) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": claim.principal.tenant_id,
            "id": turn_id,
            "model_id": model_id,
            "user_id": claim.user_id,
            "of_turn": True,
            "vector": vector,
            "revision": revision,
        }
        for turn_id, vector in zip(ids, vectors, strict=True)
    ]
