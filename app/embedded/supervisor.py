"""Runs the whole service as child processes of one process, and stops them together."""

import errno
import fcntl
import os
import signal
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Protocol

import httpx

from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.embedded.child_processes import Child, ChildProcess, stop_children, terminate_orphans
from app.embedded.directories import ensure_private_dir
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.processes import read_log_tail
from app.embedded.runtime import Runtime, remove_runtime, write_runtime
from app.embedded.valkey import EmbeddedValkey

__all__ = ["Child", "Supervisor", "command"]

READY_SECONDS = 90.0
_DEGRADED_SECONDS = 20.0
# The API is asked without TLS, every tick of a start; to load the authorities takes 20 ms of CPU each time.
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
RESTARTS, RESTARTS_SECONDS = 5, 60.0
_TICK_SECONDS = 0.1
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
# glibc reads these when a process starts. Without them the memory of dropped indexes stays with the process
# (API after 20 users of 10,000 rows each: 1,425 MiB instead of 627). The third keeps the memory of one query
# for the next: without it pages are allocated again for each array (a million rows: 113 ms CPU, with 256 MB
# 81).
MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "4194304",
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}
Say = Callable[[str], None]


class Part(Protocol):
    """A server or child that the supervisor starts, monitors and stops."""

    name: str
    log: Path

    def start(self) -> object: ...
    def is_alive(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class _WatchedPart:
    part: Part
    deaths: deque[float] = field(default_factory=lambda: deque[float](maxlen=RESTARTS + 1))
    start_at: float | None = None

    def note_death(self, now: float) -> bool:
        """Plan the next start, with a delay that grows with each death; False if it has died too often."""
        self.deaths.append(now)
        recent = sum(now - death < RESTARTS_SECONDS for death in self.deaths)
        self.start_at = now + min(0.1 * 2**recent, 5.0)
        return recent <= RESTARTS


class Supervisor:
    """Starts Postgres and Valkey unless they are given by URL, then runs the migration, then the children."""

    def __init__(
        self, settings: Settings, migrate: Sequence[str], children: Sequence[Child], say: Say
    ) -> None:
        self._settings, self._migrate, self._wanted, self._say = settings, migrate, list(children), say
        self._data_dir = settings.data_dir.absolute()
        self._port = settings.port
        self._servers: list[EmbeddedPostgres | EmbeddedValkey] = []
        self._children: list[ChildProcess] = []
        self._stopping = False
        self._lock: IO[str] | None = None

    @property
    def api_url(self) -> str:
        """The URL at which a client on this machine reaches the API."""
        host = _ANY_ADDRESS.get(self._settings.host, self._settings.host)
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    def run_until_signal(self, ready: Callable[[], None]) -> int:
        """Start everything, call `ready`, monitor until SIGINT, SIGTERM or SIGHUP. Returns the exit status.

        Raises `StartupRefused` if something can't start; everything that was started is stopped by then.
        """
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        for number in (signal.SIGINT, signal.SIGTERM, *([] if nohup else [signal.SIGHUP])):
            signal.signal(number, self._on_signal)
        try:
            self._lock_data_dir()
            env, owner_env = self._start_servers()
            self._run_migration({**env, **owner_env})
            for child in self._wanted if not self._stopping else []:
                self._children.append(ChildProcess(child, self._data_dir, env))
                self._children[-1].start()
            self._wait_ready()
            if not self._stopping:
                ready()
            return self._watch_parts()
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _lock_data_dir(self) -> None:
        """Allow one supervisor per data directory and one listener per port. Raises `StartupRefused`."""
        self._data_dir = ensure_private_dir(self._data_dir)
        lock = (self._data_dir / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            lock.close()
            raise StartupRefused(f"memcubed is running already on {self._data_dir} (pid {pid}).") from exc
        self._lock = lock
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        terminate_orphans(self._data_dir)
        self._port = _find_free_port(self._settings.host, self._settings.port)

    def _start_servers(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """(the environment of the children, what the migration gets in addition)."""
        settings = self._settings
        database_url, owner_url = settings.database_url, settings.database_owner_url
        redis_url = settings.redis_url
        if database_url is None and not self._stopping:
            postgres = EmbeddedPostgres(self._data_dir)
            self._servers.append(postgres)
            postgres.start()
            database_url, owner_url = postgres.service_url, postgres.owner_url
        if redis_url is None and not self._stopping:
            valkey = EmbeddedValkey(self._data_dir)
            self._servers.append(valkey)
            valkey.start()
            redis_url = valkey.redis_url
        if database_url is None or redis_url is None:
            return {}, {}
        write_runtime(self._data_dir, Runtime(database_url, owner_url, redis_url, self.api_url, os.getpid()))
        env = {name: value for name, value in os.environ.items() if name != "MEMCUBED_DATABASE_OWNER_URL"}
        env = MALLOC | env
        env |= {
            "MEMCUBED_DATA_DIR": str(self._data_dir),
            "MEMCUBED_DATABASE_URL": database_url,
            "MEMCUBED_REDIS_URL": redis_url,
            "MEMCUBED_HOST": settings.host,
            "MEMCUBED_PORT": str(self._port),
        }
        return env, {"MEMCUBED_DATABASE_OWNER_URL": owner_url} if owner_url else {}

    def _run_migration(self, env: Mapping[str, str]) -> None:
        if self._stopping:
            return
        migration = ChildProcess(Child("migrate", self._migrate), self._data_dir, env)
        migration.start()
        while migration.is_alive() and not self._stopping:
            time.sleep(0.02)
        if self._stopping:
            migration.stop()
        elif migration.process is not None and migration.process.returncode != 0:
            raise StartupRefused(f"`migrate` failed; {_describe_log_tail(migration.log)}")

    def _wait_ready(self) -> None:
        """Wait for every part of the service; accept and report one that answers without some of them."""
        started = time.monotonic()
        while not self._stopping:
            for part in (*self._servers, *self._children):
                if not part.is_alive():
                    raise StartupRefused(f"`{part.name}` did not start; {_describe_log_tail(part.log)}")
            status, detail = _fetch_readiness(self.api_url)
            waited = time.monotonic() - started
            if status == "ready":
                return
            if status == "degraded" and waited > _DEGRADED_SECONDS:
                self._say(f"The service runs, but not all of it: {detail}")
                return
            if waited > READY_SECONDS:
                raise StartupRefused(
                    f"Not ready after {READY_SECONDS:.0f} s: {detail}. See {self._data_dir}/logs."
                )
            time.sleep(_TICK_SECONDS)

    def _watch_parts(self) -> int:
        parts: Sequence[Part] = (*self._servers, *self._children)
        watched = [_WatchedPart(part) for part in parts]
        while not self._stopping:
            for one in watched:
                if not one.part.is_alive() and not self._restart_part(one):
                    return 1
            time.sleep(_TICK_SECONDS)
        return 0

    def _restart_part(self, watched: _WatchedPart) -> bool:
        """Start a dead part again after its delay; False if it has died too often."""
        part, now = watched.part, time.monotonic()
        if watched.start_at is None:
            if not watched.note_death(now):
                self._say(f"`{part.name}` died more than {RESTARTS} times within {RESTARTS_SECONDS:.0f} s.")
                self._say(f"Stopping everything; {_describe_log_tail(part.log)}")
                return False
            self._say(f"`{part.name}` has died; starting it again.")
        elif now >= watched.start_at:
            watched.start_at = None
            try:
                part.start()
            except StartupRefused as exc:
                self._say(exc.message)
        return True

    def _stop_all(self) -> None:
        stop_children(self._children)
        for server in reversed(self._servers):
            server.stop()
        if self._lock is not None:
            remove_runtime(self._data_dir)
            (self._data_dir / "children").unlink(missing_ok=True)
            self._lock.close()


def command(*words: str) -> list[str]:
    """The argv of one of memcubed's own commands; `-P` ignores an `app` in the working directory."""
    return [sys.executable, "-P", "-m", "app.cli", *words]


def _describe_log_tail(log: Path) -> str:
    return f"{log} ends with:\n{read_log_tail(log)}"


def _find_free_port(host: str, port: int) -> int:
    """The port if it can be bound, any free one for 0. Raises `StartupRefused`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as exc:
        raise StartupRefused(f"MEMCUBED_HOST {host!r} is no address of this machine.") from exc
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as exc:
            reason = "is in use" if exc.errno == errno.EADDRINUSE else f"can't be used ({exc.strerror})"
            raise StartupRefused(f"Port {port} on {host} {reason}; set MEMCUBED_PORT to another.") from exc
        return probe.getsockname()[1]


def _fetch_readiness(api_url: str) -> tuple[str, str]:
    """(the status that `/readyz` reports, the full answer)."""
    try:
        answer = httpx.get(f"{api_url}/readyz", timeout=2, trust_env=False, verify=_NO_AUTHORITIES)
        return str(answer.json()["status"]), answer.text
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return "silent", "no answer yet"
