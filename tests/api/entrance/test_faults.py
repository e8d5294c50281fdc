"""Mistakes of a newcomer: what is wrong is said, and with it what was probably meant."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

ONE = {"role": "user", "content": "I live in Oslo."}


def turns(**turn: Any) -> dict[str, Any]:
    return {"user_id": "ann", "session_id": "s1", "turns": [turn]}


BODIES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "text": ("turns", turns(role="user", text="Hi."), "turns[0].text", "did you mean `content`?"),
    "message": ("turns", turns(role="user", message="Hi."), "turns[0].message", "did you mean `content`?"),
    "messages": ("turns", {"user_id": "ann", "session_id": "s1", "messages": [ONE]}, "messages", "`turns`"),
    "userId": ("turns", {"userId": "ann", "session_id": "s1", "turns": [ONE]}, "userId", "`user_id`"),
    "session": ("turns", {"user_id": "ann", "session": "s1", "turns": [ONE]}, "session", "`session_id`"),
    "thread_id": (
        "turns",
        {"user_id": "ann", "thread_id": "s1", "turns": [ONE]},
        "thread_id",
        "`session_id`",
    ),
    "timestamp": ("turns", turns(**ONE, timestamp=1), "turns[0].timestamp", "`observed_at`"),
    "conten": ("turns", turns(role="user", conten="Hi."), "turns[0].conten", "`content`"),
    "far off": ("turns", turns(**ONE, zzz=1), "turns[0].zzz", "it takes `role`, `content`"),
    "top_k": ("search", {"user_id": "ann", "query": "q", "top_k": 3}, "top_k", "`k`"),
    "question": ("search", {"user_id": "ann", "question": "q"}, "question", "`query`"),
    "filter": ("search", {"user_id": "ann", "query": "q", "filter": {}}, "filter", "`filters`"),
    "tag": ("search", {"user_id": "ann", "query": "q", "filters": {"tag": ["a"]}}, "filters.tag", "`tags`"),
    "kind": (
        "search",
        {"user_id": "ann", "query": "q", "kinds": ["facts"]},
        "kinds[0]",
        "'fact', 'preference'",
    ),
    "metadata field": (
        "search",
        {"user_id": "ann", "query": "q", "filters": {"metadata": {"field": 3, "op": "eq", "value": 1}}},
        "filters.metadata.field",
        "valid string",
    ),
    "metadata in and": (
        "search",
        {"user_id": "ann", "query": "q", "filters": {"metadata": {"and": [{"feld": "a"}]}}},
        "filters.metadata.and[0].feld",
        "did you mean `field`?",
    ),
    "blank": ("search", {"user_id": "ann", "query": "  "}, "query", "must not be blank"),
    "yesterday": (
        "turns",
        turns(**ONE, observed_at="yesterday"),
        "turns[0].observed_at",
        "2026-03-02T09:30:00Z",
    ),
    "no zone": (
        "turns",
        turns(**ONE, observed_at="2026-03-02T09:30:00"),
        "turns[0].observed_at",
        "with a zone, as 2026-03-02T09:30:00Z",
    ),
    "a day": (
        "turns",
        turns(**ONE, observed_at="2026-03-02"),
        "turns[0].observed_at",
        "2026-03-02T09:30:00Z",
    ),
    "seconds": (
        "turns",
        turns(**ONE, observed_at=1772443800),
        "turns[0].observed_at",
        "2026-03-02T09:30:00Z",
    ),
    "bad role": ("turns", turns(role="bot", content="Hi."), "turns[0].role", "'user', 'assistant'"),
    "too long": (
        "turns",
        turns(role="user", content="x" * 70_000),
        "turns[0].content",
        "at most 65536 bytes",
    ),
    "both": ("artifacts/a", {"user_id": "ann"}, "body", "give content or reference"),
    "no object": ("search", [], "body", "must be a JSON object"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", BODIES)
def test_a_field_is_named_with_what_was_meant(client: TestClient, name: str):
    route, body, field, words = BODIES[name]
    answer = client.request("PUT" if route.startswith("artifacts") else "POST", f"/v1/{route}", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (422, field)
    assert words in problem["detail"]
    assert problem["errors"][0]["field"] == field
    for leak in ("Value error", "str-enum", "constrained-str", "pydantic", "function-"):
        assert leak not in answer.text


NOT_JSON = {
    b'{"user_id": "a" x}': "at byte 16",
    b"": "a JSON object is needed",
    b"{": "at byte 1",
    b"nonsense": "at byte 0",
    '{"é": x}'.encode(): "at byte 7",
    b'{"a": 1} extra': "at byte 9",
    b'{"a": \xff}': "not UTF-8 at byte 6",
    b"[" * 100_000: "nested too deeply",
}


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_told_with_its_place(client: TestClient, body: bytes):
    answer = client.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == (400 if body else 422)
    assert answer.json()["code"] == ("malformed_json" if body else "invalid_input")
    assert NOT_JSON[body] in answer.json()["detail"]


def test_the_place_is_right_in_a_large_body(client: TestClient):
    body = json.dumps(turns(role="user", content="é" * 300), ensure_ascii=False)
    body = body.replace('"turns": [', '"turns": [' + (body[body.index("[") + 1 : -2] + ", ") * 1_700)
    raw = body.encode()[:-2] + b" x]}"
    assert len(raw) > 2**20
    answer = client.post("/v1/turns", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    if answer.status_code == 400:
        assert f"at byte {len(raw) - 3}" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        (None, "none came"),
        ("text/plain", "`text/plain` came"),
        ("application/x-www-form-urlencoded", "`application/x-www-form-urlencoded` came"),
        ("multipart/form-data; boundary=x", "`multipart/form-data` came"),
        ("<script>", "none came"),
    ],
)
def test_a_body_of_another_type_is_not_read(client: TestClient, content_type: str | None, words: str):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/v1/search", content=b'{"user_id": "ann", "query": "q"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "`Content-Type: application/json`" in answer.json()["detail"]
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "application/vnd.a+json"]
)
def test_json_is_read_under_its_names(client: TestClient, content_type: str):
    body = b'{"user_id": "ann", "query": "q"}'
    assert client.post("/v1/search", content=body, headers={"Content-Type": content_type}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Authorization": "Token mc_x"}, "The scheme that came is `Token`."),
        ({"Authorization": "Basic YTpi"}, "The scheme that came is `Basic`."),
        ({"Authorization": "mc_secret"}, "What came is no scheme and a key."),
        ({"Authorization": "mc_secret key"}, "What came is no scheme and a key."),
        ({"Authorization": "", "X-API-Key": "mc_secret"}, "`X-API-Key` came, which is not read."),
        ({"Authorization": ""}, "send it as `Authorization: Bearer <key>`."),
        ({"Authorization": "Bearer mc_made_up"}, "send it as `Authorization: Bearer <key>`."),
    ],
)
def test_who_sends_another_scheme_is_told_so(client: TestClient, headers: dict[str, str], words: str):
    answer = client.get("/v1/keys", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["detail"].endswith(words)
    assert "secret" not in answer.text


class TestPaths:
    @pytest.mark.parametrize("path", ["/v2/turns", "/v1", "/v1/nothing", "/index.html"])
    def test_an_unknown_one_names_the_docs(self, client: TestClient, path: str):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "/docs" in answer.json()["detail"]

    def test_another_method_is_told_those_that_are_taken(self, client: TestClient):
        answer = client.put("/v1/turns", json={})
        assert answer.status_code == 405
        assert "PUT" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "path", ["/v1/turns/?user_id=ann", "/v1/memories/?user_id=ann", "/v1/keys/", "/healthz/", "/docs/"]
    )
    def test_a_slash_at_the_end_is_served_and_not_redirected(self, client: TestClient, path: str):
        assert client.get(path, follow_redirects=False).status_code == 200

    def test_a_slash_at_the_end_of_a_post_is_served(self, client: TestClient):
        body = {"user_id": "ann", "query": "q"}
        assert client.post("/v1/search/", json=body, follow_redirects=False).status_code == 200

    def test_a_slash_at_the_end_of_an_id_names_nobody_else(self, client: TestClient):
        client.post("/v1/turns", json=turns(**ONE))
        assert client.delete("/v1/users/ann/").status_code == 404
        assert client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]

    def test_too_large_is_told_with_the_limit(self, client: TestClient):
        answer = client.post(
            "/v1/search", content=b"[" + b"1," * 400_000, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert "524288 bytes" in answer.json()["detail"]
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


class TestPages:
    def test_the_start_page_names_what_is_here(self, client: TestClient):
        page = client.get("/", headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "/docs" in page.text
        assert "/openapi.json" in page.text
        assert "script" not in page.headers["Content-Security-Policy"]

    def test_a_program_gets_json(self, client: TestClient):
        answer = client.get("/", headers={"Accept": "application/json"}).json()
        assert (answer["name"], answer["docs"], answer["openapi"]) == ("memcubed", "/docs", "/openapi.json")

    def test_every_link_leads_somewhere(self, client: TestClient):
        answer = client.get("/", headers={"Accept": "application/json"}).json()
        links = [path for path in answer.values() if path.startswith("/")]
        assert len(links) >= 3
        for path in links:
            assert client.get(path).status_code in {200, 303, 503}, path

    def test_the_docs_load_nothing_from_elsewhere(self, client: TestClient):
        page = client.get("/docs")
        assert "http" not in page.text.replace("<!doctype html>", "")
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js", "favicon-32x32.png"):
            assert f"/docs/{name}" in page.text
            assert client.get(f"/docs/{name}").status_code == 200


class TestHeaders:
    def test_an_edit_says_the_version_to_send_next(self, client: TestClient):
        made = client.post("/v1/memories", json={"user_id": "ann", "content": "Ann rows."})
        assert made.headers["Location"] == f"/v1/memories/{made.json()['id']}"
        path, tag = made.headers["Location"], made.headers["ETag"]
        for words in ("Ann rows a lot.", "Ann rows daily."):
            edited = client.patch(path, json={"content": words}, headers={"If-Match": tag})
            assert edited.status_code == 200
            tag = edited.headers["ETag"]
        pinned = client.post(f"{path}/pin")
        assert pinned.headers["ETag"] == f'"{pinned.json()["version"]}"'

    def test_turns_say_where_their_job_is(self, client: TestClient):
        accepted = client.post("/v1/turns", json=turns(**ONE))
        assert client.get(accepted.headers["Location"]).json()["id"] == accepted.json()["job_id"]

    def test_an_artifact_says_where_it_is(self, client: TestClient):
        made = client.put("/v1/artifacts/a b/c.py", json={"user_id": "ann", "content": "x"})
        assert made.status_code == 201
        assert client.get(made.headers["Location"]).json()["content"] == "x"
