"""Feedback through HTTP: what it strengthens, what the ranker learns, and what it refuses."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from app.services.consolidation import stage
from app.services.search import ranker
from tests.conftest import app_of, client_of, make_key, post, principal_of, turn, until
from tests.services.conftest import NOW

WORDS = "aloe basil cedar daisy elder fern gorse hazel iris jasmine kale lily mint nettle oak poppy"
PLANTS = re.findall(r"\w+", WORDS)


def note(api: TestClient, content: str, **more: Any) -> str:
    answer = api.post("/v1/memories", json={"user_id": "ann", "content": content} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def ask(api: TestClient, query: str, **more: Any) -> Any:
    answer = api.post("/v1/search", json={"user_id": "ann", "query": query} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def cite(api: TestClient, retrieval_id: str, *ids: str) -> Any:
    return api.post(f"/v1/retrievals/{retrieval_id}/feedback", json={"cited_ids": list(ids)})


def memory(api: TestClient, memory_id: str) -> Any:
    return api.get(f"/v1/memories/{memory_id}").json()


class TestFeedback:
    def test_says_what_was_shown_and_what_was_used(self, api: TestClient):
        cello, boat = note(api, "Ann plays the cello."), note(api, "Ann has a boat.")
        found = ask(api, "What does Ann play?")
        answer = cite(api, found["retrieval_id"], cello)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "retrieval_id": found["retrieval_id"],
            "user_id": "ann",
            "shown": 2,
            "cited_ids": [cello],
            "at": NOW.isoformat().replace("+00:00", "Z"),
        }
        assert {item["id"] for item in found["items"]} == {cello, boat}

    def test_the_same_again_changes_nothing(self, api: TestClient):
        cello = note(api, "Ann plays the cello.")
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        first = cite(api, shown, cello)
        before = memory(api, cello)
        assert cite(api, shown, cello, cello).json() == first.json()
        assert memory(api, cello) == before

    def test_other_feedback_on_the_same_retrieval_is_refused(self, api: TestClient):
        cello = note(api, "Ann plays the cello.")
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        cite(api, shown, cello)
        answer = cite(api, shown)
        assert (answer.status_code, answer.json()["field"]) == (409, "cited_ids")

    def test_what_was_not_shown_can_not_be_cited(self, api: TestClient):
        note(api, "Ann plays the cello.")
        shown = ask(api, "What does Ann play?", k=1)["retrieval_id"]
        answer = cite(api, shown, str(uuid4()))
        assert (answer.status_code, answer.json()["field"]) == (422, "cited_ids")
        assert api.get("/v1/ranker").json()["feedback"] == 0

    @pytest.mark.parametrize("body", [{}, {"cited_ids": ["x"]}, {"cited_ids": None}, {"cited": []}])
    def test_a_bad_body_is_refused(self, api: TestClient, body: Any):
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        assert api.post(f"/v1/retrievals/{shown}/feedback", json=body).status_code == 422

    def test_a_retrieval_that_never_was(self, api: TestClient):
        assert cite(api, str(uuid4())).status_code == 404

    def test_after_erasure_there_is_nothing_to_feed_back_on(self, api: TestClient):
        cello = note(api, "Ann plays the cello.")
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        assert api.delete("/v1/users/ann").status_code == 200
        assert cite(api, shown, cello).status_code == 404

    def test_a_key_that_only_reads_gives_none(self, api: TestClient, timed: Resources, tenant: str):
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        with client_of(app_of(timed), make_key(timed, tenant, KeyScope.READ)) as reader:
            assert cite(reader, shown).status_code == 403

    def test_a_key_of_another_user_does_not_see_it(self, api: TestClient, timed: Resources, tenant: str):
        note(api, "Ann plays the cello.")
        shown = ask(api, "What does Ann play?")["retrieval_id"]
        key = make_key(timed, tenant, KeyScope.WRITE, user_id="bob")
        with client_of(app_of(timed), key) as bob:
            assert cite(bob, shown).status_code == 404
            assert cite(bob, shown, str(uuid4())).status_code == 404
            assert bob.get("/v1/ranker").status_code == 403
            assert bob.post("/v1/ranker/reset").status_code == 403

    def test_a_context_takes_feedback_on_all_that_it_shows(self, api: TestClient):
        said = post(api, turn("I play the cello.", name="Ann", observed_at="2026-05-01T10:00:00Z"))
        held = note(api, "Ann plays the cello.", importance=0.9)
        body = {"user_id": "ann", "query": "What does Ann play?", "session_id": "s1"}
        block = api.post("/v1/context", json=body).json()
        assert block["memory_ids"] == [held]
        assert block["turn_ids"] == said["turn_ids"]
        answer = cite(api, block["retrieval_id"], held, *said["turn_ids"])
        assert answer.status_code == 200, answer.text


class TestStrength:
    def test_a_memory_that_is_cited_on_three_days_outlives_one_that_is_not(
        self, api: TestClient, timed: Resources, tenant: str, clock: list[datetime]
    ):
        cello = note(api, "Ann plays the cello.", importance=0.1)
        boat = note(api, "Ann has a boat.", importance=0.1)
        before = memory(api, cello)
        for day in (1, 2, 3):
            clock[0] = NOW + timedelta(days=day)
            cite(api, ask(api, "What does Ann play?")["retrieval_id"], cello)
        after = memory(api, cello)
        assert after["strength"] == pytest.approx(before["strength"] + 3)
        assert after["layer"] == "long"
        assert after["version"] == before["version"]
        clock[0] = NOW + timedelta(days=60)
        stage.enqueue_consolidation(timed, principal_of(tenant), "ann")
        stage.run_consolidation(timed, tenant, "ann")
        assert memory(api, cello)["status"] == "activated"
        assert memory(api, boat)["status"] == "archived"

    def test_twice_on_one_day_counts_once(self, api: TestClient, clock: list[datetime]):
        cello = note(api, "Ann plays the cello.")
        before = memory(api, cello)["strength"]
        tomorrow = (NOW + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        for hour in (0, 23.9):
            clock[0] = tomorrow + timedelta(hours=hour)
            cite(api, ask(api, "What does Ann play?")["retrieval_id"], cello)
        assert memory(api, cello)["strength"] == pytest.approx(before + 1)

    def test_a_minute_before_and_after_midnight_are_two_days(self, api: TestClient, clock: list[datetime]):
        cello = note(api, "Ann plays the cello.")
        before = memory(api, cello)["strength"]
        midnight = (NOW + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0)
        for minute in (-1, 1):
            clock[0] = midnight + timedelta(minutes=minute)
            cite(api, ask(api, "What does Ann play?")["retrieval_id"], cello)
        assert memory(api, cello)["strength"] == pytest.approx(before + 2)

    def test_what_is_said_again_keeps_its_citations(self, api: TestClient, clock: list[datetime]):
        cello = note(api, "Ann plays the cello.")
        clock[0] = NOW + timedelta(days=1)
        cite(api, ask(api, "What does Ann play?")["retrieval_id"], cello)
        cited = memory(api, cello)["strength"]
        clock[0] = NOW + timedelta(days=2)
        assert note(api, "Ann plays the cello.") == cello
        assert memory(api, cello)["strength"] == pytest.approx(cited + 1)


@pytest.fixture
def taught(api: TestClient, timed: Resources, tenant: str) -> float:
    """48 searches of which the newest notes are cited each time; useful@5 of the built-in ranker."""
    start = NOW - timedelta(days=20)
    for place, day in enumerate((*range(0, 20, 2), *range(1, 20, 2))):
        at = (start + timedelta(days=day)).isoformat()
        said = [turn(f"The {one} has {place} leaves.", name="Ann", observed_at=at) for one in PLANTS]
        post(api, *said, session=f"s{place}")
    share = 0.0
    for round_ in range(3):
        for plant in PLANTS:
            found = ask(api, f"Which leaves has the {plant}" + "?" * (round_ + 1))
            share += useful(found) / (3 * len(PLANTS))
            assert cite(api, found["retrieval_id"], *newest(found)).status_code == 200
    ranker.train_ranker(timed, tenant)
    return share


def newest(found: Any) -> list[str]:
    """The three items of an answer that were said last."""
    return [item["id"] for item in sorted(found["items"], key=lambda item: item["valid_from"])[-3:]]


def useful(found: Any) -> float:
    """The share of the newest three among the first five."""
    return len(set(newest(found)) & {item["id"] for item in found["items"][:5]}) / 3


class TestRanker:
    def test_is_the_built_in_one_at_first(self, api: TestClient):
        found = api.get("/v1/ranker").json()
        assert (found["version"], found["feedback"], found["training"]) == (0, 0, None)
        assert found["weights"]["recency"] == 0.0

    def test_learns_what_is_cited_and_puts_it_first(self, api: TestClient, taught: float):
        found = api.get("/v1/ranker").json()
        assert (found["version"], found["feedback"]) == (1, 48)
        assert found["training"]["promoted"]
        assert found["training"]["useful_after"] > found["training"]["useful_before"]
        assert found["weights"]["recency"] > 0
        after = sum(useful(ask(api, f"Which leaves has the {plant}")) for plant in PLANTS) / len(PLANTS)
        assert after > taught + 0.1
        explained = ask(api, "Which leaves has the fern", explain=True)["items"][0]
        assert explained["weights"]["recency"] == found["weights"]["recency"]

    def test_history_is_ranked_by_it_too(self, api: TestClient, taught: float):
        item = ask(api, "Which leaves has the fern", as_of=NOW.isoformat(), explain=True)["items"][0]
        assert item["weights"]["recency"] == api.get("/v1/ranker").json()["weights"]["recency"]

    def test_reset_brings_the_built_in_one_back_as_a_new_version(
        self, api: TestClient, taught: float, timed: Resources, tenant: str, clock: list[datetime]
    ):
        built_in = api.get("/v1/ranker").json()
        clock[0] += timedelta(minutes=1)
        reset = api.post("/v1/ranker/reset").json()
        assert (reset["version"], reset["feedback"], reset["training"]) == (2, 0, None)
        assert [one["reason"] for one in reset["versions"]] == ["reset", "learned"]
        assert reset["weights"] != built_in["weights"]
        assert ask(api, "Which leaves has the fern", explain=True)["items"][0]["weights"]["recency"] == 0.0
        clock[0] += timedelta(minutes=1)
        for _ in range(ranker.MIN_NEW_FEEDBACK):
            cite(api, ask(api, "Which leaves has the fern")["retrieval_id"])
        ranker.train_ranker(timed, tenant)
        after = api.get("/v1/ranker").json()
        assert (after["version"], after["feedback"]) == (2, ranker.MIN_NEW_FEEDBACK)
        assert after["training"]["learned_from"] == 0

    def test_another_tenant_keeps_its_own(self, taught: float, timed: Resources, tenant: str):
        with client_of(app_of(timed), make_key(timed, f"{tenant}-b")) as other:
            assert other.get("/v1/ranker").json()["version"] == 0

    def test_few_feedbacks_train_nothing(self, api: TestClient, timed: Resources, tenant: str):
        note(api, "Ann plays the cello.")
        for _ in range(ranker.MIN_NEW_FEEDBACK - 1):
            cite(api, ask(api, "What does Ann play?")["retrieval_id"])
        ranker.train_ranker(timed, tenant)
        assert api.get("/v1/ranker").json()["training"] is None

    def test_a_worker_learns_when_enough_is_new(self, client: TestClient, worker: None):
        note(client, "Ann plays the cello.")
        for _ in range(ranker.MIN_NEW_FEEDBACK):
            assert cite(client, ask(client, "What does Ann play?")["retrieval_id"]).status_code == 200
        until(lambda: client.get("/v1/ranker").json()["training"])
