"""Runs the whole service as children of one process, and stops them together."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import httpx
import psutil

from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.embedded.places import private_dir
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.runtime import Runtime, remove_runtime, write_runtime
from app.embedded.valkey import EmbeddedValkey

READY_SECONDS = 90.0
_STOP_SECONDS = 20.0
_CRASHES, _CRASH_SECONDS = 5, 60.0
Say = Callable[[str], None]


@dataclass
class Child:
    """A command that runs for as long as the service; `env` is added to the shared environment."""

    name: str
    argv: Sequence[str]
    env: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None
    crashes: deque[float] = field(default_factory=lambda: deque[float](maxlen=_CRASHES))


class Supervisor:
    """Postgres and Valkey unless they are given by URL, then the migration, then the children."""

    def __init__(
        self, settings: Settings, migrate: Sequence[str], children: Sequence[Child], say: Say
    ) -> None:
        self._settings, self._migrate, self._children, self._say = settings, migrate, list(children), say
        self._data_dir = settings.data_dir.absolute()
        self._parts: list[EmbeddedPostgres | EmbeddedValkey] = []
        self._env: dict[str, str] = {}
        self._owner_env: dict[str, str] = {}
        self._stopping = False
        self._lock: IO[str] | None = None

    @property
    def api_url(self) -> str:
        """Where the API listens."""
        host = "127.0.0.1" if self._settings.host in {"0.0.0.0", "::"} else self._settings.host  # noqa: S104
        return f"http://{host}:{self._settings.port}"

    def run(self, ready: Callable[[], None]) -> int:
        """Start everything, call `ready`, watch until SIGINT or SIGTERM. Returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            self._take_place()
            self._start_parts()
            self._run_once("migrate", self._migrate)
            for child in self._children:
                self._start(child)
            self._wait_ready()
            if not self._stopping:
                ready()
            return self._watch()
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _take_place(self) -> None:
        """One supervisor for a data directory, one listener for a port. Raises `StartupRefused`."""
        private_dir(self._data_dir)
        self._lock = (self._data_dir / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self._lock.seek(0)
            pid = self._lock.read().strip() or "unknown"
            raise StartupRefused(f"memcubed is running already on {self._data_dir} (pid {pid}).") from exc
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        self._end_leftovers()
        with socket.socket(socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self._settings.host, self._settings.port))
            except OSError as exc:
                raise StartupRefused(
                    f"Port {self._settings.port} on {self._settings.host} is in use or not allowed;"
                    " set MEMCUBED_PORT to another one."
                ) from exc

    def _start_parts(self) -> None:
        settings = self._settings
        env = {"MEMCUBED_DATA_DIR": str(self._data_dir)}
        owner_url: str | None = settings.database_owner_url
        database_url, redis_url = settings.database_url, settings.redis_url
        if database_url is None:
            postgres = EmbeddedPostgres(self._data_dir).start()
            self._parts.append(postgres)
            database_url, owner_url = postgres.service_url, postgres.owner_url
        if redis_url is None:
            valkey = EmbeddedValkey(self._data_dir).start()
            self._parts.append(valkey)
            redis_url = valkey.url
        env |= {"MEMCUBED_DATABASE_URL": database_url, "MEMCUBED_REDIS_URL": redis_url}
        self._env = {k: v for k, v in os.environ.items() if k != "MEMCUBED_DATABASE_OWNER_URL"} | env
        self._owner_env = {"MEMCUBED_DATABASE_OWNER_URL": owner_url} if owner_url else {}
        write_runtime(self._data_dir, Runtime(database_url, owner_url, redis_url, self.api_url, os.getpid()))

    def _log_path(self, name: str) -> Path:
        return private_dir(self._data_dir / "logs") / f"{name}.log"

    def _run_once(self, name: str, argv: Sequence[str]) -> None:
        with self._log_path(name).open("ab") as log:
            done = subprocess.run(
                list(argv), env=self._env | self._owner_env, stdout=log, stderr=log, check=False
            )
        if done.returncode != 0:
            raise StartupRefused(f"`{name}` failed:\n{self._tail(name)}")

    def _start(self, child: Child) -> None:
        with self._log_path(child.name).open("ab") as log:
            child.process = subprocess.Popen(
                list(child.argv), env=self._env | child.env, stdout=log, stderr=log, start_new_session=True
            )
        self._note_pids()

    def _pid_file(self) -> Path:
        return self._data_dir / "children"

    def _note_pids(self) -> None:
        running = [child.process.pid for child in self._children if child.process is not None]
        notes = [f"{pid} {psutil.Process(pid).create_time()}" for pid in running if psutil.pid_exists(pid)]
        self._pid_file().write_text("\n".join(notes))

    def _end_leftovers(self) -> None:
        """Children that outlived a killed supervisor; a pid counts only with its time of birth."""
        try:
            notes = [line.split() for line in self._pid_file().read_text().splitlines()]
        except FileNotFoundError:
            return
        left: list[psutil.Process] = []
        for pid, born in notes:
            try:
                process = psutil.Process(int(pid))
                if abs(process.create_time() - float(born)) < 0.01:
                    process.terminate()
                    left.append(process)
            except psutil.Error:
                continue
        for process in psutil.wait_procs(left, timeout=_STOP_SECONDS)[1]:
            process.kill()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._stopping:
            for child in self._children:
                if child.process is not None and child.process.poll() is not None:
                    raise StartupRefused(f"`{child.name}` did not start:\n{self._tail(child.name)}")
            try:
                answer = httpx.get(f"{self.api_url}/readyz", timeout=2).json()
                if answer["status"] == "ready":
                    return
            except (httpx.HTTPError, ValueError, KeyError):
                answer = {"status": "no answer"}
            if time.monotonic() > deadline:
                raise StartupRefused(
                    f"Not ready after {READY_SECONDS:.0f} s: {answer}. Logs: {self._data_dir}/logs"
                )
            time.sleep(0.1)

    def _tail(self, name: str, lines: int = 20) -> str:
        return "\n".join(self._log_path(name).read_text(errors="replace").splitlines()[-lines:])

    def _watch(self) -> int:
        while not self._stopping:
            time.sleep(0.2)
            for part in self._parts:
                if not part.is_alive() and not self._stopping:
                    self._say(f"{type(part).__name__} has died; starting it again.")
                    part.start()
            for child in self._children:
                ended = child.process is not None and child.process.poll() is not None
                if ended and not self._stopping and not self._restart(child):
                    return 1
        return 0

    def _restart(self, child: Child) -> bool:
        """Start a crashed child again; False when it crashed too often."""
        now = time.monotonic()
        child.crashes.append(now)
        if len(child.crashes) == _CRASHES and now - child.crashes[0] < _CRASH_SECONDS:
            self._say(f"`{child.name}` crashed {_CRASHES} times within a minute.\n{self._tail(child.name)}")
            return False
        self._say(f"`{child.name}` has ended; starting it again.")
        time.sleep(min(0.2 * 2 ** len(child.crashes), 5.0))
        self._start(child)
        return True

    def _stop(self) -> None:
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        for part in reversed(self._parts):
            part.stop()
        if self._env:
            remove_runtime(self._data_dir)
            self._pid_file().unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()


def command(*words: str) -> list[str]:
    """The argv of one of our own commands."""
    return [sys.executable, "-m", "app.cli", *words]
