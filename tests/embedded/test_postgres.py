"""The embedded Postgres on throw-away data, as whoever runs the tests."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from app.core.errors import StartupRefused
from app.embedded import directories
from app.embedded.postgres import OWNER, SERVICE, EmbeddedPostgres, shared_buffers_mb
from app.embedded.processes import spawn_process


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One set of data for the module: making it takes longer than all else."""
    made = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data")
    yield made
    made.stop()


@pytest.fixture
def postgres(server: EmbeddedPostgres) -> EmbeddedPostgres:
    return server if server.is_alive() else server.start()


@pytest.fixture
def short_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory with a short path; pytest's own may be long."""
    with tempfile.TemporaryDirectory(prefix="m3-", dir="/tmp") as made:
        monkeypatch.setattr(tempfile, "gettempdir", lambda: made)
        yield Path(made)


def ask(server: EmbeddedPostgres, question: str) -> str:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def tell(server: EmbeddedPostgres, command: str) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute(command)


class TestRunning:
    def test_it_is_postgres_18_with_vectors_a_durable_commit_and_no_port(self, postgres: EmbeddedPostgres):
        tell(postgres, "CREATE EXTENSION vector")
        assert ask(postgres, "SELECT '[1,2]'::vector <-> '[1,2]'::vector") == "0.0"
        assert ask(postgres, "SELECT current_database() || ' ' || current_user") == f"memcubed {OWNER}"
        assert ask(postgres, "SHOW server_version").startswith("18.")
        assert ask(postgres, "SHOW synchronous_commit") == "on"
        assert ask(postgres, "SHOW listen_addresses") == ""
        assert postgres.process is not None
        assert psutil.Process(postgres.process.pid).net_connections("inet") == []

    def test_the_service_has_a_url_but_no_role_before_the_migration(self, postgres: EmbeddedPostgres):
        with pytest.raises(psycopg.OperationalError, match=f'role "{SERVICE}" does not exist'):
            psycopg.connect(postgres.service_url)

    def test_nobody_else_can_reach_the_socket_or_the_data(self, postgres: EmbeddedPostgres):
        for path in (postgres.sockets, postgres.data):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700

    def test_a_stop_with_open_connections_is_a_clean_shutdown(self, postgres: EmbeddedPostgres):
        with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
            connection.execute("SELECT 1")
            postgres.stop()
        assert not postgres.is_alive()
        assert "database system is shut down" in postgres.log.read_text()
        assert not (postgres.data / "postmaster.pid").exists()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process's environment")
    def test_its_connections_return_the_memory_of_large_values(self, postgres: EmbeddedPostgres):
        assert postgres.process is not None
        environment = psutil.Process(postgres.process.pid).environ()
        assert int(environment["MALLOC_MMAP_THRESHOLD_"]) <= 2**20


class TestSecondStart:
    def test_the_data_is_found_again(self, postgres: EmbeddedPostgres):
        tell(postgres, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS number")
        postgres.stop()
        postgres.start()
        assert ask(postgres, "SELECT number FROM kept") == "7"

    def test_a_killed_server_recovers_what_was_committed(self, postgres: EmbeddedPostgres):
        tell(postgres, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS number")
        assert postgres.process is not None
        backends = psutil.Process(postgres.process.pid).children(recursive=True)
        for process in (psutil.Process(postgres.process.pid), *backends):
            with suppress(psutil.NoSuchProcess):  # a backend may see first that its server is gone
                process.kill()
        postgres.process.wait(20)
        psutil.wait_procs(backends, timeout=5)
        assert not postgres.is_alive()
        postgres.start()
        assert ask(postgres, "SELECT number FROM kept") == "7"
        assert "automatic recovery" in postgres.log.read_text()

    def test_a_server_left_behind_is_ended_first(self, postgres: EmbeddedPostgres):
        successor = EmbeddedPostgres(postgres.data.parent).start()
        assert not postgres.is_alive()
        assert ask(successor, "SELECT 1") == "1"
        successor.stop()

    def test_a_note_whose_pid_another_process_has_got_is_no_hindrance(
        self, postgres: EmbeddedPostgres, tmp_path: Path
    ):
        postgres.stop()
        other = spawn_process(
            ["/bin/sleep", "60"],
            tmp_path / "logs" / "other.log",
            account=directories.choose_account(postgres.data),
        )
        note = postgres.data / "postmaster.pid"
        note.write_text(f"{other.pid}\n{postgres.data}\n1\n5432\n{postgres.sockets}\n\n0 0\nready\n")
        os.chown(note, postgres.data.stat().st_uid, postgres.data.stat().st_gid)
        postgres.start()
        assert ask(postgres, "SELECT 1") == "1"
        assert other.poll() is None
        other.kill()
        other.wait(20)


class TestPlaces:
    def test_a_long_path_gets_a_short_private_place_for_its_socket(self, tmp_path: Path, short_dir: Path):
        (tmp_path / ("long-" * 20) / "data" / "postgres.new" / "half").mkdir(parents=True)
        data_dir = tmp_path / ("long-" * 20) / "data"
        server = EmbeddedPostgres(data_dir).start()
        assert server.sockets.is_relative_to(short_dir)
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        assert EmbeddedPostgres(data_dir).sockets == server.sockets
        assert ask(server, "SELECT 1") == "1"
        assert not (data_dir / "postgres.new").exists(), "the half of a first start that was broken off"
        server.stop()

    def test_a_short_place_made_by_somebody_else_is_refused(self, tmp_path: Path, short_dir: Path):
        data_dir = tmp_path / ("long-" * 20)
        home = EmbeddedPostgres(data_dir).sockets.parent
        home.chmod(0o777)
        with pytest.raises(StartupRefused, match="made by somebody else"):
            EmbeddedPostgres(data_dir)

    def test_a_data_directory_that_cannot_be_made_is_a_sentence(self, tmp_path: Path):
        (tmp_path / "file").touch()
        with pytest.raises(StartupRefused, match="can't be made"):
            EmbeddedPostgres(tmp_path / "file")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives the data to another account")
    def test_as_root_the_server_runs_as_the_owner_of_its_data(self, postgres: EmbeddedPostgres):
        assert postgres.process is not None
        uid = psutil.Process(postgres.process.pid).uids().effective
        assert uid != 0
        assert uid == postgres.data.stat().st_uid == (postgres.data / "PG_VERSION").stat().st_uid

    def test_a_strict_umask_at_install_time_is_made_up_for(self, tmp_path: Path):
        tree = tmp_path / "tree"
        (tree / "bin").mkdir(parents=True, mode=0o700)
        (tree / "bin" / "postgres").touch(mode=0o700)
        (tree / "sql").touch(mode=0o600)
        directories.allow_read(tree)
        modes = [
            stat.S_IMODE((tree / name).stat().st_mode) & 0o007 for name in ("bin", "bin/postgres", "sql")
        ]
        assert modes == [5, 5, 4]


class TestDataThatCannotStart:
    def test_the_end_of_the_log_is_in_the_message(self, postgres: EmbeddedPostgres):
        postgres.stop()
        control = postgres.data / "global" / "pg_control"
        control.rename(control.with_suffix(".aside"))
        with pytest.raises(StartupRefused, match="could not find the database system"):
            postgres.start()
        assert not postgres.is_alive()
        control.with_suffix(".aside").rename(control)

    def test_another_version_is_named(self, postgres: EmbeddedPostgres):
        postgres.stop()
        (postgres.data / "PG_VERSION").write_text("12\n")
        with pytest.raises(StartupRefused, match="initialized by PostgreSQL version 12"):
            postgres.start()
        assert not postgres.is_alive()
        (postgres.data / "PG_VERSION").write_text("18\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_the_server_ends_with_a_killed_parent(postgres: EmbeddedPostgres):
    data_dir = postgres.data.parent
    postgres.stop()
    postgres.log.unlink()
    script = (
        "import sys, os, signal, pathlib\n"
        "from app.embedded.postgres import EmbeddedPostgres\n"
        "print(EmbeddedPostgres(pathlib.Path(sys.argv[1])).start().process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    server_pid = int(done.stdout.split()[-1])
    if psutil.pid_exists(server_pid):
        psutil.wait_procs([psutil.Process(server_pid)], timeout=10)
    assert "database system is shut down" in postgres.log.read_text()


@pytest.mark.parametrize(
    ("gigabytes", "limit", "buffers"),
    [
        (24, "max", 256),
        (4, "max\n", 256),
        (0.5, "max", 128),
        (24, "1610612736\n", 192),
        (1, "8589934592", 128),
    ],
)
def test_buffers_are_an_eighth_of_the_memory_within_bounds(gigabytes: float, limit: str, buffers: int):
    assert shared_buffers_mb(int(gigabytes * 2**30), limit) == buffers
