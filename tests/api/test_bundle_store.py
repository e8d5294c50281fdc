"""A user's store in a bundle: items and vectors come back as they were."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from tests.api.test_bundles import bundle_of, changed, exported, lines, removed, taken_in
from tests.api.test_store_items import get, keys, put, run, search
from tests.conftest import app_of, client_of, make_key

ALL = {"op": "list_namespaces"}
OWN = {"path": "v", "vector": [0.6, 0.8]}
VALUE = {"title": "Minestrone", "minutes": 40.5, "tags": ["veg", None, {"øl": True}], "": "北京"}


@pytest.fixture
def other(resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client of another tenant, which is empty."""
    with client_of(app_of(resources), make_key(resources, f"{tenant}-b")) as opened:
        yield opened


def filled(client: TestClient) -> None:
    run(
        client,
        put("minestrone", VALUE, texts=[{"path": "title", "text": "A soup of beans and cabbage"}]),
        put("bread", {"title": "Rye bread"}, ["recipes", "*", "a.b"], texts=[{"path": "t", "text": "Bread"}]),
        put("own", {}, ["vectors"], vectors=[OWN]),
        put("plain", {}, ["Ünïcode", "%_\n"]),
        put("brief", {"n": 1}, ["brief"], ttl_minutes=30),
    )


def seen(client: TestClient) -> Any:
    soup, bread = search(["recipes"], query="vegetable soup"), search(["recipes"], query="loaf")
    return run(client, search([], limit=100), soup, bread, search([], vector=OWN["vector"]), ALL)


@pytest.mark.parametrize("embeddings", [True, False])
def test_a_store_is_the_same_afterwards(client: TestClient, other: TestClient, embeddings: bool):
    filled(client)
    bundle = exported(client, embeddings=embeddings)
    added = taken_in(other, bundle)
    assert (added["added"]["store_item"], added["added"]["store_vector"], added["embedded"]) == (5, 3, 0)
    assert seen(other) == seen(client)
    assert keys(seen(other)[1]) == ["minestrone", "bread"]
    assert keys(seen(other)[3]) == ["own"]
    assert exported(other, embeddings=embeddings).split(b"\n", 1)[1] == bundle.split(b"\n", 1)[1]


def test_the_time_to_live_goes_on(client: TestClient, other: TestClient):
    filled(client)
    taken_in(other, exported(client))
    before = run(other, get("brief", ["brief"]))[0]["item"]
    after = run(other, get("brief", ["brief"], refresh_ttl=True))[0]["item"]
    assert after["expires_at"] > before["expires_at"]
    parts = lines(exported(client))
    for part in parts:
        if part.get("key") == "brief":
            part["expires_at"] = part["created_at"]
    taken_in(other, bundle_of(parts), user_id="bob")
    assert run(other, get("brief", ["brief"]), user="bob")[0]["item"] is None


def test_texts_of_another_model_are_found_where_they_arrive(client: TestClient, other: TestClient):
    filled(client)
    parts = lines(exported(client))
    vector = base64.b64encode(np.full(5, 0.5, dtype="<f2").tobytes()).decode()
    for part in parts:
        if part["type"] == "store_vector" and part["text"]:
            part |= {"model_id": "another", "vector": vector}
    taken_in(other, bundle_of(parts))
    assert [keys(result) for result in seen(other)[1:4]] == [keys(result) for result in seen(client)[1:4]]


def test_a_second_import_adds_nothing_and_histories_are_not_mixed(client: TestClient, other: TestClient):
    filled(client)
    bundle = exported(client)
    taken_in(other, bundle)
    run(other, put("more", {}))
    assert set(taken_in(other, bundle)["added"].values()) == {0}
    run(other, {"op": "delete", "namespace": ["vectors"], "key": "own"})
    answer = other.post("/v1/import", content=bundle)
    assert (answer.status_code, answer.json()["field"]) == (409, "user_id")
    assert run(other, get("own", ["vectors"]))[0]["item"] is None


def test_a_user_who_has_items_gets_no_turns_of_another_life(client: TestClient, other: TestClient):
    client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
    run(other, put("own", {}))
    assert other.post("/v1/import", content=exported(client)).status_code == 409
    assert other.get("/v1/memories", params={"user_id": "ann"}).json()["items"] == []


def test_an_item_that_expires_does_not_stop_a_second_import(client: TestClient, other: TestClient):
    client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
    filled(client)
    bundle = exported(client)
    taken_in(other, bundle)
    run(other, {"op": "delete", "namespace": ["brief"], "key": "brief"})
    assert set(taken_in(other, bundle)["added"].values()) == {0}


def test_a_bundle_of_before_there_were_stores_is_read(client: TestClient, other: TestClient):
    client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
    header, *records = exported(client).splitlines(keepends=True)
    old = json.loads(header)
    del old["counts"]["store_item"], old["counts"]["store_vector"]
    assert taken_in(other, json.dumps(old).encode() + b"\n" + b"".join(records))["added"]["memory"] == 1


def test_an_imported_store_is_erased_like_all_else(client: TestClient, other: TestClient):
    filled(client)
    taken_in(other, exported(client))
    assert other.delete("/v1/users/ann").json()["remaining"] == 0
    assert run(other, search([]))[0]["items"] == []


def halves(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, dtype="<f2").tobytes()).decode()


def item_twice(parts: list[Any]) -> str:
    place = next(i for i, part in enumerate(parts) if part["type"] == "store_item")
    parts.insert(place, parts[place])
    return f"lines[{place + 2}].key"


SPOILT = {
    "no label": changed("store_item", "namespace", []),
    "too many labels": changed("store_item", "namespace", ["a"] * 17),
    "no text of a label": changed("store_item", "key", ""),
    "long key": changed("store_item", "key", "k" * 501),
    "a key with a NUL": changed("store_item", "key", "a\0"),
    "a list": changed("store_item", "value", [1]),
    "a text": changed("store_item", "value", "x"),
    "a time to live of nothing": changed("store_item", "ttl_minutes", 0),
    "a time to live for ever": changed("store_item", "ttl_minutes", 1e300),
    "no time": changed("store_item", "created_at", None),
    "a time of no zone": changed("store_item", "updated_at", "2026-01-01T00:00:00"),
    "a time of no year": changed("store_item", "expires_at", "0001-01-01T00:00:00Z"),
    "something else": changed("store_item", "colour", "red"),
    "no value": removed("store_item", "value"),
    "twice": item_twice,
    "no such item": changed("store_vector", "key", "elsewhere"),
    "no base64": changed("store_vector", "vector", "é"),
    "half a number": changed("store_vector", "vector", "AA=="),
    "no numbers": changed("store_vector", "vector", ""),
    "too many numbers": changed("store_vector", "vector", halves(*[1.0] * 4097)),
    "no direction": changed("store_vector", "vector", halves(0, 0)),
    "no number": changed("store_vector", "vector", halves(float("nan"), 1)),
    "too large a number": changed("store_vector", "vector", halves(float("inf"), 1)),
    "no path": changed("store_vector", "path", ""),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_no_store_is_refused_by_its_line_and_field(client: TestClient, other: TestClient, name: str):
    filled(client)
    parts = lines(exported(client))
    field = SPOILT[name](parts)
    answer = other.post("/v1/import", content=bundle_of(parts))
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].startswith(field)
    assert run(other, search([]))[0]["items"] == []


@pytest.mark.parametrize("changes", [{"text": None}, {"model_id": ""}])
def test_a_vector_has_text_and_model_or_neither(client: TestClient, other: TestClient, changes: Any):
    filled(client)
    parts = lines(exported(client))
    next(part for part in parts if part["type"] == "store_vector" and part["text"]).update(changes)
    assert other.post("/v1/import", content=bundle_of(parts)).status_code == 422
