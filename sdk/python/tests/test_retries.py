"""Faults between client and service: what is sent again, what is raised; nothing is written twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest
from faulty import PASS, Cut, FaultyServer, Reply, problem

from memcubed import (
    CallTimeoutError,
    ConnectionFailedError,
    Memcubed,
    MemcubedError,
    NotFoundError,
    PreconditionFailedError,
    RateLimitError,
    ServerError,
    UnavailableError,
)
from memcubed._retry import LONGEST_WAIT, backoff, read_retry_after

BUSY = problem(429, "too_many_requests", headers={"Retry-After": "0"})
AWAY = problem(503, "unavailable", headers={"Retry-After": "0"})
AWAY_WITHOUT = problem(503, "unavailable")
GATEWAY = Reply(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})
MEMORY = "An SDK must not write twice."


@pytest.fixture
def memory(make: Any, server: FaultyServer, key: str) -> Any:
    """A client of the faulty server, bound to a new user; two retries."""
    return make(server.url, key, max_retries=2, timeout=5).user(f"u-{uuid4().hex[:12]}")


@pytest.fixture
def direct(url: str, key: str, memory: Any) -> Iterator[Memcubed]:
    """A client of the same user without faults."""
    with Memcubed(url, key, user_id=memory.user_id) as client:
        yield client


def add(memory: Any) -> Any:
    return memory.add("I keep bees on the roof.", "s")


# The call, the faults before the service is reached, how many requests come.
MENDED: list[tuple[str, list[Any], int]] = [
    ("add", [BUSY], 2),
    ("add", [AWAY], 2),
    ("add", [AWAY_WITHOUT], 2),
    ("add", [BUSY, AWAY], 3),
    ("add", [Cut()], 2),
    ("add", [Cut(reset=True)], 2),
    ("add", [Cut("after")], 2),
    ("add", [Cut("after", reset=True)], 2),
    ("add", [Cut("after", within=0)], 2),
    ("add", [Cut("after", within=9)], 2),
    ("add", [Cut("after"), BUSY], 3),
    ("add", [Cut("after"), Cut("after")], 3),
    ("add_memory", [Cut("after")], 2),
    ("add_memory", [Cut("after", within=20), AWAY], 3),
    ("search", [Cut()], 2),
    ("search", [Cut("after", within=5)], 2),
    ("context", [BUSY, Cut()], 3),
    ("get", [Cut("after", within=30)], 2),
    ("memories", [AWAY, Cut("after")], 3),
    ("put_artifact", [Cut("after")], 2),
    ("put_artifact", [BUSY, Cut("after", within=3)], 3),
    ("delete", [Cut("after")], 2),
    ("delete_artifact", [Cut("after"), BUSY], 3),
    ("import_bundle", [Cut("after")], 2),
    ("store", [Cut("after")], 2),
    ("freeze", [BUSY], 2),
    ("forget", [AWAY], 2),
]


def run(name: str, memory: Any, direct: Any) -> tuple[Any, Any]:
    """Prepare for a call, and give it."""
    if name in {"get", "delete", "freeze"}:
        made = direct.add_memory(MEMORY)
        return lambda: getattr(memory, name)(made.id), made
    if name == "delete_artifact":
        direct.put_artifact("a/b", "text")
        return lambda: memory.delete_artifact("a/b"), None
    if name == "import_bundle":
        direct.wait(add(direct))
        bundle = b"".join(direct.export_bundle())
        direct.erase()
        return lambda: memory.import_bundle(bundle), None
    return {
        "add": lambda: add(memory),
        "add_memory": lambda: memory.add_memory(MEMORY),
        "search": lambda: memory.search("Where are the bees?"),
        "context": lambda: memory.context("Where are the bees?"),
        "memories": lambda: list(memory.memories()),
        "put_artifact": lambda: memory.put_artifact("a/b", {"x": 1}),
        "forget": lambda: memory.forget(),
        "store": lambda: memory.store([{"op": "delete", "namespace": ["a"], "key": "b"}]),
    }[name], None


@pytest.mark.parametrize(("name", "faults", "requests"), MENDED)
def test_a_fault_that_may_be_mended_is_not_seen(
    name: str, faults: list[Any], requests: int, memory: Any, direct: Any, server: FaultyServer
) -> None:
    call, _ = run(name, memory, direct)
    server.script = list(faults)
    call()
    assert len(server.seen) == requests
    assert len(set(server.keys())) == 1, "one call has one key"
    if name == "add":
        assert len(list(direct.turns())) == 1, "written once"
    if name == "add_memory":
        (stored,) = direct.memories()
        assert (stored.content, stored.version) == (MEMORY, 1)
        assert len(direct.sources(stored.id).items) == 1, "said once"
    if name == "put_artifact":
        assert direct.get_artifact("a/b").newest == 1
    if name in {"delete", "delete_artifact"}:
        assert [*direct.memories(), *direct.artifacts()] == []


# The call, the faults, what is raised, how many requests come.
RAISED: list[tuple[str, list[Any], type[MemcubedError], int]] = [
    ("add", [BUSY] * 9, RateLimitError, 3),
    ("add", [AWAY] * 9, UnavailableError, 3),
    ("add", [Cut()] * 9, ConnectionFailedError, 3),
    ("add", [GATEWAY], ServerError, 1),
    ("add", [problem(500, "internal")], ServerError, 1),
    ("add", [problem(429, "too_many_requests", headers={"Retry-After": "31"})], RateLimitError, 1),
    ("add", [problem(503, "unavailable", headers={"Retry-After": "1e9"})], UnavailableError, 1),
    ("freeze", [Cut()], ConnectionFailedError, 1),
    ("freeze", [Cut("after")], ConnectionFailedError, 1),
    ("freeze", [BUSY, Cut()], ConnectionFailedError, 2),
    ("forget", [Cut("after", within=2)], ConnectionFailedError, 1),
    ("get", [Reply(delay=1.5)] * 3, CallTimeoutError, 3),
    ("get", [Reply(302, None, {"Location": "http://127.0.0.1:9/"})], MemcubedError, 1),
    ("get", [Reply(200, b"<html>", {"Content-Type": "text/html"})], MemcubedError, 1),
    ("get", [Reply(200, {"a": 1})], MemcubedError, 1),
    ("get", [Reply(200, b"\xff\xfe")], MemcubedError, 1),
    ("get", [Reply(200, [1, 2])], MemcubedError, 1),
    (
        "get",
        [Reply(200, b"no gzip, though it says so", {"Content-Encoding": "gzip"})] * 3,
        ConnectionFailedError,
        3,
    ),
    ("memories", [Reply(200, {"items": None})], MemcubedError, 1),
    ("memories", [Reply(200, {"items": [], "next_cursor": "c"})] * 2, MemcubedError, 2),
]


@pytest.mark.parametrize(("name", "faults", "error", "requests"), RAISED)
def test_what_can_not_be_mended_is_raised(
    name: str,
    faults: list[Any],
    error: type[MemcubedError],
    requests: int,
    make: Any,
    key: str,
    direct: Any,
    server: FaultyServer,
) -> None:
    memory = make(server.url, key, max_retries=2, timeout=1)
    call, _ = run(name, memory.user(direct.user_id), direct)
    server.script = list(faults)
    with pytest.raises(error):
        call()
    assert len(server.seen) == requests


def test_nothing_is_sent_again_with_no_retries(make: Any, server: FaultyServer, key: str) -> None:
    server.script = [BUSY]
    with pytest.raises(RateLimitError) as raised:
        add(make(server.url, key, user_id="ann", max_retries=0))
    assert (raised.value.retry_after, raised.value.request_id, len(server.seen)) == (0.0, "r-1", 1)


def test_a_server_that_is_not_there(make: Any, key: str) -> None:
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError) as raised:
        add(make("http://127.0.0.1:1", key, user_id="ann", max_retries=1))
    assert not raised.value.maybe_done
    assert time.monotonic() - began < 5


def test_waits_as_long_as_it_is_asked_to(memory: Any, server: FaultyServer) -> None:
    server.script = [problem(429, "too_many_requests", headers={"Retry-After": "1"})]
    add(memory)
    assert 1.0 <= server.waits()[0] < 2.0


@pytest.mark.real_waits
def test_waits_longer_each_time_without_being_asked(make: Any, key: str, server: FaultyServer) -> None:
    server.script = [AWAY_WITHOUT] * 3
    add(make(server.url, key, user_id=f"u-{uuid4().hex[:8]}", max_retries=3))
    assert [wait > 0.1 for wait in server.waits()] == [True] * 3
    assert server.waits()[2] > server.waits()[0]


def test_two_calls_have_two_keys_and_a_given_key_is_used(memory: Any, server: FaultyServer) -> None:
    first, second = add(memory), add(memory)
    assert first.turn_ids != second.turn_ids
    third = memory.add("Once.", "s", idempotency_key="mine")
    assert memory.add("Once.", "s", idempotency_key="mine") == third
    assert len(set(server.keys())) == 3
    assert server.keys()[2:] == ["mine", "mine"]


def test_a_file_is_read_once_so_it_is_sent_once(
    memory: Any, direct: Any, server: FaultyServer, tmp_path: Any
) -> None:
    direct.wait(add(direct))
    bundle = tmp_path / "bundle.ndjson"
    bundle.write_bytes(b"".join(direct.export_bundle()))
    direct.erase()
    server.script = [Cut("after")]
    with bundle.open("rb") as file, pytest.raises(ConnectionFailedError) as raised:
        memory.import_bundle(file)
    assert raised.value.maybe_done
    assert [seen.body for seen in server.seen] == [bundle.read_bytes()]
    with bundle.open("rb") as file:
        assert sum(memory.import_bundle(file).added.values()) == 0, "the first one was stored"


def test_an_export_that_breaks_off_is_raised(memory: Any, direct: Any, server: FaultyServer) -> None:
    direct.wait(add(direct))
    server.script = [Cut("after", within=100)]
    with pytest.raises(ConnectionFailedError):
        b"".join(memory.export_bundle())


def test_what_was_gone_before_is_an_error(memory: Any, direct: Any, server: FaultyServer) -> None:
    made = direct.add_memory(MEMORY)
    direct.delete(made.id)
    server.script = [BUSY]
    with pytest.raises(NotFoundError):
        memory.delete(made.id)


class TestUpdate:
    """Somebody else is first, again and again."""

    @pytest.mark.parametrize(
        ("faults", "requests"),
        [
            ([], 2),
            ([PASS, problem(412, "precondition_failed")], 4),
            ([PASS, problem(412, "precondition_failed")] * 4, 10),
            ([PASS, BUSY], 3),
            ([PASS, AWAY, problem(412, "precondition_failed"), AWAY], 6),
            ([Cut("after")], 3),
            ([PASS, Cut()], 5),
            ([PASS, Cut("after")], 3),
            ([PASS, Cut("after", within=4)], 3),
            ([PASS, Cut("after", reset=True), Cut()], 4),
            ([PASS, BUSY, Cut("after")], 4),
        ],
    )
    def test_counts_once(
        self, faults: list[Any], requests: int, memory: Any, direct: Any, server: FaultyServer
    ) -> None:
        made = direct.add_memory(MEMORY, metadata={"n": 0})
        server.script = list(faults)
        changed = memory.update(made.id, lambda found: {"metadata": {"n": found.metadata["n"] + 1}})
        assert (changed.metadata, changed.version) == ({"n": 1}, 2)
        assert direct.get(made.id).metadata == {"n": 1}
        assert len(server.seen) == requests

    def test_others_write_in_between(self, memory: Any, direct: Any) -> None:
        made = direct.add_memory(MEMORY, metadata={"n": 0})
        left = [3]

        def change(found: Any) -> Any:
            if left[0]:
                left[0] -= 1
                direct.update(made.id, {"metadata": {"n": found.metadata["n"] + 10}})
            return {"metadata": {"n": found.metadata["n"] + 1}}

        assert memory.update(made.id, change).metadata == {"n": 31}

    def test_gives_up_in_a_storm(
        self, memory: Any, direct: Any, server: FaultyServer, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("memcubed._sync.memories.backoff", lambda attempt: 0.0)
        monkeypatch.setattr("memcubed._async.memories.backoff", lambda attempt: 0.0)
        made = direct.add_memory(MEMORY)
        server.script = [PASS, problem(412, "precondition_failed")] * 10
        with pytest.raises(PreconditionFailedError):
            memory.update(made.id, {"importance": 0.9})
        assert len(server.seen) == 20

    def test_nothing_to_change_is_no_write(self, memory: Any, direct: Any, server: FaultyServer) -> None:
        made = direct.add_memory(MEMORY)
        assert memory.update(made.id, lambda found: None).version == 1
        assert [seen.method for seen in server.seen] == ["GET"]

    @pytest.mark.parametrize(
        "faults", [[], [PASS, Cut("after")], [PASS, problem(412, "precondition_failed")]]
    )
    def test_the_state_of_a_session_too(
        self, faults: list[Any], memory: Any, direct: Any, server: FaultyServer
    ) -> None:
        server.script = list(faults)
        for _ in range(2):
            memory.update_state("s", lambda state: {"data": {"n": (state.get("data") or {}).get("n", 0) + 1}})
        stored = direct.state("s")
        assert (stored.version, stored.state.data) == (2, {"n": 2})


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            (None, None),
            ("", None),
            ("0", 0.0),
            ("2", 2.0),
            ("1.5", 1.5),
            ("-3", 0.0),
            ("nan", None),
            ("inf", None),
            ("soon", None),
            ("1e400", None),
            ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0),
            ("Mon, 01 Jan 2001", None),
            ("99999999999", 99999999999.0),
            ("Mon, 99 Foo 2001 00:00:00 GMT", None),
            ("٣", 3.0),
        ],
    )
    def test_is_read(self, header: Any, seconds: Any) -> None:
        assert read_retry_after(header) == seconds

    def test_of_a_date(self) -> None:
        then = datetime.now(timezone.utc) + timedelta(seconds=60)
        assert 57 < (read_retry_after(format_datetime(then, usegmt=True)) or 0) <= 60

    @pytest.mark.real_waits
    def test_backoff_is_bounded(self) -> None:
        waits = [backoff(attempt) for attempt in range(2000)]
        assert 0.1 < waits[0] <= 0.25
        assert max(waits) <= LONGEST_WAIT
