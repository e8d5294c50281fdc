"""The Celery tasks: each opens nothing and calls one service."""

from typing import Any

from celery import Celery, Task, shared_task

from app.core.vocabulary import Stage
from app.queue import PACK_TASK, PRUNE_FAR_TASK, RANKER_TASK, REEMBED_TASK, SCRUB_TASK, TASKS
from app.resources import Resources
from app.services.consolidation import stage
from app.services.ingestion import embed_turns, extraction
from app.services.models import backfill
from app.services.platform import jobs
from app.services.portability import scrubbing
from app.services.search import ann_indexes, ranker, user_indexes


def attach(celery: Celery, resources: Resources) -> None:
    """Give the tasks of this process what they work with."""
    celery.conf["memcubed_resources"] = resources


def _resources(task: Task[Any, Any]) -> Resources:
    return task.app.conf["memcubed_resources"]


@shared_task(bind=True, name=TASKS[Stage.INGEST])
def ingest(self: Task[Any, Any]) -> None:
    """Embed what waits of the user whose turn it is."""
    embed_turns.run(_resources(self))


@shared_task(bind=True, name=TASKS[Stage.EXTRACT])
def extract(self: Task[Any, Any]) -> None:
    """Extract what waits of the user whose turn it is."""
    extraction.run(_resources(self))


@shared_task(bind=True, name=TASKS[Stage.CONSOLIDATE])
def consolidate(self: Task[Any, Any]) -> None:
    """Consolidate the memories of the user whose turn it is."""
    stage.run(_resources(self))


@shared_task(bind=True, name="memcubed.schedule")
def schedule(self: Task[Any, Any]) -> None:
    """Queue the consolidations that are due."""
    stage.schedule(_resources(self))


@shared_task(bind=True, name=REEMBED_TASK)
def reembed(self: Task[Any, Any]) -> None:
    """Go on with the change of the embedding model, if one is under way."""
    backfill.run(_resources(self))


@shared_task(bind=True, name=RANKER_TASK)
def train_ranker(self: Task[Any, Any], tenant_id: str) -> None:
    """Learn from a tenant's feedback when enough is new."""
    ranker.train(_resources(self), tenant_id)


@shared_task(bind=True, name=PACK_TASK)
def pack_scope(self: Task[Any, Any]) -> None:
    """Pack the search index of whoever asked first, if many rows came since."""
    user_indexes.pack_next(_resources(self))


@shared_task(bind=True, name="memcubed.sweep")
def sweep(self: Task[Any, Any]) -> None:
    """Find jobs that nobody was told of."""
    jobs.sweep(_resources(self))


@shared_task(bind=True, name="memcubed.prune")
def prune(self: Task[Any, Any]) -> None:
    """Forget what has served its time."""
    jobs.prune(_resources(self))


@shared_task(bind=True, name=PRUNE_FAR_TASK)
def prune_far(self: Task[Any, Any]) -> None:
    """Drop the HNSW indexes that nobody needs any more."""
    ann_indexes.prune(_resources(self))


@shared_task(bind=True, name=SCRUB_TASK)
def scrub(self: Task[Any, Any]) -> None:
    """Do what erasures have left to do."""
    scrubbing.run(_resources(self))
