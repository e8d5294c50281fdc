"""API keys over HTTP: shown once, stored hashed, ended at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.resources import Resources
from tests.conftest import app_of, client_of, post, turn


def create(client: TestClient, **values: Any) -> Any:
    answer = client.post("/v1/keys", json={"name": "phone"} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def with_key(client: TestClient, key: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {key}"}}


def status_of(client: TestClient, key: str) -> int:
    """What every way of looking a key up says: 200 or the status of the refusal."""
    ways = (
        ("GET", "/v1/turns?user_id=ann", None),
        ("POST", "/v1/search", {"user_id": "ann", "query": "x"}),
        ("POST", "/v1/turns", {"user_id": "ann", "session_id": "s", "turns": [turn("x")]}),
    )
    told = {
        client.request(method, path, json=body, **with_key(client, key)).status_code
        for method, path, body in ways
    }
    (status,) = {200 if status == 202 else status for status in told}
    return status


def listed(client: TestClient, key_id: str) -> Any:
    return next(key for key in client.get("/v1/keys").json()["items"] if key["id"] == key_id)


class TestCreate:
    def test_gives_a_key_that_works_and_may_write_by_default(self, client: TestClient, tenant: str):
        made = create(client)
        assert made["key"].startswith("mc_")
        assert len(made["key"]) >= 40
        assert (made["scopes"], made["tenant"], made["user_id"]) == (["write"], tenant, None)
        assert status_of(client, made["key"]) == 200

    def test_two_keys_are_never_alike(self, client: TestClient):
        assert len({create(client)["key"] for _ in range(5)}) == 5

    def test_the_text_is_nowhere_but_in_the_answer(self, client: TestClient, owner: Engine):
        made = create(client)
        assert made["key"] not in client.get("/v1/keys").text
        assert made["key"].startswith(made["prefix"])
        assert len(made["prefix"]) <= 8
        with owner.connect() as connection:
            sql = text("SELECT to_jsonb(k)::text FROM api_keys k WHERE id = :id")
            row = connection.execute(sql, {"id": made["id"]}).scalar_one()
        assert made["key"] not in row
        assert made["key"].encode().hex() not in row
        assert made["key"].removeprefix(made["prefix"]) not in row

    def test_a_bound_key_sees_its_user_only(self, client: TestClient):
        bound = create(client, user_id="ann")
        assert bound["user_id"] == "ann"
        post(client, turn("Hello.", role="system"))
        asked = with_key(client, bound["key"])
        assert len(client.get("/v1/turns", params={"user_id": "ann"}, **asked).json()["items"]) == 1
        assert client.get("/v1/turns", params={"user_id": "bob"}, **asked).status_code == 403

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"scopes": []}, "scopes"),
            ({"scopes": ["root"]}, "scopes[0]"),
            ({"scopes": ["admin"], "user_id": "ann"}, "scopes"),
            ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
            ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
            ({"name": ""}, "name"),
            ({"tenant": "other"}, "tenant"),
        ],
    )
    def test_names_the_field_that_is_not_valid(self, client: TestClient, change: dict[str, Any], field: str):
        answer = client.post("/v1/keys", json={"name": "phone"} | change)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert len(client.get("/v1/keys").json()["items"]) == 1


class TestList:
    def test_shows_the_newest_first(self, client: TestClient):
        ids = [create(client, name=f"key {n}")["id"] for n in range(3)]
        assert [key["id"] for key in client.get("/v1/keys").json()["items"]][:3] == ids[::-1]

    def test_shows_when_a_key_was_last_used(self, client: TestClient):
        made = create(client)
        assert listed(client, made["id"])["last_used_at"] is None
        before = datetime.now(UTC) - timedelta(seconds=5)
        assert status_of(client, made["key"]) == 200
        assert datetime.fromisoformat(listed(client, made["id"])["last_used_at"]) > before


class TestRevoke:
    def test_ends_a_key_at_once(self, client: TestClient):
        made = create(client)
        assert status_of(client, made["key"]) == 200
        assert client.delete(f"/v1/keys/{made['id']}").status_code == 204
        assert status_of(client, made["key"]) == 401
        assert listed(client, made["id"])["revoked_at"] is not None

    def test_leaves_the_other_keys(self, client: TestClient):
        made, other = create(client), create(client)
        client.delete(f"/v1/keys/{made['id']}")
        assert status_of(client, other["key"]) == 200

    def test_twice_keeps_the_first_date(self, client: TestClient):
        made = create(client)
        client.delete(f"/v1/keys/{made['id']}")
        first = listed(client, made["id"])["revoked_at"]
        assert client.delete(f"/v1/keys/{made['id']}").status_code == 204
        assert listed(client, made["id"])["revoked_at"] == first

    def test_a_key_may_end_itself(self, client: TestClient):
        own = client.get("/v1/keys").json()["items"][0]
        assert client.delete(f"/v1/keys/{own['id']}").status_code == 204
        assert client.get("/v1/keys").status_code == 401


class TestExpiry:
    def test_a_key_works_until_then_and_not_after(self, client: TestClient, resources: Resources):
        made = create(client, expires_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
        assert status_of(client, made["key"]) == 200
        later = replace(resources, now=lambda: datetime.now(UTC) + timedelta(hours=2))
        with client_of(app_of(later), made["key"]) as late:
            answer = late.get("/v1/turns", params={"user_id": "ann"})
            assert status_of(late, made["key"]) == 401
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


class TestBearer:
    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Basic YTpi", "mc_x", "Bearer mc_\u00e9", "Bearer x y"]
    )
    def test_what_is_no_key_is_refused(self, client: TestClient, header: str):
        answer = client.get("/v1/keys", headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_key_in_the_query_is_no_key(self, client: TestClient):
        made = create(client, scopes=["admin"])
        answer = client.get("/v1/keys", params={"key": made["key"]}, headers={"Authorization": ""})
        assert answer.status_code == 401
