"""Order and timeline over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.conftest import post, turn


def made(client: TestClient, content: str, **values: Any) -> str:
    answer = client.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def event(client: TestClient, content: str, day: int) -> str:
    start, end = (f"2025-03-{d:02}T00:00:00Z" for d in (day, day + 1))
    return made(client, content, kind="event", form="event", event_from=start, event_to=end)


def order(client: TestClient, first: str, second: str, user: str = "ann") -> Any:
    return client.get("/v1/order", params={"user_id": user, "first": first, "second": second})


def timeline(client: TestClient, **params: Any) -> Any:
    answer = client.get("/v1/timeline", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestOrder:
    def test_events_by_their_dates_with_the_evidence(self, client):
        later, earlier = event(client, "Ann sailed", 9), event(client, "Ann ran", 2)
        answer = order(client, later, earlier).json()
        assert answer["answer"] == "second"
        assert answer["second"]["from"].startswith("2025-03-02")
        assert answer["second"]["dated_by"] == "event"

    def test_turns_that_arrive_late_have_the_place_of_when_they_were_said(self, client):
        new = turn("New.", role="system", observed_at="2025-02-01T00:00:00Z")
        old = turn("Old.", role="system", observed_at="2025-01-01T00:00:00Z")
        first = post(client, new)["turn_ids"][0]
        late = post(client, old)["turn_ids"][0]
        assert order(client, first, late).json()["answer"] == "second"

    def test_turns_of_one_post_by_their_place(self, client):
        at = {"role": "system", "observed_at": "2025-02-01T00:00:00Z"}
        one, two = post(client, turn("One.", **at), turn("Two.", **at))["turn_ids"]
        assert order(client, one, two).json()["answer"] == "first"
        assert order(client, two, one).json()["answer"] == "second"
        assert order(client, one, one).json()["answer"] == "same"

    def test_two_ready_made_memories_of_one_moment_are_not_settled(self, client):
        at = "2025-01-01T00:00:00Z"
        one, two = made(client, "A", asserted_at=at), made(client, "B", asserted_at=at)
        assert order(client, one, two).json()["answer"] == "indeterminate"

    @pytest.mark.parametrize("field", ["first", "second"])
    def test_what_is_not_this_users_is_not_found(self, client, field):
        mine = made(client, "A")
        theirs = client.post("/v1/memories", json={"user_id": "bob", "content": "B"}).json()["id"]
        for strange in (theirs, str(uuid4())):
            answer = order(client, *((strange, mine) if field == "first" else (mine, strange)))
            assert (answer.status_code, answer.json()["field"]) == (404, field)

    def test_no_id_is_refused(self, client):
        answer = order(client, "x", str(uuid4()))
        assert answer.status_code == 422
        assert answer.json()["field"] == "first"


class TestTimeline:
    @pytest.fixture
    def filled(self, client: TestClient) -> TestClient:
        for day in (9, 2, 5):
            event(client, f"Day {day}", day)
        slot = {"subject": "ann", "attribute": "residence"}
        made(client, "Ann lives in Oslo", value="Oslo", asserted_at="2025-01-01T00:00:00Z", **slot)
        made(client, "Ann lives in Lima", value="Lima", asserted_at="2025-03-03T00:00:00Z", **slot)
        return client

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({}, ["Ann lives in Oslo", "Day 2", "Ann lives in Lima", "Day 5", "Day 9"]),
            ({"since": "2025-03-05T00:00:00Z"}, ["Day 5", "Day 9"]),
            ({"since": "2025-03-05T12:00:00Z"}, ["Day 5", "Day 9"]),
            ({"since": "2025-03-06T00:00:00Z"}, ["Day 9"]),
            ({"until": "2025-03-05T00:00:00Z"}, ["Ann lives in Oslo", "Day 2", "Ann lives in Lima"]),
            ({"kinds": ["event"]}, ["Day 2", "Day 5", "Day 9"]),
            ({"subject": "ann"}, ["Ann lives in Oslo", "Ann lives in Lima"]),
        ],
    )
    def test_dated_memories_come_in_order(self, filled, params, expected):
        assert [item["content"] for item in timeline(filled, **params)["items"]] == expected

    def test_what_has_ended_says_when(self, filled):
        oslo = timeline(filled, subject="ann")["items"][0]
        assert (oslo["status"], oslo["to"][:10]) == ("superseded", "2025-03-03")

    def test_pages_follow_each_other(self, filled):
        whole = [item["id"] for item in timeline(filled)["items"]]
        seen, cursor = [], {}
        while True:
            page = timeline(filled, limit=2, **cursor)
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert seen == whole

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"cursor": "nonsense"}, "cursor"),
            ({"since": "2025-03-05T00:00:00Z", "until": "2025-03-04T00:00:00Z"}, "since"),
            ({"until": "yesterday"}, "until"),
            ({"from": "2025-03-05T00:00:00Z", "to": "2025-03-04T00:00:00Z"}, "from"),
            ({"from": "yesterday"}, "from"),
            ({"kinds": ["song"]}, "kinds[0]"),
        ],
    )
    def test_bad_input_is_a_problem_that_names_the_field(self, client, params, field):
        answer = client.get("/v1/timeline", params={"user_id": "ann"} | params)
        assert answer.status_code == 422
        assert answer.json()["field"] == field
