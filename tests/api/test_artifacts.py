"""Artifacts over HTTP: versions, If-Match, checksums, paths, and procedures with a step pointer."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.resources import open_resources
from tests.conftest import Servers, app_of, client_of, make_key

STEPS = {"steps": ["Run the tests.", "Tag the release.", "Tell the others."]}
LORA = {"type": "parametric", "uri": "s3://models/ann.lora", "model": "llama-3", "checksum": "sha256:ab"}


def put(
    client: TestClient,
    path: str,
    content: Any = None,
    version: int | None = None,
    user: str = "ann",
    **more: Any,
) -> httpx.Response:
    body = {"user_id": user, **more} | ({"content": content} if content is not None else {})
    headers = {} if version is None else {"If-Match": str(version)}
    return client.put(f"/v1/artifacts/{path}", json=body, headers=headers)


def get(client: TestClient, path: str, user: str = "ann", **params: Any) -> httpx.Response:
    return client.get(f"/v1/artifacts/{path}", params={"user_id": user} | params)


def sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class TestPut:
    def test_the_same_path_twice_is_two_versions(self, client: TestClient):
        first, second = put(client, "src/main.py", "one"), put(client, "src/main.py", "two")
        assert (first.status_code, second.status_code) == (201, 200)
        assert second.headers["ETag"] == '"2"'
        newest = get(client, "src/main.py").json()
        assert (newest["version"], newest["newest"], newest["content"]) == (2, 2, "two")
        old = get(client, "src/main.py", version=1).json()
        assert (old["version"], old["newest"], old["content"]) == (1, 2, "one")

    @pytest.mark.parametrize(
        "content",
        [
            "  kept as it is:\r\n\ttabs, é, 漢字, 😀 and a trailing space ",
            "",
            {"b": 1, "a": [None, True, 1.5, {"deep": "\u0000 é"}]},
            [],
            {},
            [[[["nested"]]]],
        ],
    )
    def test_content_comes_back_as_it_was_put(self, client: TestClient, content: Any):
        written = put(client, "a", content).json()
        found = get(client, "a").json()
        assert found == written
        assert json.dumps(found["content"]) == json.dumps(content)  # the order of keys too
        text = (
            content
            if isinstance(content, str)
            else json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        )
        assert found["type"] == ("text" if isinstance(content, str) else "json")
        assert found["checksum"] == sha256(text)
        assert found["bytes"] == len(text.encode())

    def test_the_same_content_again_is_the_same_version(self, client: TestClient):
        put(client, "a", "one")
        assert put(client, "a", "one").json()["version"] == 1
        assert put(client, "a", "one", metadata={"by": "agent"}).json()["version"] == 2
        put(client, "a", "two")
        assert put(client, "a", "one").json()["version"] == 4

    def test_with_if_match_only_the_newest_is_followed(self, client: TestClient):
        assert put(client, "a", "one", 1).status_code == 412
        assert get(client, "a").status_code == 404
        assert put(client, "a", "one", 0).status_code == 201
        answer = put(client, "a", "two", 0)
        assert (answer.status_code, answer.json()["field"]) == (412, "If-Match")
        assert put(client, "a", "two", 1).status_code == 200
        assert get(client, "a").json()["content"] == "two"

    def test_of_many_writers_at_once_one_follows_a_version(self, client: TestClient):
        put(client, "a", "zero")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: put(client, "a", f"text {n}", 1), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7

    def test_without_if_match_no_writer_is_lost(self, client: TestClient):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: put(client, "a", f"text {n}"), range(8)))
        assert {answer.status_code for answer in answers} <= {200, 201}
        contents = {get(client, "a", version=n).json()["content"] for n in range(1, 9)}
        assert contents == {f"text {n}" for n in range(8)}

    def test_users_have_their_own(self, client: TestClient):
        put(client, "a", "of ann")
        put(client, "a", "of bob", user="bob")
        assert get(client, "a").json()["content"] == "of ann"
        assert get(client, "a", "bob").json()["content"] == "of bob"
        assert get(client, "a", "cy").status_code == 404


class TestReferences:
    def test_are_kept_as_they_are(self, client: TestClient):
        written = put(client, "lora", reference=LORA).json()
        assert (written["type"], written["content"], written["reference"]) == ("parametric", None, LORA)
        assert get(client, "lora").json() == written
        assert put(client, "lora", reference=LORA).json()["version"] == 1
        other = LORA | {"checksum": "sha256:cd"}
        assert put(client, "lora", reference=other).json()["version"] == 2

    def test_with_content_or_nothing_are_refused(self, client: TestClient):
        assert put(client, "a", "text", reference=LORA).status_code == 422
        assert put(client, "a").status_code == 422
        answer = put(client, "a", reference=LORA | {"type": "plaintext"})
        assert (answer.status_code, answer.json()["field"]) == (422, "reference.type")


class TestPaths:
    @pytest.mark.parametrize(
        "path", ["a", "src/main.py", "a b", "é/漢", "versions", ".env", "a..b", "x" * 200]
    )
    def test_that_are_taken(self, client: TestClient, path: str):
        quoted = httpx.URL("http://x").copy_with(path=f"/{path}").raw_path.decode()[1:]
        assert put(client, quoted, "text").json()["path"] == path
        assert get(client, quoted).json()["content"] == "text"

    @pytest.mark.parametrize(
        "path",
        [
            "%2e%2e/a",
            "a/%2e%2e/b",
            "a/%2e",
            "a//b",
            "a/",
            "%2Fetc",
            "a%00b",
            "a%09b",
            "a%5Cb",
            "a/versions",
            "x" * 201,
            "/".join(["x" * 100] * 6),
        ],
    )
    def test_that_are_refused(self, client: TestClient, path: str):
        answer = put(client, path, "text")
        assert (answer.status_code, answer.json()["field"]) == (422, "path")
        assert client.get("/v1/artifacts", params={"user_id": "ann"}).json()["items"] == []


class TestLimits:
    def test_one_byte_too_many_is_refused(self, servers: Servers, tenant: str):
        with (
            open_resources(servers.settings(artifact_bytes=1024)) as opened,
            client_of(app_of(opened), make_key(opened, tenant)) as client,
        ):
            assert put(client, "a", "é" * 512).status_code == 201
            answer = put(client, "a", "é" * 512 + "x")
            assert (answer.status_code, answer.json()["field"]) == (422, "content")
            assert put(client, "b", ["x" * 1020]).status_code == 201
            assert put(client, "b", ["x" * 1021]).status_code == 422

    @pytest.mark.parametrize(
        "raw",
        [
            rb'{"user_id": "ann", "content": "a\u0000b"}',
            rb'{"user_id": "ann", "content": "\ud800"}',
            rb'{"user_id": "ann", "content": {"x": "\ud800"}}',
            rb'{"user_id": "ann", "content": {"x": NaN}}',
            rb'{"user_id": "ann", "content": {"x": 99999999999999999999}}',
            rb'{"user_id": "ann", "content": ' + b"[" * 600 + b"]" * 600 + b"}",
            rb'{"user_id": "ann", "content": 3}',
            rb'{"user_id": "ann", "content": "x", "colour": 1}',
        ],
    )
    def test_what_can_not_be_kept_is_refused(self, client: TestClient, raw: bytes):
        headers = {"Content-Type": "application/json"}
        answer = client.put("/v1/artifacts/a", content=raw, headers=headers)
        assert answer.status_code == 422
        assert get(client, "a").status_code == 404


class TestLists:
    def test_page_by_page_with_a_prefix(self, client: TestClient):
        for n in range(5):
            put(client, f"src/{n}", f"text {n}")
        put(client, "src/1", "newer")
        put(client, "src%25", "another")
        found: list[Any] = []
        cursor = None
        while True:
            params = {"user_id": "ann", "prefix": "src/", "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/artifacts", params=params).json()
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert [(item["path"], item["version"]) for item in found] == [
            (f"src/{n}", 2 if n == 1 else 1) for n in (4, 3, 2, 1, 0)
        ]
        assert "content" not in found[0]

    def test_versions_newest_first(self, client: TestClient):
        for n in range(1, 6):
            put(client, "a", f"text {n}")
        first = get(client, "a/versions", limit=3).json()
        rest = get(client, "a/versions", limit=3, cursor=first["next_cursor"]).json()
        assert [one["version"] for one in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
        assert rest["next_cursor"] is None
        assert first["items"][0]["checksum"] == sha256("text 5")
        assert get(client, "b/versions").status_code == 404

    def test_an_unknown_version_is_named(self, client: TestClient):
        put(client, "a", "one")
        answer = get(client, "a", version=2)
        assert (answer.status_code, answer.json()["field"]) == (404, "version")
        assert get(client, "a", version=0).status_code == 422


class TestDelete:
    def test_takes_all_versions(self, client: TestClient):
        put(client, "a", "one")
        put(client, "a", "two")
        stale = client.delete("/v1/artifacts/a", params={"user_id": "ann"}, headers={"If-Match": "1"})
        assert stale.status_code == 412
        assert client.delete("/v1/artifacts/a", params={"user_id": "ann"}).status_code == 204
        assert get(client, "a").status_code == 404
        assert get(client, "a", version=1).status_code == 404
        assert client.delete("/v1/artifacts/a", params={"user_id": "ann"}).status_code == 404
        assert put(client, "a", "three").json()["version"] == 1


class TestProcedures:
    def point(self, client: TestClient, held: int, **procedure: Any) -> httpx.Response:
        body = {"user_id": "ann", "state": {"procedure": {"artifact": "release", "version": 1} | procedure}}
        return client.put("/v1/sessions/s1/state", json=body, headers={"If-Match": str(held)})

    def test_the_pointer_survives_a_restart(self, client: TestClient, servers: Servers, tenant: str):
        put(client, "release", STEPS)
        assert self.point(client, 0, step=1).status_code == 200
        put(client, "release", {"steps": ["Something else."]})
        with (
            open_resources(servers.settings()) as opened,
            client_of(app_of(opened), make_key(opened, tenant)) as other,
        ):
            state = other.get("/v1/sessions/s1/state", params={"user_id": "ann"}).json()
            pointer = state["state"]["procedure"]
            assert pointer == {"artifact": "release", "version": 1, "step": 1}
            procedure = get(other, pointer["artifact"], version=pointer["version"]).json()["content"]
            assert procedure["steps"][pointer["step"]] == "Tag the release."
            assert self.point(other, state["version"], step=3).json()["state"]["procedure"]["step"] == 3

    @pytest.mark.parametrize(
        ("procedure", "field"),
        [
            ({"step": 4}, "state.procedure.step"),
            ({"step": -1}, "state.procedure.step"),
            ({"step": 0, "version": 2}, "state.procedure.artifact"),
            ({"step": 0, "artifact": "none"}, "state.procedure.artifact"),
            ({"step": 0, "artifact": "text"}, "state.procedure.artifact"),
            ({"step": 0, "artifact": "../x"}, "state.procedure.artifact"),
        ],
    )
    def test_a_pointer_to_nothing_is_refused(self, client: TestClient, procedure: dict[str, Any], field: str):
        put(client, "release", STEPS)
        put(client, "text", "no steps")
        answer = self.point(client, 0, **procedure)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_is_found_by_its_task(self, client: TestClient):
        put(client, "release", STEPS)
        put(client, "invoice", {"steps": ["Write it.", "Send it."]})
        for path, task in (("release", "How to publish a release"), ("invoice", "How to bill a customer")):
            body = {"user_id": "ann", "kind": "procedure", "content": task, "metadata": {"artifact": path}}
            assert client.post("/v1/memories", json=body).status_code == 201
        body = {"user_id": "ann", "query": "publish the release", "kinds": ["procedure"], "k": 1}
        (item,) = client.post("/v1/search", json=body).json()["items"]
        memory = client.get(f"/v1/memories/{item['id']}").json()
        assert get(client, memory["metadata"]["artifact"]).json()["content"] == STEPS
