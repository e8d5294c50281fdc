"""How many processes answer requests, and the metrics that they share; it loads no web framework."""

import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MOST_BY_DEFAULT = 4  # each takes some 100 MB beside the indexes of users
_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def choose_process_count(wanted: int | None) -> int:
    """The number of processes: as configured, else one for each core that this process may use, up to four.

    Outside Linux it is one, as libraries of other systems do not survive that a process is copied.
    """
    if wanted is not None:
        return wanted
    return min(count_cores(_CPU_QUOTA), MOST_BY_DEFAULT) if sys.platform == "linux" else 1


def count_cores(quota: Path) -> int:
    """The cores that the machine and the container's quota (cgroup v2) allow, at least one."""
    cores = len(os.sched_getaffinity(0))
    try:
        limit, period = quota.read_text().split()
        return cores if limit == "max" else max(1, min(cores, int(limit) // int(period)))
    except (OSError, ValueError):
        return cores


@contextmanager
def shared_metrics() -> Generator[None]:
    """A directory in which all processes that start within this block count together.

    The client library reads its name when it is imported, so that must happen within the block too.
    """
    with tempfile.TemporaryDirectory(prefix="memcubed-metrics-") as folder:
        os.environ[_METRICS_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(_METRICS_VARIABLE)
