"""A memory that is posted again, and a patch: every field is applied or refused, and none is dropped."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.schemas.memories.memories import CreateMemory, UpdateMemory
from tests.conftest import remember, search, turn

BODY = {"user_id": "ann", "content": "Ann plays the cello."}
FIRST: dict[str, Any] = {
    "agent_id": "a1",
    "kind": "fact",
    "form": "state",
    "subject": "ann",
    "keywords": ["cello"],
    "tags": ["music"],
    "entities": ["Ann"],
    "place": {"name": "Oslo", "lat": 59.9, "lon": 10.7},
    "event_from": "2026-01-01T00:00:00Z",
    "event_to": "2026-01-02T00:00:00Z",
    "importance": 0.4,
    "pinned": False,
    "expires_at": "2099-01-01T00:00:00Z",
    "metadata": {"a": 1},
}
# Field, what a second post says of it, and what the memory says then; None where it is refused.
AGAIN = [
    ("keywords", ["bow"], ["cello", "bow"]),
    ("keywords", ["cello"], ["cello"]),
    ("keywords", [f"w{n}" for n in range(32)], None),
    ("tags", ["strings", "music"], ["music", "strings"]),
    ("tags", [f"t{n}" for n in range(32)], None),
    ("entities", ["Cello"], ["Ann", "Cello"]),
    ("entities", [f"e{n}" for n in range(32)], None),
    ("metadata", {"b": 2}, {"a": 1, "b": 2}),
    ("metadata", {"a": 3}, {"a": 3}),
    ("metadata", {"b": "x" * 16_373}, None),
    ("metadata", {}, {"a": 1}),
    ("importance", 0.9, 0.9),
    ("pinned", True, True),
    ("expires_at", "2098-01-01T00:00:00Z", "2098-01-01T00:00:00Z"),
    ("expires_at", None, type(None)),
    ("agent_id", "a1", "a1"),
    ("agent_id", "a2", None),
    ("form", "state", "state"),
    ("form", "event", None),
    ("subject", "Ann", "ann"),
    ("subject", "bo", None),
    ("place", {"name": "Oslo", "lat": 59.9, "lon": 10.7}, {"name": "Oslo", "lat": 59.9, "lon": 10.7}),
    ("place", {"name": "Bergen"}, None),
    ("event_from", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
    ("event_from", "2025-01-01T00:00:00Z", None),
    ("event_to", "2026-01-03T00:00:00Z", None),
]
IDENTITY = {"agent_id", "subject", "place", "event_from", "event_to"}


def post(client: TestClient, **values: Any) -> Any:
    return client.post("/v1/memories", json=BODY | values)


def fresh(memory: Any) -> Any:
    return {name: value for name, value in memory.items() if name not in {"reliance"}}


class TestPostAgain:
    @pytest.fixture
    def made(self, client: TestClient) -> Any:
        answer = post(client, **FIRST)
        assert answer.status_code == 201, answer.text
        return answer.json()

    @pytest.mark.parametrize(("field", "second", "expected"), AGAIN, ids=str)
    def test_each_field_is_applied_or_refused(self, client, made, field, second, expected):
        answer = post(client, **{field: second})
        now = client.get(f"/v1/memories/{made['id']}").json()
        if expected is None:
            assert (answer.status_code, answer.json()["field"]) == (409, field)
            assert fresh(now) == fresh(made)
        else:
            assert (answer.status_code, answer.json()["id"]) == (201, made["id"])
            assert now[field] == (None if expected is type(None) else expected)
            others = FIRST.keys() - {field}
            assert {name: now[name] for name in others} == {name: made[name] for name in others}

    @pytest.mark.parametrize("field", sorted(IDENTITY | {"keywords", "tags", "entities", "metadata"}))
    def test_what_the_first_post_left_out_is_added(self, client, field):
        first = post(client).json()
        again = post(client, **{field: FIRST[field]}).json()
        assert (again["id"], again[field]) == (first["id"], FIRST[field])

    def test_the_table_has_every_field(self):
        elsewhere = {"user_id", "content", "kind", "attribute", "value", "asserted_at"}
        assert {field for field, _, _ in AGAIN} == CreateMemory.model_fields.keys() - elsewhere

    def test_an_earlier_date_counts(self, client):
        post(client, asserted_at="2026-03-01T00:00:00Z")
        again = post(client, asserted_at="2026-01-01T00:00:00Z").json()
        assert again["valid_from"] == "2026-01-01T00:00:00Z"

    def test_another_wording_of_the_same_value_is_the_wording_now(self, client):
        slot = {"subject": "ann", "attribute": "residence", "value": "Oslo"}
        first = post(client, content="Ann lives in Oslo.", **slot).json()
        again = post(client, content="Ann's home is Oslo.", **slot).json()
        assert (again["id"], again["content"]) == (first["id"], "Ann's home is Oslo.")
        assert search(client, "Where is Ann's home?")[0]["content"] == "Ann's home is Oslo."

    def test_another_kind_is_refused_not_dropped(self, client):
        post(client)
        answer = post(client, kind="preference")
        assert answer.status_code in {201, 409}
        if answer.status_code == 201:
            assert answer.json()["kind"] == "preference"

    def test_a_frozen_one_takes_nothing_new(self, client, made):
        client.post(f"/v1/memories/{made['id']}/freeze")
        assert post(client, tags=["new"]).status_code == 409
        assert post(client).status_code == 201


# Field of a patch, the value, and what the memory says then; None where it is refused with 422.
PATCHES = [
    ("content", "Ann plays the viola.", "Ann plays the viola."),
    ("content", None, None),
    ("value", "bergen", None),
    ("value", None, None),
    ("keywords", ["x"], ["x"]),
    ("keywords", [], []),
    ("keywords", None, []),
    ("tags", ["x"], ["x"]),
    ("tags", [], []),
    ("tags", None, []),
    ("entities", ["x"], ["x"]),
    ("entities", [], []),
    ("entities", None, []),
    ("importance", 0.9, 0.9),
    ("importance", None, None),
    ("expires_at", "2098-01-01T00:00:00Z", "2098-01-01T00:00:00Z"),
    ("expires_at", None, type(None)),
    ("metadata", {"b": 2}, {"b": 2}),
    ("metadata", {}, {}),
    ("metadata", None, {}),
    ("pinned", True, None),
    ("agent_id", "a2", None),
    ("place", None, None),
    ("kind", "event", None),
]


class TestPatch:
    @pytest.mark.parametrize(("field", "value", "expected"), PATCHES, ids=str)
    def test_each_field_is_applied_or_refused(self, client, field, value, expected):
        made = post(client, **FIRST).json()
        answer = client.patch(f"/v1/memories/{made['id']}", json={field: value}, headers={"If-Match": "1"})
        now = client.get(f"/v1/memories/{made['id']}").json()
        if expected is None:
            assert (answer.status_code, answer.json()["field"]) == (422, field)
            assert fresh(now) == fresh(made)
        else:
            assert (answer.status_code, answer.json()[field]) == (
                200,
                None if expected is type(None) else expected,
            )
            assert now == answer.json()

    def test_the_table_has_every_field(self):
        assert UpdateMemory.model_fields.keys() - {"reason"} <= {field for field, _, _ in PATCHES}


@pytest.mark.usefixtures("worker")
def test_a_fact_told_to_two_agents_is_found_by_both_and_so_is_what_replaced_it(client: TestClient):
    said = {"name": "Ann", "content": "I live in Oslo."}
    for agent, at in (("a1", "2026-01-10T10:00:00Z"), ("a2", "2026-01-11T10:00:00Z")):
        told = turn(**said, observed_at=at)
        remember(client, told, session=agent, agent_id=agent)
    for agent in ("a1", "a2"):
        params = {"user_id": "ann", "agent_id": agent, "attribute": "residence"}
        (listed,) = client.get("/v1/memories", params=params).json()["items"]
        assert listed["agent_ids"] == ["a1", "a2"]
    remember(client, turn("I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"), session="a3",
             agent_id="a3")  # fmt: skip
    for agent in ("a1", "a2", "a3"):
        found = search(client, "Where does Ann live?", agent_id=agent)
        assert "Bergen" in found[0]["content"]
        current = [item for item in found if "Oslo" in item["content"]]
        assert all(item.get("superseded_by", []) and item["valid_to"] for item in current)


@pytest.mark.usefixtures("worker")
def test_a_context_says_until_when_a_turn_held(client: TestClient):
    remember(client, turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"))
    remember(client, turn("I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"), session="s2")
    body = {"user_id": "ann", "query": "Where does Ann live?"}
    text = client.post("/v1/context", json=body).json()["text"]
    (line,) = [line for line in text.splitlines() if "I live in Oslo" in line]
    assert line.endswith("(until 10 March 2026)")
    past = client.post("/v1/context", json=body | {"as_of": "2026-02-01T00:00:00Z"}).json()["text"]
    assert "Bergen" not in past
    assert "until" not in past
