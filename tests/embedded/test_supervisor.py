"""The supervisor with small stand-ins for our commands: what it starts, watches and stops."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from redis import Redis

from app.embedded import child_processes
from app.embedded.child_processes import Child, ChildProcess, terminate_orphans
from app.embedded.runtime import Runtime, read_runtime, write_runtime

UP = """
import json, sys
from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.embedded import supervisor
supervisor.RESTARTS = 2
migrate, children = json.loads(sys.argv[1])
children = [supervisor.Child(name, [sys.executable, "-c", code]) for name, code in children]
say = lambda text: print(text, flush=True)
try:
    one = supervisor.Supervisor(Settings(), [sys.executable, "-c", migrate], children, say)
    sys.exit(one.run_until_signal(lambda: say("READY " + one.api_url)))
except StartupRefused as exc:
    say("REFUSED " + exc.message)
    sys.exit(1)
"""
API = """
import json, os, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{"status": "ready"}')
time.sleep(float(os.environ.get("API_WAITS", "0")))
HTTPServer((os.environ["MEMCUBED_HOST"], int(os.environ["MEMCUBED_PORT"])), Handler).serve_forever()
"""
NOTE_ENV = """
import json, os, pathlib
path = pathlib.Path(os.environ["MEMCUBED_DATA_DIR"], "env-{}.json")
path.write_text(json.dumps({{k: v for k, v in os.environ.items() if k.startswith(("MEMCUBED_", "MALLOC_"))}}))
"""
SLEEP = "import time\ntime.sleep(60)"
WAIT_FOR_GO = """
import os, time
while not os.path.exists(os.path.join(os.environ["MEMCUBED_DATA_DIR"], "go")): time.sleep(0.01)
"""
FAIL = "print('the reason why', flush=True); raise SystemExit(3)"


@contextmanager
def killed_after(seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
    """End a process that says nothing more, so that whoever reads what it says does not wait for good."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Up:
    """A supervisor in a process of its own; its output is read line by line."""

    def __init__(self, data_dir: Path, migrate: str, *wanted: tuple[str, str], **env: str) -> None:
        given = os.environ | {
            "MEMCUBED_DATA_DIR": str(data_dir),
            "MEMCUBED_PORT": "0",
            "MEMCUBED_HOST": "127.0.0.1",
        }
        self.data_dir = data_dir
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", UP, json.dumps([migrate, [("serve", API), *wanted]])],
            env=given | env,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self, wanted: str) -> str:
        """The first line that holds the text; all lines up to it are kept in `said`."""
        assert self.process.stdout is not None
        with killed_after(60, self.process):
            for line in self.process.stdout:
                self.said.append(line)
                if wanted in line:
                    return line
        raise AssertionError(f"never said {wanted!r}: {''.join(self.said)}")

    def end(self, number: signal.Signals | None = None) -> tuple[int, str]:
        """Send the signal if any, wait for the end; the exit status and all that was said."""
        assert self.process.stdout is not None
        if number is not None:
            self.process.send_signal(number)
        with killed_after(60, self.process):
            self.said += self.process.stdout.readlines()
        self.process.stdout.close()
        return self.process.wait(20), "".join(self.said)


Start = Callable[..., Up]
EXTERNAL = {"MEMCUBED_DATABASE_URL": "postgresql://a@/b", "MEMCUBED_REDIS_URL": "redis://localhost:1"}


@pytest.fixture(scope="module")
def servers_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data directory for the tests with real servers: making Postgres's data takes longest."""
    return tmp_path_factory.mktemp("supervisor") / "data"


@pytest.fixture
def start(tmp_path: Path, servers_dir: Path) -> Iterator[Start]:
    """Starts supervisors on one data directory; what is still there at the end is stopped."""
    started: list[Up] = []

    def make(*wanted: tuple[str, str], migrate: str = "", **env: str) -> Up:
        data_dir = tmp_path / "data" if env else servers_dir
        started.append(Up(data_dir, migrate, *wanted, **env))
        return started[-1]

    yield make
    for up in started:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def family(up: Up) -> list[psutil.Process]:
    return psutil.Process(up.process.pid).children(recursive=True)


def gone(processes: list[psutil.Process], seconds: float = 10) -> bool:
    return not psutil.wait_procs(processes, timeout=seconds)[1]


def noted(up: Up, name: str) -> dict[str, str]:
    values: dict[str, str] = json.loads((up.data_dir / f"env-{name}.json").read_text())
    return values


class TestWithItsOwnServers:
    def test_one_command_brings_up_everything_and_sigterm_takes_it_down(self, start: Start):
        up = start(("worker", NOTE_ENV.format("worker") + SLEEP), migrate=NOTE_ENV.format("migrate"))
        url = up.hear("READY").split()[1]
        runtime = read_runtime(up.data_dir)
        assert runtime is not None
        assert (runtime.api_url, runtime.pid) == (url, up.process.pid)
        assert stat.S_IMODE((up.data_dir / "runtime.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(up.data_dir.stat().st_mode) & 0o066 == 0
        with psycopg.connect(runtime.database_owner_url or "") as connection:
            connection.execute("SELECT 1")
        with Redis.from_url(runtime.redis_url) as client:
            assert client.ping()

        worker, migrate = noted(up, "worker"), noted(up, "migrate")
        assert worker["MALLOC_ARENA_MAX"] == "2"
        assert worker["MALLOC_TRIM_THRESHOLD_"] == "33554432"
        assert worker["MEMCUBED_DATABASE_URL"] == runtime.database_url
        assert worker["MEMCUBED_REDIS_URL"] == runtime.redis_url
        assert "MEMCUBED_DATABASE_OWNER_URL" not in worker
        assert migrate["MEMCUBED_DATABASE_OWNER_URL"] == runtime.database_owner_url

        everyone = family(up)
        status, said = up.end(signal.SIGTERM)
        assert (status, gone(everyone, 1)) == (0, True), said
        assert "database system is shut down" in (up.data_dir / "logs" / "postgres.log").read_text()
        assert read_runtime(up.data_dir) is None
        assert not (up.data_dir / "runtime.json").exists()

    def test_after_a_kill_nothing_is_left_and_the_next_start_works(self, start: Start):
        killed = start(("worker", SLEEP))
        killed.hear("READY")
        everyone = family(killed)
        killed.end(signal.SIGKILL)
        assert read_runtime(killed.data_dir) is None
        again = start(("worker", SLEEP))
        again.hear("READY")
        assert gone(everyone)
        assert again.end(signal.SIGINT)[0] == 0

    def test_a_server_that_dies_is_started_again(self, start: Start):
        up = start()
        up.hear("READY")
        runtime = read_runtime(up.data_dir)
        assert runtime is not None
        for server in ("valkey-server", "postgres"):
            next(one for one in family(up) if server in one.name()).kill()
            up.hear("has died; starting it again")
        wait_for(lambda: psycopg.connect(runtime.database_owner_url or "").close())
        with Redis.from_url(runtime.redis_url) as client:
            assert client.ping()
        assert up.end(signal.SIGTERM)[0] == 0


def wait_for(attempt: Callable[[], Any]) -> None:
    for _ in range(200):
        try:
            attempt()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Postgres did not come back")


class TestTheRealThing:
    def test_up_says_where_it_is_and_finds_its_data_again_after_a_kill(self, tmp_path: Path):
        first = RealUp(tmp_path / "data")
        said = first.hear_ready()
        key_file = tmp_path / "data" / "bootstrap-key"
        assert f"Key:  {key_file}" in said
        assert f"Logs: {tmp_path / 'data' / 'logs'}" in said
        assert f"URL:  {first.url()} " in said
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        turns = [{"role": "user", "name": "Ann", "content": "I live in Oslo."}]
        body = {"user_id": "ann", "session_id": "s1", "turns": turns}
        assert first.post("turns", body).status_code == 202
        first.process.kill()
        first.process.communicate(timeout=60)

        second = RealUp(tmp_path / "data")
        second.hear_ready()
        question = {"user_id": "ann", "query": "Where does Ann live?"}
        wait_until(lambda: "Oslo" in second.post("search", question).text)
        second.process.terminate()
        second.process.communicate(timeout=60)
        assert second.process.returncode == 0


class RealUp:
    """`memcubed up` itself, with all its own commands."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        env = os.environ | {"MEMCUBED_DATA_DIR": str(data_dir), "MEMCUBED_PORT": "0"}
        command = [sys.executable, "-m", "app.cli", "up"]
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def hear_ready(self) -> str:
        assert self.process.stdout is not None
        said = ""
        with killed_after(90, self.process):
            for line in self.process.stdout:
                said += line
                if line.startswith("Ready"):
                    return said
        raise AssertionError(said)

    def url(self) -> str:
        runtime = read_runtime(self.data_dir)
        assert runtime is not None
        return runtime.api_url

    def post(self, what: str, body: dict[str, Any]) -> httpx.Response:
        key = (self.data_dir / "bootstrap-key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(f"{self.url()}/v1/{what}", json=body, headers=headers, timeout=10)


class TestRefusals:
    def test_a_second_one_on_the_same_data_names_the_first(self, start: Start):
        first = start(**EXTERNAL)
        first.hear("READY")
        status, said = start(**EXTERNAL).end()
        assert status == 1
        assert f"running already on {first.data_dir} (pid {first.process.pid})" in said
        assert read_runtime(first.data_dir) is not None

    def test_a_taken_port_is_told_before_anything_starts(self, start: Start):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            up = start(MEMCUBED_PORT=str(port))
            status, said = up.end()
        assert status == 1
        assert said == f"REFUSED Port {port} on 127.0.0.1 is in use; set MEMCUBED_PORT to another.\n"
        assert not (up.data_dir / "postgres").exists()

    def test_a_failed_migration_shows_the_end_of_its_log(self, start: Start):
        status, said = start(migrate=FAIL, **EXTERNAL).end()
        assert status == 1
        assert re.search(r"REFUSED `migrate` failed; .*migrate.log ends with:\nthe reason why", said)

    def test_a_child_that_fails_at_start_shows_the_end_of_its_log(self, start: Start):
        status, said = start(("worker", FAIL), API_WAITS="60", **EXTERNAL).end()
        assert status == 1
        assert re.search(r"REFUSED `worker` did not start; .*worker.log ends with:\nthe reason why", said)


class TestChildren:
    def test_a_crashed_child_is_started_again(self, start: Start):
        up = start(("worker", SLEEP), **EXTERNAL)
        up.hear("READY")
        worker = next(one for one in family(up) if "time.sleep(60)" in " ".join(one.cmdline()))
        worker.kill()
        assert "`worker` has died" in up.hear("starting it again")
        wait_until(lambda: any("time.sleep(60)" in " ".join(one.cmdline()) for one in family(up)))
        assert up.end(signal.SIGTERM)[0] == 0

    def test_one_that_crashes_again_and_again_ends_the_whole(self, start: Start):
        up = start(("worker", WAIT_FOR_GO + FAIL), **EXTERNAL)
        up.hear("READY")
        (up.data_dir / "go").touch()
        everyone = family(up)
        status, said = up.end()
        assert (status, gone(everyone, 1)) == (1, True)
        assert said.count("`worker` has died") == 2
        assert "`worker` died more than 2 times" in said
        assert "the reason why" in said

    def test_ctrl_c_during_the_migration_ends_at_once(self, start: Start):
        up = start(migrate="print('here', flush=True)\n" + SLEEP, **EXTERNAL)
        log = up.data_dir / "logs" / "migrate.log"
        wait_until(lambda: log.exists() and "here" in log.read_text())
        began = time.monotonic()
        assert up.end(signal.SIGINT)[0] == 0
        assert time.monotonic() - began < 3

    def test_one_that_ignores_sigterm_is_killed_with_its_group(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(child_processes, "STOP_SECONDS", 0.2)
        stubborn = "trap '' TERM; echo here; sleep 60 & wait; sleep 60"
        child = ChildProcess(Child("stubborn", ["/bin/sh", "-c", stubborn]), tmp_path, os.environ)
        child.start()
        wait_until(lambda: "here" in child.log.read_text())
        assert child.process is not None
        below = psutil.Process(child.process.pid).children()
        child.stop()
        assert not child.is_alive()
        wait_until(lambda: not any(one.is_running() and one.status() != "zombie" for one in below))


def wait_until(attempt: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not attempt():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestLeftovers:
    @pytest.mark.parametrize(("older", "ended"), [(0, True), (5, False)])
    def test_a_noted_pid_is_ended_only_with_its_time_of_birth(self, tmp_path: Path, older: int, ended: bool):
        with subprocess.Popen(["sleep", "60"]) as process:
            born = psutil.Process(process.pid).create_time()
            (tmp_path / "children").write_text(f"{process.pid} {born - older}\nhalf a line")
            terminate_orphans(tmp_path)
            assert (process.poll() is not None) is ended
            process.kill()
        assert not (tmp_path / "children").exists()


class TestRuntime:
    NOTE = Runtime("postgresql://a@/b", None, "redis://c", "http://d", os.getpid())

    def test_it_is_read_as_written_while_the_supervisor_lives(self, tmp_path: Path):
        write_runtime(tmp_path, self.NOTE)
        assert read_runtime(tmp_path) == self.NOTE

    def test_a_note_older_than_the_process_of_its_pid_is_void(self, tmp_path: Path):
        write_runtime(tmp_path, self.NOTE)
        os.utime(tmp_path / "runtime.json", (0, 0))
        assert read_runtime(tmp_path) is None

    def test_no_note_or_half_a_note_is_none(self, tmp_path: Path):
        assert read_runtime(tmp_path) is None
        (tmp_path / "runtime.json").write_text('{"pid"')
        assert read_runtime(tmp_path) is None
