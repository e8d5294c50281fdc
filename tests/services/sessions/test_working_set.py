"""The working set over HTTP, after the worker's part was done here."""

from typing import Any

from fastapi.testclient import TestClient

from app.resources import Resources
from tests.conftest import post, turn
from tests.services.sessions.test_session_states import work


def slots(client: TestClient, session: str = "s1", user: str = "ann", **params: Any) -> list[Any]:
    path = f"/v1/sessions/{session}/working-set"
    answer = client.get(path, params={"user_id": user} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def own(client: TestClient, content: str, user: str = "ann") -> str:
    return client.post("/v1/memories", json={"user_id": user, "content": content}).json()["id"]


class TestGet:
    def test_what_the_turns_say_and_were_shown(self, client: TestClient, resources: Resources, tenant: str):
        shown, other = own(client, "Ann plays the cello."), own(client, "Ann collects stamps.")
        first = post(client, turn("I live in Oslo.", name="Ann"))
        work(resources, tenant, client, first["job_id"])
        answer = turn("Play well!", role="assistant", shown_memory_ids=[shown])
        work(resources, tenant, client, post(client, answer)["job_id"])
        found = {item["content"]: item for item in slots(client)}
        assert len(found) == 2
        assert "Ann plays the cello." in found
        assert other not in {item["memory_id"] for item in found.values()}
        assert [item["score"] for item in slots(client)] == sorted(
            (item["score"] for item in found.values()), reverse=True
        )
        assert len(slots(client, slots=1)) == 1
        assert slots(client, "s2") == []

    def test_never_more_than_twenty_and_the_newest_are_there(self, client: TestClient):
        ids = [own(client, f"Ann has visited town number {n}.") for n in range(25)]
        for memory_id in ids:
            post(client, turn("A note.", role="system", shown_memory_ids=[memory_id]))
        found = [item["memory_id"] for item in slots(client)]
        assert found == ids[:4:-1]
        post(client, turn("A note.", role="system", shown_memory_ids=[ids[0]]))
        assert slots(client)[0]["memory_id"] == ids[0]
        assert len(slots(client)) == 20

    def test_an_archived_memory_leaves_it(self, client: TestClient):
        memory_id = own(client, "Ann plays the cello.")
        post(client, turn("A note.", role="system", shown_memory_ids=[memory_id]))
        assert len(slots(client)) == 1
        assert client.post(f"/v1/memories/{memory_id}/archive").status_code == 200
        assert slots(client) == []

    def test_a_shown_id_of_another_user_shows_nothing(self, client: TestClient):
        memory_id = own(client, "Bob plays the cello.", "bob")
        post(client, turn("A note.", role="system", shown_memory_ids=[memory_id]))
        assert slots(client) == []

    def test_asks_for_at_most_twenty(self, client: TestClient):
        path = "/v1/sessions/s1/working-set"
        answer = client.get(path, params={"user_id": "ann", "slots": 21})
        assert (answer.status_code, answer.json()["field"]) == (422, "slots")
