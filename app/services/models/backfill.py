"""The worker's part of a change of the embedding model: fill, switch, drop; a slice at a time."""

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
from app.db.repositories.memories import memories
from app.db.repositories.models import embedding_models, reembeddings
from app.db.session import AnyRow
from app.llm.embeddings import Embedder, Vectors
from app.memory.text.embedding_text import turn_text
from app.resources import Resources
from app.services.models.model_registry import load
from app.services.models.reembedding import add_drop
from app.services.platform.jobs import MAX_ATTEMPTS, LeaseLost, keeping, wait_after

log = structlog.get_logger(__name__)

BATCH = 128
DROP_BATCH = 2_000
# Far below the broker's visibility timeout, after which it would give the message to a second worker; and
# turns that wait for the same thread are held up no longer.
SLICE_SECONDS = 20.0
_LOCKED_WAIT_SECONDS = 1.0


@dataclass(slots=True)
class _Work:
    """A run that this worker holds, and how far it has come."""

    resources: Resources
    run: models.Reembedding
    worker: str
    tenant: str
    after: UUID | None
    began: float = field(default_factory=time.monotonic)
    written: int = 0
    passed: int = 0

    @property
    def time_is_up(self) -> bool:
        return time.monotonic() - self.began > SLICE_SECONDS

    def progress(self, count: int) -> dict[str, Any]:
        """The columns that say how far the run is, `count` rows further."""
        self.written += count
        self.passed += count
        self.run.done += count
        rate = self.written / max(time.monotonic() - self.began, 1e-3)
        cursor = {"cursor_tenant": self.tenant, "cursor_id": self.after}
        return cursor | {"done": self.run.done, "rate": rate, "attempts": 0, "error": None}


def run(resources: Resources) -> None:
    """Work on the run that is due, if there is one, for a while; ring again when more is left."""
    worker, seconds = str(new_id()), resources.settings.lease_seconds
    with resources.transaction(None) as session:
        claimed = reembeddings.claim(session, worker, timedelta(seconds=seconds))
    if claimed is None:
        return
    work = _Work(resources, claimed, worker, claimed.cursor_tenant, claimed.cursor_id)
    try:
        with keeping(seconds, lambda: _beat(work)):
            finished = _fill(work) if claimed.action == Reembed.FILL else _drop(work)
    except LeaseLost:
        log.warning("reembedding_lost")
    except UpstreamFailed as failure:
        _fail(work, failure)
    except Unavailable:
        # The lease runs out, and the next worker goes on where the cursor stands.
        log.warning("database_lost")
    else:
        if not finished:
            _release(work, {})
            resources.doorbell.ring_reembed()


def _fill(work: _Work) -> bool:
    """Embed what the target has not yet, tenant by tenant; then switch. False when the time is up before."""
    target = load(work.resources).target
    if target is None or target.model_id != work.run.target_model_id:
        raise LeaseLost
    if not work.tenant:
        _count(work)
    while not work.time_is_up:
        if work.tenant and _fill_batch(work, target):
            continue
        if _next_tenant(work):
            continue
        if _switch(work):
            return True
        if not work.passed:  # what is missing belongs to users whom another writer holds just now
            time.sleep(_LOCKED_WAIT_SECONDS)
        _count(work)
    return False


def _fill_batch(work: _Work, target: Embedder) -> bool:
    principal, run = Principal(work.tenant), work.run
    with work.resources.transaction(principal) as session:
        rows = reembeddings.pending(
            session, work.tenant, run.source_model_id, target.model_id, work.after, BATCH
        )
    if not rows:
        return False
    vectors = target.embed([_text(row) for row in rows])
    with work.resources.transaction(principal) as session:
        if not reembeddings.hold(session, run.id, work.worker):
            raise LeaseLost
        free = reembeddings.lock_users(session, work.tenant, sorted({row.user_id for row in rows}))
        ids = [row.id for row in rows]
        still = reembeddings.revisions(session, work.tenant, run.source_model_id, ids)
        # A row that has changed or gone meanwhile was seen to by who changed it, or comes in the next pass.
        mine = [
            at for at, row in enumerate(rows) if row.user_id in free and still.get(row.id) == row.revision
        ]
        memories.insert_embeddings(session, _rows(work, target.model_id, rows, vectors, mine))
        work.after = ids[-1]
        reembeddings.move(session, run.id, work.progress(len(mine)))
    return True


def _text(row: AnyRow) -> str:
    """What is embedded; nothing where the text is gone without its vector."""
    content = row.content or ""
    return turn_text(row.name, content) if row.of_turn else content


def _rows(
    work: _Work, model_id: str, rows: Sequence[AnyRow], vectors: Vectors, mine: Sequence[int]
) -> list[dict[str, Any]]:
    """With the revision of the source's vector: a reader that has it needs no other one."""
    return [
        {
            "tenant_id": work.tenant,
            "id": rows[at].id,
            "model_id": model_id,
            "user_id": rows[at].user_id,
            "of_turn": rows[at].of_turn,
            "vector": vectors[at],
            "revision": rows[at].revision,
        }
        for at in mine
    ]


def _next_tenant(work: _Work) -> bool:
    with work.resources.transaction(None) as session:
        found = reembeddings.next_tenant(session, work.tenant)
    work.after = None
    if found is None:
        return False
    work.tenant = found
    return True


def _count(work: _Work) -> None:
    """Start a pass at the first tenant, with the numbers as they are."""
    run = work.run
    with work.resources.transaction(None) as session:
        run.total = embedding_models.counts(session).get(run.source_model_id, 0)
        run.done = run.total - embedding_models.missing(session, run.source_model_id, run.target_model_id)
        values = {"total": run.total, "done": run.done, "cursor_tenant": "", "cursor_id": None}
        reembeddings.move(session, run.id, values)
    work.tenant, work.after, work.passed = "", None, 0


def _switch(work: _Work) -> bool:
    """Put the target into use if nothing is missing, in one moment for every process; False otherwise."""
    resources, run = work.resources, work.run
    with resources.transaction(None) as session:
        if embedding_models.missing(session, run.source_model_id, run.target_model_id):
            return False
    with resources.transaction(None) as session:
        embedding_models.lock(session)
        if not reembeddings.hold(session, run.id, work.worker):
            raise LeaseLost
        if embedding_models.missing(session, run.source_model_id, run.target_model_id):
            return False
        total = embedding_models.counts(session).get(run.target_model_id, 0)
        embedding_models.activate(session, run.target_model_id)
        reembeddings.move(session, run.id, _ended(resources) | {"total": total, "done": total})
        if run.drop_old:
            add_drop(session, run.target_model_id)
    log.info("embedding_model_switched", model=run.target_model_id, vectors=total)
    if run.drop_old:
        resources.doorbell.ring_reembed()
    return True


def _drop(work: _Work) -> bool:
    """Drop the vectors of every model but the one in use. False when the time is up before."""
    run = work.run
    if not work.tenant:
        with work.resources.transaction(None) as session:
            counts = embedding_models.counts(session)
            run.total, run.done = sum(counts.values()) - counts.get(run.target_model_id, 0), 0
            reembeddings.move(session, run.id, {"total": run.total, "done": 0})
    while not work.time_is_up:
        if work.tenant and _drop_batch(work):
            continue
        if not _next_tenant(work):
            _release(work, _ended(work.resources) | {"done": run.done, "total": run.done})
            return True
    return False


def _drop_batch(work: _Work) -> bool:
    with work.resources.transaction(Principal(work.tenant)) as session:
        if not reembeddings.hold(session, work.run.id, work.worker):
            raise LeaseLost
        count, last = reembeddings.drop(
            session, work.tenant, work.run.target_model_id, work.after, DROP_BATCH
        )
        if last is None:
            return False
        work.after = last
        reembeddings.move(session, work.run.id, work.progress(count))
    return True


def _ended(resources: Resources) -> dict[str, Any]:
    return {
        "status": ReembedStatus.SUCCEEDED,
        "finished_at": resources.now(),
        "lease_until": None,
        "worker": None,
        "error": None,
    }


def _beat(work: _Work) -> None:
    lease = timedelta(seconds=work.resources.settings.lease_seconds)
    with work.resources.transaction(None) as session:
        reembeddings.beat(session, work.run.id, work.worker, lease)


def _release(work: _Work, values: dict[str, Any]) -> None:
    """Give the run back for the next slice, or with other values for good."""
    with work.resources.transaction(None) as session:
        if reembeddings.hold(session, work.run.id, work.worker):
            reembeddings.move(session, work.run.id, {"lease_until": None, "worker": None} | values)


def _fail(work: _Work, failure: UpstreamFailed) -> None:
    """Try again later with a growing wait, or end the run; searches stay with the model in use."""
    log.warning("reembedding_failed", error=failure.code, retryable=failure.retryable)
    attempts = 1 if work.written else work.run.attempts
    if failure.retryable and attempts < MAX_ATTEMPTS:
        later = work.resources.now() + wait_after(attempts)
        _release(work, {"status": ReembedStatus.QUEUED, "run_after": later, "error": failure.message})
        return
    with work.resources.transaction(None) as session:
        embedding_models.lock(session)
        if reembeddings.hold(session, work.run.id, work.worker):
            ended = _ended(work.resources) | {"status": ReembedStatus.FAILED, "error": failure.message}
            reembeddings.move(session, work.run.id, ended)
            embedding_models.bump(session)
