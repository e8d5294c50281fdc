"""A real PgBouncer in transaction mode before a throw-away Postgres."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from app.embedded.directories import allow_traversal, choose_account, ensure_socket_dir
from app.embedded.postgres import OWNER, SERVICE, EmbeddedPostgres
from app.embedded.processes import read_log_tail, spawn_process, terminate_process

PORT = 6432  # names the socket; it listens on no port of the machine
_OPTIONS = {
    "listen_addr": "",
    "listen_port": PORT,
    "auth_type": "trust",
    "pool_mode": "transaction",
    "default_pool_size": 2,
    "max_client_conn": 200,
    "server_login_retry": 0,
    # Whoever waits for a session, or keeps one, gets an error: a test that would hang fails instead.
    "query_wait_timeout": 20,
    "server_connect_timeout": 10,
    "client_login_timeout": 10,
    "query_timeout": 60,
    "idle_transaction_timeout": 60,
    "log_connections": 0,
    "log_disconnections": 0,
}


def binary() -> str | None:
    """The program, which on Debian lies where only root looks for programs."""
    return shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


class PgBouncer:
    """A pooler that lends a few sessions of the server to all who connect, one transaction at a time."""

    def __init__(self, postgres: EmbeddedPostgres, directory: Path, **options: Any) -> None:
        self._server = postgres.sockets
        self._account = choose_account(postgres.data)  # it refuses to run as root, as Postgres does
        self._ours = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.sockets = ensure_socket_dir(directory, "pgbouncer")
        self.log = directory / "pgbouncer.log"
        self._configuration = directory / "pgbouncer.ini"
        users = directory / "users.txt"
        users.write_text("".join(f'"{name}" ""\n' for name in (OWNER, SERVICE)))
        given = _OPTIONS | {"auth_file": users, "unix_socket_dir": self.sockets} | options
        lines = ["[databases]", f"* = host={self._server} port=5432", "[pgbouncer]"]
        lines += [f"{name} = {value}" for name, value in given.items()]
        self._configuration.write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, role: str = SERVICE) -> str:
        """The URL of a database through the pooler."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}&port={PORT}"

    def start(self) -> Self:
        """Start it; return when it takes connections."""
        program = binary()
        assert program is not None, "there is no pgbouncer"
        if self._account is not None:
            os.chown(self.sockets, *self._account)
            allow_traversal(self.sockets, {self._ours, *self.sockets.parents[:2]})
            allow_traversal(self._configuration, {self._ours})
        self.process = spawn_process(
            [program, "--quiet", str(self._configuration)], self.log, account=self._account
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(self.url("postgres", OWNER), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, read_log_tail(self.log)
                assert time.monotonic() < deadline, read_log_tail(self.log)
                time.sleep(0.02)
            else:
                return self

    def stop(self) -> None:
        """End it at once, with the transactions that are under way."""
        if self.process is not None:
            terminate_process(self.process, 5, signal.SIGTERM)
