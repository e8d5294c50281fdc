"""`memcubed worker`: a worker as a process."""

import os
from collections.abc import Sequence

from app.cli.environment import load_settings
from app.cli.garbage_collection import make_collections_rare
from app.core.logs import configure_logging
from app.core.vocabulary import Stage
from app.resources import open_resources
from app.workers import run


def run_worker(queues: Sequence[Stage], *, with_scheduler: bool) -> None:
    """Serve the queues until a signal, with as many embedding threads as there are cores."""
    settings = load_settings()
    configure_logging(settings.log_level)
    cores = min(os.cpu_count() or 1, settings.worker_threads)
    with open_resources(settings, embedding_threads=cores) as resources:
        make_collections_rare()
        run.run_worker(resources, queues, with_scheduler=with_scheduler)
