"""`as_of` (what was true then) and `known_at` (what was recorded then) over HTTP."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, search, turn

QUERY = "Where does Ann live?"
CITIES = ("Oslo", "Bergen", "Lima", "Turin")


def iso(at: datetime) -> str:
    return at.isoformat()


def now() -> datetime:
    time.sleep(0.002)  # two records of one millisecond have no order
    at = datetime.now(UTC)
    time.sleep(0.002)
    return at


def lives(client: TestClient, city: str, since: str, user: str = "ann") -> str:
    body = {
        "user_id": user,
        "content": f"Ann lives in {city}",
        "subject": "ann",
        "attribute": "residence",
        "value": city,
        "asserted_at": since,
        "importance": 0.9,
    }
    answer = client.post("/v1/memories", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def current(client: TestClient, **clocks: str) -> list[str]:
    answer = client.get("/v1/memories", params={"user_id": "ann"} | clocks)
    assert answer.status_code == 200, answer.text
    return [item["content"] for item in answer.json()["items"]]


def everything(client: TestClient, known_at: str, ids: list[str], as_of: str | None = None) -> Any:
    """All that can be asked of one moment."""
    clocks = {"known_at": known_at} | ({"as_of": as_of} if as_of else {})
    statuses = ["activated", "superseded", "archived"]
    listed = client.get("/v1/memories", params={"user_id": "ann", "status": statuses} | clocks)
    ask = {"user_id": "ann", "query": QUERY} | clocks
    return {
        "list": listed.json(),
        "get": [client.get(f"/v1/memories/{one}", params=clocks).json() | {"request_id": 0} for one in ids],
        "search": client.post("/v1/search", json=ask | {"explain": True, "neighbours": 2}).json()
        | {"retrieval_id": 0},
        "superseded": client.post("/v1/search", json=ask | {"include_superseded": True}).json()
        | {"retrieval_id": 0},
        "context": client.post("/v1/context", json=ask | {"session_id": "s1"}).json() | {"retrieval_id": 0},
    }


class TestAsOf:
    @pytest.fixture
    def moved(self, client: TestClient) -> TestClient:
        for city, since in (("Oslo", "2020"), ("Bergen", "2022"), ("Oslo", "2024")):
            lives(client, city, f"{since}-01-01T00:00:00Z")
        return client

    @pytest.mark.parametrize(
        ("as_of", "expected"),
        [("2019", []), ("2021", ["Oslo"]), ("2023", ["Bergen"]), ("2025", ["Oslo"])],
    )
    def test_the_value_of_that_time_is_the_current_one(self, moved, as_of, expected):
        at = f"{as_of}-06-01T00:00:00Z"
        wanted = [f"Ann lives in {city}" for city in expected]
        assert current(moved, as_of=at) == wanted
        assert [item["content"] for item in search(moved, QUERY, as_of=at)] == wanted

    def test_a_value_that_came_back_has_the_interval_of_that_time(self, moved):
        (item,) = search(moved, QUERY, as_of="2021-06-01T00:00:00Z")
        assert (item["valid_from"][:4], item["valid_to"][:4]) == ("2020", "2022")

    def test_context_says_what_was_true_then(self, moved):
        body = {"user_id": "ann", "query": QUERY, "as_of": "2023-06-01T00:00:00Z"}
        text = moved.post("/v1/context", json=body).json()["text"]
        assert "Bergen" in text
        assert "Oslo" not in text

    def test_turns_said_later_are_left_out(self, client):
        post(client, turn("The boat is red.", role="system", observed_at="2021-01-01T00:00:00Z"))
        post(client, turn("The boat is blue.", role="system", observed_at="2023-01-01T00:00:00Z"))
        items = search(client, "boat", as_of="2022-01-01T00:00:00Z")
        assert [item["content"] for item in items] == ["The boat is red."]

    @pytest.mark.parametrize("clock", ["as_of", "known_at"])
    def test_a_time_without_a_zone_is_refused(self, client, clock):
        for answer in (
            client.get("/v1/memories", params={"user_id": "ann", clock: "2021-01-01T00:00:00"}),
            client.post("/v1/search", json={"user_id": "ann", "query": "x", clock: "2021-01-01T00:00:00"}),
        ):
            assert answer.status_code == 422
            assert clock in answer.json()["field"]


class TestKnownAt:
    def test_a_memory_made_later_was_not_there(self, client):
        before = now()
        made = lives(client, "Oslo", "2020-01-01T00:00:00Z")
        assert current(client, known_at=iso(before)) == []
        assert client.get(f"/v1/memories/{made}", params={"known_at": iso(before)}).status_code == 404
        assert search(client, QUERY, known_at=iso(before)) == []

    def test_an_edit_is_not_seen_before_it_was_made(self, client):
        made = lives(client, "Oslo", "2020-01-01T00:00:00Z")
        before = now()
        answer = client.patch(
            f"/v1/memories/{made}",
            json={"content": "Ann lives in Oslo, by the harbour", "metadata": {"a": 1}, "tags": ["home"]},
            headers={"If-Match": "1"},
        )
        assert answer.status_code == 200, answer.text
        seen = client.get(f"/v1/memories/{made}", params={"known_at": iso(before)}).json()
        assert (seen["content"], seen["metadata"], seen["tags"], seen["version"]) == (
            "Ann lives in Oslo",
            {},
            [],
            1,
        )
        assert search(client, QUERY, known_at=iso(before))[0]["content"] == "Ann lives in Oslo"

    def test_a_value_learnt_late_does_not_change_what_was_known(self, client):
        lives(client, "Oslo", "2020-01-01T00:00:00Z")
        before = now()
        lives(client, "Bergen", "2021-01-01T00:00:00Z")
        at = "2022-01-01T00:00:00Z"
        assert current(client, as_of=at) == ["Ann lives in Bergen"]
        assert current(client, as_of=at, known_at=iso(before)) == ["Ann lives in Oslo"]

    def test_what_was_deleted_does_not_come_back(self, client):
        made = lives(client, "Oslo", "2020-01-01T00:00:00Z")
        between = now()
        assert client.delete(f"/v1/memories/{made}").status_code == 204
        assert current(client, known_at=iso(between)) == []
        assert search(client, QUERY, known_at=iso(between)) == []

    def test_pages_follow_each_other(self, client):
        for number in range(5):
            client.post("/v1/memories", json={"user_id": "ann", "content": f"Fact {number}"})
        params = {"user_id": "ann", "limit": 2, "known_at": iso(now())}
        seen = []
        while True:
            page = client.get("/v1/memories", params=params).json()
            seen += [item["content"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == [f"Fact {number}" for number in range(4, -1, -1)]

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_what_comes_later_changes_no_answer(self, resources: Resources, tenant: str, data):
        own = f"{tenant}-{data.draw(st.uuids())}"
        with client_of(app_of(resources), make_key(resources, own)) as client:
            ids = [step(client, data, []) for _ in range(data.draw(st.integers(1, 4)))]
            known_at = iso(now())
            as_of = data.draw(st.sampled_from([None, "2020-06-01T00:00:00Z", "2023-06-01T00:00:00Z"]))
            ids = [one for one in ids if one]
            before = everything(client, known_at, ids, as_of)
            for _ in range(data.draw(st.integers(1, 4))):
                step(client, data, ids)
            assert everything(client, known_at, ids, as_of) == before


def step(client: TestClient, data: st.DataObject, ids: list[str]) -> str | None:
    """One write: a turn, a value of the slot, an edit, or a move."""
    what = data.draw(
        st.sampled_from(["turn", "value", "edit", "archive", "pin"] if ids else ["turn", "value"])
    )
    year = data.draw(st.integers(2018, 2025))
    if what == "turn":
        text = f"Ann said that {data.draw(st.sampled_from(CITIES))} is nice in {year}."
        post(client, turn(text, role="system", observed_at=f"{year}-01-01T00:00:00Z"))
        return None
    if what == "value":
        return lives(client, data.draw(st.sampled_from(CITIES)), f"{year}-01-01T00:00:00Z")
    chosen = data.draw(st.sampled_from(ids))
    memory = client.get(f"/v1/memories/{chosen}").json()
    if what == "edit":
        text = f"{memory['content']}, as of {year}"
        answer = client.patch(
            f"/v1/memories/{chosen}",
            json={"content": text, "tags": [str(year)], "importance": 0.1},
            headers={"If-Match": str(memory["version"])},
        )
    else:
        answer = client.post(f"/v1/memories/{chosen}/{what}", json={})
    assert answer.status_code in {200, 409}, answer.text
    return chosen
