"""The Celery app and the job notifier.

Messages name no user and carry no content: the job rows in Postgres are authoritative.
"""

import time
from threading import Lock
from typing import Any

import structlog
from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from app.core.vocabulary import Stage

log = structlog.get_logger(__name__)
TASKS = {
    Stage.INGEST: "memcubed.ingest",
    Stage.EXTRACT: "memcubed.extract",
    Stage.CONSOLIDATE: "memcubed.consolidate",
}
REEMBED_TASK = "memcubed.reembed"
RANKER_TASK = "memcubed.train_ranker"
INDEX_SNAPSHOT_TASK = "memcubed.pack_scope"
PRUNE_ANN_TASK = "memcubed.prune_far"
SCRUB_TASK = "memcubed.scrub"
SWEEP_SECONDS = 5.0
SCHEDULE_SECONDS = 60.0
SCRUB_SECONDS = 60.0
_BACKOFF_SECONDS = 2.0


def broker_url(redis_url: str) -> str:
    """The Redis URL in the form that kombu reads, which has its own scheme for Unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?" + query.replace("db=", "virtual_host=")


def make_celery(redis_url: str) -> Celery:
    """A Celery app without results, which acknowledges late.

    Redis redelivers a killed worker's message after `visibility_timeout`, an hour; the sweep finds its
    jobs as soon as their leases have run out.
    """
    celery = Celery("memcubed", broker=broker_url(redis_url), set_as_current=True)
    celery.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_queues=[Queue(stage.value, Exchange(stage.value), stage.value) for stage in Stage],
        task_default_queue=Stage.INGEST.value,
        task_routes={name: {"queue": stage.value} for stage, name in TASKS.items()}
        | {name: {"queue": Stage.CONSOLIDATE.value} for name in (RANKER_TASK, INDEX_SNAPSHOT_TASK)},
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        broker_transport_options={
            "visibility_timeout": 3600,
            "socket_connect_timeout": 2,
            "socket_timeout": 30,
            "max_retries": 0,
        },
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule={
            "sweep": {
                "task": "memcubed.sweep",
                "schedule": SWEEP_SECONDS,
                "options": {"expires": SWEEP_SECONDS},
            },
            "schedule": {
                "task": "memcubed.schedule",
                "schedule": SCHEDULE_SECONDS,
                "options": {"expires": SCHEDULE_SECONDS},
            },
            # Reads one row; finds a run whose worker died or whose message was lost.
            "reembed": {
                "task": REEMBED_TASK,
                "schedule": SWEEP_SECONDS,
                "options": {"expires": SWEEP_SECONDS},
            },
            # Reads the remaining work of erasures; rewriting files is rare.
            "scrub": {"task": SCRUB_TASK, "schedule": SCRUB_SECONDS, "options": {"expires": SCRUB_SECONDS}},
            "prune_far": {"task": PRUNE_ANN_TASK, "schedule": 3600.0, "options": {"expires": 3600.0}},
            "prune": {"task": "memcubed.prune", "schedule": 3600.0, "options": {"expires": 3600.0}},
        },
        timezone="UTC",
    )
    return celery


class JobNotifier:
    """Notifies workers of jobs; while the broker is down it sends nothing, and the sweep finds the jobs.

    Messages name no user: Postgres knows who is next, and an erased user leaves no trace in Redis.
    Thread-safe.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._lock = Lock()
        self._retry_at = 0.0

    def notify_workers(self, stage: Stage) -> bool:
        """Notify the workers of `stage` that there is a job; False if the broker is not reachable."""
        return self._send_task(TASKS[stage], {})

    def notify_reembed(self) -> bool:
        """Notify the workers of `ingest` that a re-embedding run is waiting."""
        return self._send_task(REEMBED_TASK, {})

    def notify_ranker(self, tenant_id: str) -> bool:
        """Notify the workers of `consolidate` that a tenant gave feedback."""
        return self._send_task(RANKER_TASK, {"tenant_id": tenant_id})

    def notify_index_snapshot(self) -> bool:
        """Notify the workers of `consolidate` that a search index should be stored as a snapshot."""
        return self._send_task(INDEX_SNAPSHOT_TASK, {})

    def _send_task(self, task: str, message: dict[str, Any]) -> bool:
        with self._lock:
            if time.monotonic() < self._retry_at:
                return False
        try:
            self._celery.send_task(task, kwargs=message, retry=False, ignore_result=True)
        except (OperationalError, RedisError, OSError) as exc:
            log.warning("broker_unreachable", error=type(exc).__name__)
            with self._lock:
                self._retry_at = time.monotonic() + _BACKOFF_SECONDS
            return False
        return True
