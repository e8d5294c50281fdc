"""Tenants and users: what a key or a header binds, no argument of a model opens."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, turn
from tests.doors.mcp.messages import ask, call, data, refusal, send
from tests.doors.mcp.test_tools import post_fact

SECRET = "Bob keeps a falcon."


@pytest.fixture
def bobs(client: TestClient) -> dict[str, Any]:
    """A memory of another user of the same tenant."""
    post_fact(client)
    return post_fact(client, SECRET, user="bob")


class Connection:
    """A client and its headers, bound to Ann."""

    def __init__(self, client: TestClient, header: str | None) -> None:
        self.client, self.header = client, header


@pytest.fixture(params=["key", "header"])
def ann(request: pytest.FixtureRequest, resources: Resources, tenant: str) -> Connection:
    is_by_key = request.param == "key"
    key = make_key(resources, tenant, KeyScope.WRITE, user_id="ann" if is_by_key else None)
    return Connection(client_of(app_of(resources), key), None if is_by_key else "ann")


@pytest.mark.parametrize("other", ["bob", "Ann", "ann ", "ann/x", "*", "%", "ann' OR '1'='1"])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("search_memory", {"query": "Who keeps a falcon?"}),
        ("get_context", {"query": "Who keeps a falcon?"}),
        ("list_memories", {}),
        ("get_portrait", {}),
        ("add_turns", {"turns": [turn("I am Bob.")]}),
    ],
)
def test_a_bound_connection_reaches_no_other_user(
    ann: Connection, bobs: Any, tool: str, arguments: dict[str, Any], other: str
):
    result = call(ann.client, tool, ann.header, user_id=other, **arguments)
    if other.strip() == "ann":  # the same id, trimmed
        assert not result["isError"]
    else:
        assert result["isError"]
        assert "bound to one user" in result["content"][0]["text"]
    assert "falcon" not in str(result)


def test_a_memory_of_another_user_is_not_there(ann: Connection, bobs: Any, client: TestClient):
    for tool, more in (
        ("get_memory_with_sources", {}),
        ("edit_memory", {"version": 1, "content": "Bob keeps a hawk."}),
        ("forget_memory", {}),
    ):
        said = refusal(ann.client, tool, ann.header, memory_id=bobs["id"], **more)
        assert "falcon" not in said
        made_up = "01a22d16-ef95-7586-a9ef-7b377be286d3"
        assert said == refusal(ann.client, tool, ann.header, memory_id=made_up, **more)
    assert client.get(f"/v1/memories/{bobs['id']}").json()["content"] == SECRET


def test_without_a_binding_the_named_user_is_the_only_one(client: TestClient, bobs: Any):
    assert data(client, "list_memories", None, user_id="bob")["items"][0]["content"] == SECRET
    assert "falcon" not in str(data(client, "list_memories", None, user_id="ann"))
    # A memory is read as its own user's only.
    refusal(client, "get_memory_with_sources", None, user_id="ann", memory_id=bobs["id"])
    assert "Name the user" in refusal(client, "list_memories", None)


def test_another_tenant_has_nothing_of_it(resources: Resources, bobs: Any, tenant: str):
    with client_of(app_of(resources), make_key(resources, f"{tenant}-other")) as other:
        assert data(other, "list_memories", "bob")["items"] == []
        assert data(other, "search_memory", "bob", query="falcon")["items"] == []
        refusal(other, "get_memory_with_sources", "bob", memory_id=bobs["id"])
        refusal(other, "forget_memory", "bob", memory_id=bobs["id"])


def test_a_header_against_the_key_is_refused(resources: Resources, tenant: str):
    key = make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
    with client_of(app_of(resources), key) as client:
        answer = send(client, "tools/list", X_Memcubed_User="bob")
        assert answer.status_code == 403
        assert answer.json()["field"] == "X-Memcubed-User"
        assert send(client, "tools/list", X_Memcubed_User="ann").status_code == 200


@pytest.mark.parametrize(
    "uri",
    ["memcubed://users/bob/portrait", "memcubed://users/bob/sessions/s1/summary"],
)
def test_resources_of_another_user(ann: Connection, bobs: Any, uri: str):
    headers = {"X_Memcubed_User": ann.header} if ann.header else {}
    error = send(ann.client, "resources/read", {"uri": uri}, **headers).json()["error"]
    assert "bound to one user" in error["message"]


def test_the_prompt_of_another_user(ann: Connection, bobs: Any):
    headers = {"X_Memcubed_User": ann.header} if ann.header else {}
    asked = {"name": "answer_from_memory", "arguments": {"question": "Who keeps a falcon?", "user_id": "bob"}}
    error = send(ann.client, "prompts/get", asked, **headers).json()["error"]
    assert "bound to one user" in error["message"]
    asked["arguments"] = {"question": "Who keeps a bird of prey?"}
    text = ask(ann.client, "prompts/get", asked, **headers)["messages"][0]["content"]["text"]
    assert "Bob keeps" not in text


def test_a_bound_session_takes_no_other(client: TestClient):
    bound = {"X_Memcubed_User": "ann", "X_Memcubed_Session": "s1"}
    named = {"name": "add_turns", "arguments": {"turns": [turn("Hi")], "session_id": "s2"}}
    assert ask(client, "tools/call", named, **bound)["isError"]
    del named["arguments"]["session_id"]
    assert ask(client, "tools/call", named, **bound)["structuredContent"]["session_id"] == "s1"


def test_ids_of_all_scripts_bind(client: TestClient):
    for quoted, user in (("%C3%85se", "Åse"), ("%E6%88%91", "我"), ("a%25b", "a%b"), ("a%2Fb", "a/b")):
        post_fact(client, f"{user} lives in Oslo.", user=user)
        assert len(data(client, "list_memories", quoted)["items"]) == 1


@pytest.mark.parametrize(
    "value", ["", " ", "%FF", "%00", "a%0Ab", ".", "..", "a/../b", "x" * 201, "%E2%80%8B", "%ED%A0%80"]
)
@pytest.mark.parametrize("name", ["X-Memcubed-User", "X-Memcubed-Session"])
def test_a_header_that_is_no_id(client: TestClient, name: str, value: str):
    answer = send(client, "tools/list", **{name.replace("-", "_"): value})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == name
