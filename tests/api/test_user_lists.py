"""Lists of users and sessions, what a key is, and how an unknown user is told from an empty one."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, ended, make_key, post, remember, turn


def note(content: str = "A note.", **values: Any) -> dict[str, Any]:
    return turn(content, role="system", **values)  # never extracted, so that no worker adds to the counts


def pages(client: TestClient, url: str, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = client.get(url, params=query | more)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


class TestMe:
    def test_says_what_the_key_is(self, resources: Resources, tenant: str):
        with client_of(
            app_of(resources), make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
        ) as bound:
            me = bound.get("/v1/me").json()
        assert (me["tenant"], me["user_id"], me["scopes"]) == (tenant, "ann", ["read", "write"])
        assert me["prefix"].startswith("mc_")
        assert me["expires_at"] is None
        assert "key" not in me
        assert "hash" not in me

    def test_any_scope_may_ask(self, resources: Resources, tenant: str):
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            me = reader.get("/v1/me").json()
        assert (me["scopes"], me["user_id"]) == (["read"], None)

    def test_it_is_the_key_of_the_list(self, client: TestClient):
        me, (listed,) = client.get("/v1/me").json(), client.get("/v1/keys").json()["items"]
        assert {
            "key_id": listed["id"],
            "name": listed["name"],
            "prefix": listed["prefix"],
        }.items() <= me.items()

    @pytest.mark.parametrize("key", ["", "mc_made-up"])
    def test_without_a_key_there_is_nothing(self, resources: Resources, key: str):
        with client_of(app_of(resources), key) as stranger:
            assert stranger.get("/v1/me").status_code == 401


class TestUsers:
    def test_each_has_counts_and_dates(self, client: TestClient):
        dates = ["2024-01-02T10:00:00Z", "2025-01-02T10:00:00Z"]
        post(client, *(note(observed_at=at) for at in dates))
        post(client, note(observed_at="2024-06-01T00:00:00Z"), session="s2")
        for content in ("Ann has a boat.", "Ann likes rye."):
            made = client.post("/v1/memories", json={"user_id": "ann", "content": content}).json()
        client.delete(f"/v1/memories/{made['id']}")
        client.post("/v1/memories", json={"user_id": "bob", "content": "Bob has a hat."})
        ann, bob = client.get("/v1/users").json()["items"]
        assert (ann["user_id"], ann["turns"], ann["memories"], ann["sessions"]) == ("ann", 3, 1, 2)
        assert (ann["first_turn_at"], ann["last_turn_at"]) == tuple(dates)
        assert (bob["user_id"], bob["turns"], bob["memories"], bob["sessions"]) == ("bob", 0, 1, 0)
        assert (bob["first_turn_at"], bob["last_turn_at"]) == (None, None)
        assert bob["created_at"] is not None

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 200])
    def test_pages_have_each_once(self, client: TestClient, limit: int):
        names = sorted(["a", "b/c", "é", "x y", "z%41"], key=lambda name: name.encode())
        for name in names:
            post(client, note(), user=name)
        found = [item["user_id"] for page in pages(client, "/v1/users", limit=limit) for item in page]
        assert sorted(found, key=lambda name: name.encode()) == names
        assert len(found) == len(set(found))
        assert all(len(page) <= limit for page in pages(client, "/v1/users", limit=limit))

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("a", ["a%b", "a_b", "ab"]),
            ("a%", ["a%b"]),
            ("a_", ["a_b"]),
            ("ab", ["ab"]),
            ("A", []),
            ("b", []),
            ("e\u0301", ["é1"]),  # decomposed: the one form is composed
            ("%", []),
            ("\\", []),
        ],
    )
    def test_a_prefix_is_taken_as_it_is(self, client: TestClient, prefix: str, found: list[str]):
        for name in ("ab", "a_b", "a%b", "é1"):
            post(client, note(), user=name)
        answer = client.get("/v1/users", params={"prefix": prefix, "include_total": True}).json()
        assert sorted(item["user_id"] for item in answer["items"]) == sorted(found)
        assert answer["total"] == len(found)

    def test_a_bound_key_sees_its_own_user(self, client: TestClient, resources: Resources, tenant: str):
        for name in ("ann", "anna", "bob"):
            post(client, note(), user=name)
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ, user_id="ann")) as bound:
            answer = bound.get("/v1/users", params={"include_total": True}).json()
            other = bound.get("/v1/users", params={"prefix": "anna", "include_total": True}).json()
        assert [item["user_id"] for item in answer["items"]] == ["ann"]
        assert (answer["total"], other["items"], other["total"]) == (1, [], 0)

    def test_an_erased_user_is_not_listed(self, client: TestClient):
        post(client, note())
        client.delete("/v1/users/ann")
        assert client.get("/v1/users").json() == {"items": [], "next_cursor": None, "total": None}

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"cursor": "?"}, "cursor"),
            ({"cursor": "_w"}, "cursor"),
            ({"cursor": "AGE"}, "cursor"),  # U+0000
            ({"limit": 0}, "limit"),
            ({"limit": 201}, "limit"),
            ({"prefix": "a" * 201}, "prefix"),
            ({"prefix": "\u200b"}, "prefix"),
            ({"user_id": "ann"}, "user_id"),
        ],
    )
    def test_what_is_no_query_is_refused(self, client: TestClient, query: dict[str, Any], field: str):
        answer = client.get("/v1/users", params=query)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


class TestSessions:
    def test_the_one_with_the_newest_turn_comes_first(self, client: TestClient):
        for session, at in (("old", "2024-01-01T00:00:00Z"), ("new", "2024-03-01T00:00:00Z")):
            post(client, note(observed_at=at), note(observed_at=at), session=session)
        post(client, note(observed_at="2024-05-01T00:00:00Z"), session="old")
        answer = client.get("/v1/sessions", params={"user_id": "ann", "include_total": True}).json()
        old, new = answer["items"]
        assert (old["session_id"], old["turns"], new["session_id"], new["turns"]) == ("old", 3, "new", 2)
        assert (old["first_turn_at"], old["last_turn_at"]) == ("2024-01-01T00:00:00Z", "2024-05-01T00:00:00Z")
        assert (answer["total"], old["has_summary"], old["closed_at"]) == (2, False, None)

    @pytest.mark.parametrize("limit", [1, 2, 4, 200])
    def test_pages_have_each_once_also_at_one_time(self, client: TestClient, limit: int):
        names = [f"s {number}/é" for number in range(5)]
        for name in names:
            post(client, note(observed_at="2024-01-01T00:00:00.123456Z"), session=name)
        found = pages(client, "/v1/sessions", user_id="ann", limit=limit)
        assert sorted(item["session_id"] for page in found for item in page) == names
        assert all(len(page) <= limit for page in found)

    @pytest.mark.usefixtures("worker")
    def test_it_says_whether_there_is_a_summary(self, client: TestClient):
        remember(client, turn("I live in Oslo."), turn("I work as a nurse."), close_session=True)
        job_id = client.get("/v1/jobs", params={"user_id": "ann"}).json()["items"][0]["id"]
        ended(client, job_id)
        (session,) = client.get("/v1/sessions", params={"user_id": "ann"}).json()["items"]
        summary = client.get("/v1/sessions/s1/summary", params={"user_id": "ann"})
        assert session["has_summary"] == (summary.status_code == 200)
        assert session["closed_at"] is not None

    def test_a_session_without_turns_keeps_its_place(self, client: TestClient):
        (turn_id,) = post(client, note())["turn_ids"]
        client.delete(f"/v1/turns/{turn_id}")
        (session,) = client.get("/v1/sessions", params={"user_id": "ann"}).json()["items"]
        assert (session["turns"], session["last_turn_at"]) == (0, None)

    @pytest.mark.parametrize("cursor", ["?", "AAAA", "MjAyNA", "MDAwMS0wMS0wMVQwMDowMDowMFogYQ"])
    def test_a_cursor_is_the_services_own(self, client: TestClient, cursor: str):
        answer = client.get("/v1/sessions", params={"user_id": "ann", "cursor": cursor})
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


class TestOrder:
    @pytest.mark.parametrize("limit", [1, 2, 3, 200])
    def test_the_last_turn_may_come_first(self, client: TestClient, limit: int):
        ids = post(client, *(note(f"Note {number}.") for number in range(5)))["turn_ids"]
        found = pages(client, "/v1/turns", user_id="ann", order="desc", limit=limit)
        assert [item["id"] for page in found for item in page] == ids[::-1]
        found = pages(client, "/v1/turns", user_id="ann", order="asc", limit=limit)
        assert [item["id"] for page in found for item in page] == ids

    @pytest.mark.parametrize("order", ["", "DESC", "newest", "desc "])
    def test_another_order_is_refused(self, client: TestClient, order: str):
        answer = client.get("/v1/turns", params={"user_id": "ann", "order": order})
        assert (answer.status_code, answer.json()["field"]) == (422, "order")


READS = [
    ("get", "/v1/turns", {}),
    ("get", "/v1/memories", {}),
    ("get", "/v1/sessions", {}),
    ("post", "/v1/search", {"query": "Where does Ann live?"}),
    ("post", "/v1/context", {"query": "Where does Ann live?"}),
]


@pytest.mark.parametrize(("method", "path", "more"), READS, ids=[path for _, path, _ in READS])
class TestUnknownUser:
    def asked(self, client: TestClient, method: str, path: str, more: dict[str, Any]) -> str | None:
        named = {"user_id": "ann"} | more
        answer = client.get(path, params=named) if method == "get" else client.post(path, json=named)
        assert answer.status_code == 200, answer.text
        return answer.headers.get("X-User-Known")

    def test_is_told_from_an_empty_one(
        self, client: TestClient, method: str, path: str, more: dict[str, Any]
    ):
        assert self.asked(client, method, path, more) == "false"
        made = client.post("/v1/memories", json={"user_id": "ann", "content": "Ann has a boat."}).json()
        client.delete(f"/v1/memories/{made['id']}")
        assert self.asked(client, method, path, more) == "true"

    def test_of_a_user_with_something_nothing_is_said(
        self, client: TestClient, method: str, path: str, more: dict[str, Any]
    ):
        post(client, turn("Ann lives in Oslo.", role="system"))
        client.post("/v1/memories", json={"user_id": "ann", "content": "Ann lives in Oslo."})
        assert self.asked(client, method, path, more) is None

    def test_another_tenants_user_is_unknown(
        self,
        client: TestClient,
        resources: Resources,
        tenant: str,
        method: str,
        path: str,
        more: dict[str, Any],
    ):
        post(client, note())
        with client_of(app_of(resources), make_key(resources, f"{tenant}-2")) as other:
            assert self.asked(other, method, path, more) == "false"
