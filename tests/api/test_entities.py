"""Entities and typed relations over HTTP, with the offline extractor."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import remember, turn


def listed(client: TestClient, **params: Any) -> dict[str, Any]:
    answer = client.get("/v1/entities", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    return {item["name"]: item for item in answer.json()["items"]}


def near(client: TestClient, name: str, **params: Any) -> list[tuple[str, str, str]]:
    """(relation, direction, name) of each typed neighbour of an entity."""
    found = listed(client, name=name, **{k: v for k, v in params.items() if k in ("as_of", "known_at")})
    (entity,) = found.values()
    answer = client.get(f"/v1/entities/{entity['id']}/neighbours", params={"user_id": "ann"} | params)
    assert answer.status_code == 200, answer.text
    items = [(i["relation"], i["direction"], i["entity"]["name"]) for i in answer.json()["items"]]
    return [item for item in items if item[0] != "mentioned_with"]


def at(date: str) -> dict[str, str]:
    return {"observed_at": f"{date}T09:00:00Z"}


@pytest.mark.usefixtures("worker")
class TestRelations:
    def test_the_newer_manager_and_as_of_the_earlier_date_the_older_one(self, client):
        remember(client, turn("Ann manages Bo.", **at("2025-01-01")), session="s1")
        remember(client, turn("Cy manages Bo now.", **at("2025-06-01")), session="s2")
        assert near(client, "Bo") == [("manager", "out", "Cy")]
        assert near(client, "bo", as_of="2025-03-01T00:00:00Z") == [("manager", "out", "Ann")]
        assert near(client, "Cy") == [("manager", "in", "Bo")]
        both = near(client, "Bo", include_superseded=True)
        assert sorted(both) == [("manager", "out", "Ann"), ("manager", "out", "Cy")]

    def test_the_same_when_the_older_turn_comes_last(self, client):
        remember(client, turn("Cy manages Bo.", **at("2025-06-01")), session="s2")
        remember(client, turn("Bo reports to Ann.", **at("2025-01-01")), session="s1")
        assert near(client, "Bo") == [("manager", "out", "Cy")]
        assert near(client, "Bo", as_of="2025-03-01T00:00:00Z") == [("manager", "out", "Ann")]

    def test_own_relations_and_what_a_person_has(self, client):
        said = ["My wife Mia is a nurse.", "My brother Ed called.", "I work at Acme.", "Ed is Mia's brother."]
        remember(client, *(turn(text, name="Sam", ref=text) for text in said))
        own = {(relation, direction, name.lower()) for relation, direction, name in near(client, "Sam")}
        assert {("partner", "out", "mia"), ("employer", "out", "acme")} <= own
        assert ("brother", "out", "Ed") in near(client, "Mia")
        found = listed(client)
        assert found["Acme"]["type"] == "organisation"
        assert found["Ed"]["type"] == "person"

    def test_a_relation_that_is_over_is_not_there(self, client):
        remember(client, turn("Ann manages Bo.", **at("2025-01-01")), session="s1")
        remember(client, turn("Ann no longer manages Bo.", **at("2025-06-01")), session="s2")
        assert near(client, "Bo") == []
        assert near(client, "Bo", as_of="2025-03-01T00:00:00Z") == [("manager", "out", "Ann")]

    def test_a_question_tells_nothing(self, client):
        remember(
            client, turn("Ann manages Bo?"), turn("I heard that if Ann manages Bo we are lost.", ref="2")
        )
        assert listed(client) == {}


class TestEntities:
    def test_pages_by_name_and_other_spellings_are_one(self, client):
        for content, names in (("A", ["Bo", "Åsa"]), ("B", ["bo", "Cy"]), ("C", ["BO ", "Bo's"])):
            body = {"user_id": "ann", "content": content, "entities": names}
            assert client.post("/v1/memories", json=body).status_code == 201
        found = listed(client)
        assert [item["memories"] for item in found.values()] == [3, 1, 1]
        first = client.get("/v1/entities", params={"user_id": "ann", "limit": 2}).json()
        rest = client.get("/v1/entities", params={"user_id": "ann", "cursor": first["next_cursor"]}).json()
        assert [i["name"] for i in first["items"] + rest["items"]] == list(found)
        assert rest["next_cursor"] is None

    def test_named_together(self, client):
        body = {"user_id": "ann", "content": "Bo and Cy sailed", "entities": ["Bo", "Cy"]}
        memory = client.post("/v1/memories", json=body).json()
        path = f"/v1/entities/{listed(client, name='bo')['Bo']['id']}/neighbours"
        (item,) = client.get(path, params={"user_id": "ann"}).json()["items"]
        assert (item["relation"], item["entity"]["name"]) == ("mentioned_with", "Cy")
        assert item["memory_id"] == memory["id"]

    @pytest.mark.parametrize(
        ("attribute", "value", "expected"),
        [
            ("pet:dog", "Rex", [("pet:dog", "out", "rex")]),
            ("pet:rex", "yes", [("pet", "out", "rex")]),
            ("employer:acme", "yes", [("employer", "out", "acme")]),
            ("relation:friend:bo", "yes", [("friend", "out", "bo")]),
            ("relation:friend:bo", "no", []),
            ("relation:manager", "yes", []),
            ("relation", "Bo", []),
            ("mood", "fine", []),
        ],
    )
    def test_what_a_ready_made_state_relates(self, client, attribute, value, expected):
        body = {"user_id": "ann", "content": "Said so", "subject": "ann", "entities": ["Ann"]}
        body |= {"attribute": attribute, "value": value}
        assert client.post("/v1/memories", json=body).status_code == 201
        assert near(client, "Ann") == expected
        assert "yes" not in listed(client)

    def test_another_users_entity_is_not_found(self, client):
        body = {"user_id": "ann", "content": "Bo sailed", "entities": ["Bo"]}
        client.post("/v1/memories", json=body)
        path = f"/v1/entities/{listed(client)['Bo']['id']}/neighbours"
        assert client.get(path, params={"user_id": "bob"}).status_code == 404

    def test_a_foreign_cursor_is_refused(self, client):
        answer = client.get("/v1/entities", params={"user_id": "ann", "cursor": "_w"})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")
