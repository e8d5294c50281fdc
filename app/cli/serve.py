"""`memcubed serve`: the API as a process."""

import gc

import uvicorn

from app.api.entrance.http_protocol import BoundedProtocol
from app.cli.environment import load_settings
from app.core.logs import configure_logging
from app.main import create_app, run_startup_checks
from app.resources import open_resources
from app.services.portability import erasure_receipts


def run_api() -> None:
    """Check the start-up conditions, then answer requests until a signal."""
    settings = load_settings()
    configure_logging(settings.log_level)
    with open_resources(settings) as resources:
        run_startup_checks(resources)
        _tune_gc()
        with erasure_receipts.watch_erasures(resources):
            uvicorn.run(
                create_app(settings, resources),
                host=settings.host,
                port=settings.port,
                http=BoundedProtocol,
                ws="none",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=10,
                server_header=False,
            )


def _tune_gc() -> None:
    """Make collections rare, because an index has tens of thousands of long-lived objects.

    A collection at each 700 new objects takes as long as building the index (the figure "cold" of
    `benchmarks/scale.py`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
