"""The snapshot of a version: typed in the contract, and readable whatever wrote it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.db.memory_rows import VERSIONED_COLUMNS
from app.doors.console.rendering import build_url
from app.resources import Resources
from app.schemas.memories.memory_snapshots import MemorySnapshot
from tests.conftest import make_key
from tests.doors.console.conftest import Browser

TURN = "0190a0a0-0000-7000-8000-000000000001"
# (what an earlier release or a bundle has left, what is told of it)
OLD = {
    "nothing": ({}, {}),
    "only the words": ({"content": "Ann lives in Oslo."}, None),
    "before there were layers": (
        {"content": "x", "kind": "fact", "form": "state", "status": "activated", "confidence": 0.8},
        None,
    ),
    "nulls": ({"content": "x", "subject": None, "valid_from": None, "place": None, "metadata": None}, None),
    "erased": ({"redacted": True}, None),
    "emptied by a deletion": ({"content": "", "status": "expired", "keywords": [], "tags": []}, None),
    "without a zone": ({"valid_from": "2026-03-02T09:30:00"}, {"valid_from": "2026-03-02T09:30:00Z"}),
    "another zone": ({"valid_from": "2026-03-02T09:30:00+02:00"}, {"valid_from": "2026-03-02T07:30:00Z"}),
    "beyond the range": (
        {"valid_to": "9999-12-31T23:00:00-15:00"},
        {"valid_to": "9998-12-31T23:59:59.999999Z"},
    ),
    "before the range": ({"event_from": "0001-01-01T00:00:00+00:00"}, {"event_from": "0002-01-01T00:00:00Z"}),
    "no instant": ({"content": "x", "valid_to": "infinity"}, {"content": "x"}),
    "an instant as a number": ({"content": "x", "expires_at": 7}, {"content": "x"}),
    "a place without degrees": (
        {"place": {"name": "Oslo"}},
        {"place": {"name": "Oslo", "lat": None, "lon": None}},
    ),
    "a place with all": ({"place": {"name": "Oslo", "lat": 59.9, "lon": 10.75}}, None),
    "a place that is a text": ({"content": "x", "place": "Oslo"}, {"content": "x"}),
    "a place without a name": ({"content": "x", "place": {"lat": 1.0}}, {"content": "x"}),
    "a kind that is no more": ({"content": "x", "kind": "belief"}, {"content": "x"}),
    "a status that is no more": (
        {"content": "x", "status": "deleted", "kind": "fact"},
        {"content": "x", "kind": "fact"},
    ),
    "tags that are none": ({"content": "x", "tags": "music"}, {"content": "x"}),
    "words that are none": ({"content": 5, "tags": ["a"]}, {"tags": ["a"]}),
    "turns that are none": ({"content": "x", "turn_ids": ["t1"]}, {"content": "x"}),
    "turns": ({"content": "x", "turn_ids": [TURN]}, None),
    "fields of later or of others": ({"content": "x", "mood": "glad", "trace": {"n": [1, None]}}, None),
    "metadata of all kinds": ({"metadata": {"a": {"b": [1, 2.5, None, True, "ü"]}, "": {}}}, None),
    "a copy": ({"content": "x", "origin": "copy", "polarity": -1, "layer": "long", "strength": 3.5}, None),
}


def history(client: TestClient, memory_id: str) -> list[Any]:
    answer = client.get(f"/v1/memories/{memory_id}/history")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
def memory_id(client: TestClient) -> str:
    place = {"name": "Oslo", "lat": 59.9, "lon": 10.75}
    body = {"user_id": "ann", "content": "Ann lives in Oslo.", "tags": ["home"], "place": place}
    body |= {"metadata": {"n": {"deep": 1}}, "subject": "Ann", "attribute": "residence", "value": "Oslo"}
    answer = client.post("/v1/memories", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.fixture
def browser(resources: Resources, tenant: str) -> Iterator[Browser]:
    opened = Browser(resources)
    assert opened.log_in(make_key(resources, tenant)).status_code == 303
    yield opened
    opened.http.close()


class TestStored:
    @pytest.mark.parametrize("shape", OLD)
    def test_of_whatever_shape_is_told(
        self, client: TestClient, owner: Engine, memory_id: str, browser: Browser, shape: str
    ):
        stored, told = OLD[shape]
        with owner.begin() as connection:
            values = {"s": json.dumps(stored), "id": memory_id}
            changed = connection.execute(
                text("UPDATE memory_versions SET snapshot = CAST(:s AS jsonb) WHERE memory_id = :id"), values
            )
            assert changed.rowcount == 1
        (version,) = history(client, memory_id)
        assert version["snapshot"] == (stored if told is None else told)
        assert MemorySnapshot.model_validate(version["snapshot"])
        assert browser.http.get(build_url(f"/memories/{memory_id}")).status_code == 200
        mem0 = client.get(f"/compat/mem0/v1/memories/{memory_id}/history/")
        assert mem0.status_code == 200, mem0.text

    def test_of_this_release_is_told_as_the_memory_is(self, client: TestClient, memory_id: str):
        (version,) = history(client, memory_id)
        memory = client.get(f"/v1/memories/{memory_id}").json()
        kept = {name.rstrip("_") for name in VERSIONED_COLUMNS} | {"turn_ids"}
        assert set(version["snapshot"]) == kept
        # What a new memory leaves to the defaults of the table is null in its first version.
        same = {name for name in kept & set(memory) if version["snapshot"][name] is not None}
        assert {name: version["snapshot"][name] for name in same} == {name: memory[name] for name in same}
        assert {"content", "metadata", "place", "valid_from", "tags"} <= same


class TestContract:
    def test_names_all_that_a_version_keeps(self):
        document = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text())
        schemas = document["components"]["schemas"]
        reference = schemas["MemoryVersion"]["properties"]["snapshot"]["$ref"]
        snapshot = schemas[reference.rpartition("/")[2]]
        kept = {name.rstrip("_") for name in VERSIONED_COLUMNS}
        assert set(snapshot["properties"]) == kept | {"turn_ids", "redacted"}
        assert "required" not in snapshot
        assert snapshot.get("additionalProperties", True) is not False
