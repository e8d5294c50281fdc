"""JSON that a client may keep comes back equal by every door; what would not is a 422 that names it."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.core.json_values import MAX_DEPTH, find_json_fault
from app.db.session import open_engine
from app.resources import Resources
from tests.conftest import Servers, app_of, client_of, make_key
from tests.core.test_json_values import ACCEPTED, REFUSED, VALUES, deep, same

HEADERS = {"Content-Type": "application/json"}


def sent(client: TestClient, method: str, path: str, body: Any, **headers: str) -> Any:
    """As any client may write it: with NaN, lone surrogates and whatever else Python's JSON has."""
    return client.request(method, path, content=json.dumps(body), headers=HEADERS | headers)


def in_turn(client: TestClient, data: Any) -> Any:
    turn = {"role": "user", "content": "I row.", "metadata": data}
    return sent(client, "POST", "/v1/turns", {"user_id": "ann", "session_id": "s1", "turns": [turn]})


def in_memory(client: TestClient, data: Any) -> Any:
    body = {"user_id": "ann", "content": f"Ann rows {uuid4().hex}", "metadata": data}
    return sent(client, "POST", "/v1/memories", body)


def in_edit(client: TestClient, data: Any) -> Any:
    made = in_memory(client, {}).json()
    return sent(client, "PATCH", f"/v1/memories/{made['id']}", {"metadata": data}, **{"If-Match": "1"})


def in_state(client: TestClient, data: Any) -> Any:
    held = client.get("/v1/sessions/quiet/state", params={"user_id": "ann"})
    version = held.json()["version"] if held.status_code == 200 else 0
    body = {"user_id": "ann", "state": {"data": data}}
    return sent(client, "PUT", "/v1/sessions/quiet/state", body, **{"If-Match": str(version)})


def in_artifact_metadata(client: TestClient, data: Any) -> Any:
    return sent(
        client, "PUT", "/v1/artifacts/a", {"user_id": "ann", "content": uuid4().hex, "metadata": data}
    )


def in_artifact(client: TestClient, data: Any) -> Any:
    return sent(client, "PUT", "/v1/artifacts/b", {"user_id": "ann", "content": data})


# Each door: how it is put in, the field to blame, and how it comes out of the answer or of a read.
DOORS: dict[str, tuple[Callable[[TestClient, Any], Any], str, Callable[[TestClient, Any], Any]]] = {
    "turn": (in_turn, "turns[0].metadata", lambda c, _: of(c, "/v1/turns")["items"][-1]["metadata"]),
    "memory": (in_memory, "metadata", lambda c, a: c.get(f"/v1/memories/{a['id']}").json()["metadata"]),
    "edit": (in_edit, "metadata", lambda c, a: last_version(c, a["id"])["snapshot"]["metadata"]),
    "state": (in_state, "state.data", lambda c, _: of(c, "/v1/sessions/quiet/state")["state"]["data"]),
    "artifact's metadata": (
        in_artifact_metadata,
        "metadata",
        lambda c, _: of(c, "/v1/artifacts/a")["metadata"],
    ),
    "artifact": (in_artifact, "content", lambda c, _: of(c, "/v1/artifacts/b")["content"]),
}
IN_JSONB = [name for name in DOORS if name != "artifact"]


def of(client: TestClient, path: str) -> Any:
    page = {"limit": 200} if path == "/v1/turns" else {}
    answer = client.get(path, params={"user_id": "ann"} | page)
    assert answer.status_code == 200, answer.text
    return answer.json()


def last_version(client: TestClient, memory_id: str) -> Any:
    return client.get(f"/v1/memories/{memory_id}/history").json()["items"][-1]


@pytest.fixture(scope="module")
def resources(without_llm: Resources) -> Resources:
    """Of a database without a worker, which would change what is compared."""
    return without_llm


@pytest.fixture(scope="module")
def owner(servers: Servers, llm_database: str) -> Iterator[Engine]:
    """The owner's engine of that database."""
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", f"/{llm_database}?"), pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def new_client(resources: Resources) -> Iterator[Callable[[], TestClient]]:
    app = app_of(resources)
    with client_of(app, ""):
        yield lambda: client_of(app, make_key(resources, f"t-{uuid4().hex[:12]}"))


def round_trip(client: TestClient, other: TestClient) -> None:
    """Export, import, and export again are one bundle."""
    bundle = client.get("/v1/users/ann/export")
    assert bundle.status_code == 200
    taken = other.post("/v1/import", content=bundle.content)
    assert taken.status_code == 200, taken.text
    assert other.get("/v1/users/ann/export").content.split(b"\n", 1)[1] == bundle.content.split(b"\n", 1)[1]


class TestDoors:
    def test_what_is_accepted_comes_back_by_every_door(
        self, client: TestClient, new_client: Callable[[], TestClient]
    ):
        # By themselves in tests/core; here with all others there is no room for them.
        data = {name: value for name, value in ACCEPTED.items() if len(json.dumps(value)) < 1_000}
        del data["as deep as may be"]
        data["deep"] = deep(MAX_DEPTH - 1)
        for door, (put, _, read) in DOORS.items():
            answer = put(client, data)
            assert answer.is_success, (door, answer.text)
            assert same(read(client, answer.json()), data), door
        round_trip(client, new_client())

    @pytest.mark.parametrize("door", DOORS)
    def test_what_is_refused_is_a_422_that_names_the_field(self, client: TestClient, door: str):
        put, field, _ = DOORS[door]
        for name, value in REFUSED.items():
            if name in {"a set", "bytes", "far too deep", "a key that is none", "an integer of 5,000 digits"}:
                continue  # no JSON, or no body that a server has to read
            as_text = door == "artifact"
            answer = put(client, {"kept": value})
            if as_text and find_json_fault({"kept": value}, as_text=True) is None:
                assert answer.is_success, (name, answer.text)
            else:
                assert (answer.status_code, answer.json().get("field")) == (422, field), (name, answer.text)

    @pytest.mark.parametrize("digits", ["1" * 5_000, "1e999", "-1e999", "[" * 5_000 + "]" * 5_000])
    def test_what_no_parser_reads_is_the_clients_fault(self, client: TestClient, digits: str):
        for path, body in (
            ("/v1/memories", f'{{"user_id": "ann", "content": "x", "metadata": {{"n": {digits}}}}}'),
            ("/v1/memories", f'{{"user_id": "ann", "content": "x", "importance": {digits}}}'),
            ("/v1/search", f'{{"user_id": "ann", "query": "x", "k": {digits}}}'),
            ("/v1/search", f'{{"user_id": "ann", "query": "x", "wait_seconds": {digits}}}'),
        ):
            assert client.post(path, content=body, headers=HEADERS).status_code in {400, 422}, (
                path,
                body[:80],
            )

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=3))
    def test_whatever_json_comes_back_equal_or_is_refused(
        self, new_client: Callable[[], TestClient], data: dict[str, Any]
    ):
        client = new_client()
        for door, (put, field, read) in DOORS.items():
            fault = find_json_fault(data, as_text=door == "artifact")
            answer = put(client, data)
            if fault is None:
                assert answer.is_success, (door, answer.text)
                assert same(read(client, answer.json()), data), door
            else:
                assert answer.status_code in {400, 422}, (door, answer.text)
                assert answer.status_code == 400 or answer.json()["field"] == field
        if find_json_fault(data) is None:
            round_trip(client, new_client())


class TestNumbers:
    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 400])
    @pytest.mark.parametrize(
        ("path", "field", "body"),
        [
            ("/v1/memories", "importance", '{"user_id": "ann", "content": "x", "importance": N}'),
            (
                "/v1/memories",
                "place.lat",
                '{"user_id": "a", "content": "x", "place": {"name": "p", "lat": N}}',
            ),
            (
                "/v1/memories",
                "place.lon",
                '{"user_id": "a", "content": "x", "place": {"name": "p", "lon": N}}',
            ),
            ("/v1/search", "k", '{"user_id": "ann", "query": "x", "k": N}'),
            ("/v1/search", "wait_seconds", '{"user_id": "ann", "query": "x", "wait_seconds": N}'),
            (
                "/v1/search",
                "filters.near.km",
                '{"user_id": "a", "query": "x", "filters": {"near": {"lat": 1, "lon": 1, "km": N}}}',
            ),
            ("/v1/context", "max_tokens", '{"user_id": "ann", "query": "x", "max_tokens": N}'),
        ],
    )
    def test_what_is_no_number_is_refused(
        self, client: TestClient, path: str, field: str, body: str, number: str
    ):
        answer = client.post(path, content=body.replace("N}", number + "}"), headers=HEADERS)
        assert answer.status_code in {400, 422}, answer.text
        assert (
            answer.status_code == 400
            or answer.json()["field"] in {field, "body"}
            or "json" in answer.text.lower()
        )

    @pytest.mark.parametrize("value", ["nan", "inf", "1e999", "1" * 5_000, "-1", "1.5e", "\u0661"])
    def test_nor_is_it_in_a_query_or_header(self, client: TestClient, value: str):
        for path, name in (
            ("/v1/memories", "limit"),
            ("/v1/memories", "within_km"),
            ("/v1/memories", "near"),
            ("/v1/sessions/s1/working-set", "slots"),
            ("/v1/artifacts/a", "version"),
        ):
            if (name, value) == ("within_km", "\u0661"):
                continue
            params = {"user_id": "ann", name: value} | ({"near": "1,1"} if name == "within_km" else {})
            answer = client.get(path, params=params)
            assert (answer.status_code, answer.json()["field"]) == (422, name), (path, name, answer.text)
        headers = {"If-Match": value.encode()}
        answer = client.patch(f"/v1/memories/{uuid4()}", json={"importance": 0.1}, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, "If-Match")


class TestIdempotency:
    def test_an_object_has_no_order_and_a_number_has_a_type(self, client: TestClient):
        def put(data: str) -> int:
            body = f'{{"user_id": "ann", "content": "Ann rows", "metadata": {data}}}'
            headers = HEADERS | {"Idempotency-Key": "k"}
            return client.post("/v1/memories", content=body, headers=headers).status_code

        assert put('{"a": 1, "b": [1e20]}') == 201
        assert put('{"b": [1e20], "a": 1}') == 201
        assert put('{"b": [1e+20], "a": 1}') == 201
        assert put('{"b": [1e20], "a": 1.0}') == 409
        assert put('{"b": [1e21], "a": 1}') == 409


class TestOlderRows:
    @pytest.mark.parametrize("number", ["1e20", "1e16", "-0.0", "1.7976931348623157e308", "1e-400", "5e-324"])
    def test_what_an_older_version_kept_is_read_and_goes_out_and_in(
        self, client: TestClient, owner: Engine, new_client: Callable[[], TestClient], number: str
    ):
        """Written by the owner, past every check of ours."""
        turn_id = in_turn(client, {}).json()["turn_ids"][0]
        memory_id = in_memory(client, {}).json()["id"]
        in_state(client, {"n": 1})
        with owner.begin() as connection:
            for sql, row_id in (
                ("UPDATE turns SET metadata = CAST(:data AS jsonb) WHERE id = :id", turn_id),
                ("UPDATE memories SET metadata = CAST(:data AS jsonb) WHERE id = :id", memory_id),
                (
                    "UPDATE memory_versions SET snapshot = snapshot || jsonb_build_object('metadata',"
                    " CAST(:data AS jsonb)) WHERE memory_id = :id",
                    memory_id,
                ),
                (
                    "UPDATE session_states s SET state = jsonb_set(s.state, '{data}', CAST(:data AS jsonb))"
                    " FROM turns t WHERE t.id = :id AND s.tenant_id = t.tenant_id",
                    turn_id,
                ),
            ):
                data = {"data": f'{{"n": {number}}}', "id": row_id}
                assert connection.execute(text(sql), data).rowcount == 1
        kept = of(client, "/v1/turns")["items"][0]["metadata"]["n"]
        assert kept == float(number)
        assert of(client, "/v1/sessions/quiet/state")["state"]["data"]["n"] == kept
        assert last_version(client, memory_id)["snapshot"]["metadata"]["n"] == kept
        round_trip(client, new_client())
