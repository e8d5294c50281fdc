"""Health and metrics: open to all, and silent about tenants."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.core.version import VERSION
from app.core.vocabulary import LlmPurpose
from app.llm.client import Usage
from app.resources import Resources, open_resources
from app.services.operations import operations
from app.services.platform.llm_usage import record_llm_usage
from tests.conftest import Servers, app_of, client_of, make_key, post, principal_of, search, turn


@pytest.fixture(scope="module")
def idle_database(servers: Servers) -> str:
    """A database that no worker has ever served."""
    servers.new_database("idle")
    return "idle"


@pytest.fixture
def idle(servers: Servers, idle_database: str) -> Iterator[TestClient]:
    with open_resources(servers.settings(idle_database)) as opened:
        operations.check_startup(opened)
        with TestClient(app_of(opened)) as client:
            yield client


@pytest.fixture
def without_redis(servers: Servers) -> Iterator[Resources]:
    with open_resources(servers.settings(redis_url="redis://127.0.0.1:1/0")) as opened:
        yield opened


@pytest.fixture
def without_database(servers: Servers) -> Iterator[Resources]:
    with open_resources(servers.settings(database_url="postgresql://x@127.0.0.1:1/x")) as opened:
        yield opened


class TestHealthz:
    def test_answers_without_a_key(self, idle: TestClient):
        answer = idle.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": VERSION})

    def test_answers_without_a_database(self, without_database: Resources):
        with TestClient(app_of(without_database)) as client:
            assert client.get("/healthz").status_code == 200


class TestReadyz:
    @pytest.mark.usefixtures("worker")
    def test_is_ready_with_everything_there(self, client: TestClient):
        answer = client.get("/readyz")
        state = answer.json()
        assert (answer.status_code, state["status"]) == (200, "ready")
        assert {name: check["ok"] for name, check in state["checks"].items()} == {
            "database": True,
            "redis": True,
            "worker": True,
        }
        assert state["llm"] == "offline extractor"
        assert (state["embeddings"], state["embedding_dimensions"]) == ("local", 384)
        assert state["embedding_model"]

    def test_is_degraded_without_a_worker(self, idle: TestClient):
        answer = idle.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        checks = answer.json()["checks"]
        assert [name for name, check in checks.items() if not check["ok"]] == ["worker"]
        assert "turns wait" in checks["worker"]["detail"]

    def test_is_degraded_without_redis_and_says_so(self, without_redis: Resources):
        with TestClient(app_of(without_redis)) as client:
            answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["checks"]["redis"]["ok"] is False
        assert "slower" in answer.json()["checks"]["redis"]["detail"]

    def test_is_unavailable_without_a_database(self, without_database: Resources):
        with TestClient(app_of(without_database)) as client:
            answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")

    def test_a_request_without_a_database_is_told_to_come_back(self, without_database: Resources):
        with client_of(app_of(without_database), "mc_any") as client:
            answer = client.get("/v1/keys")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]


class TestWithoutRedis:
    def test_search_and_context_answer_the_same(
        self, client: TestClient, without_redis: Resources, tenant: str
    ):
        for content in ("The parcel is in the shed.", "The key is under the mat.", "Tea is in the tin."):
            post(client, turn(content, role="system"))
        memory = {"user_id": "ann", "content": "Ann plays the cello."}
        assert client.post("/v1/memories", json=memory).status_code == 201
        question = {"user_id": "ann", "query": "Where is the parcel?", "session_id": "s1"}
        before = client.post("/v1/context", json=question).json()
        with client_of(app_of(without_redis), make_key(without_redis, tenant)) as cut_off:
            for query in ("Where is the parcel?", "cello", "tea"):
                at = {"reference_time": "2030-01-01T00:00:00Z"}  # or the later one is older by a little
                # A worker may read the turns between the two searches.
                alike = [
                    [item | {"pending": None} for item in search(one, query, **at)]
                    for one in (cut_off, client)
                ]
                assert alike[0] == alike[1]
            after = cut_off.post("/v1/context", json=question).json()
            assert after == before | {"retrieval_id": None}

    def test_erasure_says_that_the_working_memory_was_not_reached(
        self, client: TestClient, without_redis: Resources, tenant: str
    ):
        post(client, turn("Hello.", role="system"))
        with client_of(app_of(without_redis), make_key(without_redis, tenant)) as cut_off:
            receipt = cut_off.delete("/v1/users/ann").json()
        assert receipt["working_memory_cleared"] is False
        assert receipt["remaining"] is None


class TestMetrics:
    @pytest.fixture
    def told(self, client: TestClient, resources: Resources, tenant: str) -> str:
        record_llm_usage(resources, principal_of(tenant), LlmPurpose.CHAT, Usage.of_answer(1.0))
        post(client, turn("The zanzibar parcel is in the shed.", ref="ref-77", role="system"), user="ann-77")
        search(client, "zanzibar", user="ann-77")
        client.get("/v1/turns", params={"user_id": "ann-77"})
        client.get("/v1/made-up-77")
        answer = client.get("/metrics", headers={"Authorization": ""})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text

    @pytest.mark.parametrize(
        "series",
        [
            r'memcubed_request_seconds_count\{method="POST",route="/v1/turns",status="202"\}',
            r'memcubed_search_stage_seconds_count\{stage="embed"\}',
            r'memcubed_search_stage_seconds_count\{stage="refresh"\}',
            r'memcubed_search_stage_seconds_count\{stage="rank"\}',
            r"memcubed_jobs_succeeded_total",
            r"memcubed_jobs_dead_total",
            r"memcubed_memories_written_total",
            r"memcubed_facts_refused_total",
            r"memcubed_llm_calls_total",
            r"memcubed_llm_failed_calls_total",
            r"memcubed_prompt_tokens_total",
            r"memcubed_completion_tokens_total",
            r'memcubed_llm_call_seconds_bucket\{le="4.0",purpose="chat"\}',
            r'memcubed_llm_call_seconds_bucket\{le="\+Inf",purpose="chat"\}',
            r'memcubed_llm_call_seconds_sum\{purpose="chat"\}',
            r'memcubed_llm_failed_call_seconds_count\{purpose="chat"\}',
        ],
    )
    def test_has_the_series(self, told: str, series: str):
        assert re.search(rf"^{series} [0-9.e+]+$", told, re.MULTILINE)

    def test_times_of_the_llm_are_those_of_all_tenants(self, client: TestClient, resources: Resources):
        def count(series: str) -> float:
            found = re.search(
                rf"^memcubed_llm_{series} ([0-9.e+]+)$", client.get("/metrics").text, re.MULTILINE
            )
            return float(found[1]) if found is not None else 0.0

        names = (
            r'call_seconds_bucket\{le="2.5",purpose="judgement"\}',
            r'call_seconds_bucket\{le="\+Inf",purpose="judgement"\}',
            r'call_seconds_sum\{purpose="judgement"\}',
            r'failed_call_seconds_count\{purpose="judgement"\}',
            r'failed_call_seconds_sum\{purpose="judgement"\}',
        )
        before = [count(name) for name in names]
        for tenant in ("one-of-many", "another-of-many"):
            make_key(resources, tenant)
            usage = Usage(3, 1, 10, 5, (2.0, 30.0), (7.0,))
            record_llm_usage(resources, principal_of(tenant), LlmPurpose.JUDGEMENT, usage)
        after = [count(name) for name in names]
        assert [b - a for a, b in zip(before, after, strict=True)] == [2, 4, 64, 2, 14]

    def test_counts_accepted_turns(self, client: TestClient, told: str):
        def count() -> float:
            page = client.get("/metrics").text
            return float(re.search(r"^memcubed_turns_accepted_total ([0-9.e+]+)$", page, re.MULTILINE)[1])

        before = count()
        post(client, turn("One.", ref="a"), turn("Two.", ref="b"))
        post(client, turn("One.", ref="a"))
        assert count() == before + 2

    def test_shows_the_jobs_that_wait_with_their_age(self, idle: TestClient, servers: Servers):
        with (
            open_resources(servers.settings("idle", redis_url="redis://127.0.0.1:1/0")) as opened,
            client_of(app_of(opened), make_key(opened, "waiting")) as client,
        ):
            post(client, turn("Hello."))
        page = idle.get("/metrics").text
        assert re.search(r'^memcubed_jobs\{stage="ingest",status="queued"\} 1.0$', page, re.MULTILINE)
        assert re.search(
            r'^memcubed_job_oldest_seconds\{stage="ingest",status="queued"\} [0-9.e-]+$', page, re.M
        )

    def test_shows_nothing_of_a_tenant(self, told: str, tenant: str):
        for word in (tenant, "ann-77", "zanzibar", "ref-77", "made-up-77"):
            assert word not in told

    def test_an_unknown_path_is_one_series(self, told: str):
        assert 'route="unmatched",status="404"' in told

    def test_answers_without_a_database(self, without_database: Resources):
        with TestClient(app_of(without_database)) as client:
            answer = client.get("/metrics")
        assert answer.status_code == 200
        assert "memcubed_request_seconds" in answer.text
