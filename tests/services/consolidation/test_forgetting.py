"""Forgetting with a clock that is set, on real rows; the stage is run here, without a worker."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.security import Principal
from app.resources import Resources
from app.services.consolidation import stage
from app.services.platform import jobs
from tests.conftest import app_of, client_of, make_key, principal_of

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def principal(tenant: str) -> Principal:
    return principal_of(tenant)


@pytest.fixture
def clock() -> list[datetime]:
    return [NOW]


@pytest.fixture
def timed(llm_resources: Resources, clock: list[datetime]) -> Resources:
    return replace(llm_resources, now=lambda: clock[0])


@pytest.fixture
def api(timed: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app_of(timed), make_key(timed, tenant)) as opened:
        yield opened


@pytest.fixture
def later(timed: Resources, clock: list[datetime], tenant: str) -> Callable[[float], Any]:
    """Set the clock `days` after now and run the consolidation."""

    def go(days: float) -> Any:
        clock[0] = NOW + days * DAY
        job_id = stage.enqueue_consolidation(timed, Principal(tenant), "ann")
        assert job_id is not None
        stage.run_consolidation(timed, tenant, "ann")
        return jobs.get_job(timed, principal_of(tenant), job_id)

    return go


def add(api: TestClient, content: str, **values: Any) -> Any:
    answer = api.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def state(api: TestClient, memory: Any) -> str:
    answer = api.get(f"/v1/memories/{memory['id']}")
    return answer.json()["status"] if answer.status_code == 200 else str(answer.status_code)


def move(api: TestClient, memory: Any, name: str, **body: Any) -> Any:
    return api.post(f"/v1/memories/{memory['id']}/{name}", json=body)


def listed(api: TestClient, *status: str, **params: Any) -> list[Any]:
    wanted = {"user_id": "ann", "status": list(status)} | params
    return api.get("/v1/memories", params=wanted).json()["items"]


def history(api: TestClient, memory: Any) -> list[Any]:
    return api.get(f"/v1/memories/{memory['id']}/history").json()["items"]


class TestFading:
    def test_what_nobody_uses_is_archived_with_a_reason_and_comes_back_when_said_again(self, api, later):
        memory = add(api, "Ann saw a heron.", importance=0.1)
        assert later(10).status == "succeeded"
        assert state(api, memory) == "activated"
        later(60)
        assert state(api, memory) == "archived"
        last = history(api, memory)[-1]
        assert (last["op"], last["actor"]) == ("archive", "forgetting")
        assert last["reason"].startswith("faded: R = 0.0")
        add(api, "Ann saw a heron.")
        assert state(api, memory) == "activated"

    def test_a_second_run_changes_nothing(self, api, later):
        memory = add(api, "Ann saw a heron.", importance=0.1)
        later(60)
        before = history(api, memory)
        later(60)
        assert history(api, memory) == before

    def test_of_two_equal_facts_the_one_said_on_several_days_lives(self, api, later, clock):
        once = add(api, "Ann saw a heron.", importance=0.1)
        often = add(api, "Ann saw a stork.", importance=0.1)
        for day in (1, 2):
            clock[0] = NOW + day * DAY
            add(api, "Ann saw a stork.", asserted_at=clock[0].isoformat())
        later(62)
        assert (state(api, once), state(api, often)) == ("archived", "activated")

    def test_archived_ones_are_out_of_the_search(self, api, later):
        add(api, "Ann saw a heron.", importance=0.1)
        later(60)
        found = api.post("/v1/search", json={"user_id": "ann", "query": "heron"}).json()
        assert found["items"] == []


class TestTimeToLive:
    def test_it_ends_the_memory_and_its_text(self, api, later):
        memory = add(api, "Ann hides a xylophone.", expires_at=(NOW + 2 * DAY).isoformat())
        later(1)
        assert state(api, memory) == "activated"
        later(3)
        assert state(api, memory) == "404"
        assert "xylophone" not in str(history(api, memory))

    def test_it_can_be_taken_away(self, api, later):
        memory = add(api, "Ann sings.", expires_at=(NOW + 2 * DAY).isoformat())
        headers = {"If-Match": "1"}
        answer = api.patch(f"/v1/memories/{memory['id']}", json={"expires_at": None}, headers=headers)
        assert (answer.status_code, answer.json()["expires_at"]) == (200, None)
        later(3)
        assert state(api, memory) == "activated"

    def test_beat_finds_whose_time_has_come(self, api, timed, clock, tenant):
        add(api, "Ann sings.", expires_at=(NOW + DAY).isoformat())
        clock[0] = NOW + 1.5 * DAY
        assert stage.schedule_consolidations(timed) >= 1
        stage.run_consolidation(timed, tenant, "ann")
        assert listed(api) == []


class TestMoves:
    def test_freeze_is_a_legal_hold(self, api, later):
        memory = add(api, "Ann saw a heron.", importance=0.1, expires_at=(NOW + DAY).isoformat())
        assert move(api, memory, "freeze", reason="a lawsuit").json()["frozen"] is True
        later(4000)
        assert state(api, memory) == "activated"
        assert api.delete(f"/v1/memories/{memory['id']}").status_code == 409
        assert move(api, memory, "archive").status_code == 409
        assert history(api, memory)[-1]["reason"] == "a lawsuit"
        move(api, memory, "unfreeze")
        later(4000)
        assert state(api, memory) == "404"

    def test_pin_keeps_from_fading(self, api, later):
        memory = add(api, "Ann saw a heron.", importance=0.1, pinned=True)
        later(4000)
        assert state(api, memory) == "activated"
        move(api, memory, "unpin")
        later(4000)
        assert state(api, memory) == "archived"

    def test_archive_and_restore(self, api):
        memory = add(api, "Ann saw a heron.")
        assert move(api, memory, "archive").json()["status"] == "archived"
        assert move(api, memory, "archive").json()["version"] == 2
        assert move(api, memory, "restore").json()["status"] == "activated"
        assert [entry["op"] for entry in history(api, memory)] == ["add", "archive", "restore"]

    def test_an_illegal_move_is_a_conflict(self, api):
        slot = {"subject": "ann", "attribute": "residence"}
        oslo = add(api, "Ann lives in Oslo.", value="oslo", **slot)
        add(api, "Ann lives in Bergen.", value="bergen", **slot)
        assert state(api, oslo) == "superseded"
        for name in ("restore", "archive"):
            answer = move(api, oslo, name)
            assert (answer.status_code, answer.json()["code"]) == (409, "conflict")

    def test_a_slot_that_was_taken_meanwhile_is_not_taken_back(self, api):
        slot = {"subject": "ann", "attribute": "residence"}
        oslo = add(api, "Ann lives in Oslo.", value="oslo", **slot)
        move(api, oslo, "archive")
        add(api, "Ann lives in Bergen.", value="bergen", **slot)
        assert state(api, oslo) == "superseded"
        assert move(api, oslo, "restore").status_code == 409

    def test_history_that_arrives_late_does_not_warm_up_what_is_archived(self, api):
        slot = {"subject": "ann", "attribute": "residence"}
        bergen = add(api, "Ann lives in Bergen.", value="bergen", **slot)
        move(api, bergen, "archive")
        add(api, "Ann lives in Oslo.", value="oslo", asserted_at="2020-01-01T00:00:00Z", **slot)
        assert state(api, bergen) == "archived"

    def test_unknown_ids_are_not_found(self, api):
        answer = api.post("/v1/memories/019382f1-0000-7000-8000-000000000000/pin")
        assert answer.status_code == 404


class TestForget:
    def test_a_dry_run_says_what_and_why_and_changes_nothing(self, api):
        memory = add(api, "Ann saw a heron.", importance=0.1)
        body = {"user_id": "ann", "reference_time": (NOW + 60 * DAY).isoformat()}
        (item,) = api.post("/v1/forget", json=body).json()["items"]
        assert (item["memory_id"], item["action"], item["borderline"]) == (memory["id"], "archive", False)
        assert item["reason"].startswith("faded")
        assert state(api, memory) == "activated"

    def test_without_dry_run_a_job_does_it(self, api, timed, tenant, clock):
        memory = add(api, "Ann saw a heron.", importance=0.1)
        clock[0] = NOW + 60 * DAY
        answer = api.post("/v1/forget", json={"user_id": "ann", "dry_run": False}).json()
        assert len(answer["items"]) == 1
        stage.run_consolidation(timed, tenant, "ann")
        assert api.get(f"/v1/jobs/{answer['job_id']}").json()["status"] == "succeeded"
        assert state(api, memory) == "archived"

    def test_nothing_is_due_of_a_stranger(self, api):
        answer = api.post("/v1/forget", json={"user_id": "nobody", "dry_run": False}).json()
        assert answer == {"items": [], "dry_run": False, "job_id": None}

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({}, 422, "user_id"),
            ({"user_id": "ann", "dry_run": False, "reference_time": "2026-01-01T00:00:00Z"}, 422, None),
        ],
    )
    def test_bad_requests(self, api, body, status, field):
        answer = api.post("/v1/forget", json=body)
        assert answer.status_code == status
        if field:
            assert answer.json()["field"] == field


def deciding(action: str, summary: str = "Ann watched birds.") -> Callable[[Any], dict[str, Any]]:
    """A model that gives every memory the same judgement."""

    def answer(messages: list[dict[str, Any]]) -> dict[str, Any]:
        asked = json.loads(messages[-1]["content"])
        if "statements" in asked:
            return {"summary": summary}
        decided = [{"n": one["n"], "action": action, "reason": "told so"} for one in asked["memories"]]
        return {"decisions": decided}

    return answer


class TestJudgement:
    @pytest.mark.parametrize(
        ("action", "after"), [("keep", "activated"), ("archive", "archived"), ("condense", "archived")]
    )
    def test_the_model_decides_on_what_mattered(self, api, later, llm, action, after):
        llm.on_chat = deciding(action)
        memory = add(api, "Ann won the regatta.", importance=0.7, entities=["Ann"])
        job = later(4000)
        assert job.llm.calls == (2 if action == "condense" else 1)
        assert state(api, memory) == after
        assert history(api, memory)[-1]["reason"] == f"scripted: {action}: told so"
        summaries = [one["content"] for one in listed(api, "activated", kind="summary")]
        assert summaries == (["Ann watched birds."] if action == "condense" else [])

    def test_what_it_keeps_is_not_asked_about_the_next_day(self, api, later, llm):
        llm.on_chat = deciding("keep")
        add(api, "Ann won the regatta.", importance=0.7)
        later(4000)
        assert later(4001).llm.calls == 0

    def test_the_unimportant_is_never_put_to_it(self, api, later, llm):
        add(api, "Ann saw a heron.", importance=0.1)
        assert later(60).llm.calls == 0
        assert llm.chats() == []

    def test_a_silent_model_leaves_it_to_the_rules(self, api, later, llm):
        llm.on_chat = lambda messages: 500
        memory = add(api, "Ann won the regatta.", importance=0.7)
        assert later(4000).status == "succeeded"
        assert state(api, memory) == "archived"

    def test_so_does_a_spent_budget(self, api, later, llm, timed):
        timed.settings.consolidation_calls_per_day = 0
        llm.on_chat = deciding("keep")
        memory = add(api, "Ann won the regatta.", importance=0.7)
        assert later(4000).llm.calls == 0
        assert state(api, memory) == "archived"


class TestCondensing:
    BIRDS = ("a heron", "a stork", "a crane", "an egret", "a bittern")

    @pytest.mark.parametrize("answers", [True, False])
    def test_what_fades_together_leaves_one_summary(self, api, later, llm, answers):
        llm.on_chat = deciding("archive") if answers else lambda messages: 500
        facts = [add(api, f"Ann saw {bird}.", importance=0.1, entities=["Ann"]) for bird in self.BIRDS]
        assert later(60).status == "succeeded"
        assert {state(api, fact) for fact in facts} == {"archived"}
        (summary,) = listed(api, "activated", kind="summary")
        told = "Ann watched birds." if answers else " ".join(f"Ann saw {bird}." for bird in self.BIRDS)
        assert summary["content"] == told
        assert summary["origin"] == "inference"
        assert "condensed from 5" in history(api, summary)[0]["reason"]
        found = api.post("/v1/search", json={"user_id": "ann", "query": "birds heron"}).json()
        assert [item["id"] for item in found["items"]] == [summary["id"]]
