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
from app.queue import broker_url


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "data").start()
    yield server
    server.stop()


def put(server: EmbeddedValkey, message: str) -> None:
    with Connection(broker_url(server.url)) as connection:
        queue = connection.SimpleQueue("ingest")
        queue.put(message)
        queue.close()


def take(server: EmbeddedValkey) -> str:
    with Connection(broker_url(server.url)) as connection:
        queue = connection.SimpleQueue("ingest")
        message = queue.get(block=True, timeout=5)
        message.ack()
        queue.close()
    return str(message.payload)


class TestRunning:
    def test_redis_py_and_kombu_reach_it_by_its_url(self, valkey: EmbeddedValkey):
        with Redis.from_url(valkey.url) as client:
            assert client.ping()
        with Connection(broker_url(valkey.url)) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)

    def test_it_listens_on_no_port_and_throws_nothing_away(self, valkey: EmbeddedValkey):
        assert valkey.process is not None
        assert psutil.Process(valkey.process.pid).net_connections("inet") == []
        with Redis.from_url(valkey.url) as client:
            assert list(client.config_get("maxmemory-policy").values()) in (["noeviction"], [b"noeviction"])

    def test_nobody_else_can_reach_the_socket_or_the_data(self, valkey: EmbeddedValkey):
        for path in (valkey.socket.parent, valkey.data):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700


class TestSecondStart:
    def test_a_queued_message_survives_a_stop(self, valkey: EmbeddedValkey):
        put(valkey, "later")
        valkey.stop()
        assert not valkey.is_alive()
        valkey.start()
        assert take(valkey) == "later"

    def test_a_queued_message_survives_a_kill(self, valkey: EmbeddedValkey):
        put(valkey, "later")
        assert valkey.process is not None
        valkey.process.kill()
        valkey.process.wait()
        valkey.start()
        assert take(valkey) == "later"

    def test_a_server_left_behind_is_ended_first(self, valkey: EmbeddedValkey):
        put(valkey, "later")
        successor = EmbeddedValkey(valkey.data.parent).start()
        assert not valkey.is_alive()
        assert take(successor) == "later"
        successor.stop()


class TestDataThatCannotStart:
    def test_the_end_of_the_log_is_in_the_message(self, valkey: EmbeddedValkey):
        valkey.stop()
        manifest = next((valkey.data / "appendonlydir").glob("*.manifest"))
        manifest.write_text("nonsense\n")
        with pytest.raises(StartupRefused, match="manifest"):
            valkey.start()
