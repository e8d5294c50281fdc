"""The query of every route: what it would ignore is refused, and a name of before is still understood."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.entrance.query_validation import ALIASES
from app.api.entrance.request_bodies import EMPTY_BODY_BYTES
from app.main import OPEN_ROUTES
from app.resources import Resources
from tests.conftest import app_of, client_of, document, make_key

ONE = uuid4()
LISTS = "/v1/memories?user_id=ann"


@pytest.fixture(scope="module")
def app(resources: Resources) -> FastAPI:
    return app_of(resources)


@pytest.fixture(scope="module")
def client(app: FastAPI, resources: Resources) -> Iterator[TestClient]:
    """One tenant for all: it holds a memory and a dated one, and no request here changes them."""
    with client_of(app, make_key(resources, f"t-{uuid4().hex[:12]}")) as opened:
        for kind, tags, day in (("event", ["sea"], "2025-03-05"), ("fact", ["sea", "boat"], "2025-03-09")):
            body = {"user_id": "ann", "content": f"Ann sailed on {day}.", "kind": kind, "tags": tags}
            body |= {"event_from": f"{day}T00:00:00Z"}
            assert opened.post("/v1/memories", json=body).status_code == 201
        yield opened


def operations() -> list[tuple[str, str]]:
    paths = document()["paths"]
    return [(m, path) for path, item in paths.items() for m in item if path not in OPEN_ROUTES]


def refused(client: TestClient, url: str, method: str = "get") -> str:
    answer = client.request(method, url)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["field"]


class TestUnknown:
    @pytest.mark.parametrize(("method", "path"), operations(), ids=str)
    def test_is_refused_on_every_route_but_not_before_the_key(
        self, client: TestClient, app: FastAPI, method: str, path: str
    ):
        url = re.sub(r"{\w+}", str(ONE), path) + "?dry_run=true"
        assert refused(client, url, method) == "dry_run"
        with TestClient(app) as stranger:
            assert stranger.request(method, url).status_code == 401
            made_up = {"Authorization": "Bearer mc_made-up"}
            assert stranger.request(method, url, headers=made_up).status_code == 401

    def test_erases_nobody(self, client: TestClient):
        assert refused(client, "/v1/users/ann?dry_run=true&session_id=a", "delete") == "dry_run"
        assert len(client.get(LISTS).json()["items"]) == 2

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("kindz=fact", "kindz"),
            ("Kinds=fact", "Kinds"),
            ("kinds[]=fact", "kinds[]"),
            ("run_id=s1", "run_id"),
            ("=x", ""),
            ("x", "x"),
            ("kinds%20=fact", "kinds "),
            ("limit=1&limit=2", "limit"),
            ("limit=1&limit=1", "limit"),
            ("user_id=bob", "user_id"),
            ("limit=", "limit"),
            ("subject=", "subject"),
            ("subject", "subject"),
            ("subject=%20", "subject"),
            ("kinds=", "kinds"),
            ("tags=sea&tags=", "tags"),
            ("cursor=", "cursor"),
            ("kinds=fact&kind=event", "kind"),
            ("tag=sea&tags=boat", "tag"),
            ("subject=%FF", "query"),
            ("subject=%ED%A0%80", "query"),
            ("subject=a%00b", "subject"),
            ("within_km=5", "within_km"),
            ("kind=nonsense", "kind[0]"),
            (f"{'x' * 5_000}=1", "x" * 60),
        ],
    )
    def test_is_named_and_so_is_what_is_doubled_empty_or_unreadable(
        self, client: TestClient, query: str, field: str
    ):
        assert refused(client, f"{LISTS}&{query}") == field

    @pytest.mark.parametrize("body", [b'{"dry_run": true}', b"[]", b"x", b" " * 65, b"x" * 100_000], ids=len)
    @pytest.mark.parametrize("route", ["delete /v1/users/ann", f"get {LISTS}", "post /v1/ranker/reset"])
    def test_body_is_refused_where_none_is_read(
        self, client: TestClient, app: FastAPI, route: str, body: bytes
    ):
        method, url = route.split(" ", 1)
        for content in (body, iter([body[:1], body[1:]])):
            answer = client.request(method, url, content=content)
            told = (answer.status_code, answer.json().get("field"))
            assert told == ((422, "body") if len(body) <= EMPTY_BODY_BYTES else (413, None))
        with TestClient(app) as stranger:
            assert stranger.request(method, url, content=body).status_code == 401
        assert len(client.get(LISTS).json()["items"]) == 2

    @pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b"null\n"])
    def test_body_that_says_nothing_is_let_pass(self, client: TestClient, body: bytes):
        assert client.request("get", LISTS, content=body).status_code == 200
        assert client.request("delete", f"/v1/memories/{ONE}", content=body).status_code == 404

    @pytest.mark.parametrize("path", ["%FF", "a%C3", "%ED%A0%80", "a%00b", "%E2%80%8B", "%2E%2E"])
    def test_a_path_that_names_nobody_is_no_path_to_somebody(self, client: TestClient, path: str):
        assert refused(client, f"/v1/users/{path}", "delete") in {"path", "user_id"}

    def test_says_what_was_meant(self, client: TestClient):
        assert "did you mean `kinds`" in client.get(f"{LISTS}&kindz=fact").json()["detail"]
        assert "takes none" in client.delete(f"/v1/memories/{ONE}?force=true").json()["detail"]

    def test_is_let_pass_by_a_probe(self, client: TestClient):
        for path in sorted(OPEN_ROUTES):
            assert client.get(f"{path}?now=1").status_code == 200

    @pytest.mark.parametrize("query", ["kinds=fact&kinds=event", "status=activated&status=archived", "&", ""])
    def test_what_takes_several_may_have_them(self, client: TestClient, query: str):
        answer = client.get(f"{LISTS}&{query}")
        assert (answer.status_code, len(answer.json()["items"])) == (200, 2)


class TestNames:
    @pytest.mark.parametrize(
        ("new", "old", "found"),
        [
            ("kinds=fact", "kind=fact", 1),
            ("kinds=fact&kinds=event", "kind=fact&kind=event", 2),
            ("tags=boat", "tag=boat", 1),
            ("tags=sea&tags=boat", "tag=sea&tag=boat", 1),
            (f"tags={quote('é')}", f"tag={quote('é')}", 0),
        ],
    )
    def test_of_before_do_the_same(self, client: TestClient, new: str, old: str, found: int):
        one, other = (client.get(f"{LISTS}&{query}").json() for query in (new, old))
        assert one == other
        assert len(one["items"]) == found

    @pytest.mark.parametrize(
        "names", [("since", "until"), ("from", "to"), ("since", "to"), ("from", "until")]
    )
    def test_of_times_do_the_same(self, client: TestClient, names: tuple[str, str]):
        dates = ("2025-03-04T00:00:00Z", "2025-03-08T00:00:00+00:00")
        params = {"user_id": "ann"} | dict(zip(names, dates, strict=True))
        items = client.get("/v1/timeline", params=params).json()["items"]
        assert [item["content"] for item in items] == ["Ann sailed on 2025-03-05."]
        turned = {"user_id": "ann"} | dict(zip(names, reversed(dates), strict=True))
        assert client.get("/v1/timeline", params=turned).json()["field"] == names[0]

    def test_of_before_are_in_the_document_as_deprecated(self):
        shown: dict[str, set[str]] = {}
        for item in document()["paths"].values():
            for operation in item.values():
                by_name: dict[str, Any] = {p["name"]: p for p in operation.get("parameters", [])}
                for old, new in ALIASES.items():
                    assert (new in by_name) == (old in by_name), operation["operationId"]
                    if old in by_name:
                        assert by_name[old]["deprecated"] is True
                        shown.setdefault(old, set()).add(operation["operationId"])
        assert shown == {
            "kind": {"list_memories", "get_timeline"},
            "tag": {"list_memories"},
            "from": {"get_timeline"},
            "to": {"get_timeline"},
        }
