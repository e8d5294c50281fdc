"""memcubed's own commands as long-running child processes, with a record of their pids for the next start."""

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.embedded.processes import spawn_process, terminate_orphan, terminate_process

STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Child:
    """A command that runs as long as the service; `env` is added to the shared environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict[str, str])


class ChildProcess:
    """A child with its log and environment; it can be started repeatedly."""

    def __init__(self, child: Child, data_dir: Path, env: Mapping[str, str]) -> None:
        self.name = child.name
        self.log = data_dir / "logs" / f"{child.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._argv, self._env = child.argv, {**env, **child.env}
        self._notes = data_dir / "children"

    def start(self) -> None:
        """Start the command and record its pid."""
        self.process = spawn_process(self._argv, self.log, env=self._env)
        with self._notes.open("a") as notes:
            notes.write(f"{self.process.pid} {psutil.Process(self.process.pid).create_time()}\n")

    def is_alive(self) -> bool:
        """Whether the command runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the command."""
        stop_children([self])


def stop_children(children: Sequence[ChildProcess]) -> None:
    """Terminate all, last started first, wait for all together, and kill those that do not end."""
    running = [child.process for child in reversed(children) if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(process.poll() is None for process in running):
        time.sleep(0.02)
    for process in running:
        terminate_process(process, 0)


def terminate_orphans(data_dir: Path) -> None:
    """Terminate the recorded children of a killed supervisor; a pid counts only with its creation time."""
    notes = data_dir / "children"
    lines = notes.read_text().splitlines() if notes.exists() else []
    for line in lines:
        pid, _, created = line.partition(" ")
        try:
            process = psutil.Process(int(pid))
            is_child = abs(process.create_time() - float(created)) < 1
        except (psutil.NoSuchProcess, ValueError):
            continue
        if is_child:
            terminate_orphan(process, STOP_SECONDS, signal.SIGTERM)
    notes.unlink(missing_ok=True)
