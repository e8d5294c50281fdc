"""Requests that wait for a job: what they are told, and that nobody else waits with them."""

import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import Engine, text

from app.api.entrance.admission_limits import AdmissionLimits
from app.core.vocabulary import JobStatus, KeyScope
from app.db.session import open_engine
from app.main import create_app
from app.resources import Resources
from tests.conftest import Servers, make_key, turn, until, without_worker
from tests.served import NO_AUTHORITIES, head, served

PATHS = ["/v1/search", "/v1/context"]
ONE, OTHER = "t-waits", "t-waits-too"


@dataclass(frozen=True)
class Service:
    """A served app whose jobs end when the test says so, and keys."""

    url: str
    port: int
    resources: Resources
    keys: dict[str, str]

    def client(self, key: str) -> httpx.Client:
        limits = httpx.Limits(max_connections=100)
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=60, limits=limits, verify=NO_AUTHORITIES
        )

    def post_turn(self, key: str, user: str = "ann") -> str:
        body = {"user_id": user, "session_id": "s", "turns": [turn("I live in Oslo.")]}
        with self.client(key) as client:
            return client.post("/v1/turns", json=body).raise_for_status().json()["job_id"]

    def ask(self, key: str, path: str, job: str, seconds: Any, **more: Any) -> httpx.Response:
        body = {"user_id": "ann", "query": "Oslo", "wait_for": job, "wait_seconds": seconds} | more
        with self.client(key) as client:
            return client.post(path, json=body)


@pytest.fixture(scope="module")
def service(servers: Servers) -> Iterator[Service]:
    with without_worker(servers, "waits", 9) as resources:
        made = {
            "one": make_key(resources, ONE),
            "two": make_key(resources, ONE, KeyScope.READ),
            "bound": make_key(resources, ONE, KeyScope.READ, user_id="ann"),
            "bob": make_key(resources, ONE, KeyScope.READ, user_id="bob"),
            "other": make_key(resources, OTHER),
        }
        limits = AdmissionLimits(
            max_waiting=24, max_waiting_per_key=16, max_running_per_key=2, max_queued_per_key=30
        )
        with served(create_app(resources=resources, limits=limits)) as port:
            yield Service(f"http://127.0.0.1:{port}", port, resources, made)


@pytest.fixture(scope="module")
def job(service: Service) -> str:
    """A job that never ends."""
    return service.post_turn("one")


@pytest.fixture(scope="module")
def database(servers: Servers, service: Service) -> Iterator[Engine]:
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", "/waits?"), pool_size=1)
    yield engine
    engine.dispose()


def end(database: Engine, job: str, status: JobStatus) -> None:
    with database.begin() as connection:
        sql = text("UPDATE jobs SET status = :status, finished_at = now() WHERE id = :id")
        connection.execute(sql, {"status": status, "id": UUID(job)})


def count_frames(*names: str) -> int:
    """How many threads of this process, which serves the app, are inside one of these functions."""
    stacks = sys._current_frames().values()
    return sum(frame.f_code.co_name in names for stack in stacks for frame, _ in traceback.walk_stack(stack))


@pytest.mark.parametrize("path", PATHS)
class TestWhatIsTold:
    @pytest.mark.parametrize("seconds", [0, 0.0, 1e-9, 1e-300, 0.049, 0.2])
    def test_a_job_that_does_not_end_in_time(self, service: Service, job: str, path: str, seconds: float):
        answer = service.ask("one", path, job, seconds)
        assert (answer.status_code, answer.json()["waited"]) == (200, False)

    @pytest.mark.parametrize("seconds", [-1, 30.000001, 1e300, "NaN", "Infinity", None, "soon", True, [1]])
    def test_seconds_that_are_none(self, service: Service, job: str, path: str, seconds: Any):
        answer = service.ask("one", path, job, seconds)
        if seconds is True:  # a number to Pydantic, as it was
            assert answer.status_code == 200
            return
        assert (answer.status_code, answer.json()["field"]) == (422, "wait_seconds")

    @pytest.mark.parametrize("status", [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.DEAD])
    @pytest.mark.parametrize("seconds", [0, 30])
    def test_a_job_that_has_ended(
        self, service: Service, database: Engine, path: str, status: JobStatus, seconds: float
    ):
        own = service.post_turn("one")
        end(database, own, status)
        assert service.ask("bound", path, own, seconds).json()["waited"] is True

    def test_a_job_that_ends_meanwhile(self, service: Service, database: Engine, path: str):
        own = service.post_turn("one")
        threading.Timer(0.3, end, (database, own, JobStatus.SUCCEEDED)).start()
        started = time.monotonic()
        assert service.ask("two", path, own, 30).json()["waited"] is True
        assert time.monotonic() - started < 20

    def test_a_job_that_is_erased_meanwhile(self, service: Service, path: str):
        own = service.post_turn("one", "eve")
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(service.ask, "one", path, own, 30, user_id="eve")
            time.sleep(0.3)
            with service.client("one") as client:
                assert client.delete("/v1/users/eve").status_code == 200
            answer = asked.result()
        assert (answer.status_code, answer.json()["field"]) == (404, "wait_for")

    @pytest.mark.parametrize(
        ("key", "user", "status"), [("other", "ann", 404), ("bob", "bob", 404), ("bob", "ann", 403)]
    )
    @pytest.mark.parametrize("seconds", [0, 5])
    def test_a_job_of_another(
        self, service: Service, job: str, path: str, key: str, user: str, status: int, seconds: float
    ):
        assert service.ask(key, path, job, seconds, user_id=user).status_code == status

    @pytest.mark.parametrize("wrong", ["00000000-0000-7000-8000-000000000000", "x", "", 7])
    def test_a_job_that_there_is_not(self, service: Service, path: str, wrong: Any):
        answer = service.ask("one", path, wrong, 5)
        assert answer.status_code == (404 if isinstance(wrong, str) and len(wrong) == 36 else 422)
        assert answer.json()["field"] == "wait_for"

    def test_many_keys_at_once(self, service: Service, database: Engine, path: str):
        jobs = {key: service.post_turn(owner) for key, owner in (("two", "one"), ("other", "other"))}
        with ThreadPoolExecutor() as pool:
            asked = [
                pool.submit(service.ask, key, path, job, 30) for key, job in jobs.items() for _ in range(4)
            ]
            time.sleep(0.3)
            for own in jobs.values():
                end(database, own, JobStatus.SUCCEEDED)
            assert [one.result().json()["waited"] for one in asked] == [True] * 8


class TestWhoElseWaits:
    def test_45_of_one_key_hold_up_nobody(self, service: Service, database: Engine):
        job = service.post_turn("one")
        with ThreadPoolExecutor(45) as pool:
            asked = [pool.submit(service.ask, "two", PATHS[n % 2], job, 30) for n in range(45)]
            until(lambda: sum(one.done() for one in asked) == 29)
            # Of the same key, of another of the tenant and of another tenant: all before the first wait ends.
            for key in ("two", "one", "other"):
                with service.client(key) as client:
                    body = {"user_id": "ann", "query": "Oslo"}
                    assert [client.post(path, json=body).status_code for path in PATHS] == [200, 200]
            assert sum(one.done() for one in asked) == 29
            end(database, job, JobStatus.SUCCEEDED)
            answers = [one.result() for one in asked]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) == 29
        assert {answer.json()["code"] for answer in refused} == {"too_many_requests"}
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert [answer.json()["waited"] for answer in answers if answer.status_code == 200] == [True] * 16

    def test_50_that_wait_take_no_thread_and_the_51st_of_their_tenant_is_refused(
        self, service: Service, database: Engine
    ):
        job, theirs = service.post_turn("one"), service.post_turn("other")
        limits = AdmissionLimits(max_waiting_per_key=26, max_waiting_per_tenant=50)
        ask = {"user_id": "ann", "query": "Oslo", "wait_seconds": 30}
        app = create_app(resources=service.resources, limits=limits)
        with served(app) as port:
            near = replace(service, url=f"http://127.0.0.1:{port}", port=port)
            with ThreadPoolExecutor(50) as pool:
                asked = [
                    pool.submit(near.ask, key, PATHS[n % 2], job, 30)
                    for n in range(25)
                    for key in ("one", "two")
                ]
                # Asking instead would wait too, and take the place of one of them.
                until(lambda: [one.job_waiters._total for one in app.state.gates._controls.values()] == [50])
                answer = near.ask("two", PATHS[1], job, 30)
                assert (answer.status_code, answer.json()["detail"]) == (
                    429,
                    "At most 50 requests of a tenant wait for jobs.",
                )
                assert near.ask("other", PATHS[0], theirs, 0.05).json()["waited"] is False
                for key in ("one", "two", "other"):
                    with near.client(key) as client:
                        assert client.get("/v1/jobs", params={"user_id": "ann"}).status_code == 200
                        assert client.post("/v1/search", json=ask).status_code == 200
                        assert client.get("/healthz").status_code == 200
                assert not any(one.done() for one in asked)
                assert count_frames("_run_search", "_run_context", "must_wait_for_job") == 0
                end(database, job, JobStatus.SUCCEEDED)
                assert [one.result().json()["waited"] for one in asked] == [True] * 50

    def test_a_process_has_a_bound_too(self, service: Service, database: Engine):
        job = service.post_turn("one")
        theirs = service.post_turn("other")
        with ThreadPoolExecutor(30) as pool:
            asked = [pool.submit(service.ask, "two", "/v1/search", job, 30) for _ in range(16)]

            def are_all_waiting() -> bool:
                """What looks waits for a moment too, and may have taken the place of one of them."""
                for at, one in enumerate(asked):
                    if one.done():
                        asked[at] = pool.submit(service.ask, "two", "/v1/search", job, 30)
                return service.ask("two", "/v1/search", job, 0.01).status_code == 429

            until(are_all_waiting)
            asked += [pool.submit(service.ask, "other", "/v1/search", theirs, 30) for _ in range(14)]
            until(lambda: sum(one.done() for one in asked) == 6)
            end(database, job, JobStatus.SUCCEEDED)
            end(database, theirs, JobStatus.SUCCEEDED)
            statuses = sorted(one.result().status_code for one in asked)
        assert statuses == [200] * 24 + [503] * 6

    def test_no_seconds_are_five(self, service: Service, job: str):
        body = {"user_id": "ann", "query": "Oslo", "wait_for": job}
        started = time.monotonic()
        with service.client("one") as client:
            assert client.post("/v1/search", json=body).json()["waited"] is False
        assert time.monotonic() - started > 4.5

    def test_who_disconnects_waits_no_longer(self, service: Service, job: str):
        raw = orjson.dumps({"user_id": "ann", "query": "x", "wait_for": job, "wait_seconds": 30})
        first = head(
            "POST", "/v1/search", service.keys["two"],
            Content_Type="application/json", Content_Length=str(len(raw)),
        )  # fmt: skip
        held: list[socket.socket] = []

        def wait_for_job() -> None:
            held.append(socket.create_connection(("127.0.0.1", service.port), timeout=20))
            held[-1].sendall(first + raw)

        def are_all_waiting() -> bool:
            """What looks waits for a moment too, and may have taken the place of one of them."""
            if service.ask("two", "/v1/search", job, 0.01).status_code == 429:
                return True
            wait_for_job()
            return False

        for _ in range(2):  # more than there may be, if those before were still waited for
            for _ in range(16):
                wait_for_job()
            until(are_all_waiting)
            while held:
                held.pop().close()
            until(lambda: service.ask("two", "/v1/search", job, 0.01).status_code == 200)


class TestShare:
    def test_slow_requests_of_one_key_leave_threads_to_others(self, service: Service, database: Engine):
        """Two of a key run at once here, thirty more wait for their turn, the next is to come later."""
        with database.connect() as lock, ThreadPoolExecutor(40) as pool:
            with lock.begin():
                lock.execute(text("LOCK TABLE snapshots IN ACCESS EXCLUSIVE MODE"))

                def listed() -> int:
                    with service.client("two") as client:
                        return client.get("/v1/snapshots", params={"user_id": "ann"}).status_code

                asked = [pool.submit(listed) for _ in range(33)]
                until(lambda: any(one.done() for one in asked))
                with service.client("other") as client:
                    assert client.get("/v1/turns", params={"user_id": "ann"}).status_code == 200
            assert sorted(one.result() for one in asked) == [200] * 32 + [429]
