"""Each tool through HTTP: what it does, what it answers, and that its answer fits its schema."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, remember, turn, until
from tests.doors.mcp.messages import ask, call, data, refusal

READING = {"search_memory", "get_context", "list_memories", "get_memory_with_sources", "get_portrait"}
WRITING = {"add_turns", "edit_memory", "forget_memory"}
DESTRUCTIVE = {"edit_memory", "forget_memory"}


def listed(client: TestClient, **headers: str) -> dict[str, Any]:
    return {tool["name"]: tool for tool in ask(client, "tools/list", **headers)["tools"]}


def post_fact(
    client: TestClient, content: str = "Ann lives in Bergen.", user: str = "ann", **more: Any
) -> Any:
    answer = client.post("/v1/memories", json={"user_id": user, "content": content} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


class TestList:
    def test_has_eight_tools(self, client: TestClient):
        assert set(listed(client)) == READING | WRITING

    def test_annotations_tell_reading_from_destroying(self, client: TestClient):
        for name, tool in listed(client).items():
            hints = tool["annotations"]
            assert hints["readOnlyHint"] is (name in READING), name
            assert hints["destructiveHint"] is (name in DESTRUCTIVE), name
            assert hints["openWorldHint"] is False
            assert tool["title"]
            assert len(tool["description"]) > 60

    def test_every_argument_is_described(self, client: TestClient):
        for tool in listed(client).values():
            assert tool["inputSchema"]["additionalProperties"] is False
            for name, schema in tool["inputSchema"]["properties"].items():
                assert schema.get("description"), (tool["name"], name)

    def test_is_small(self, client: TestClient):
        # What a model reads before each conversation.
        assert len(json.dumps(ask(client, "tools/list", X_Memcubed_User="ann"))) < 20_000

    def test_a_read_key_sees_only_what_it_may_use(self, resources: Resources, tenant: str):
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            assert set(listed(reader)) == READING

    def test_without_a_bound_user_each_tool_asks_for_one(self, client: TestClient):
        for tool in listed(client).values():
            assert "user_id" in tool["inputSchema"]["required"]
            assert tool["inputSchema"]["properties"]["user_id"]["type"] == "string"

    @pytest.mark.parametrize("bound_by", ["header", "key"])
    def test_a_bound_user_is_no_argument(self, resources: Resources, tenant: str, bound_by: str):
        user = "ann" if bound_by == "key" else None
        key = make_key(resources, tenant, KeyScope.WRITE, user_id=user)
        headers = {"X_Memcubed_User": "ann"} if bound_by == "header" else {}
        with client_of(app_of(resources), key) as client:
            for tool in listed(client, **headers).values():
                assert "user_id" not in tool["inputSchema"]["properties"]

    def test_a_bound_session_is_no_argument(self, client: TestClient):
        for tool in listed(client, X_Memcubed_User="ann", X_Memcubed_Session="s1").values():
            assert "session_id" not in tool["inputSchema"]["properties"]

    def test_erasure_is_off(self, client: TestClient):
        assert "There is no such tool" in refusal(client, "erase_user", confirm=True)


class TestAnswers:
    @pytest.fixture
    def schemas(self, client: TestClient) -> dict[str, Any]:
        return {name: tool["outputSchema"] for name, tool in listed(client).items()}

    def test_fit_their_schemas(self, client: TestClient, schemas: dict[str, Any]):
        memory = post_fact(client)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("add_turns", {"turns": [{"role": "user", "content": "I live in Bergen."}]}),
            ("search_memory", {"query": "Where does Ann live?"}),
            ("search_memory", {"query": "zzz qqq"}),
            ("get_context", {"query": "Where does Ann live?"}),
            ("list_memories", {}),
            ("get_memory_with_sources", {"memory_id": memory["id"]}),
            ("edit_memory", {"memory_id": memory["id"], "version": 1, "importance": 0.9}),
            ("get_portrait", {}),
            ("forget_memory", {"memory_id": memory["id"]}),
        ]
        for name, arguments in calls:
            result = call(client, name, **arguments)
            assert not result["isError"], (name, result)
            assert result["content"][0]["text"]
            jsonschema.validate(result["structuredContent"], schemas[name])
        assert {name for name, _ in calls} == set(schemas)


class TestAddTurns:
    def test_are_stored_and_found_at_once(self, client: TestClient):
        stored = data(client, "add_turns", turns=[turn("I moved to Bergen."), turn("Hi", role="assistant")])
        assert len(stored["turn_ids"]) == 2
        assert stored["session_id"].startswith("mcp-2")
        items = data(client, "search_memory", query="Where did I move?")["items"]
        assert items[0]["id"] == stored["turn_ids"][0]

    def test_go_to_the_session_that_is_named(self, client: TestClient):
        assert data(client, "add_turns", turns=[turn("Hi")], session_id="s1")["session_id"] == "s1"

    def test_the_same_ref_is_one_turn(self, client: TestClient):
        twice = [data(client, "add_turns", session_id="s", turns=[turn("Hi there", ref="m1")]) for _ in "ab"]
        assert twice[0]["turn_ids"] == twice[1]["turn_ids"]
        assert twice[1]["duplicates"] == 1

    def test_a_list_may_come_as_text(self, client: TestClient):
        # As some desktop clients send it.
        stored = data(client, "add_turns", turns=json.dumps([turn("I moved to Bergen.")]))
        assert len(stored["turn_ids"]) == 1

    @pytest.mark.usefixtures("worker")
    def test_become_memories_with_sources(self, client: TestClient):
        data(client, "add_turns", turns=[turn("My dog is called Bruno.", name="Ann")], close_session=True)
        found = until(lambda: data(client, "list_memories", kinds=["fact"])["items"])
        one = data(client, "get_memory_with_sources", memory_id=found[0]["id"])
        assert "Bruno" in one["memory"]["content"]
        assert one["sources"][0]["quote"].startswith("My dog is called Bruno")
        text = call(client, "get_memory_with_sources", memory_id=found[0]["id"])["content"][0]["text"]
        assert found[0]["id"] in text
        assert "Bruno" in text


class TestRead:
    def test_a_search_that_finds_nothing_says_not_to_guess(self, client: TestClient):
        result = call(client, "search_memory", query="What is Ann's favourite opera?")
        assert result["structuredContent"]["abstained"] is True
        assert "Do not guess" in result["content"][0]["text"]

    def test_the_text_of_a_search_has_what_the_next_call_needs(self, client: TestClient):
        memory = post_fact(client)
        text = call(client, "search_memory", query="Where does Ann live?")["content"][0]["text"]
        assert f"{memory['id']}, version 1" in text

    def test_kinds_and_limit_restrict(self, client: TestClient):
        post_fact(client)
        post_fact(client, "Ann prefers tea in Bergen.", kind="preference")
        found = data(client, "search_memory", query="Ann Bergen", kinds=["preference"])["items"]
        assert [item["kind"] for item in found] == ["preference"]
        assert len(data(client, "search_memory", query="Ann Bergen", limit=1)["items"]) == 1

    def test_pages_of_memories(self, client: TestClient):
        ids = {post_fact(client, f"Ann owns boat number {number}.")["id"] for number in range(5)}
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = data(client, "list_memories", limit=2, **cursor)
            seen += [item["id"] for item in page["items"]]
            if "next_cursor" not in page:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert set(seen) == ids
        assert len(seen) == 5

    def test_a_context_stays_within_its_budget(self, client: TestClient):
        for number in range(30):
            post_fact(client, f"Ann owns boat number {number}, which lies in the harbour of Bergen.")
        found = data(client, "get_context", query="Which boats has Ann?", max_tokens=100)
        assert 0 < found["tokens"] <= 100
        assert found["memory_ids"]

    def test_a_context_begins_with_the_bound_session(self, client: TestClient):
        data(client, "add_turns", session_id="s9", turns=[turn("The pilot lamp is green.")])
        bound = {"X_Memcubed_User": "ann", "X_Memcubed_Session": "s9"}
        asked = {"name": "get_context", "arguments": {"query": "And what now?"}}
        assert "pilot lamp" in ask(client, "tools/call", asked, **bound)["structuredContent"]["text"]

    def test_no_portrait_is_no_error(self, client: TestClient):
        result = call(client, "get_portrait")
        assert not result["isError"]
        assert "portrait" not in result["structuredContent"]

    @pytest.mark.usefixtures("worker")
    def test_the_portrait(self, client: TestClient):
        for day in ("2026-03-02", "2026-03-04"):
            said = [turn("I live in Bergen and I work as a nurse.", observed_at=f"{day}T09:00:00Z")]
            remember(client, *said, session=day, close_session=True)
        portrait = until(lambda: data(client, "get_portrait").get("portrait"))
        assert "Bergen" in portrait
        read = ask(client, "resources/read", {"uri": "memcubed://portrait"}, X_Memcubed_User="ann")
        assert "Bergen" in read["contents"][0]["text"]


class TestChange:
    def test_an_edit_makes_a_version(self, client: TestClient):
        memory = post_fact(client)
        edited = data(
            client,
            "edit_memory",
            memory_id=memory["id"],
            version=1,
            content="Ann lives in Oslo.",
            reason="asked",
        )
        assert edited["memory"]["content"] == "Ann lives in Oslo."
        assert edited["memory"]["version"] == 2
        history = client.get(f"/v1/memories/{memory['id']}/history").json()
        assert "asked" in [version["reason"] for version in history["items"]]

    def test_an_edit_of_an_old_version_says_to_read_again(self, client: TestClient):
        memory = post_fact(client)
        data(client, "edit_memory", memory_id=memory["id"], version=1, importance=0.9)
        said = refusal(client, "edit_memory", memory_id=memory["id"], version=1, importance=0.1)
        assert "get_memory_with_sources" in said
        assert client.get(f"/v1/memories/{memory['id']}").json()["importance"] == 0.9

    def test_a_forgotten_memory_is_gone(self, client: TestClient):
        memory = post_fact(client)
        assert data(client, "forget_memory", memory_id=memory["id"])["forgotten"] is True
        assert client.get(f"/v1/memories/{memory['id']}").json().get("content") != memory["content"]
        assert data(client, "list_memories")["items"] == []
        assert "do not make them up" in refusal(client, "forget_memory", memory_id=str(uuid4()))

    def test_a_frozen_memory_is_refused(self, client: TestClient):
        memory = post_fact(client)
        client.post(f"/v1/memories/{memory['id']}/freeze", json={})
        assert "frozen" in refusal(client, "forget_memory", memory_id=memory["id"])

    def test_a_read_key_changes_nothing(self, resources: Resources, client: TestClient, tenant: str):
        memory = post_fact(client)
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ)) as reader:
            for name, arguments in (
                ("add_turns", {"turns": [turn("Hi")]}),
                ("edit_memory", {"memory_id": memory["id"], "version": 1, "importance": 0.1}),
                ("forget_memory", {"memory_id": memory["id"]}),
            ):
                said = refusal(reader, name, **arguments)
                assert "lacks the scope" in said
                assert "tell the user" in said
        assert client.get(f"/v1/memories/{memory['id']}").json()["version"] == 1
        assert client.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []


class TestErasure:
    @pytest.fixture
    def erasing(self, resources: Resources) -> Resources:
        return replace(resources, settings=resources.settings.model_copy(update={"mcp_erasure": True}))

    def test_needs_an_admin_key(self, erasing: Resources, client: TestClient, tenant: str):
        post_fact(client)
        with client_of(app_of(erasing), make_key(erasing, tenant, KeyScope.WRITE)) as writer:
            assert "erase_user" not in listed(writer)
            assert "lacks the scope" in refusal(writer, "erase_user", confirm=True)
        assert len(data(client, "list_memories")["items"]) == 1

    def test_erases_the_bound_user_only(self, erasing: Resources, client: TestClient, tenant: str):
        post_fact(client)
        post_fact(client, "Bob lives in Rome.", user="bob")
        with client_of(app_of(erasing), make_key(erasing, tenant)) as admin:
            assert "confirm" in refusal(admin, "erase_user")
            assert "confirm" in refusal(admin, "erase_user", confirm=False)
            receipt = data(admin, "erase_user", confirm=True)
            assert receipt["rows"] > 0
            assert receipt["remaining"] == 0
            assert data(admin, "list_memories")["items"] == []
            assert len(data(admin, "list_memories", "bob")["items"]) == 1
