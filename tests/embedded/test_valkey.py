"""The embedded Valkey on throw-away data."""

import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kombu import Connection
from redis import Redis

from app.core.errors import StartupRefused
from app.embedded.valkey import EmbeddedValkey
from app.job_queue import broker_url


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "data").start()
    yield server
    server.stop()


def put(server: EmbeddedValkey, message: str) -> None:
    with Connection(broker_url(server.redis_url)) as connection:
        queue = connection.SimpleQueue("ingest")
        queue.put(message)
        queue.close()


def take(server: EmbeddedValkey) -> str:
    with Connection(broker_url(server.redis_url)) as connection:
        queue = connection.SimpleQueue("ingest")
        message = queue.get(block=True, timeout=5)
        message.ack()
        queue.close()
    return str(message.payload)


class TestRunning:
    def test_redis_py_and_kombu_reach_it_by_its_url(self, valkey: EmbeddedValkey):
        with Redis.from_url(valkey.redis_url) as client:
            assert client.ping()
        with Connection(broker_url(valkey.redis_url)) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)

    def test_it_listens_on_no_port_and_throws_nothing_away(self, valkey: EmbeddedValkey):
        assert valkey.process is not None
        assert psutil.Process(valkey.process.pid).net_connections("inet") == []
        with Redis.from_url(valkey.redis_url) as client:
            assert list(client.config_get("maxmemory-policy").values()) in (["noeviction"], [b"noeviction"])

    def test_nobody_else_can_reach_the_socket_or_the_data(self, valkey: EmbeddedValkey):
        for path in (valkey.socket.parent, valkey.data):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700


def words_on_disk(server: EmbeddedValkey, word: bytes) -> list[str]:
    return [path.name for path in server.data.rglob("*") if path.is_file() and word in path.read_bytes()]


class TestFiles:
    def test_what_it_holds_is_in_none(self, valkey: EmbeddedValkey):
        put(valkey, "zanzibar")
        with Redis.from_url(valkey.redis_url) as client:
            client.set("key", "zanzibar")
        valkey.stop()
        assert words_on_disk(valkey, b"zanzibar") == []
        valkey.start()
        with Redis.from_url(valkey.redis_url) as client:
            assert client.dbsize() == 0

    @pytest.mark.parametrize(
        "name",
        ["dump.rdb", "appendonly.aof", "appendonlydir/appendonly.aof.1.incr.aof", "temp-12.rdb"],
    )
    def test_those_of_a_version_that_wrote_some_are_removed(self, valkey: EmbeddedValkey, name: str):
        valkey.stop()
        file = valkey.data / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"zanzibar")
        valkey.start()
        assert words_on_disk(valkey, b"zanzibar") == []

    def test_a_server_left_behind_is_ended_first(self, valkey: EmbeddedValkey):
        successor = EmbeddedValkey(valkey.data.parent).start()
        assert not valkey.is_alive()
        put(successor, "later")
        assert take(successor) == "later"
        successor.stop()


class TestDataThatCannotStart:
    def test_the_end_of_the_log_is_in_the_message(self, valkey: EmbeddedValkey):
        valkey.stop()
        (valkey.data / "dump.rdb").mkdir()
        with pytest.raises(StartupRefused, match="rdb"):
            valkey.start()
