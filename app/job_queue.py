"""The Celery app and the job notifier. A message carries no data: the job row in Postgres is
authoritative.
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
_SILENCE_SECONDS = 2.0


def broker_url(redis_url: str) -> str:
    """The Redis URL in the form that kombu reads: it has its own scheme for Unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?" + query.replace("db=", "virtual_host=")


def make_celery(redis_url: str) -> Celery:
    """A Celery app without results; acks late, so that a killed worker's message comes back."""
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
            # A look at one row; it finds the run whose worker died, or whose message was lost.
            "reembed": {
                "task": REEMBED_TASK,
                "schedule": SWEEP_SECONDS,
                "options": {"expires": SWEEP_SECONDS},
            },
            # A look at what erasures have left to do; the rewrite of files itself is rare.
            "scrub": {"task": SCRUB_TASK, "schedule": SCRUB_SECONDS, "options": {"expires": SCRUB_SECONDS}},
            "prune_far": {"task": PRUNE_ANN_TASK, "schedule": 3600.0, "options": {"expires": 3600.0}},
            "prune": {"task": "memcubed.prune", "schedule": 3600.0, "options": {"expires": 3600.0}},
        },
        timezone="UTC",
    )
    return celery


class JobNotifier:
    """Rings for jobs; when the broker is down it stays silent and the sweep finds them.

    A message names nobody: who is next, Postgres knows, and an erased user leaves no trace in Redis.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._lock = Lock()
        self._silent_until = 0.0

    def notify_workers(self, stage: Stage) -> bool:
        """Tell the workers of `stage` that somebody has a job; False when nobody could be told."""
        return self._send_task(TASKS[stage], {})

    def notify_reembed(self) -> bool:
        """Tell the workers of `ingest` that a run over the stored vectors waits."""
        return self._send_task(REEMBED_TASK, {})

    def notify_ranker(self, tenant_id: str) -> bool:
        """Tell the workers of `consolidate` that a tenant gave feedback."""
        return self._send_task(RANKER_TASK, {"tenant_id": tenant_id})

    def notify_index_snapshot(self) -> bool:
        """Tell the workers of `consolidate` that a search index is worth packing."""
        return self._send_task(INDEX_SNAPSHOT_TASK, {})

    def _send_task(self, task: str, message: dict[str, Any]) -> bool:
        with self._lock:
            if time.monotonic() < self._silent_until:
                return False
        try:
            self._celery.send_task(task, kwargs=message, retry=False, ignore_result=True)
        except (OperationalError, RedisError, OSError) as exc:
            log.warning("broker_unreachable", error=type(exc).__name__)
            with self._lock:
                self._silent_until = time.monotonic() + _SILENCE_SECONDS
            return False
        return True
