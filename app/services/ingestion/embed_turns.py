"""The first job stage: embed turns so that vector search finds them."""

from app.core.vocabulary import ActorKind, JobStatus, Stage
from app.db.repositories.ingestion import turns
from app.db.repositories.platform import jobs
from app.llm.embedders import EmbeddersInUse
from app.memory.text.embedding_text import turn_embedding_text
from app.resources import Resources
from app.services.memories.unit_of_work import Writer, user_write
from app.services.models.model_registry import embed_texts, with_models
from app.services.platform.jobs import (
    JobClaim,
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
    notify_if_waiting(resources, Stage.INGEST)


def _embed_turns(resources: Resources, claim: JobClaim, in_use: EmbeddersInUse) -> None:
    tenant_id = claim.principal.tenant_id
    with resources.open_transaction(claim.principal) as session:
        waiting = turns.list_unembedded_turns(session, tenant_id, claim.job_ids, in_use.active.model_id)
    waiting = [turn for turn in waiting if not turn.role.is_instruction]
    embedded = embed_texts(in_use, [turn_embedding_text(turn) for turn in waiting])
    ctx = claim.user_context(resources)
    with user_write(ctx, Writer.of_claim(ActorKind.EXTRACTOR, claim), in_use=in_use) as change:
        change.write_turn_vectors([turn.id for turn in waiting], embedded)
        change.notify(Stage.EXTRACT)
        next_stage = {
            "stage": Stage.EXTRACT,
            "status": JobStatus.QUEUED,
            "attempts": 0,
            "error": None,
            "faults": 0,
        }
        next_stage |= {"lease_until": None, "worker": None}
        jobs.update_jobs(
            change.session, tenant_id, claim.job_ids, next_stage | {"run_after": resources.now()}
        )
        for session_id in unique_session_ids(claim.jobs):
            count, closed = jobs.count_pending_turns(change.user, session_id)
            start = compute_run_after(resources, count, closed=closed)
            jobs.reschedule_session(change.user, session_id, start)
