"""The change of the embedding model under load, with worker, beat and a second API as real processes."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import DEFAULT_TENANT
from app.resources import Resources, open_resources
from app.services.models import backfill
from app.services.operations import operations
from tests.conftest import Servers, app_of, client_of, make_key, post, turn, until
from tests.fakes import ScriptedLLM, hashed_words
from tests.workers.test_worker import House

THINGS = ("parcel", "ladder", "kettle", "violin", "passport", "helmet", "compass", "blanket")
LINES = 400


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def second() -> Iterator[ScriptedLLM]:
    """The endpoint of the other model: another dimension, and slow enough to be caught in the middle."""
    with ScriptedLLM(dimensions=16) as server:

        def slowly(texts: list[str]) -> list[list[float]]:
            time.sleep(0.8 if len(texts) > 1 else 0)
            return [hashed_words(text, 16) for text in texts]

        server.on_embed = slowly
        yield server


@pytest.fixture
def house(servers: Servers, tmp_path: Path) -> Iterator[House]:
    servers.new_database("reembed_processes")
    settings = servers.settings(
        "reembed_processes",
        redis_url=servers.valkey.redis_url.replace("db=0", "db=6"),
        data_dir=tmp_path,
        port=free_port(),
        lease_seconds=2,
    )
    made = House(settings, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def here(house: House) -> Iterator[Resources]:
    """The first API process is this one."""
    with open_resources(house.settings) as resources:
        operations.check_startup(resources)
        yield resources


@dataclass
class Searches:
    """Searches one after the other until told to stop; `faults` are those that failed or found nothing."""

    ask: Callable[[str], httpx.Response]
    stop: threading.Event = field(default_factory=threading.Event)
    count: int = 0
    faults: list[Any] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            thing = THINGS[self.count % len(THINGS)]
            # There is a line of each of these numbers: a fast machine asks more often than there are lines.
            answer = self.ask(f"Where is the {thing}, number {self.count % LINES}?")
            items = answer.json().get("items") if answer.status_code == 200 else None
            if not items or not any(thing in item["content"] for item in items):
                self.faults.append((answer.status_code, thing, items))
            self.count += 1


def question(query: str) -> dict[str, Any]:
    return {"user_id": "ann", "query": query}


def progress(client: TestClient) -> Any:
    return client.get("/v1/admin/reembed").json()["run"]


def test_searches_never_fail_while_the_model_changes_and_a_worker_dies(
    house: House, here: Resources, second: ScriptedLLM, tenant: str
):
    worker = house.start("worker")
    house.start("beat")
    house.start("serve")
    key = make_key(here, tenant)
    url = f"http://127.0.0.1:{house.settings.port}"
    there = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    app = app_of(here)
    with (
        there,
        client_of(app, key) as near,
        client_of(app, make_key(here, DEFAULT_TENANT)) as operator,
        ThreadPoolExecutor(2) as pool,
    ):
        until(lambda: reachable(there), 60)
        lines = [f"Is the {THINGS[n % len(THINGS)]} on shelf {n}?" for n in range(LINES)]
        for start in range(0, LINES, 100):
            post(near, *(turn(line) for line in lines[start : start + 100]))
        until(lambda: vectors(operator) >= LINES, 120)
        searches = [
            Searches(lambda query: near.post("/v1/search", json=question(query))),
            Searches(lambda query: there.post("/v1/search", json=question(query))),
        ]
        running = [pool.submit(each.run) for each in searches]
        try:
            asked, done = change(house, worker, operator, near, second)
            before = [each.count for each in searches]
            until(lambda: all(e.count > b + 5 for e, b in zip(searches, before, strict=True)))
        finally:
            for each in searches:
                each.stop.set()
        for each in running:
            each.result()
        assert [each.faults for each in searches] == [[], []]
        # Both processes answer by the new model, and neither was started anew.
        assert (near.get("/readyz").json()["embedding_dimensions"]) == 16
        assert (there.get("/readyz").json()["embedding_dimensions"]) == 16
        for client in (near, there):
            found = client.post("/v1/search", json=question("Where is the telescope?")).json()["items"]
            assert found[0]["content"] == "Is the telescope in the attic?"
        assert operator.post("/v1/admin/reembed/drop").status_code == 202
        until(lambda: progress(operator)["status"] == "succeeded", 60)
        kept = {m["model_id"]: m["vectors"] for m in operator.get("/v1/admin/reembed").json()["models"]}
        assert kept == {"all-MiniLM-L6-v2-int8": 0, "second@16": LINES + 1}

    texts = [[t for t in body["input"] if "on shelf" in t] for body in second.requests]
    assert {text for part in texts for text in part} >= set(lines)
    # The new worker went on where the old one stood: what had been stored by then was not embedded again.
    # The memories that are extracted meanwhile are embedded too; their words differ from those of the turns.
    assert len({text for part in texts[asked:] for text in part} & set(lines)) <= LINES - done


def change(
    house: House, worker: Any, operator: TestClient, near: TestClient, second: ScriptedLLM
) -> tuple[int, int]:
    """Begin the change, kill the worker in the middle, post a turn meanwhile, and wait for the switch.

    Gives the number of requests to the new model, and of vectors stored, when the worker was dead.
    """
    body = {"embeddings": second.base_url, "model": "second", "dimensions": 16}
    assert operator.post("/v1/admin/reembed", json=body).status_code == 202
    assert operator.post("/v1/admin/reembed", json=body).status_code == 409
    until(lambda: progress(operator)["done"] >= backfill.BATCH, 60)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    asked, stood = len(second.requests), progress(operator)
    assert stood["status"] == "running"
    assert stood["done"] < stood["total"]
    post(near, turn("Is the telescope in the attic?"))
    house.start("worker")
    until(lambda: progress(operator)["status"] == "succeeded", 90)
    return asked, stood["done"]


def reachable(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def vectors(operator: TestClient) -> int:
    return operator.get("/v1/admin/reembed").json()["models"][0]["vectors"]
