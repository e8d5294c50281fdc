"""Several real API processes on one port: what one writes, deletes or erases, the other serves so at once."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest

from app.cli.api_processes import ApiProcesses
from app.cli.process_count import MOST_BY_DEFAULT, choose_process_count, count_cores
from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.embedded.processes import spawn_process, terminate_process
from app.resources import open_resources
from tests.conftest import Servers, make_key, turn, until
from tests.served import NO_AUTHORITIES

COUNT, ROUNDS = 2, 150
THINGS = ("parcel", "ladder", "kettle", "violin", "passport", "helmet", "compass", "blanket")


@dataclass(frozen=True)
class Service:
    """A running `memcubed serve`, its key and its log."""

    url: str
    key: str
    parent: psutil.Process
    log: Path

    def client(self) -> httpx.Client:
        """A client of one connection, so that one process answers it."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=30,
            limits=httpx.Limits(max_connections=1),
            verify=NO_AUTHORITIES,
        )

    def children(self) -> set[int]:
        return {child.pid for child in self.parent.children()}

    def log_lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.read_bytes().splitlines()]


def start(settings: Settings, folder: Path, count: int = COUNT) -> tuple[subprocess.Popen[bytes], Path]:
    env = os.environ | {
        "MEMCUBED_DATABASE_URL": settings.database_url or "",
        "MEMCUBED_REDIS_URL": settings.redis_url or "",
        "MEMCUBED_DATA_DIR": str(folder),
        "MEMCUBED_PORT": str(settings.port),
        "MEMCUBED_API_PROCESSES": str(count),
        "TMPDIR": str(folder),
    }
    log = folder / "serve.log"
    return spawn_process([sys.executable, "-m", "app.cli", "serve"], log, env=env), log


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def service(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("p")
    settings = servers.settings(data_dir=folder, port=free_port())
    process, log = start(settings, folder)
    url = f"http://127.0.0.1:{settings.port}"
    parent = psutil.Process(process.pid)
    with open_resources(settings) as resources:
        key = make_key(resources, "t-processes")
        until(lambda: is_up(url) and len(parent.children()) == COUNT, 60)
        until(lambda: log.read_text().count("Application startup complete.") == COUNT, 60)
        yield Service(url, key, parent, log)
    terminate_process(process, 30, signal.SIGTERM)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5, verify=NO_AUTHORITIES).status_code == 200
    except httpx.TransportError:
        return False


def pid_of(client: httpx.Client) -> int:
    """The process that holds the server's end of the client's connection."""
    with client.stream("GET", "/healthz") as answer:
        port = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
        answer.read()
    return next(iter(pids_at(port)))


def pids_at(port: int) -> set[int]:
    """The other processes with a connection to this port: none before it is accepted.

    An ended connection is listed for a minute longer, and belongs to no process.
    """
    return {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.raddr and connection.raddr.port == port and connection.pid not in {None, os.getpid()}
    }


def found(client: httpx.Client, user: str, query: str) -> list[str]:
    answer = client.post("/v1/search", json={"user_id": user, "query": query, "k": 50}).raise_for_status()
    return [item["content"] for item in answer.json()["items"]]


class Pair:
    """Two connections to two processes, and what should be remembered of some users."""

    def __init__(self, one: httpx.Client, other: httpx.Client, seed: int) -> None:
        self.clients, self.chance = (one, other), random.Random(seed)
        self.texts: dict[str, dict[str, str]] = {f"u{number}": {} for number in range(4)}
        self.ever: dict[str, set[str]] = {user: set() for user in self.texts}

    def act(self, number: int) -> str | None:
        """Change something by one process, ask the other; returns what it should not have answered."""
        writer, reader = self.clients if number % 2 else self.clients[::-1]
        user = self.chance.choice(list(self.texts))
        kept, action = self.texts[user], self.chance.choice(("write", "write", "turn", "delete", "erase"))
        if action == "turn":
            text = f"The {self.chance.choice(THINGS)} is on shelf {number}."
            body = {"user_id": user, "session_id": "s", "turns": [turn(text)]}
            writer.post("/v1/turns", json=body).raise_for_status()
            kept[f"turn {number}"] = text
        elif action == "write":
            text = f"The {self.chance.choice(THINGS)} was seen in room {number}."
            made = writer.post("/v1/memories", json={"user_id": user, "content": text}).raise_for_status()
            kept[made.json()["id"]] = text
        elif action == "delete" and (ids := [one for one in kept if not one.startswith("turn")]):
            memory = self.chance.choice(ids)
            writer.delete(f"/v1/memories/{memory}").raise_for_status()
            del kept[memory]
        elif action == "erase" and kept:
            writer.delete(f"/v1/users/{user}").raise_for_status()
            kept.clear()
        self.ever[user] |= set(kept.values())
        answered = found(reader, user, f"Which {self.chance.choice(THINGS)}, {number}?")
        served = {text for text in self.ever[user] if any(text in one for one in answered)}
        wanted = set(list(kept.values())[-20:])  # all of the newest ones, as a search shows fifty at most
        faults = (served - set(kept.values())) | (wanted - served)
        return f"{number} {action}: {sorted(faults)}" if faults else None


def test_what_one_process_writes_or_deletes_the_other_serves_so_at_once(service: Service):
    with service.client() as one, service.client() as other:
        assert {pid_of(one), pid_of(other)} == service.children()
        pair = Pair(one, other, seed=18)
        faults = [fault for number in range(ROUNDS) if (fault := pair.act(number))]
        assert faults == []
        assert sum(map(len, pair.ever.values())) > ROUNDS / 3  # it wrote, and was not busy deleting nothing


def test_connections_are_shared_evenly(service: Service):
    with_connections = [service.client() for _ in range(8)]
    pids = [pid_of(client) for client in with_connections]
    for client in with_connections:
        client.close()
    # A connection of the test before may still be open in one of them.
    assert all(abs(pids.count(pid) - 4) <= 1 for pid in service.children())


def test_one_scrape_shows_what_all_processes_count(service: Service):
    def count() -> float:
        lines = httpx.get(f"{service.url}/metrics", verify=NO_AUTHORITIES).text.splitlines()
        assert "memcubed_api_processes 2.0" in lines
        named = [line for line in lines if line.startswith("memcubed_turns_accepted_total ")]
        return float(named[0].split()[1])

    before = count()
    with service.client() as one, service.client() as other:
        for number in range(6):
            body = {"user_id": "counted", "session_id": "s", "turns": [turn(f"Line {number}.")]}
            (one if number % 2 else other).post("/v1/turns", json=body).raise_for_status()
        assert {pid_of(one), pid_of(other)} == service.children()
    assert [count() for _ in range(3)] == [before + 6] * 3  # three connections, so both processes


def test_a_process_that_dies_is_started_again_while_the_other_answers(service: Service):
    before = service.children()
    killed = next(iter(before))
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in service.children(), 30)
    for _ in range(20):
        assert httpx.get(f"{service.url}/healthz", timeout=10, verify=NO_AUTHORITIES).status_code == 200
    until(lambda: len(service.children()) == COUNT, 30)
    until(lambda: is_balanced(service), 30)
    assert any(line["event"] == "api_process_died" for line in service.log_lines())


def test_a_process_that_stops_gets_no_more_connections(service: Service):
    before, address = service.children(), httpx.URL(service.url)
    lines = ["POST /v1/search HTTP/1.1", "Host: x", f"Authorization: Bearer {service.key}"]
    head = "\r\n".join([*lines, "Content-Type: application/json", "Content-Length: 99", "", "{"])
    with socket.create_connection((address.host, address.port or 0)) as unfinished:
        unfinished.sendall(head.encode())
        own = unfinished.getsockname()[1]
        until(lambda: pids_at(own), 30)
        (stopped,) = pids_at(own)
        assert stopped in before
        os.kill(stopped, signal.SIGTERM)
        time.sleep(0.5)
        for _ in range(20):
            assert httpx.get(f"{service.url}/healthz", timeout=5, verify=NO_AUTHORITIES).status_code == 200
        assert stopped in service.children(), "it waits for the rest of the request"
    until(lambda: stopped not in service.children() and len(service.children()) == COUNT, 30)
    until(lambda: is_balanced(service), 30)


def is_balanced(service: Service) -> bool:
    """Whether two new connections reach two processes, so that both answer."""
    with service.client() as one, service.client() as other:
        return {pid_of(one), pid_of(other)} == service.children()


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupRefused, match=f"Port {port} on 127.0.0.1 can't be used"):
            ApiProcesses(COUNT, "127.0.0.1", port, lambda _link: None).run_until_signal()


def test_a_service_that_may_not_start_says_why_once_and_ends(servers: Servers, tmp_path: Path):
    settings = servers.settings(
        database_url="postgresql://x@127.0.0.1:1/x", data_dir=tmp_path, port=free_port()
    )
    process, log = start(settings, tmp_path)
    assert process.wait(60) == 1
    assert log.read_text().count("database can't be reached") == 1


def test_children_end_when_their_parent_is_killed(servers: Servers, tmp_path: Path):
    settings = servers.settings(data_dir=tmp_path, port=free_port())
    process, log = start(settings, tmp_path)
    until(lambda: log.exists() and log.read_text().count("Application startup complete.") == COUNT, 60)
    children = psutil.Process(process.pid).children()
    process.kill()
    process.wait(10)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", None),
        ("100000 100000", 1),
        ("50000 100000", 1),
        ("150000 100000", 1),
        ("6400000 100000", None),
        ("", None),
        ("nonsense", None),
        ("one two", None),
    ],
)
def test_a_containers_quota_bounds_the_cores(tmp_path: Path, quota: str, cores: int | None):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    assert count_cores(file) == (cores or len(os.sched_getaffinity(0)))


def test_the_number_of_processes_is_what_was_asked_for_or_follows_the_cores(tmp_path: Path):
    assert choose_process_count(7) == 7
    assert choose_process_count(None) == min(count_cores(tmp_path / "none"), MOST_BY_DEFAULT)


def test_a_stop_lets_requests_finish_and_leaves_nothing(service: Service):
    # The last test of this service, which it stops.
    children = service.children()
    with service.client() as one, service.client() as other, ThreadPoolExecutor(2) as pool:
        body = {"user_id": "waits", "session_id": "s", "turns": [turn("I live in Oslo.")]}
        job = one.post("/v1/turns", json=body).raise_for_status().json()["job_id"]
        assert {pid_of(one), pid_of(other)} == children
        ask = {"user_id": "waits", "query": "Oslo", "wait_for": job, "wait_seconds": 2}
        waiting = [pool.submit(client.post, "/v1/search", json=ask) for client in (one, other)]
        time.sleep(0.7)  # until both have arrived
        service.parent.terminate()
        answers = [future.result().json() for future in waiting]
    assert [(answer["waited"], len(answer["items"])) for answer in answers] == [(False, 1)] * 2
    assert service.parent.wait(20) == 0
    assert not any(psutil.pid_exists(child) for child in children)
    assert not is_up(service.url)
    assert not list(service.log.parent.glob("memcubed-metrics-*"))
