"""Celery tasks; each gets the process's resources and calls one service function."""

from typing import Any

from celery import Celery, Task, shared_task

from app.core.vocabulary import Stage
from app.job_queue import INDEX_SNAPSHOT_TASK, PRUNE_ANN_TASK, RANKER_TASK, REEMBED_TASK, SCRUB_TASK, TASKS
from app.resources import Resources
from app.services.consolidation import stage
from app.services.ingestion import embed_turns, extraction
from app.services.models import backfill
from app.services.platform import jobs
from app.services.portability import scrubbing
from app.services.search import ann_indexes, ranker, user_indexes


def bind_resources(celery: Celery, resources: Resources) -> None:
    """Give the tasks of this process its resources."""
    celery.conf["memcubed_resources"] = resources


def _get_resources(task: Task[Any, Any]) -> Resources:
    return task.app.conf["memcubed_resources"]


@shared_task(bind=True, name=TASKS[Stage.INGEST])
def run_ingest_jobs(self: Task[Any, Any]) -> None:
    """Embed the waiting turns of the next user in the round robin."""
    embed_turns.run_embedding(_get_resources(self))


@shared_task(bind=True, name=TASKS[Stage.EXTRACT])
def run_extract_jobs(self: Task[Any, Any]) -> None:
    """Extract from the waiting turns of the next user in the round robin."""
    extraction.run_extraction(_get_resources(self))


@shared_task(bind=True, name=TASKS[Stage.CONSOLIDATE])
def run_consolidate_jobs(self: Task[Any, Any]) -> None:
    """Consolidate the memories of the next user in the round robin."""
    stage.run_consolidation(_get_resources(self))


@shared_task(bind=True, name="memcubed.schedule")
def schedule_consolidations(self: Task[Any, Any]) -> None:
    """Queue the consolidations that are due."""
    stage.schedule_consolidations(_get_resources(self))


@shared_task(bind=True, name=REEMBED_TASK)
def continue_reembedding(self: Task[Any, Any]) -> None:
    """Continue a running change of the embedding model, if there is one."""
    backfill.run_backfill(_get_resources(self))


@shared_task(bind=True, name=RANKER_TASK)
def train_ranker(self: Task[Any, Any], tenant_id: str) -> None:
    """Train a tenant's ranker if there is enough new feedback."""
    ranker.train_ranker(_get_resources(self), tenant_id)


@shared_task(bind=True, name=INDEX_SNAPSHOT_TASK)
def store_index_snapshot(self: Task[Any, Any]) -> None:
    """Store a snapshot of the next requested search index, if many rows were added since."""
    user_indexes.create_next_index_snapshot(_get_resources(self))


@shared_task(bind=True, name="memcubed.sweep")
def sweep_jobs(self: Task[Any, Any]) -> None:
    """Find due jobs whose message was lost."""
    jobs.sweep_due_jobs(_get_resources(self))


@shared_task(bind=True, name="memcubed.prune")
def prune_old_rows(self: Task[Any, Any]) -> None:
    """Delete rows whose retention time has ended."""
    jobs.prune_expired_rows(_get_resources(self))


@shared_task(bind=True, name=PRUNE_ANN_TASK)
def prune_ann_indexes(self: Task[Any, Any]) -> None:
    """Drop HNSW indexes that are no longer needed."""
    ann_indexes.prune_ann_indexes(_get_resources(self))


@shared_task(bind=True, name=SCRUB_TASK)
def scrub_erased_data(self: Task[Any, Any]) -> None:
    """Do the remaining work of erasures."""
    scrubbing.run_scrubbing(_get_resources(self))
