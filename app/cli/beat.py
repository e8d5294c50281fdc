"""`memcubed beat`: the scheduler of the sweep as a process."""

from app.cli.environment import load_settings
from app.core.logs import configure_logging
from app.workers.scheduler import run_scheduler


def run_beat() -> None:
    """Run the scheduler until a signal."""
    settings = load_settings()
    configure_logging(settings.log_level)
    run_scheduler(settings)
