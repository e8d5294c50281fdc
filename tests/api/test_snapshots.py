"""Snapshots and rollback over HTTP: the current state comes back, and the history says how."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, remember, search, turn

pytestmark = pytest.mark.usefixtures("worker")
# How sure the service is of what an edit has settled, and since when, follows from the edit.
FOLLOWS = {"version", "updated_at", "confidence", "reliance", "strength", "layer"}
STATUSES = ["activated", "superseded", "merged", "archived"]
NOBODY = "019b0000-0000-7000-8000-000000000000"


def say(client: TestClient, content: str, on: str, user: str = "ann") -> Any:
    said = turn(content, name="Ann", observed_at=f"{on}T12:00:00Z")
    return remember(client, said, user=user, session=on)


def add(client: TestClient, content: str, **values: Any) -> Any:
    answer = client.post("/v1/memories", json={"user_id": "ann", "content": content} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def edit(client: TestClient, memory: Any, **values: Any) -> Any:
    current = client.get(f"/v1/memories/{memory['id']}").json()
    headers = {"If-Match": str(current["version"])}
    answer = client.patch(f"/v1/memories/{memory['id']}", json=values, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def taken(client: TestClient, user: str = "ann", **values: Any) -> Any:
    answer = client.post("/v1/snapshots", json={"user_id": user} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def rolled_back(client: TestClient, snapshot: Any, **body: Any) -> list[str]:
    answer = client.post(f"/v1/snapshots/{snapshot['id']}/rollback", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["memory_ids"]


def current(client: TestClient, *, status: str = "activated", user: str = "ann") -> dict[str, Any]:
    """The memories of one status by id, without what follows from how they were settled."""
    params = {"user_id": user, "status": status, "limit": 200}
    items = client.get("/v1/memories", params=params).json()["items"]
    return {m["id"]: {name: value for name, value in m.items() if name not in FOLLOWS} for m in items}


def differences(left: dict[str, Any], right: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    """(content, field, one value, the other) of what is not the same in both."""
    assert left.keys() == right.keys()
    return [
        (left[i]["content"], name, left[i][name], right[i][name])
        for i in left
        for name in left[i]
        if left[i][name] != right[i][name]
    ]


def contents(client: TestClient, **more: Any) -> set[str]:
    return {memory["content"] for memory in current(client, **more).values()}


def versions(client: TestClient, memory_id: str) -> list[Any]:
    return client.get(f"/v1/memories/{memory_id}/history").json()["items"]


class TestSnapshots:
    def test_are_listed_newest_first_in_pages(self, client: TestClient):
        post(client, turn("Hello."))
        made = [taken(client, name=f"number {n}") for n in range(3)]
        params = {"user_id": "ann", "limit": 2}
        first = client.get("/v1/snapshots", params=params).json()
        rest = client.get("/v1/snapshots", params=params | {"cursor": first["next_cursor"]}).json()
        assert first["items"] + rest["items"] == made[::-1]
        assert rest["next_cursor"] is None

    def test_known_at_shows_the_memory_of_the_moment(self, client: TestClient):
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client)
        say(client, "I moved to Bergen.", "2026-03-10")
        params = {"user_id": "ann", "known_at": snapshot["known_at"]}
        then = client.get("/v1/memories", params=params).json()["items"]
        assert [memory["value"] for memory in then] == ["oslo"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "user_id"), ({"user_id": "a\x00"}, "user_id"), ({"user_id": "a", "nam": "x"}, "nam")],
    )
    def test_name_the_field_that_is_not_valid(self, client: TestClient, body: dict[str, Any], field: str):
        answer = client.post("/v1/snapshots", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_that_never_were_are_a_404(self, client: TestClient):
        assert client.post(f"/v1/snapshots/{NOBODY}/rollback").status_code == 404


class TestRollback:
    def test_the_current_state_is_that_of_the_snapshot(self, client: TestClient):
        say(client, "I live in Oslo. I work at Acme.", "2026-01-10")
        cello = add(client, "Ann plays the cello.", tags=["music"])
        boat = add(client, "Ann owns a boat.", kind="event", form="event")
        cold = add(client, "Ann reads Ibsen.")
        client.post(f"/v1/memories/{cold['id']}/archive")
        snapshot = taken(client)
        before, archived = current(client), current(client, status="archived")
        say(client, "I moved to Bergen. I am allergic to nuts.", "2026-03-10")
        say(client, "I work at Globex. I like jazz.", "2026-03-11")
        edit(client, cello, content="Ann plays the tuba.", tags=["brass"])
        client.post(f"/v1/memories/{boat['id']}/archive")
        client.post(f"/v1/memories/{cold['id']}/restore")
        add(client, "Ann hates the sea.")
        assert current(client) != before
        rolled_back(client, snapshot)
        assert differences(current(client), before) == []
        assert differences(current(client, status="archived"), archived) == []

    def test_searches_find_what_they_found(self, client: TestClient):
        cello = add(client, "Ann plays the cello.")
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client)
        edit(client, cello, content="Ann plays the tuba.")
        say(client, "I moved to Bergen.", "2026-03-10")
        assert search(client, "Where does Ann live?", kinds=["fact"])[0]["content"].endswith("Bergen")
        rolled_back(client, snapshot)
        assert search(client, "Where does Ann live?", kinds=["fact"])[0]["content"].endswith("Oslo")
        found = [item["content"] for item in search(client, "Which instrument?", kinds=["fact"])]
        assert "Ann plays the cello." in found
        assert "Ann plays the tuba." not in found

    def test_history_keeps_all_and_names_actor_and_reason(self, client: TestClient):
        cello = add(client, "Ann plays the cello.")
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client, name="before the import")
        edit(client, cello, content="Ann plays the tuba.")
        say(client, "I moved to Bergen.", "2026-03-10")
        known = {i: versions(client, i) for i in current(client)}
        changed = rolled_back(client, snapshot, reason="a bad import")
        assert cello["id"] in changed
        for memory_id in changed:
            last = versions(client, memory_id)[-1]
            assert (last["op"], last["reason"]) == ("rollback", "a bad import (snapshot before the import)")
            assert last["actor"].startswith("key:")
        for memory_id, old in known.items():
            assert versions(client, memory_id)[: len(old)] == old
        assert len(client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]) == 2

    def test_the_rolled_back_value_was_never_true_and_the_former_one_always(self, client: TestClient):
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client)
        say(client, "I moved to Bergen.", "2026-03-10")
        rolled_back(client, snapshot)
        (oslo,) = [i for i, memory in current(client).items() if memory["value"] == "oslo"]
        timeline = client.get(f"/v1/memories/{oslo}/history").json()["timeline"]
        assert [(entry["value"], entry["valid_to"]) for entry in timeline] == [("oslo", None)]
        assert timeline[0]["valid_from"] == "2026-01-10T12:00:00Z"

    def test_a_value_that_was_taken_back_since_is_true_again_from_now_on(self, client: TestClient):
        say(client, "I work at Acme.", "2026-01-10")
        snapshot, before = taken(client), current(client)
        say(client, "I no longer work at Acme.", "2026-03-11")
        assert contents(client) == {"Ann no longer works at Acme"}
        rolled_back(client, snapshot)
        assert {name for _, name, _, _ in differences(current(client), before)} == {"valid_from"}

    def test_a_later_fold_keeps_it(self, client: TestClient):
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client)
        say(client, "I moved to Bergen.", "2026-03-10")
        rolled_back(client, snapshot)
        say(client, "I live in Paris.", "2025-06-01")  # of earlier, arriving late
        held = {memory["value"] for memory in current(client).values()}
        assert held == {"oslo"}

    def test_twice_changes_nothing_the_second_time(self, client: TestClient):
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot = taken(client)
        say(client, "I moved to Bergen. I like jazz.", "2026-03-10")
        assert rolled_back(client, snapshot)
        assert rolled_back(client, snapshot) == []

    def test_forward_again_to_a_later_snapshot(self, client: TestClient):
        say(client, "I live in Oslo.", "2026-01-10")
        cello = add(client, "Ann plays the cello.")
        early = taken(client)
        say(client, "I moved to Bergen. I like jazz.", "2026-03-10")
        edit(client, cello, content="Ann plays the tuba.")
        late, then = taken(client), contents(client)
        rolled_back(client, early)
        assert contents(client) == {"Ann lives in Oslo", "Ann plays the cello."}
        rolled_back(client, late)
        assert contents(client) == then

    def test_a_slot_that_nobody_held_is_empty_again_until_it_is_said_again(self, client: TestClient):
        post(client, turn("Hello."))
        snapshot = taken(client)
        say(client, "I live in Oslo.", "2026-01-10")
        rolled_back(client, snapshot)
        assert current(client) == {}
        say(client, "I live in Oslo.", "2099-01-01")
        assert [memory["value"] for memory in current(client).values()] == ["oslo"]

    def test_what_was_said_again_and_forgotten_between_comes_back(self, client: TestClient):
        boat = add(client, "Ann owns a boat.")
        snapshot = taken(client)
        client.post(f"/v1/memories/{boat['id']}/archive")
        rolled_back(client, snapshot)
        assert contents(client) == {"Ann owns a boat."}
        assert contents(client, status="archived") == set()

    def test_a_deleted_memory_stays_deleted(self, client: TestClient):
        boat = add(client, "Ann owns a boat.")
        snapshot = taken(client)
        assert client.delete(f"/v1/memories/{boat['id']}").status_code == 204
        assert rolled_back(client, snapshot) == []
        assert client.get(f"/v1/memories/{boat['id']}").status_code == 404

    def test_a_legal_hold_is_a_409_and_nothing_is_changed(self, client: TestClient):
        cello, boat = add(client, "Ann plays the cello."), add(client, "Ann owns a boat.")
        snapshot = taken(client)
        edit(client, cello, content="Ann plays the tuba.")
        edit(client, boat, content="Ann owns a ship.")
        client.post(f"/v1/memories/{boat['id']}/freeze")
        answer = client.post(f"/v1/snapshots/{snapshot['id']}/rollback")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert contents(client) == {"Ann plays the tuba.", "Ann owns a ship."}

    def test_a_dispute_of_then_is_open_again(self, client: TestClient):
        slot = {"subject": "user", "attribute": "residence"}
        add(client, "Ann lives in Rome.", value="Rome", asserted_at="2026-01-01T00:00:00Z", **slot)
        say(client, "I live in Oslo.", "2026-01-10")
        snapshot, before = taken(client), current(client)
        conflict = client.get("/v1/conflicts", params={"user_id": "ann"}).json()["items"]
        if conflict:
            oslo = next(i for i, memory in before.items() if memory["value"] == "oslo")
            client.post(f"/v1/conflicts/{conflict[0]['id']}/resolve", json={"keep": oslo})
        else:
            add(client, "Ann lives in Paris.", value="Paris", **slot)
        assert current(client) != before
        rolled_back(client, snapshot)
        assert {i: m["status"] for i, m in current(client).items()} == {
            i: m["status"] for i, m in before.items()
        }


class TestRights:
    @pytest.fixture
    def snapshot(self, client: TestClient) -> Any:
        add(client, "Ann owns a boat.")
        return taken(client)

    def test_another_tenant_sees_none(self, resources: Resources, tenant: str, snapshot: Any):
        with client_of(app_of(resources), make_key(resources, f"{tenant}-b")) as other:
            assert other.get("/v1/snapshots", params={"user_id": "ann"}).json()["items"] == []
            assert other.post(f"/v1/snapshots/{snapshot['id']}/rollback").status_code == 404

    def test_a_key_of_another_user_sees_none(self, resources: Resources, tenant: str, snapshot: Any):
        bound = make_key(resources, tenant, KeyScope.WRITE, user_id="bob")
        with client_of(app_of(resources), bound) as bob:
            assert bob.get("/v1/snapshots", params={"user_id": "ann"}).status_code == 403
            assert bob.post("/v1/snapshots", json={"user_id": "ann"}).status_code == 403
            assert bob.post(f"/v1/snapshots/{snapshot['id']}/rollback").status_code == 404

    def test_a_reading_key_may_list_and_no_more(self, resources: Resources, tenant: str, snapshot: Any):
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            assert len(reader.get("/v1/snapshots", params={"user_id": "ann"}).json()["items"]) == 1
            assert reader.post("/v1/snapshots", json={"user_id": "ann"}).status_code == 403
            assert reader.post(f"/v1/snapshots/{snapshot['id']}/rollback").status_code == 403

    @pytest.mark.usefixtures("snapshot")
    def test_an_erasure_takes_them_along(self, client: TestClient):
        receipt = client.delete("/v1/users/ann").json()
        assert (receipt["rows"]["snapshots"], receipt["remaining"]) == (1, 0)
