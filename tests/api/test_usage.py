"""GET /v1/usage: what the LLM was asked for, how long it took, and who may know it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from app.core.histograms import count_by_bound
from app.core.vocabulary import KeyScope, LlmPurpose, Stage
from app.db.repositories.platform import usage
from app.llm.client import Usage
from app.resources import Resources
from app.services.consolidation import stage
from app.services.ingestion import embed_turns, extraction
from app.services.platform.llm_usage import record_llm_usage
from tests.conftest import app_of, client_of, make_key, post, principal_of, turn
from tests.fakes import Answer, ScriptedLLM
from tests.services.conftest import scripted

PURPOSES = list(LlmPurpose)
NAMES = {
    "purpose", "calls", "failed_calls", "prompt_tokens", "completion_tokens",
    "mean_seconds", "median_seconds", "slow_seconds", "failure_seconds",
}  # fmt: skip


def usage_of(client: TestClient, **query: Any) -> Any:
    answer = client.get("/v1/usage", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_purpose(client: TestClient) -> dict[str, Any]:
    return {one["purpose"]: one for one in usage_of(client)["llm"]}


def run_jobs(resources: Resources, tenant: str) -> None:
    """Do the worker's part."""
    embed_turns.run_embedding(resources, tenant, "ann")
    extraction.run_extraction(resources, tenant, "ann")


@pytest.fixture
def asked(llm_resources: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app_of(llm_resources), make_key(llm_resources, tenant)) as client:
        yield client


def record(resources: Resources, tenant: str, purpose: LlmPurpose, *answers: float, failed: Any = ()) -> None:
    usage = Usage(len(answers) + len(failed), len(failed), 10, 5, answers, tuple(failed))
    record_llm_usage(resources, principal_of(tenant), purpose, usage)


class TestRecorded:
    """Each call where it is made, by a model that takes its time."""

    def test_extraction(self, asked: TestClient, llm_resources: Resources, llm: ScriptedLLM, tenant: str):
        llm.queue += [Answer(value={"facts": []}, delay=0.3)]
        post(asked, turn("I live in Oslo."), close_session=True)
        run_jobs(llm_resources, tenant)
        row = by_purpose(asked)["extraction"]
        assert (row["calls"], row["failed_calls"], row["prompt_tokens"]) == (1, 0, 10)
        assert 0.3 <= row["mean_seconds"] < 5
        assert 0.25 <= row["median_seconds"] < 5

    def test_derivation(self, asked: TestClient, llm_resources: Resources, llm: ScriptedLLM, tenant: str):
        llm.on_chat = scripted
        post(asked, turn("I live in Oslo.", name="Ann"), turn("I like tea.", name="Ann"), close_session=True)
        run_jobs(llm_resources, tenant)
        stage.enqueue_consolidation(llm_resources, principal_of(tenant), "ann")
        stage.run_consolidation(llm_resources, tenant, "ann")
        rows = by_purpose(asked)
        assert rows["extraction"]["calls"] == 1
        assert rows["derivation"]["calls"] >= 1
        total = sum(day["llm_calls"] for day in usage_of(asked)["days"])
        assert sum(row["calls"] for row in rows.values()) == total

    def test_calls_that_fail(
        self, asked: TestClient, llm_resources: Resources, llm: ScriptedLLM, tenant: str
    ):
        llm.queue += [Answer(status=400, delay=0.2)] * 9
        post(asked, turn("I live in Oslo."), close_session=True)
        run_jobs(llm_resources, tenant)
        row = by_purpose(asked)["extraction"]
        assert row["calls"] == row["failed_calls"] >= 1
        assert row["failure_seconds"] >= 0.2
        assert (row["mean_seconds"], row["median_seconds"], row["slow_seconds"]) == (None, None, None)

    @pytest.mark.parametrize("is_streamed", [False, True])
    def test_an_answer(self, asked: TestClient, llm: ScriptedLLM, is_streamed: bool):
        post(asked, turn("The parcel is in the shed.", role="system"))
        reply = {"sub_questions": [], "claims": [{"text": "In the shed.", "sources": [1]}], "missing": ""}
        llm.queue += [Answer(value=reply, delay=0.3)]
        body = {"user_id": "ann", "query": "Where is the parcel?", "stream": is_streamed}
        assert asked.post("/v1/answer", json=body).status_code == 200
        row = by_purpose(asked)["answer"]
        assert (row["calls"], row["failed_calls"]) == (1, 0)
        assert 0.3 <= row["mean_seconds"] < 5

    def test_a_stream_that_breaks(self, asked: TestClient, llm: ScriptedLLM):
        post(asked, turn("The parcel is in the shed.", role="system"))
        reply = {"sub_questions": [], "claims": [{"text": "In the shed.", "sources": [1]}], "missing": ""}
        llm.queue += [Answer(value=reply, cut=3, delay=0.2), Answer(value=reply)]
        body = {"user_id": "ann", "query": "Where is the parcel?", "stream": True}
        assert "event: answer" in asked.post("/v1/answer", json=body).text
        row = by_purpose(asked)["answer"]
        assert (row["calls"], row["failed_calls"]) == (2, 1)
        assert row["failure_seconds"] >= 0.2

    def test_nothing_without_an_llm(self, client: TestClient):
        post(client, turn("Hello.", role="system"))
        assert usage_of(client)["llm"] == []


class TestReport:
    def test_adds_up_by_purpose_and_day(self, asked: TestClient, llm_resources: Resources, tenant: str):
        record(llm_resources, tenant, LlmPurpose.EXTRACTION, *[2.0] * 90, *[30.0] * 10)
        record(llm_resources, tenant, LlmPurpose.ANSWER, 0.5, failed=[60.0, 20.0])
        earlier = replace(llm_resources, now=lambda: llm_resources.now() - timedelta(days=2))
        record(earlier, tenant, LlmPurpose.ANSWER, 0.5, 0.5)
        report = usage_of(asked, days=7)
        rows = {one["purpose"]: one for one in report["llm"]}
        assert list(rows) == ["extraction", "answer"]
        assert set(rows["answer"]) == NAMES
        assert (rows["extraction"]["calls"], rows["extraction"]["mean_seconds"]) == (100, 4.8)
        assert 1.6 <= rows["extraction"]["median_seconds"] <= 2.5
        assert 25 <= rows["extraction"]["slow_seconds"] <= 40
        assert (rows["answer"]["calls"], rows["answer"]["failed_calls"]) == (5, 2)
        assert (rows["answer"]["failure_seconds"], rows["answer"]["prompt_tokens"]) == (40.0, 20)
        assert 0.4 <= rows["answer"]["slow_seconds"] <= 0.63
        days = report["days"]
        assert [day["day"] for day in days] == [
            str(date.fromisoformat(days[-1]["day"]) - timedelta(days=left)) for left in range(6, -1, -1)
        ]
        assert [day["llm_calls"] for day in days] == [0, 0, 0, 0, 2, 0, 103]
        assert 0.4 <= days[4]["llm_slow_seconds"] <= 0.63
        assert 25 <= days[6]["llm_slow_seconds"] <= 40
        assert (days[5]["llm_median_seconds"], days[5]["median_seconds"]) == (None, None)

    def test_days_before_are_left_out(self, asked: TestClient, llm_resources: Resources, tenant: str):
        earlier = replace(llm_resources, now=lambda: llm_resources.now() - timedelta(days=1))
        record(earlier, tenant, LlmPurpose.CHAT, 1.0)
        assert usage_of(asked, days=1)["llm"] == []
        assert [one["purpose"] for one in usage_of(asked, days=2)["llm"]] == ["chat"]

    def test_another_tenants_are_not_in_it(self, asked: TestClient, llm_resources: Resources):
        make_key(llm_resources, "somebody-else")
        record(llm_resources, "somebody-else", LlmPurpose.CHAT, 1.0)
        assert usage_of(asked)["llm"] == []

    def test_calls_at_the_same_time_all_count(self, asked: TestClient, llm_resources: Resources, tenant: str):
        def work(purpose: LlmPurpose) -> None:
            for _ in range(10):
                record(llm_resources, tenant, purpose, 1.5, failed=[2.0])

        threads = [threading.Thread(target=work, args=(purpose,)) for purpose in PURPOSES for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        rows = by_purpose(asked)
        assert {one: (rows[one]["calls"], rows[one]["failed_calls"]) for one in rows} == {
            one.value: (40, 20) for one in PURPOSES
        }
        assert {one["mean_seconds"] for one in rows.values()} == {1.5}

    def test_what_is_stored_is_one_row_a_day_and_purpose(
        self, asked: TestClient, llm_resources: Resources, tenant: str
    ):
        for number in range(50):
            record(llm_resources, tenant, PURPOSES[number % 5], 0.01 * number, 3.0 * number, failed=[number])
        with llm_resources.open_transaction(principal_of(tenant)) as session:
            rows = session.execute(text("SELECT purpose, counts FROM llm_times")).all()
        assert sorted(row.purpose for row in rows) == sorted(PURPOSES)
        assert {len(row.counts) for row in rows} == {len(count_by_bound([]))}
        assert sum(sum(row.counts) for row in rows) == 100


class TestQuery:
    @pytest.mark.parametrize(
        "days", ["0", "-1", "367", "1.5", "many", "9" * 30, "1e2", "0x10", "null", "１２x", "7 days"]
    )
    def test_a_number_of_days_that_makes_no_sense_is_named(self, client: TestClient, days: str):
        answer = client.get("/v1/usage", params={"days": days})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["errors"][0]["field"] == "days"

    @pytest.mark.parametrize(("days", "count"), [(None, 30), (1, 1), (366, 366)])
    def test_as_many_days_as_asked_for(self, client: TestClient, days: int | None, count: int):
        given = {} if days is None else {"days": days}
        assert len(usage_of(client, **given)["days"]) == count

    def test_what_is_unknown_is_refused(self, client: TestClient):
        assert client.get("/v1/usage", params={"user_id": "ann"}).status_code == 422

    def test_a_key_of_one_user_sees_none_of_it(self, resources: Resources, tenant: str):
        key = make_key(resources, tenant, KeyScope.READ, user_id="ann")
        with client_of(app_of(resources), key) as bound:
            answer = bound.get("/v1/usage")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_a_key_that_reads_may(self, resources: Resources, tenant: str):
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            assert usage_of(reader, days=1)["jobs"] == []


class TestJobs:
    def test_are_read_from_indexes(
        self, owner: Engine, resources: Resources, client: TestClient, tenant: str
    ):
        """However many jobs a tenant has had, only those that the figures are of are read."""
        post(client, turn("Hello.", role="system"))
        with owner.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO jobs (tenant_id, id, user_id, session_id, stage, status, turns_total,"
                    " created_at, finished_at) SELECT :t, gen_random_uuid(), 'ann', 's1', 'extract',"
                    " 'succeeded', 1, at, at + interval '4 seconds'"
                    " FROM generate_series(now() - interval '300 days', now() - interval '1 day',"
                    " interval '20 minutes') AS days (at)"
                ),
                {"t": tenant},
            )
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE jobs"))
        since = datetime.now(UTC).date() - timedelta(days=7)
        calls: list[tuple[str, Any]] = []
        with resources.open_transaction(principal_of(tenant)) as session:
            connection = session.connection()
            listening = (connection, "before_cursor_execute", lambda *call: calls.append((call[2], call[3])))
            event.listen(*listening)
            usage.list_usage_days(session, tenant, since)
            usage.list_unfinished_counts(session, tenant)
            event.remove(*listening)
            plans = [
                "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", values).scalars())
                for sql, values in calls
            ]
        condition = next(
            line for line in plans[0].splitlines() if "Index Cond" in line and "finished_at" in line
        )
        assert "tenant_id" in condition
        assert "ix_jobs_succeeded" in plans[0]
        assert "ix_jobs_waiting" in plans[1]
        assert "ix_jobs_failed" in plans[1]
        assert not [plan for plan in plans if "Seq Scan on jobs" in plan]

    def test_that_did_not_succeed_are_counted(self, owner: Engine, client: TestClient, tenant: str):
        states = {"queued": 3, "running": 1, "failed": 2, "dead": 4, "succeeded": 5}
        post(client, turn("Hello.", role="system"))
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM jobs WHERE tenant_id = :t"), {"t": tenant})
            for place, (status, count) in enumerate(states.items()):
                connection.execute(
                    text(
                        "INSERT INTO jobs (tenant_id, id, user_id, session_id, stage, status, turns_total,"
                        " run_after, lease_until, created_at) SELECT :t, gen_random_uuid(), 'ann', 's1',"
                        " :stage, :s, 1, now() + interval '1 day', now() + interval '1 day',"
                        " now() - n * interval '1 hour' FROM generate_series(1, :count) AS jobs (n)"
                    ),
                    {"t": tenant, "s": status, "count": count, "stage": list(Stage)[place % 3]},
                )
        told = usage_of(client)["jobs"]
        assert {one["status"]: one["jobs"] for one in told} == {
            name: count for name, count in states.items() if name != "succeeded"
        }
        ages = {one["status"]: datetime.now(UTC) - datetime.fromisoformat(one["oldest"]) for one in told}
        assert {name: round(age / timedelta(hours=1)) for name, age in ages.items()} == {
            name: count for name, count in states.items() if name != "succeeded"
        }
