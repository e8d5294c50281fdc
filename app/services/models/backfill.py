"""The worker's part of a change of the embedding model: backfill, activate, drop; one time slice per task."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.core.errors import Unavailable, UpstreamFailed
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import Reembed, ReembedStatus
from app.db import models
from app.db.memory_rows import NewEmbedding
from app.db.repositories.memories import memories
from app.db.repositories.models import embedding_models, reembeddings
from app.db.session import AnyRow
from app.llm.embeddings import Embedder, Vectors
from app.memory.text.embedding_text import format_turn_text
from app.resources import Resources
from app.services.models.model_registry import load_models
from app.services.models.reembedding import add_drop_run
from app.services.platform.jobs import MAX_ATTEMPTS, LeaseLost, renew_in_background, retry_delay

log = structlog.get_logger(__name__)

BATCH = 128
DROP_BATCH = 2_000
# Far below the broker's visibility timeout, after which it would give the message to a second worker. Turns
# that wait for the same thread are delayed no longer than this.
SLICE_SECONDS = 20.0
_LOCKED_WAIT_SECONDS = 1.0


@dataclass(slots=True)
class _BackfillRun:
    """A run that this worker has a lease of, and its progress."""

    resources: Resources
    run: models.Reembedding
    worker_id: str
    tenant_id: str
    after_id: UUID | None
    started_at: float = field(default_factory=time.monotonic)
    written: int = 0
    written_in_pass: int = 0

    @property
    def is_time_up(self) -> bool:
        """Return whether the time slice of this task is used up."""
        return time.monotonic() - self.started_at > SLICE_SECONDS

    def advance_progress(self, count: int) -> dict[str, Any]:
        """Count `count` more rows, and return the columns of the run's progress."""
        self.written += count
        self.written_in_pass += count
        self.run.done += count
        rate = self.written / max(time.monotonic() - self.started_at, 1e-3)
        cursor = {"cursor_tenant": self.tenant_id, "cursor_id": self.after_id}
        return cursor | {"done": self.run.done, "rate": rate, "attempts": 0, "error": None}


def run_backfill(resources: Resources) -> None:
    """Work on the run that is due for a time slice, and notify the next worker if more is left."""
    worker, seconds = str(new_id()), resources.settings.lease_seconds
    with resources.open_transaction(None) as session:
        claimed = reembeddings.claim_run(session, worker, timedelta(seconds=seconds))
    if claimed is None:
        return
    work = _BackfillRun(resources, claimed, worker, claimed.cursor_tenant, claimed.cursor_id)
    try:
        with renew_in_background(seconds, lambda: _renew_lease(work)):
            finished = _backfill_tenants(work) if claimed.action == Reembed.FILL else _drop_old_vectors(work)
    except LeaseLost:
        log.warning("reembedding_lease_lost")
    except UpstreamFailed as failure:
        _fail_run(work, failure)
    except Unavailable:
        # The lease expires, and the next worker continues at the stored cursor.
        log.warning("database_lost")
    else:
        if not finished:
            _release_run(work, {})
            resources.notifier.notify_reembed()


def _backfill_tenants(backfill: _BackfillRun) -> bool:
    """Backfill the vectors of the target model tenant by tenant, then activate it.

    Returns False when the time slice ends before that.
    """
    target = load_models(backfill.resources).target
    if target is None or target.model_id != backfill.run.target_model_id:
        raise LeaseLost
    if not backfill.tenant_id:
        _start_pass(backfill)
    while not backfill.is_time_up:
        if backfill.tenant_id and _backfill_batch(backfill, target):
            continue
        if _advance_tenant(backfill):
            continue
        if _activate_target(backfill):
            return True
        if not backfill.written_in_pass:
            time.sleep(_LOCKED_WAIT_SECONDS)  # the missing rows belong to users whom others write just now
        _start_pass(backfill)
    return False


def _backfill_batch(backfill: _BackfillRun, target: Embedder) -> bool:
    principal, run = Principal(backfill.tenant_id), backfill.run
    with backfill.resources.open_transaction(principal) as session:
        rows = reembeddings.list_pending_rows(
            session, backfill.tenant_id, run.source_model_id, target.model_id, backfill.after_id, BATCH
        )
    if not rows:
        return False
    vectors = target.embed([_embedding_text(row) for row in rows])
    with backfill.resources.open_transaction(principal) as session:
        if not reembeddings.lock_run(session, run.id, backfill.worker_id):
            raise LeaseLost
        locked_users = reembeddings.lock_users(
            session, backfill.tenant_id, sorted({row.user_id for row in rows})
        )
        ids = [row.id for row in rows]
        revisions = reembeddings.load_vector_revisions(session, backfill.tenant_id, run.source_model_id, ids)
        # Whoever changed a row meanwhile has embedded it too, or it is part of the next pass.
        unchanged = [
            at
            for at, row in enumerate(rows)
            if row.user_id in locked_users and revisions.get(row.id) == row.revision
        ]
        memories.insert_embeddings(
            session, _embedding_rows(backfill, target.model_id, rows, vectors, unchanged)
        )
        backfill.after_id = ids[-1]
        reembeddings.update_run(session, run.id, backfill.advance_progress(len(unchanged)))
    return True


def _embedding_text(row: AnyRow) -> str:
    """Return the text to embed; "" for a row whose text was deleted and whose vector was not."""
    content = row.content or ""
    return format_turn_text(row.name, content) if row.of_turn else content


def _embedding_rows(
    backfill: _BackfillRun, model_id: str, rows: Sequence[AnyRow], vectors: Vectors, positions: Sequence[int]
) -> list[NewEmbedding]:
    """Build the rows of the vectors at these positions, with the revision of the source's vector.

    A reader that has the vector of this revision by the source model needs no other row.
    """
    return [
        NewEmbedding(
            tenant_id=backfill.tenant_id,
            id=rows[at].id,
            model_id=model_id,
            user_id=rows[at].user_id,
            of_turn=rows[at].of_turn,
            vector=vectors[at],
            revision=rows[at].revision,
        )
        for at in positions
    ]


def _advance_tenant(backfill: _BackfillRun) -> bool:
    with backfill.resources.open_transaction(None) as session:
        next_id = reembeddings.find_following_tenant(session, backfill.tenant_id)
    backfill.after_id = None
    if next_id is None:
        return False
    backfill.tenant_id = next_id
    return True


def _start_pass(backfill: _BackfillRun) -> None:
    """Start a pass at the first tenant, and recount the run's numbers."""
    run = backfill.run
    with backfill.resources.open_transaction(None) as session:
        run.total = embedding_models.count_vectors_by_model(session).get(run.source_model_id, 0)
        run.done = run.total - embedding_models.count_missing_vectors(
            session, run.source_model_id, run.target_model_id
        )
        values = {"total": run.total, "done": run.done, "cursor_tenant": "", "cursor_id": None}
        reembeddings.update_run(session, run.id, values)
    backfill.tenant_id, backfill.after_id, backfill.written_in_pass = "", None, 0


def _activate_target(backfill: _BackfillRun) -> bool:
    """Make the target the active model for every process at once; return False if vectors are missing."""
    resources, run = backfill.resources, backfill.run
    with resources.open_transaction(None) as session:
        if embedding_models.count_missing_vectors(session, run.source_model_id, run.target_model_id):
            return False
    with resources.open_transaction(None) as session:
        embedding_models.lock_serial(session)
        if not reembeddings.lock_run(session, run.id, backfill.worker_id):
            raise LeaseLost
        if embedding_models.count_missing_vectors(session, run.source_model_id, run.target_model_id):
            return False
        total = embedding_models.count_vectors_by_model(session).get(run.target_model_id, 0)
        embedding_models.activate_model(session, run.target_model_id)
        reembeddings.update_run(
            session, run.id, _succeeded_columns(resources) | {"total": total, "done": total}
        )
        if run.drop_old:
            add_drop_run(session, run.target_model_id)
    log.info("embedding_model_switched", model=run.target_model_id, vectors=total)
    if run.drop_old:
        resources.notifier.notify_reembed()
    return True


def _drop_old_vectors(backfill: _BackfillRun) -> bool:
    """Drop the vectors of every model but the active one; return False when the time slice ends before."""
    run = backfill.run
    if not backfill.tenant_id:
        with backfill.resources.open_transaction(None) as session:
            counts = embedding_models.count_vectors_by_model(session)
            run.total, run.done = sum(counts.values()) - counts.get(run.target_model_id, 0), 0
            reembeddings.update_run(session, run.id, {"total": run.total, "done": 0})
    while not backfill.is_time_up:
        if backfill.tenant_id and _drop_batch(backfill):
            continue
        if not _advance_tenant(backfill):
            _release_run(
                backfill, _succeeded_columns(backfill.resources) | {"done": run.done, "total": run.done}
            )
            return True
    return False


def _drop_batch(backfill: _BackfillRun) -> bool:
    with backfill.resources.open_transaction(Principal(backfill.tenant_id)) as session:
        if not reembeddings.lock_run(session, backfill.run.id, backfill.worker_id):
            raise LeaseLost
        count, last = reembeddings.delete_other_vectors(
            session, backfill.tenant_id, backfill.run.target_model_id, backfill.after_id, DROP_BATCH
        )
        if last is None:
            return False
        backfill.after_id = last
        reembeddings.update_run(session, backfill.run.id, backfill.advance_progress(count))
    return True


def _succeeded_columns(resources: Resources) -> dict[str, Any]:
    return {
        "status": ReembedStatus.SUCCEEDED,
        "finished_at": resources.now(),
        "lease_until": None,
        "worker": None,
        "error": None,
    }


def _renew_lease(backfill: _BackfillRun) -> None:
    lease = timedelta(seconds=backfill.resources.settings.lease_seconds)
    with backfill.resources.open_transaction(None) as session:
        reembeddings.renew_lease(session, backfill.run.id, backfill.worker_id, lease)


def _release_run(backfill: _BackfillRun, values: dict[str, Any]) -> None:
    """Release the lease of the run, and set further columns of it."""
    with backfill.resources.open_transaction(None) as session:
        if reembeddings.lock_run(session, backfill.run.id, backfill.worker_id):
            reembeddings.update_run(session, backfill.run.id, {"lease_until": None, "worker": None} | values)


def _fail_run(backfill: _BackfillRun, failure: UpstreamFailed) -> None:
    """Reschedule the run with a growing delay, or end it; searches keep the active model."""
    log.warning("reembedding_failed", error=failure.code, retryable=failure.retryable)
    attempts = 1 if backfill.written else backfill.run.attempts
    if failure.retryable and attempts < MAX_ATTEMPTS:
        later = backfill.resources.now() + retry_delay(attempts)
        _release_run(backfill, {"status": ReembedStatus.QUEUED, "run_after": later, "error": failure.message})
        return
    with backfill.resources.open_transaction(None) as session:
        embedding_models.lock_serial(session)
        if reembeddings.lock_run(session, backfill.run.id, backfill.worker_id):
            ended = _succeeded_columns(backfill.resources) | {
                "status": ReembedStatus.FAILED,
                "error": failure.message,
            }
            reembeddings.update_run(session, backfill.run.id, ended)
            embedding_models.bump_serial(session)
