"""A user's store: JSON objects under a namespace and a key."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key

RECIPES = ["recipes", "soups"]


def run(client: TestClient, *operations: dict[str, Any], user: str = "ann", status: int = 200) -> Any:
    answer = client.post("/v1/store", json={"user_id": user, "operations": list(operations)})
    assert answer.status_code == status, answer.text
    return answer.json()["results"] if status == 200 else answer.json()


def put(key: str, value: dict[str, Any], namespace: list[str] = RECIPES, **more: Any) -> dict[str, Any]:
    return {"op": "put", "namespace": namespace, "key": key, "value": value, **more}


def get(key: str, namespace: list[str] = RECIPES, **more: Any) -> dict[str, Any]:
    return {"op": "get", "namespace": namespace, "key": key, **more}


def search(prefix: list[str], **more: Any) -> dict[str, Any]:
    return {"op": "search", "namespace_prefix": prefix, **more}


def keys(result: dict[str, Any]) -> list[str]:
    return [item["key"] for item in result["items"]]


def test_what_is_written_is_read_in_the_same_request_and_the_next(client: TestClient):
    written, read = run(client, put("minestrone", {"minutes": 40, "tags": ["veg"]}), get("minestrone"))
    assert (written["item"], read["item"]["value"]) == (None, {"minutes": 40, "tags": ["veg"]})
    before = read["item"]
    after = run(client, put("minestrone", {"minutes": 45}), get("minestrone"))[1]["item"]
    assert after["value"] == {"minutes": 45}
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]
    delete = {"op": "delete", "namespace": RECIPES, "key": "minestrone"}
    assert run(client, delete, get("minestrone"), delete)[1]["item"] is None


@pytest.mark.parametrize(
    ("given_filter", "expected"),
    [
        ({}, "abcde"),
        ({"n": 1}, "a"),
        ({"n": 1.0}, "a"),
        ({"n": {"$eq": 2}}, "b"),
        ({"n": {"$ne": 2}}, "acde"),
        ({"n": {"$gt": 1}}, "bc"),
        ({"n": {"$gte": 1}}, "abc"),
        ({"n": {"$lt": 10}}, "ab"),
        ({"n": {"$lte": 10}}, "abc"),
        ({"n": {"$gt": 1, "$lt": 10}}, "b"),
        ({"n": {"$gt": "1"}}, "d"),
        ({"n": {"$lt": True}}, ""),
        ({"n": None}, "e"),
        ({"n": {"$eq": None}}, "e"),
        ({"missing": None}, ""),
        ({"missing": {"$ne": 1}}, "abcde"),
        ({"deep": {"x": [1, {"y": 2}]}}, "a"),
        ({"deep": {"x": [1, {"y": 3}]}}, ""),
        ({"deep": {}}, "b"),
        ({"a.b'; --": "ü"}, "c"),
        ({"n": 1, "deep": {}}, ""),
    ],
)
def test_filters_compare_members_by_type_and_value(client: TestClient, given_filter, expected):
    run(
        client,
        put("a", {"n": 1, "deep": {"x": [1, {"y": 2}]}}),
        put("b", {"n": 2, "deep": {}}),
        put("c", {"n": 10, "a.b'; --": "ü"}),
        put("d", {"n": "2"}),
        put("e", {"n": None}),
    )
    found = run(client, search([], filter=given_filter, limit=100))[0]
    assert sorted(keys(found)) == list(expected)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ([], "12345678"),
        (["foo"], "123"),
        (["foo", "child"], "23"),
        (["foobar"], "4"),
        (["fo"], ""),
        (["user_1"], "5"),
        (["a%b"], "6"),
        (["*"], "8"),
        (["foo", "child", "deep", "more"], ""),
        (["FOO"], ""),
        (["{a,b}"], "7"),
    ],
)
def test_a_prefix_ends_at_a_label(client: TestClient, prefix, expected):
    namespaces = [
        ["foo"], ["foo", "child"], ["foo", "child", "deep"], ["foobar"],
        ["user_1"], ["a%b"], ["{a,b}"], ["*"],
    ]  # fmt: skip
    run(client, *(put(str(at), {}, namespace) for at, namespace in enumerate(namespaces, 1)))
    assert sorted(keys(run(client, search(prefix, limit=100))[0])) == list(expected)


@pytest.mark.parametrize(
    ("conditions", "more", "expected"),
    [
        ([], {}, [["a", "x", "pub"], ["a", "y", "priv"], ["b", "x", "pub"], ["b"]]),
        ([("prefix", ["a"])], {}, [["a", "x", "pub"], ["a", "y", "priv"]]),
        ([("suffix", ["pub"])], {}, [["a", "x", "pub"], ["b", "x", "pub"]]),
        ([("suffix", ["ub"])], {}, []),
        ([("prefix", ["*", "x"])], {}, [["a", "x", "pub"], ["b", "x", "pub"]]),
        ([("prefix", ["a"]), ("suffix", ["*", "priv"])], {}, [["a", "y", "priv"]]),
        ([], {"max_depth": 1}, [["a"], ["b"]]),
        ([("prefix", ["a"])], {"max_depth": 2}, [["a", "x"], ["a", "y"]]),
        ([], {"limit": 1, "offset": 1}, [["a", "y", "priv"]]),
        ([("prefix", ["a", "x", "pub", "more"])], {}, []),
    ],
)
def test_namespaces_are_listed_by_their_labels(client: TestClient, conditions, more, expected):
    for namespace in (["a", "x", "pub"], ["a", "y", "priv"], ["b", "x", "pub"], ["b"]):
        run(client, put("k", {}, namespace))
    matches = [{"match_type": kind, "path": path} for kind, path in conditions]
    found = run(client, {"op": "list_namespaces", "match_conditions": matches, **more})[0]["namespaces"]
    assert sorted(found) == sorted(expected)


def test_a_query_finds_by_meaning_and_by_the_best_of_the_texts(client: TestClient):
    run(
        client,
        put(
            "soup",
            {},
            texts=[{"path": "a", "text": "a hot broth of beans"}, {"path": "b", "text": "bicycle"}],
        ),
        put("car", {}, texts=[{"path": "a", "text": "a red sports car"}]),
        put("plain", {}),
    )
    assert keys(run(client, search(["recipes"], query="broth of beans"))[0]) == ["soup", "car"]
    assert keys(run(client, search(["recipes"], query="bicycle"))[0])[0] == "soup"
    scores = [item["score"] for item in run(client, search([], query="a red sports car"))[0]["items"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1, abs=0.01)
    for blank in ("", " \n"):  # nothing is asked: as without a query
        assert len(run(client, search([], query=blank))[0]["items"]) == 3
    run(client, put("soup", {}, texts=[{"path": "a", "text": "a blue boat"}]))
    assert keys(run(client, search([], query="broth of beans", limit=1, offset=1))[0]) != ["plain"]


def test_own_vectors_are_compared_with_vectors_of_their_dimensions(client: TestClient):
    run(
        client,
        put("near", {}, vectors=[{"path": "$", "vector": [1, 0]}]),
        put("far", {}, vectors=[{"path": "$", "vector": [0, 1]}]),
        put("other", {}, vectors=[{"path": "$", "vector": [1, 0, 0]}]),
        put("large", {}, vectors=[{"path": "$", "vector": [-1e300, 1e300]}]),
        put("small", {}, vectors=[{"path": "$", "vector": [-1e-300, -1e-300]}]),
        put("text", {}, texts=[{"path": "$", "text": "near"}]),
    )
    found = run(client, search([], vector=[1, 0.1]))[0]
    assert keys(found) == ["near", "far", "large", "small"]


def test_what_expires_is_gone_at_once_and_a_read_may_keep_it_alive(resources: Resources, tenant: str):
    began = datetime.now(UTC)
    at = [began]
    timed = replace(resources, now=lambda: at[0])
    with client_of(app_of(timed), make_key(resources, tenant)) as client:
        run(client, put("a", {}, ttl_minutes=10), put("b", {}, ttl_minutes=10), put("c", {}))
        at[0] = began + timedelta(minutes=6)
        run(client, get("a", refresh_ttl=True), get("b"))
        at[0] = began + timedelta(minutes=12)
        assert sorted(keys(run(client, search([], refresh_ttl=True))[0])) == ["a", "c"]
        at[0] = began + timedelta(minutes=21)
        assert run(client, get("a"))[0]["item"] is not None
        at[0] = began + timedelta(minutes=23)
        assert run(client, get("a"), {"op": "list_namespaces"})[0]["item"] is None
        run(client, put("a", {}))  # writes delete what has expired
        at[0] = began + timedelta(days=900)
        assert run(client, get("a"))[0]["item"] is not None


def test_users_and_tenants_have_stores_of_their_own(client: TestClient, resources: Resources, tenant: str):
    other_tenant = client_of(app_of(resources), make_key(resources, f"{tenant}-b"))
    run(client, put("secret", {"of": "ann"}, texts=[{"path": "$", "text": "a secret"}]))
    for elsewhere, user in ((client, "bob"), (other_tenant, "ann")):
        found = run(
            elsewhere, get("secret"), search([], query="a secret"), {"op": "list_namespaces"}, user=user
        )
        assert [found[0]["item"], found[1]["items"], found[2]["namespaces"]] == [None, [], []]
    assert client.delete("/v1/users", params={"user_id": "ann"}).status_code == 200
    assert run(client, get("secret"), search([]))[1]["items"] == []


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"op": "drop"}, "operations[0]"),
        ({}, "operations[0]"),
        (put("k", {}, []), "operations[0].namespace"),
        (put("k", {}, [""]), "operations[0].namespace[0]"),
        (put("k", {}, ["x" * 201]), "operations[0].namespace[0]"),
        (put("k", {}, ["x"] * 17), "operations[0].namespace"),
        (put("", {}), "operations[0].key"),
        (put("k\x00", {}), "operations[0].key"),
        (put("\ud800", {}), ""),
        (put("k", [1]), "operations[0].value"),  # type: ignore[arg-type]
        (put("k", {"x": "\x00"}), "operations[0].value"),
        (put("k", {"x": 1e17}), "operations[0].value"),
        (put("k", {}, ttl_minutes=0), "operations[0].ttl_minutes"),
        (put("k", {}, ttl_minutes=1e9), "operations[0].ttl_minutes"),
        (put("k", {}, vectors=[{"path": "$", "vector": []}]), "operations[0].vectors[0].vector"),
        (put("k", {}, vectors=[{"path": "$", "vector": [1] * 4097}]), "operations[0].vectors[0].vector"),
        (put("k", {}, vectors=[{"path": "$", "vector": ["x"]}]), "operations[0].vectors[0].vector[0]"),
        (put("k", {}, vectors=[{"path": "$", "vector": [0, 0.0]}]), "operations[0].vectors[0].vector"),
        (put("k", {}, texts=[{"path": "a", "text": "x"}] * 2), "operations[0]"),
        (put("k", {}, texts=[{"path": str(n), "text": "x"} for n in range(33)]), "operations[0].texts"),
        (search([], limit=0), "operations[0].limit"),
        (search([], limit=1_001), "operations[0].limit"),
        (search([], offset=-1), "operations[0].offset"),
        (search([], filter={"n": {"$regex": "x"}}), "filter"),
        (search([], query="x", vector=[1]), "operations[0]"),
        ({"op": "list_namespaces", "max_depth": 0}, "operations[0].max_depth"),
        (get("k", surplus=1), "operations[0].surplus"),
    ],
)
def test_what_is_no_operation_is_refused_by_its_field(client: TestClient, operation, field):
    if field == "":  # a lone surrogate can't be sent but as an escape
        body = b'{"user_id":"ann","operations":[{"op":"get","namespace":["a"],"key":"\\ud800"}]}'
        answer = client.post("/v1/store", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        return
    problem = run(client, operation, status=422)
    named = [error["field"] for error in problem.get("errors", [problem])]
    assert any(name.startswith(field.split(".")[0]) for name in named), problem


def test_a_value_has_a_bound_in_bytes(client: TestClient, resources: Resources):
    most = resources.settings.artifact_bytes
    assert run(client, put("k", {"x": "ü" * (most // 2)}), status=422)["field"] == "operations[0].value"
    run(client, put("k", {"x": "y" * (most - 20)}))


def test_a_read_key_reads_and_does_not_write(client: TestClient, resources: Resources, tenant: str):
    run(client, put("k", {"x": 1}, ttl_minutes=5))
    reader = client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ))
    assert run(reader, get("k", refresh_ttl=True))[0]["item"]["value"] == {"x": 1}
    assert run(reader, put("k", {}), status=403)["code"] == "forbidden"
