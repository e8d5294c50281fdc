"""The scheduler of the sweep: Celery's beat, as a process or as a thread of a worker.

As a process it knows the broker only, and loads neither the tasks nor what they need.
"""

from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.signals import setup_logging

from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.job_queue import make_celery


def run_scheduler(settings: Settings) -> None:
    """Ring for the sweep and the hourly pruning until SIGTERM. One beat a service is enough."""
    if settings.redis_url is None:
        raise StartupRefused("MEMCUBED_REDIS_URL must be set; `memcubed up` starts it for you.")
    setup_logging.connect(keep_logging_setup, weak=False)
    make_celery(settings.redis_url).Beat(loglevel="WARNING").run()


def make_scheduler_thread(celery: Celery) -> Any:
    """Celery's beat as a thread."""
    # By itself it would take the scheduler that keeps a file in the working directory.
    return EmbeddedService(celery, thread=True, scheduler_cls=celery.conf.beat_scheduler)


def keep_logging_setup(**_: object) -> None:
    """Logging is set up: Celery would add handlers of its own, which write the arguments of failed tasks."""
