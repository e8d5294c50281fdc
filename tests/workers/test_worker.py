"""Worker and beat as real processes: killed, ended, and cut off from their broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.core.security import Principal
from app.core.settings import Settings
from app.embedded.processes import spawn_process, terminate_process
from app.embedded.valkey import EmbeddedValkey
from app.memory.types import MemoryFilter
from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns
from app.services.ingestion import accept_turns
from app.services.memories import memory_reads
from app.services.operations import operations
from app.services.platform import jobs
from tests.conftest import Servers, make_key, principal_of, turn, until
from tests.fakes import Answer, ScriptedLLM

OSLO = {"facts": [{"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}]}
Start = Callable[[str], subprocess.Popen[bytes]]


@dataclass
class House:
    """Processes that share settings, and the log of each."""

    settings: Settings
    logs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        given = self.settings.model_dump(mode="json", exclude_unset=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith("MEMCUBED_")}
        env |= {f"MEMCUBED_{key.upper()}": str(value) for key, value in given.items()}
        log = self.logs / f"{name}-{len(self.processes)}.log"
        argv = [sys.executable, "-m", "app.cli", name, *options]
        process = spawn_process(argv, log, env=env, cwd=self.logs)
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            terminate_process(process, 20, signal.SIGTERM)


def accept(resources: Resources, principal: Principal, content: str = "I live in Oslo.") -> UUID:
    body = {"user_id": "ann", "session_id": "s1", "turns": [turn(content, name="Ann")]}
    accepted = accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None)
    accept_turns.notify_workers(resources)
    return accepted.job_id


def succeeded(resources: Resources, principal: Principal, job_id: UUID) -> Any:
    job = jobs.get_job(resources, principal, job_id)
    return job if job.status == "succeeded" else None


def contents(resources: Resources, principal: Principal) -> list[str]:
    page = memory_reads.list_memories(
        resources, principal, user_id="ann", matching=MemoryFilter(), cursor=None, limit=50
    )
    return [memory.content for memory in page.items]


@pytest.fixture(scope="module")
def database(servers: Servers) -> str:
    servers.new_database("workers")
    return "workers"


class TestWithAnLlm:
    @pytest.fixture
    def house(self, servers: Servers, llm: ScriptedLLM, database: str, tmp_path: Path) -> Iterator[House]:
        settings = servers.settings(
            database,
            redis_url=servers.valkey.redis_url.replace("db=0", "db=3"),
            llm_base_url=llm.base_url,
            llm_model="scripted",
            extract_idle_seconds=0,
            lease_seconds=2,
        )
        made = House(settings, tmp_path)
        yield made
        made.stop()

    @pytest.fixture
    def opened(self, house: House, tenant: str) -> Iterator[Resources]:
        with open_resources(house.settings) as resources:
            operations.check_startup(resources)
            make_key(resources, tenant)
            yield resources

    def test_a_job_whose_worker_is_killed_is_finished_by_another_one(self, house, opened, llm, tenant):
        principal = principal_of(tenant)
        llm.queue.append(Answer(value=OSLO, delay=30))
        llm.on_chat = lambda messages: OSLO
        killed = house.start("worker")
        job_id = accept(opened, principal)
        until(lambda: len(llm.chats()) == 1)
        assert jobs.get_job(opened, principal, job_id).status == "running"
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
        house.start("worker", "--beat")
        job = until(lambda: succeeded(opened, principal, job_id), 45)
        assert job.attempts == 2
        assert list(house.logs.glob("celerybeat*")) == [], "the clock keeps no file in the working directory"
        assert contents(opened, principal) == ["Ann lives in Oslo."]
        assert [one.extracted for one in job.turns] == [1]

    def test_a_worker_that_is_told_to_end_finishes_its_job_first(self, house, opened, llm, tenant):
        principal = principal_of(tenant)
        llm.queue.append(Answer(value=OSLO, delay=2))
        ended = house.start("worker")
        job_id = accept(opened, principal)
        until(lambda: len(llm.chats()) == 1)
        ended.terminate()
        assert ended.wait(20) == 0
        job = jobs.get_job(opened, principal, job_id)
        assert (job.status, job.attempts) == ("succeeded", 1)
        assert contents(opened, principal) == ["Ann lives in Oslo."]


class TestWithoutTheBroker:
    def test_turns_accepted_while_it_was_down_are_processed_when_it_is_back(
        self, servers: Servers, tmp_path: Path, tenant: str
    ):
        servers.new_database("brokerless")
        valkey = EmbeddedValkey(tmp_path).start()
        house = House(servers.settings("brokerless", redis_url=valkey.redis_url, lease_seconds=2), tmp_path)
        principal = principal_of(tenant)
        try:
            with open_resources(house.settings) as resources:
                operations.check_startup(resources)
                make_key(resources, tenant)
                house.start("worker")
                house.start("beat")
                first = accept(resources, principal)
                until(lambda: succeeded(resources, principal, first))
                valkey.stop()
                second = accept(resources, principal, "I work at Acme.")
                assert jobs.get_job(resources, principal, second).status == "queued"
                valkey.start()
                until(lambda: succeeded(resources, principal, second), 45)
                assert sorted(contents(resources, principal)) == ["Ann lives in Oslo", "Ann works at Acme"]
        finally:
            house.stop()
            valkey.stop()
