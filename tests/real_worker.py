"""A worker and beat as they run beside the API."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.embedded.processes import spawn_process, terminate_process

END_SECONDS = 20


class RealWorker:
    """The processes, which are started and ended at most once each time that tests need them."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def has_started(self) -> bool:
        return bool(self._processes)

    def start(self, log: Path, env: Mapping[str, str]) -> None:
        for name in ("worker", "beat"):
            argv = [sys.executable, "-m", "app.cli", name]
            self._processes.append(spawn_process(argv, log, env=os.environ | env))

    def end(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            terminate_process(process, END_SECONDS, signal.SIGTERM)
        self._processes.clear()
