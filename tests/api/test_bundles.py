"""Bundles over HTTP: what goes out comes in as the same, all of it or nothing."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.api.portability import bundles as routes
from app.core.vocabulary import KeyScope
from app.db import models
from app.db.repositories.portability import bundles
from app.db.session import open_engine
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.portability.bundles import RECORDS
from tests.conftest import (
    Servers,
    app_of,
    client_of,
    make_key,
    post,
    principal_of,
    remember,
    search,
    turn,
)

# Keys and counts of a tenant, and answers kept for retries, are not a user's memory.
NOT_OF_THE_MEMORY = {"scope_packs", "pack_requests", "far_vectors", "users", "api_keys", "idempotency_keys"}
# Written anew by the service that takes a bundle in.
WRITTEN_ANEW = {"tenant_id", "user_id", "revision", "content_hash", "model_id", "lease_until", "worker"}
# Raw answers of an LLM, held for a retry: it asks again.
LEFT_BEHIND = {("job", "llm_cache"), ("job", "faults")}
PARTS = ("history", "sources", "links", "dependents")
QUESTIONS = ["Where does Ann live?", "What does Ann like?", "employer", "nuts", "Rex the dog", "cello"]
STORY = [
    ("s1", "I live in Oslo and I work at Acme.", "2026-01-10"),
    ("s1", "I am allergic to nuts. My dog is called Rex.", "2026-01-11"),
    ("s2", "I moved to Bergen.", "2026-03-10"),
    ("s2", "I no longer work at Acme. I like jazz.", "2026-03-11"),
    ("s3", "I live in Oslo.", "2026-04-01"),
]


def exported(client: TestClient, user: str = "ann", **params: Any) -> bytes:
    answer = client.get(f"/v1/users/{user}/export", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return answer.content


def taken_in(client: TestClient, bundle: bytes, **params: Any) -> Any:
    answer = client.post("/v1/import", content=bundle, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def lines(bundle: bytes) -> list[Any]:
    return [json.loads(line) for line in bundle.splitlines()]


def bundle_of(parts: list[Any]) -> bytes:
    """The bundle of these records, with a header that fits them."""
    body = b"".join(json.dumps(part).encode() + b"\n" for part in parts[1:])
    found = [part.get("type") for part in parts[1:] if isinstance(part, dict)]
    checksum = f"sha256:{hashlib.sha256(body).hexdigest()}"
    header = parts[0] | {"checksum": checksum, "counts": {name: found.count(name) for name in RECORDS}}
    return json.dumps(header).encode() + b"\n" + body


def told(client: TestClient, user: str = "ann") -> None:
    """A life with a slot that changed twice, an edit, a deletion, a frozen memory, conflicts, links, a goal
    and a plan.
    """
    state = {"user_id": user, "state": {"goals": [{"text": "Book a flight"}], "data": {"budget": 300}}}
    assert client.put("/v1/sessions/s9/state", json=state, headers={"If-Match": "0"}).status_code == 200
    for content in ("A plan.", {"steps": ["Fetch", "Weigh"]}):
        put = client.put("/v1/artifacts/notes/plan", json={"user_id": user, "content": content})
        assert put.status_code in {200, 201}, put.text
    for session, content, day in STORY:
        remember(
            client, turn(content, name="Ann", observed_at=f"{day}T12:00:00Z"), user=user, session=session
        )
    cello = {
        "user_id": user,
        "content": "Ann plays the cello.",
        "tags": ["music"],
        "metadata": {"n": [1, 2.5]},
    }
    cello |= {"place": {"name": "Oslo", "lat": 59.9, "lon": 10.7}, "importance": 0.8}
    memory = client.post("/v1/memories", json=cello).json()
    client.patch(
        f"/v1/memories/{memory['id']}",
        json={"content": "Ann plays the cello well.", "reason": "she practised"},
        headers={"If-Match": "1"},
    )
    client.post(f"/v1/memories/{memory['id']}/freeze")
    gone = client.post("/v1/memories", json={"user_id": user, "content": "Ann owns a boat."}).json()
    assert client.delete(f"/v1/memories/{gone['id']}").status_code == 204
    assert client.post("/v1/snapshots", json={"user_id": user, "name": "now"}).status_code == 201
    shown = client.post("/v1/search", json={"user_id": user, "query": "What does Ann play?"}).json()
    cited = {"cited_ids": [memory["id"]]}
    answer = client.post(f"/v1/retrievals/{shown['retrieval_id']}/feedback", json=cited)
    assert answer.status_code == 200, answer.text


def everything(client: TestClient, user: str = "ann") -> dict[str, Any]:
    """What a client can see of a user's memory."""
    statuses = ["activated", "superseded", "merged", "archived", "expired", "generated"]
    params = {"user_id": user, "status": statuses, "limit": 200}
    found = client.get("/v1/memories", params=params).json()["items"]
    parts = [f"{memory['id']}/{part}" for memory in found for part in PARTS]
    answers = {part: client.get(f"/v1/memories/{part}") for part in parts}
    return {
        "memories": found,
        "turns": client.get("/v1/turns", params={"user_id": user, "limit": 200}).json(),
        "snapshots": client.get("/v1/snapshots", params={"user_id": user}).json(),
        "conflicts": client.get("/v1/conflicts", params={"user_id": user}).json(),
        **{part: a.json() if a.status_code == 200 else a.status_code for part, a in answers.items()},
    }


def said_and_known(client: TestClient) -> dict[str, Any]:
    """The same without what a worker that happens to be there does to turns that wait."""
    seen = everything(client)
    for turn_out in seen["turns"]["items"]:
        for name in ("state", "reason", "extracted"):
            del turn_out[name]
    return seen


def found(client: TestClient, user: str = "ann", **more: Any) -> list[Any]:
    """What searches and contexts give, `pending` and all."""
    at: dict[str, Any] = {"reference_time": "2026-06-01T00:00:00Z"} | more
    at["k"], at["explain"], at["include_superseded"] = 20, True, True
    searches = [search(client, q, user=user, **at) for q in QUESTIONS]
    then = [search(client, q, user=user, as_of="2026-02-01T00:00:00Z") for q in QUESTIONS]
    return [searches, then]


@pytest.fixture
def other(resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client of another tenant, which is empty."""
    with client_of(app_of(resources), make_key(resources, f"{tenant}-b")) as opened:
        yield opened


@pytest.fixture
def rows(owner: Engine, tenant: str) -> Callable[[], dict[str, int]]:
    """How many rows the other tenant has."""

    def count() -> dict[str, int]:
        with owner.connect() as connection:
            sql = "SELECT count(*) FROM {} WHERE tenant_id = :tenant"
            return {
                table.__tablename__: connection.execute(
                    text(sql.format(table.__tablename__)), {"tenant": f"{tenant}-b"}
                ).scalar_one()
                for table in (*bundles.TABLES.values(), models.User)
            }

    return count


class TestFormat:
    def test_every_table_of_a_user_is_in_it_or_known_to_stay_behind(self):
        tables = {t.name for t in models.Base.metadata.sorted_tables if "user_id" in t.c} - NOT_OF_THE_MEMORY
        assert {table.__tablename__ for table in bundles.TABLES.values()} == tables

    @pytest.mark.parametrize("record", RECORDS)
    def test_every_column_is_in_it_or_known_to_stay_behind(self, record: str):
        named = {bundles.RENAMED.get((record, name), name) for name in RECORDS[record].model_fields}
        columns = {c.key for c in bundles.TABLES[record].__mapper__.column_attrs} - (WRITTEN_ANEW - named)
        columns -= {name for kind, name in LEFT_BEHIND if kind == record}
        assert named - {"type"} | ({"type"} & columns) == columns

    def test_the_header_counts_the_lines_and_knows_their_checksum(self, client: TestClient):
        post(client, turn("Hello.", name="Ann"))
        bundle = exported(client)
        header, *records = lines(bundle)
        assert (header["type"], header["format"], header["format_version"]) == (
            "header",
            "memcubed-bundle",
            1,
        )
        assert sum(header["counts"].values()) == len(records)
        assert header["counts"]["turn"] == 1
        body = bundle.split(b"\n", 1)[1]
        assert header["checksum"] == f"sha256:{hashlib.sha256(body).hexdigest()}"

    def test_can_leave_the_vectors_out(self, client: TestClient):
        client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
        with_them, without = lines(exported(client)), lines(exported(client, embeddings=False))
        assert [part["type"] for part in with_them].count("embedding") == 1
        assert [part["type"] for part in without].count("embedding") == 0
        assert without[0]["embedding_model"] is None

    def test_more_than_one_batch_goes_through(self, client: TestClient, other: TestClient):
        for _ in range(3):
            post(client, *(turn(f"Line {n}.", role="system") for n in range(400)))
        bundle = exported(client)
        assert taken_in(other, bundle)["added"]["turn"] == 1200
        both = [
            [(p["id"], p["content"]) for p in lines(b) if p["type"] == "turn"]
            for b in (bundle, exported(other))
        ]
        assert both[0] == both[1]


@pytest.mark.usefixtures("worker")
class TestIdentity:
    def test_searches_and_history_are_the_same_afterwards(self, client: TestClient, other: TestClient):
        told(client)
        bundle = exported(client)
        answer = taken_in(other, bundle)
        assert answer["added"] == lines(bundle)[0]["counts"]
        assert answer["embedded"] == 0
        assert everything(other) == everything(client)
        assert found(other) == found(client)

    def test_the_second_export_is_the_first(self, client: TestClient, other: TestClient):
        told(client)
        first = exported(client)
        taken_in(other, first)
        second = exported(other)
        assert second.split(b"\n", 1)[1] == first.split(b"\n", 1)[1]
        headers = [{n: v for n, v in lines(b)[0].items() if n != "exported_at"} for b in (first, second)]
        assert headers[0] == headers[1]

    def test_without_vectors_the_texts_are_embedded_anew(self, client: TestClient, other: TestClient):
        told(client)
        answer = taken_in(other, exported(client, embeddings=False))
        assert answer["embedded"] > len(STORY)
        assert everything(other) == everything(client)
        ids = [[item["id"] for item in part] for part in found(client)[0]]
        assert [[item["id"] for item in part] for part in found(other)[0]] == ids

    def test_life_goes_on_as_if_nothing_had_happened(self, client: TestClient, other: TestClient):
        told(client)
        taken_in(other, exported(client))
        for one in (client, other):
            remember(
                one, turn("I moved to Paris.", name="Ann", observed_at="2026-05-01T12:00:00Z"), session="s4"
            )
        residence = {"user_id": "ann", "attribute": "residence", "status": ["activated", "superseded"]}
        both = [one.get("/v1/memories", params=residence).json()["items"] for one in (client, other)]
        kept = ("value", "status", "valid_from", "valid_to", "version")
        assert [[m[n] for n in kept] for m in both[0]] == [[m[n] for n in kept] for m in both[1]]
        assert {m["value"] for m in both[1] if m["status"] == "activated"} == {"paris"}

    def test_turns_that_wait_are_extracted_where_they_arrive(self, client: TestClient, other: TestClient):
        posted = post(client, turn("I live in Oslo.", name="Ann"))
        parts = lines(exported(client))
        job = next(part for part in parts if part["type"] == "job")
        job |= {"status": "queued", "stage": "ingest", "finished_at": None}
        waiting = [p for p in parts if p["type"] in {"header", "session", "job", "turn"}]
        waiting[-1] |= {"state": "stored", "state_reason": None, "extracted": 0, "segment_id": None}
        taken_in(other, bundle_of(waiting))
        found_job = other.get(f"/v1/jobs/{posted['job_id']}")
        assert found_job.status_code == 200
        answer = other.post(
            "/v1/search",
            json={"user_id": "ann", "query": "Oslo", "wait_for": posted["job_id"], "wait_seconds": 30},
        )
        assert answer.json()["waited"] is True
        assert [m["value"] for m in other.get("/v1/memories", params={"user_id": "ann"}).json()["items"]] == [
            "oslo"
        ]


class TestTwice:
    """In a database that no worker looks at, or it reads the turns between two counts of the rows."""

    @pytest.fixture
    def resources(self, without_llm: Resources) -> Resources:
        return without_llm

    @pytest.fixture
    def owner(self, servers: Servers, llm_database: str) -> Iterator[Engine]:
        url = servers.postgres.owner_url.replace("/memcubed?", f"/{llm_database}?")
        engine = open_engine(url, pool_size=1)
        yield engine
        engine.dispose()

    @pytest.fixture
    def bundle(self, client: TestClient) -> bytes:
        post(client, turn("The parcel is in the shed.", role="system", ref="m1"))
        client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
        return exported(client)

    def test_adds_nothing(self, other: TestClient, bundle: bytes, rows):
        taken_in(other, bundle)
        before = rows()
        assert set(taken_in(other, bundle)["added"].values()) == {0}
        assert rows() == before

    def test_adds_nothing_when_the_user_has_more_by_now(self, other: TestClient, bundle: bytes):
        taken_in(other, bundle)
        post(other, turn("And a second line.", role="system"))
        assert set(taken_in(other, bundle)["added"].values()) == {0}

    def test_adds_nothing_to_the_one_it_is_of(self, client: TestClient, bundle: bytes):
        assert set(taken_in(client, bundle)["added"].values()) == {0}

    def test_a_deleted_turn_does_not_come_back(self, other: TestClient, bundle: bytes):
        taken_in(other, bundle)
        (line,) = other.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        assert other.delete(f"/v1/turns/{line['id']}").status_code == 204
        answer = other.post("/v1/import", content=bundle)
        assert (answer.status_code, answer.json()["field"]) == (409, "user_id")
        assert other.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []

    def test_a_user_with_a_memory_of_their_own_is_a_409(self, other: TestClient, bundle: bytes, rows):
        other.post("/v1/memories", json={"user_id": "ann", "content": "Ann hates the cello."})
        before = rows()
        assert other.post("/v1/import", content=bundle).status_code == 409
        assert rows() == before

    def test_another_name_can_be_given(self, other: TestClient, bundle: bytes):
        assert taken_in(other, bundle, user_id="bob")["user_id"] == "bob"
        assert "Ann plays the cello." in [i["content"] for i in search(other, "cello", user="bob")]
        assert search(other, "cello") == []

    def test_a_second_user_of_one_tenant_is_a_409(self, client: TestClient, bundle: bytes):
        answer = client.post("/v1/import", content=bundle, params={"user_id": "bob"})
        assert (answer.status_code, answer.json()["field"]) == (409, "user_id")
        assert client.get("/v1/turns", params={"user_id": "bob"}).json()["items"] == []

    def test_back_again_after_an_erasure(self, client: TestClient, bundle: bytes):
        before = said_and_known(client)
        client.delete("/v1/users/ann")
        taken_in(client, bundle)
        assert said_and_known(client) == before

    def test_an_import_is_erased_like_all_else(self, other: TestClient, bundle: bytes, rows):
        taken_in(other, bundle)
        assert other.delete("/v1/users/ann").json()["remaining"] == 0
        assert set(rows().values()) == {0}


def changed(record: str, name: str, value: Any) -> Callable[[list[Any]], str]:
    """Spoil a field of the first record of a type; the field that the answer must name."""

    def spoil(parts: list[Any]) -> str:
        place = next(i for i, part in enumerate(parts) if part["type"] == record)
        parts[place][name] = value
        return f"lines[{place + 1}].{name}"

    return spoil


def removed(record: str, name: str) -> Callable[[list[Any]], str]:
    def spoil(parts: list[Any]) -> str:
        place = next(i for i, part in enumerate(parts) if part["type"] == record)
        del parts[place][name]
        return f"lines[{place + 1}].{name}"

    return spoil


def twice(parts: list[Any]) -> str:
    place = next(i for i, part in enumerate(parts) if part["type"] == "memory")
    parts.insert(place, parts[place])
    return f"lines[{place + 2}].id"


def out_of_order(parts: list[Any]) -> str:
    parts.append(next(part for part in parts if part["type"] == "session"))
    return f"lines[{len(parts)}].type"


def not_a_record(parts: list[Any]) -> str:
    parts.insert(1, {"type": "spell"})
    return "lines[2].type"


NOBODY = "019b0000-0000-7000-8000-000000000000"
SPOILT = {
    "role": changed("turn", "role", "wizard"),
    "content": changed("turn", "content", "a\x00b"),
    "time": changed("turn", "observed_at", "yesterday"),
    "zone": changed("turn", "observed_at", "2026-01-01T00:00:00"),
    "unknown field": changed("memory", "moood", 1),
    "missing field": removed("memory", "status"),
    "kind": changed("memory", "kind", "gossip"),
    "version": changed("memory", "version", 7),
    "confidence": changed("memory", "confidence", 3),
    "snapshot": changed("version", "snapshot", {"status": "nowhere"}),
    "operation": changed("version", "op", "Edit"),
    "no operation": changed("version", "op", ""),
    "another's operation": changed("version", "op", "upsert"),
    "no actor": changed("version", "actor", ""),
    "actor without a name": changed("version", "actor", "key:"),
    "actor of no kind": changed("version", "actor", "root"),
    "stage with a name": changed("version", "actor", "extractor:1"),
    "no such memory": changed("assertion", "memory_id", NOBODY),
    "no such session": changed("turn", "session_id", "elsewhere"),
    "vector": changed("embedding", "vector", "AAAA"),
    "not base64": changed("embedding", "vector", "é"),
    "twice": twice,
    "order": out_of_order,
    "type": not_a_record,
}


class TestMalformed:
    @pytest.fixture
    def parts(self, client: TestClient) -> list[Any]:
        post(client, turn("The parcel is in the shed.", role="system", ref="m1"))
        client.post("/v1/memories", json={"user_id": "ann", "content": "Ann plays the cello."})
        return lines(exported(client))

    @pytest.mark.parametrize("name", SPOILT)
    def test_names_line_and_field_and_stores_nothing(
        self, other: TestClient, parts: list[Any], rows, name: str
    ):
        field = SPOILT[name](parts)
        answer = other.post("/v1/import", content=bundle_of(parts))
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["field"].startswith(field), answer.text
        assert set(rows().values()) == {0}

    @pytest.mark.parametrize(
        ("spoil", "field"),
        [
            (lambda b: b"", "lines[1].line"),
            (lambda b: b"{", "lines[1].line"),
            (lambda b: b"[]", "lines[1].type"),
            (lambda b: b.replace(b'"format_version":1', b'"format_version":99'), "lines[1].format_version"),
            (lambda b: b.replace(b"parcel", b"weapon"), "lines[1].checksum"),
            (lambda b: b[: b.rindex(b"\n", 0, -1) + 1], "lines[1].counts.embedding"),
            (lambda b: b + b"\xff\xfe", "lines["),
        ],
    )
    def test_a_bundle_that_is_not_whole(
        self, client: TestClient, other: TestClient, parts, rows, spoil, field
    ):
        answer = other.post("/v1/import", content=spoil(exported(client)))
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"].startswith(field), answer.text
        assert set(rows().values()) == {0}

    def test_two_values_at_once_for_one_slot_are_refused_by_the_database(
        self, client: TestClient, other: TestClient, rows
    ):
        slot = {"user_id": "ann", "subject": "ann", "attribute": "employer"}
        for value, day in (("Acme", "01"), ("Bolt", "02")):
            body = slot | {"content": f"Ann works at {value}.", "value": value}
            client.post("/v1/memories", json=body | {"asserted_at": f"2026-01-{day}T00:00:00Z"})
        parts = lines(exported(client))
        for part in parts:
            if part["type"] == "memory":
                part |= {"status": "activated", "valid_to": None}
        answer = other.post("/v1/import", content=bundle_of(parts))
        assert answer.status_code == 422
        assert "uq_memories_slot" in answer.json()["detail"]
        assert set(rows().values()) == {0}

    def test_a_bundle_that_is_too_large(self, client: TestClient, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(routes, "MAX_IMPORT_BYTES", 1000)
        pieces = (b"x" * 300 for _ in range(10))  # no Content-Length
        answer = client.post("/v1/import", content=pieces)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


class TestRights:
    def test_another_tenants_user_does_not_exist(self, client: TestClient, other: TestClient):
        post(client, turn("Hello."))
        assert other.get("/v1/users/ann/export").status_code == 404

    def test_a_bound_key_exports_its_own_user_only(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        post(client, turn("Hello from Ann."))
        post(client, turn("Hello from Bob."), user="bob")
        with client_of(app_of(resources), make_key(resources, tenant, KeyScope.READ, user_id="ann")) as bound:
            assert bound.get("/v1/users/bob/export").status_code == 403
            assert b"Bob" not in exported(bound)

    @pytest.mark.parametrize("scope", [KeyScope.READ, KeyScope.WRITE])
    def test_import_takes_an_admin_key(self, resources: Resources, tenant: str, scope: KeyScope):
        with client_of(app_of(resources), make_key(resources, tenant, scope)) as client:
            assert client.post("/v1/import", content=b"x").status_code == 403

    def test_nobody_has_no_bundle(self, client: TestClient):
        assert client.get("/v1/users/nobody/export").status_code == 404

    def test_what_another_writes_meanwhile_is_in_all_of_it_or_in_none(
        self, client: TestClient, resources: Resources, tenant: str
    ):
        post(client, turn("One."))
        principal = principal_of(tenant)
        names = ["id"]
        with resources.read_snapshot(principal) as session:
            before = list(
                bundles.iter_record_rows(UserSession(session, tenant, "ann"), "session", ["session_id"], "")
            )
            post(client, turn("Two."), session="s2")
            after = list(bundles.iter_record_rows(UserSession(session, tenant, "ann"), "turn", names, ""))
        assert (len(before), len(after)) == (1, 1)


def version_line(parts: list[Any]) -> int:
    return next(at for at, part in enumerate(parts) if part["type"] == "artifact_version")


@pytest.fixture(scope="module")
def planned(resources: Resources) -> list[Any]:
    """The bundle of a user with an artifact."""
    with client_of(app_of(resources), make_key(resources, f"t-{uuid4().hex[:12]}")) as client:
        plan = {"user_id": "ann", "content": {"steps": ["Fetch"]}}
        assert client.put("/v1/artifacts/plan", json=plan).status_code == 201
        return lines(exported(client))


class TestArtifactsInABundle:
    """An artifact comes in only if it could have been put."""

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            *(
                ("json", text)
                for text in ("not json", "", '"\\ud800"', "9" * 5_000, "[" * 5_000, "NaN", "[NaN]", "[1e999]")
            ),
            *(("json", text) for text in ("7", '"x"', "null", f"[{10**30}]", "[" * 40 + "]" * 40, '{"a"}')),
            *(("activation", text) for text in ("{}", "x", '{"type":"evil"}', "[]", "")),
            *(("parametric", text) for text in ("{}", "x", '{"type":"evil"}')),
        ],
    )
    def test_of_another_content_than_its_type_says_is_named(
        self, other: TestClient, planned: list[Any], kind: str, content: str
    ):
        parts = json.loads(json.dumps(planned))
        at = version_line(parts)
        parts[at] |= {"content_type": kind, "content": content, "bytes": len(content.encode())}
        parts[at]["checksum"] = "sha256:" + hashlib.sha256(content.encode()).hexdigest()
        answer = other.post("/v1/import", content=bundle_of(parts))
        assert (answer.status_code, answer.json()["field"]) == (422, f"lines[{at + 1}].content")

    @pytest.mark.parametrize(("name", "value"), [("bytes", 1), ("checksum", "sha256:00"), ("checksum", "x")])
    def test_of_another_size_or_checksum_is_named(
        self, other: TestClient, planned: list[Any], name: str, value: Any
    ):
        parts = json.loads(json.dumps(planned))
        at = version_line(parts)
        parts[at][name] = value
        answer = other.post("/v1/import", content=bundle_of(parts))
        assert (answer.status_code, answer.json()["field"]) == (422, f"lines[{at + 1}].{name}")
