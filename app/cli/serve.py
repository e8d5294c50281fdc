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
    """Check, then answer requests until a signal."""
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
    """An index is tens of thousands of objects that stay: to look them over at each 700 new ones takes as
    long as to make them (benchmarks/scale.py, `cold`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
