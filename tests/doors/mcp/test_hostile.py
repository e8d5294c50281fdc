"""Arguments, messages and requests that no well-behaved client sends: refused in words, and never a 500."""

import json
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, turn
from tests.doors.mcp.messages import HEADERS, MODERN_META, ask, data, modern_headers, refusal, send

ID = "01a22d16-ef95-7586-a9ef-7b377be286d3"
DEEP: Any = 1
for _ in range(50):
    DEEP = [DEEP]

ARGUMENTS: list[tuple[str, dict[str, Any], str]] = [
    ("search_memory", {}, "query"),
    ("search_memory", {"query": ""}, "query"),
    ("search_memory", {"query": "   "}, "query"),
    ("search_memory", {"query": "x" * 4_001}, "query"),
    ("search_memory", {"query": "a\x00b"}, "query"),
    ("search_memory", {"query": 7}, "query"),
    ("search_memory", {"query": ["a"]}, "query"),
    ("search_memory", {"query": {"$ne": None}}, "query"),
    ("search_memory", {"query": DEEP}, "query"),
    ("search_memory", {"query": "a", "limit": 0}, "limit"),
    ("search_memory", {"query": "a", "limit": 51}, "limit"),
    ("search_memory", {"query": "a", "limit": -1}, "limit"),
    ("search_memory", {"query": "a", "limit": 10**30}, "limit"),
    ("search_memory", {"query": "a", "limit": 1.5}, "limit"),
    ("search_memory", {"query": "a", "limit": "many"}, "limit"),
    ("search_memory", {"query": "a", "kinds": ["facts"]}, "kinds"),
    ("search_memory", {"query": "a", "kinds": "fact"}, "kinds"),
    ("search_memory", {"query": "a", "kinds": ["fact"] * 11}, "kinds"),
    ("search_memory", {"query": "a", "since": "yesterday"}, "since"),
    ("search_memory", {"query": "a", "since": "2026-03-02"}, "since"),
    ("search_memory", {"query": "a", "until": 1_700_000_000}, "until"),
    ("search_memory", {"query": "a", "as_of": "0000-00-00T00:00:00Z"}, "as_of"),
    ("search_memory", {"query": "a", "as_of": "9999-12-31T23:59:59Z"}, "as_of"),
    ("search_memory", {"query": "a", "in_session": "../x"}, "in_session"),
    ("search_memory", {"query": "a", "explain": True}, "explain"),
    ("search_memory", {"query": "a"} | {f"x{n}": n for n in range(500)}, "unknown fields"),
    ("get_context", {"query": "a", "max_tokens": 49}, "max_tokens"),
    ("get_context", {"query": "a", "max_tokens": 10**9}, "max_tokens"),
    ("get_context", {"query": "a", "session_id": "a\u200bb"}, "session_id"),
    ("list_memories", {"status": "true"}, "status"),
    ("list_memories", {"limit": 101}, "limit"),
    ("list_memories", {"cursor": "x" * 2_001}, "cursor"),
    ("list_memories", {"cursor": "!!"}, "cursor"),
    ("list_memories", {"tags": ["a"] * 33}, "tags"),
    ("list_memories", {"tags": "[1, 2"}, "tags"),
    ("list_memories", {"subject": "a\nb"}, "subject"),
    ("get_memory_with_sources", {}, "memory_id"),
    ("get_memory_with_sources", {"memory_id": "1"}, "memory_id"),
    ("get_memory_with_sources", {"memory_id": "' OR 1=1 --"}, "memory_id"),
    ("get_memory_with_sources", {"memory_id": ID}, "no such memory"),
    ("edit_memory", {"memory_id": ID, "content": "x"}, "version"),
    ("edit_memory", {"memory_id": ID, "version": 1}, "at least one"),
    ("edit_memory", {"memory_id": ID, "version": 0, "content": "x"}, "version"),
    ("edit_memory", {"memory_id": ID, "version": "*", "content": "x"}, "version"),
    ("edit_memory", {"memory_id": ID, "version": 1, "importance": "NaN"}, "importance"),
    ("edit_memory", {"memory_id": ID, "version": 1, "content": "x" * 4_001}, "content"),
    ("edit_memory", {"memory_id": ID, "version": 1, "user_id": "bob", "content": "x"}, "bound"),
    ("forget_memory", {"memory_id": [ID]}, "memory_id"),
    ("add_turns", {}, "turns"),
    ("add_turns", {"turns": []}, "turns"),
    ("add_turns", {"turns": "hello"}, "turns"),
    ("add_turns", {"turns": [turn("x")] * 101}, "turns"),
    ("add_turns", {"turns": [{"role": "root", "content": "x"}]}, "turns.0.role"),
    ("add_turns", {"turns": [{"role": "user"}]}, "turns.0.content"),
    ("add_turns", {"turns": [{"role": "user", "text": "x"}]}, "turns.0"),
    ("add_turns", {"turns": [turn("x" * 70_000)]}, "turns.0.content"),
    ("add_turns", {"turns": [turn("x", observed_at="soon")]}, "turns.0.observed_at"),
    ("add_turns", {"turns": [turn("x", shown_memory_ids=["1"])]}, "turns.0.shown_memory_ids"),
    ("add_turns", {"turns": [turn("x")], "session_id": ""}, "session_id"),
    ("add_turns", {"turns": [turn("x")], "tenant_id": "other"}, "tenant_id"),
    ("search", {"query": "a"}, "search_memory"),
    ("", {}, "no such tool"),
    ("x" * 10_000, {}, "no such tool"),
    ("__init__", {}, "no such tool"),
]


@pytest.mark.parametrize(("tool", "arguments", "named"), ARGUMENTS, ids=lambda value: str(value)[:40])
def test_arguments_are_refused_by_name(client: TestClient, tool: str, arguments: dict[str, Any], named: str):
    said = refusal(client, tool, **arguments)
    assert named in said
    assert len(said) < 4_000
    assert client.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []


def test_the_service_still_answers_after_all_that(client: TestClient):
    assert data(client, "list_memories")["items"] == []


def test_two_turns_of_one_ref_that_differ(client: TestClient):
    data(client, "add_turns", session_id="s", turns=[turn("Hi", ref="1")])
    refusal(client, "add_turns", session_id="s", turns=[turn("Ho", ref="1")])


BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"null", 400),
    (b"[]", 400),
    (b"7", 400),
    (b'"x"', 400),
    (b"{}", 400),
    (b"\xff\xfe", 400),
    (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', 400),
    (b'{"jsonrpc": "2.0", "id": 1, "method": 7}', 400),
    (b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', 400),
    (b"[" * 100_000, 400),
    (b'{"jsonrpc": "2.0", "id": 1' + b"9" * 5_000 + b', "method": "ping"}', 400),
    (b" " * (512 * 1024 + 1), 413),
    (b'{"jsonrpc": "2.0", "method": "notifications/initialized"}', 202),
    (b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}', 202),
    (b'{"jsonrpc": "2.0", "method": "notifications/whatever", "params": {"x": [1]}}', 202),
    (b'{"jsonrpc": "2.0", "id": 1, "result": {}}', 202),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=lambda value: str(value)[:30])
def test_bodies(client: TestClient, body: bytes, status: int):
    answer = client.post("/mcp", content=body, headers=HEADERS)
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["x-request-id"]


# As no JSON library writes it: numbers without end, half a character, a key twice, very deep.
RAW = [
    b'{"query": "\\ud800"}',
    b'{"query": "a", "limit": 1e400}',
    b'{"query": "a", "limit": NaN}',
    b'{"query": "a", "limit": Infinity}',
    b'{"query": "a", "limit": ' + b"9" * 5_000 + b"}",
    b'{"query": "a", "\\ud800": 1}',
    b'{"query": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    b'{"query": "a", "query": ["b"]}',
    b'{"query": "\\u0000"}',
    b"[]",
    b'"x"',
    b"1",
]


@pytest.mark.parametrize("is_modern", [False, True])
@pytest.mark.parametrize("arguments", RAW, ids=lambda value: str(value)[:40])
def test_raw_arguments(client: TestClient, arguments: bytes, is_modern: bool):
    meta = json.dumps(MODERN_META).encode() if is_modern else b"{}"
    params = b'{"name": "search_memory", "arguments": ' + arguments + b', "_meta": ' + meta + b"}"
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ' + params + b"}"
    headers = HEADERS | {"X-Memcubed-User": "ann"}
    headers |= modern_headers("tools/call", "search_memory") if is_modern else {}
    answer = client.post("/mcp", content=body, headers=headers)
    assert answer.status_code in {200, 400}, answer.text
    said = answer.json()
    assert "error" in said or said["result"]["isError"], said


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("no/such", {}, -32601),
        ("tools/call", {}, -32602),
        ("tools/call", {"name": 7}, -32602),
        ("tools/call", {"name": "list_memories", "arguments": [1]}, -32602),
        ("tools/call", {"name": "list_memories", "arguments": "x"}, -32602),
        ("resources/read", {"uri": "file:///etc/passwd"}, -32602),
        ("resources/read", {"uri": "memcubed://users/../portrait"}, -32602),
        ("resources/read", {"uri": "memcubed://sessions/%ff/summary"}, -32602),
        ("resources/read", {"uri": "memcubed://sessions//summary"}, -32602),
        ("resources/read", {"uri": "memcubed://sessions/" + "x" * 3_000 + "/summary"}, -32602),
        ("resources/read", {"uri": "memcubed://portrait"}, -32602),
        ("resources/read", {}, -32602),
        ("prompts/get", {"name": "x"}, -32602),
        ("prompts/get", {"name": "answer_from_memory"}, -32602),
        ("prompts/get", {"name": "answer_from_memory", "arguments": {"question": ""}}, -32602),
        ("prompts/get", {"name": "answer_from_memory", "arguments": {"question": "x" * 5_000}}, -32602),
        ("prompts/get", {"name": "answer_from_memory", "arguments": {"question": "x", "k": "1"}}, -32602),
        ("subscriptions/listen", {}, -32601),
        ("resources/subscribe", {"uri": "memcubed://portrait"}, -32601),
        ("completion/complete", {"ref": {"type": "ref/prompt", "name": "x"}}, -32602),
        ("logging/setLevel", {"level": "debug"}, -32601),
    ],
)
def test_methods(client: TestClient, method: str, params: Any, code: int):
    answer = send(client, method, params, X_Memcubed_User="ann")
    assert answer.status_code in {200, 400, 404}, answer.text
    assert answer.json()["error"]["code"] == code, answer.text


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_all_versions_of_the_handshake(client: TestClient, version: str):
    params = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    assert ask(client, "initialize", params)["protocolVersion"] == version
    listed = ask(client, "tools/list", MCP_Protocol_Version=version)
    assert len(listed["tools"]) == 8


def test_the_version_without_a_handshake(client: TestClient):
    def modern(method: str, called: str | None = None, **params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params | {"_meta": MODERN_META}}
        headers = HEADERS | modern_headers(method, called) | {"X-Memcubed-User": "ann"}
        return client.post("/mcp", json=body, headers=headers).json()

    assert "2026-07-28" in modern("server/discover")["result"]["supportedVersions"]
    assert len(modern("tools/list")["result"]["tools"]) == 8
    listed = modern("tools/call", "list_memories", name="list_memories", arguments={})
    assert listed["result"]["structuredContent"] == {"items": []}
    assert modern("no/such")["error"]["code"] == -32601
    assert modern("subscriptions/listen")["error"]["code"] in {-32601, -32602}


def test_an_unknown_version_is_refused(client: TestClient):
    answer = send(client, "tools/list", MCP_Protocol_Version="1999-01-01")
    assert answer.status_code == 400


@pytest.mark.parametrize("is_modern", [False, True])
def test_the_text_of_an_unexpected_error_stays_here(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_modern: bool
):
    def fail(*_: Any) -> None:
        raise RuntimeError("xyzzy")

    monkeypatch.setattr("app.doors.mcp.tools.call_tool", fail)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_portrait"}}
    body["params"] |= {"_meta": MODERN_META} if is_modern else {}
    headers = HEADERS | (modern_headers("tools/call", "get_portrait") if is_modern else {})
    answer = client.post("/mcp", json=body, headers=headers)
    assert answer.json()["error"]["code"] == -32603
    assert "xyzzy" not in answer.text
    assert "xyzzy" not in caplog.text


class TestHttp:
    @pytest.mark.parametrize(
        "header",
        [None, "Bearer", "Bearer ", "Bearer mc_made-up", "Token x", "Basic eDp5", "mc_x", "Bearer \u00e9"],
    )
    def test_no_valid_key(self, resources: Resources, header: str | None):
        with client_of(app_of(resources), "") as client:
            del client.headers["authorization"]
            given = {} if header is None else {"Authorization": header.encode("latin-1")}
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
            answer = client.post("/mcp", content=body, headers=HEADERS | given)  # pyright: ignore
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorized"

    def test_a_revoked_key(self, resources: Resources, client: TestClient, tenant: str):
        key = make_key(resources, tenant, KeyScope.WRITE)
        with client_of(app_of(resources), key) as other:
            assert send(other, "ping").status_code == 200
            ids = [one["id"] for one in client.get("/v1/keys").json()["items"] if one["scopes"] == ["write"]]
            assert client.delete(f"/v1/keys/{ids[0]}").status_code == 204
            assert send(other, "ping").status_code == 401

    @pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
    def test_no_stream_and_no_session_to_delete(self, client: TestClient, method: str):
        answer = client.request(
            method, "/mcp", headers={"Mcp-Session-Id": "x", "Accept": "text/event-stream"}
        )
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST"

    def test_a_session_id_is_neither_given_nor_needed(self, client: TestClient):
        answer = send(client, "ping", Mcp_Session_Id="made-up")
        assert answer.status_code == 200
        assert "mcp-session-id" not in answer.headers

    def test_a_slash_at_the_end_is_the_same(self, client: TestClient):
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        assert client.post("/mcp/", json=body, headers=HEADERS).json()["result"] == {}

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_other_content_types(self, client: TestClient, content_type: str):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})
        answer = client.post("/mcp", content=body, headers=HEADERS | {"Content-Type": content_type})
        assert answer.status_code in {400, 415}

    def test_an_unknown_query_parameter(self, client: TestClient):
        assert client.post("/mcp?user_id=bob", json={}, headers=HEADERS).status_code == 422

    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("http://localhost:6274", 200),
            ("http://127.0.0.1", 200),
            ("http://[::1]:3000", 200),
            ("https://evil.example", 403),
            ("http://testserver", 403),  # the name by which the page reached this port, as in DNS rebinding
            ("http://localhost.evil.example", 403),
            ("http://127.0.0.1.evil.example", 403),
            ("null", 403),
            ("file://", 403),
            ("http://[", 403),
            ("http://localhost@evil.example", 403),
        ],
    )
    def test_pages_of_other_origins(self, client: TestClient, origin: str, status: int):
        assert send(client, "ping", Origin=origin).status_code == status

    @pytest.mark.parametrize(
        ("host", "origin", "status"),
        [
            ("memory.example:8000", None, 200),
            ("MEMORY.example", "https://memory.example", 200),
            ("localhost:8000", None, 200),
            ("evil.example", None, 403),
            ("evil.example:8000", "http://evil.example:8000", 403),
            ("memory.example", "https://evil.example", 403),
            ("memory.example.evil.example", None, 403),
        ],
    )
    def test_listed_hosts(
        self, resources: Resources, tenant: str, host: str, origin: str | None, status: int
    ):
        update = {"mcp_allowed_hosts": "memory.example, other.example"}
        listing = replace(resources, settings=resources.settings.model_copy(update=update))
        with client_of(app_of(listing), make_key(resources, tenant)) as client:
            headers = {"Host": host} | ({"Origin": origin} if origin else {})
            assert send(client, "ping", **headers).status_code == status
