"""Run a worker process: Celery with threads, and a heartbeat that shows that the process is alive."""

import os
import signal
import socket
import threading
from collections.abc import Sequence
from uuid import uuid4

import structlog
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from app.core.errors import Unavailable
from app.core.vocabulary import Stage
from app.resources import Resources
from app.services.operations import operations
from app.services.portability import erasure_receipts
from app.workers.scheduler import keep_logging_setup, make_scheduler_thread
from app.workers.tasks import bind_resources

log = structlog.get_logger(__name__)


def run_worker(resources: Resources, queues: Sequence[Stage], *, with_scheduler: bool = False) -> None:
    """Serve the queues until SIGTERM; a job that is running is finished first.

    With `with_scheduler`, a thread runs the scheduler that `memcubed beat` runs as a process of its own.
    """
    operations.check_startup(resources)
    setup_logging.connect(keep_logging_setup, weak=False)
    bind_resources(resources.celery, resources)
    name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
    stop = threading.Event()
    scheduler = make_scheduler_thread(resources.celery) if with_scheduler else None

    def send_heartbeats() -> None:
        if scheduler is not None:
            scheduler.start()
        while not stop.is_set():
            if scheduler is not None and not scheduler.is_alive():
                log.error("scheduler_ended")
                os.kill(os.getpid(), signal.SIGTERM)  # the supervisor of the process starts it again
                return
            try:
                operations.record_heartbeat(resources, name, [queue.value for queue in queues])
            except Unavailable:
                log.warning("heartbeat_not_written")
            stop.wait(operations.HEARTBEAT_SECONDS)

    thread = threading.Thread(target=send_heartbeats, name="heartbeat", daemon=True)

    def on_worker_ready(**_: object) -> None:
        thread.start()

    def on_worker_shutdown(**_: object) -> None:
        stop.set()
        if scheduler is not None and scheduler.is_alive():
            scheduler.stop()

    worker_ready.connect(on_worker_ready, weak=False)
    worker_shutting_down.connect(on_worker_shutdown, weak=False)
    options = ["worker", "--pool=threads", f"--concurrency={resources.settings.worker_threads}"]
    options += [f"--queues={','.join(queues)}", "--without-gossip", "--without-mingle", f"--hostname={name}"]
    with erasure_receipts.watch_erasures(resources):
        resources.celery.worker_main([*options, "--loglevel=WARNING"])
