"""Places over HTTP: filters by name and by distance, and the order within a place."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import post, remember, search, turn

OSLO = {"name": "Café Fedora, Oslo", "lat": 59.9139, "lon": 10.7522}
BERGEN = {"name": "Bergen", "lat": 60.3913, "lon": 5.3221}
NOWHERE = {"name": "Oslo"}


def lunch(client: TestClient, content: str, place: dict[str, Any] | None, day: int = 1) -> str:
    body = {"user_id": "ann", "content": content, "kind": "event", "form": "event", "place": place}
    dates = {"event_from": f"2025-03-{day:02}T00:00:00Z", "event_to": f"2025-03-{day + 1:02}T00:00:00Z"}
    answer = client.post("/v1/memories", json=body | dates)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def listed(client: TestClient, path: str = "memories", **params: Any) -> list[str]:
    answer = client.get(f"/v1/{path}", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.fixture
def lunches(client: TestClient) -> dict[str, str]:
    return {
        "later": lunch(client, "Ann had lunch with Bo", OSLO, day=9),
        "bergen": lunch(client, "Ann had lunch with Cy", BERGEN, day=5),
        "nowhere": lunch(client, "Ann had lunch with Di", NOWHERE, day=4),
        "earlier": lunch(client, "Ann had lunch with Ed", OSLO, day=2),
        "unknown": lunch(client, "Ann had lunch with Flo", None, day=3),
    }


class TestMemories:
    def test_by_the_words_of_the_name(self, client, lunches):
        assert set(listed(client, place="oslo")) == {lunches[n] for n in ("later", "nowhere", "earlier")}
        assert set(listed(client, place="oslo fedora")) == {lunches["later"], lunches["earlier"]}
        assert listed(client, place="osl") == []

    def test_other_letters_are_found_in_any_case_now_and_as_it_stood(self, client):
        made = lunch(client, "Ann skied", {"name": "ÅRE Straße"})
        for name in ("åre", "ÅRE", "straße"):
            assert listed(client, place=name) == [made]
            assert listed(client, place=name, known_at="9000-01-01T00:00:00Z") == [made]
        assert listed(client, place="strasse", known_at="9000-01-01T00:00:00Z") == []

    def test_by_distance(self, client, lunches):
        # Oslo to Bergen is 305 km as the crow flies.
        near = "59.91,10.75"
        assert set(listed(client, near=near)) == {lunches["later"], lunches["earlier"]}
        assert lunches["bergen"] not in listed(client, near=near, within_km=300)
        assert lunches["bergen"] in listed(client, near=near, within_km=310)
        assert listed(client, near=near, within_km=310, place="bergen") == [lunches["bergen"]]

    def test_as_it_stood(self, client, lunches):
        moment = "9000-01-01T00:00:00Z"
        for params in ({"place": "Oslo"}, {"near": "59.91,10.75", "within_km": 300}, {"place": "Café"}):
            assert listed(client, known_at=moment, **params) == listed(client, **params) != []

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"near": "91,0"}, "near"),
            ({"near": "here"}, "near"),
            ({"near": "1,2", "within_km": 0}, "within_km"),
            ({"place": "a\x00"}, "place"),
        ],
    )
    def test_bad_input_names_the_field(self, client, params, field):
        answer = client.get("/v1/memories", params={"user_id": "ann"} | params)
        assert answer.status_code == 422
        assert answer.json()["field"] == field


class TestTimeline:
    def test_order_within_a_place(self, client, lunches):
        found = listed(client, "timeline", place="Fedora")
        assert found == [lunches["earlier"], lunches["later"]]
        assert listed(client, "timeline", near="60.39,5.32", within_km=5) == [lunches["bergen"]]


class TestSearch:
    def test_only_memories_of_the_place(self, client, lunches):
        by_name = search(client, "Whom did Ann have lunch with?", filters={"place": "Oslo"})
        assert {item["id"] for item in by_name} == {lunches[n] for n in ("later", "nowhere", "earlier")}
        circle = {"lat": 60.39, "lon": 5.32, "km": 5}
        nearby = search(client, "Whom did Ann have lunch with?", filters={"near": circle})
        assert [item["id"] for item in nearby] == [lunches["bergen"]]

    def test_a_turn_by_where_it_was_said(self, client):
        here, _ = post(
            client,
            turn("Is there any jazz tonight?", place=OSLO),
            turn("Is there any jazz tonight?", ref="2"),
        )["turn_ids"]
        found = search(client, "jazz tonight", filters={"place": "oslo"})
        assert [item["id"] for item in found] == [here]

    @pytest.mark.usefixtures("worker")
    def test_what_happened_there_stands_for_a_turn_said_elsewhere(self, client):
        remember(client, turn("I met Bo in Central Park yesterday.", name="Ann"))
        found = search(client, "met Bo", filters={"place": "central park"})
        assert [item["type"] for item in found] == ["memory"]

    def test_a_point_off_the_earth_is_refused(self, client):
        circle = {"lat": 91, "lon": 0, "km": 1}
        body = {"user_id": "ann", "query": "x", "filters": {"near": circle}}
        answer = client.post("/v1/search", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "filters.near.lat")
