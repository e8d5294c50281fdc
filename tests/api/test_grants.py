"""Grants over HTTP: who may give, see and revoke them, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key


def note(client: TestClient, content: str, user: str = "ann", **more: Any) -> Any:
    answer = client.post("/v1/memories", json={"user_id": user, "content": content} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def grant(client: TestClient, owner: str = "ann", to: str = "bob", **more: Any) -> Any:
    return client.post("/v1/grants", json={"owner_user_id": owner, "grantee_user_id": to} | more)


def listed(client: TestClient, user: str, **params: Any) -> list[Any]:
    answer = client.get("/v1/grants", params={"user_id": user} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.fixture
def ann(resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client whose key is bound to ann."""
    key = make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
    with client_of(app_of(resources), key) as opened:
        yield opened


@pytest.fixture
def bob(resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client whose key is bound to bob."""
    key = make_key(resources, tenant, KeyScope.WRITE, user_id="bob")
    with client_of(app_of(resources), key) as opened:
        yield opened


class TestGive:
    def test_says_what_it_covers(self, client: TestClient):
        boat = note(client, "Ann has a boat.")["id"]
        until = "2199-01-01T00:00:00Z"
        wanted = {"right": "copy", "memory_ids": [boat], "kinds": ["fact"], "tags": ["sea"]}
        answer = grant(client, **wanted, expires_at=until)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert {name: made[name] for name in wanted} == wanted
        assert (made.get("owner_user_id"), made["grantee_user_id"]) == ("ann", "bob")
        assert (made["active"], made["expires_at"], made["revoked_at"]) == (True, until, None)

    def test_by_default_everything_may_be_read(self, client: TestClient):
        made = grant(client).json()
        assert made["right"] == "read"
        assert [made[name] for name in ("memory_ids", "kinds", "tags", "expires_at")] == [None] * 4

    def test_the_same_again_is_the_same_grant(self, client: TestClient):
        boat, cello = (note(client, text)["id"] for text in ("Ann has a boat.", "Ann plays the cello."))
        first = grant(client, memory_ids=[boat, cello], tags=["b", "a"])
        again = grant(client, memory_ids=[cello, boat, boat], tags=["a", "b"])
        assert again.status_code == 201
        assert again.json() == first.json()
        assert len(listed(client, "ann")) == 1

    def test_another_right_is_another_grant(self, client: TestClient):
        assert grant(client).json()["id"] != grant(client, right="copy").json()["id"]

    def test_what_was_revoked_can_be_given_anew(self, client: TestClient):
        first = grant(client).json()["id"]
        client.delete(f"/v1/grants/{first}")
        assert grant(client).json()["id"] != first

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"grantee_user_id": "ann"}, "grantee_user_id"),
            ({"memory_ids": [str(uuid4())]}, "memory_ids"),
            ({"memory_ids": []}, "memory_ids"),
            ({"memory_ids": ["x"]}, "memory_ids[0]"),
            ({"kinds": ["feeling"]}, "kinds[0]"),
            ({"kinds": []}, "kinds"),
            ({"tags": [""]}, "tags[0]"),
            ({"right": "write"}, "right"),
            ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
            ({"owner_user_id": ""}, "owner_user_id"),
            ({"rights": "read"}, "rights"),
        ],
    )
    def test_a_bad_field_is_named(self, client: TestClient, wrong: Any, field: str):
        note(client, "Ann has a boat.")
        answer = grant(client, **wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert listed(client, "ann") == []

    def test_another_users_memory_is_as_unknown_as_none(self, client: TestClient):
        theirs = note(client, "Bob has a bike.", user="bob")["id"]
        answer = grant(client, to="cy", memory_ids=[theirs])
        assert (answer.status_code, answer.json()["field"]) == (422, "memory_ids")

    def test_a_deleted_memory_is_unknown(self, client: TestClient):
        boat = note(client, "Ann has a boat.")["id"]
        client.delete(f"/v1/memories/{boat}")
        assert grant(client, memory_ids=[boat]).status_code == 422


class TestList:
    def test_has_those_given_and_those_taken_newest_first(self, client: TestClient):
        given, taken = grant(client).json(), grant(client, "cy", "ann").json()
        grant(client, "bob", "cy")
        assert [one["id"] for one in listed(client, "ann")] == [taken["id"], given["id"]]

    def test_in_pages(self, client: TestClient):
        made = [grant(client, to=f"user {number}").json()["id"] for number in range(5)]
        found: list[str] = []
        cursor = None
        while len(found) < 5:
            params = {"user_id": "ann", "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/grants", params=params).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert found == made[::-1]
        assert cursor is None

    def test_a_made_up_cursor_is_named(self, client: TestClient):
        answer = client.get("/v1/grants", params={"user_id": "ann", "cursor": "?"})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


class TestRevoke:
    def test_ends_it_and_keeps_it_on_the_list(self, client: TestClient):
        made = grant(client).json()
        assert client.delete(f"/v1/grants/{made['id']}").status_code == 204
        (after,) = listed(client, "bob")
        assert not after["active"]
        assert after["revoked_at"] is not None

    def test_twice_is_once(self, client: TestClient):
        made = grant(client).json()["id"]
        client.delete(f"/v1/grants/{made}")
        first = listed(client, "ann")
        assert client.delete(f"/v1/grants/{made}").status_code == 204
        assert listed(client, "ann") == first

    def test_one_that_never_was(self, client: TestClient):
        assert client.delete(f"/v1/grants/{uuid4()}").status_code == 404


class TestBoundKey:
    def test_gives_its_users_memories_only(self, client: TestClient, ann: TestClient):
        assert grant(ann, "ann", "bob").status_code == 201
        answer = grant(ann, "bob", "ann")
        assert (answer.status_code, answer.json()["field"]) == (403, "owner_user_id")

    def test_may_give_to_somebody_who_has_nothing_yet(self, ann: TestClient, bob: TestClient):
        made = grant(ann, "ann", "bob").json()
        assert listed(bob, "bob") == [made]

    def test_sees_the_grants_that_touch_its_user(self, client: TestClient, ann: TestClient, bob: TestClient):
        touching = [grant(client, "ann", "bob").json()["id"], grant(client, "bob", "ann").json()["id"]]
        others = grant(client, "bob", "cy").json()["id"]
        assert [one["id"] for one in listed(ann, "ann")] == touching[::-1]
        assert ann.get("/v1/grants", params={"user_id": "bob"}).status_code == 403
        assert others in [one["id"] for one in listed(bob, "bob")]

    def test_of_the_grantee_revokes_nothing(self, client: TestClient, bob: TestClient):
        made = grant(client, "ann", "bob").json()["id"]
        assert bob.delete(f"/v1/grants/{made}").status_code == 403
        assert listed(client, "ann")[0]["active"]

    def test_of_neither_side_finds_no_grant(self, client: TestClient, ann: TestClient):
        assert ann.delete(f"/v1/grants/{grant(client, 'bob', 'cy').json()['id']}").status_code == 404

    def test_of_the_owner_revokes(self, client: TestClient, ann: TestClient):
        made = grant(client, "ann", "bob").json()["id"]
        assert ann.delete(f"/v1/grants/{made}").status_code == 204
