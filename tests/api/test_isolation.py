"""Tenants, bound keys and scopes on every route of the OpenAPI document: a new route is covered by itself."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import Basis, KeyScope, LinkType
from app.db.memory_rows import NewDerivation, NewLink
from app.db.repositories.memories import derivations, memories
from app.db.user_session import UserSession
from app.main import OPEN_ROUTES, build_openapi, create_app
from app.resources import Resources
from tests.api.test_grants import grant
from tests.conftest import app_of, client_of, make_key, post, principal_of, search, turn

SECRET = "xyzzyplugh"
USER_FIELDS = ("user_id", "owner_user_id")  # a body that has both is about the memory of the first
UNKNOWN = uuid4()


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    method: str
    path: str
    path_parameters: tuple[str, ...]
    query: tuple[str, ...]
    has_body: bool
    is_admin: bool

    @property
    def names_user(self) -> bool:
        """Whether the caller names a user outside the path."""
        return "user_id" in self.query or self.user_field is not None

    @property
    def user_field(self) -> str | None:
        """The field of the body that names the user whose memory it is."""
        return next((name for name in USER_FIELDS if name in BODIES.get(self.id, {})), None)

    @property
    def reads(self) -> bool:
        return self.method == "get" or self.id in {"search", "build_context"}


def operations() -> list[Operation]:
    found = []
    for path, item in build_openapi(create_app())["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", [])
            by_place = {
                place: tuple(p["name"] for p in parameters if p["in"] == place) for place in ("path", "query")
            }
            found.append(
                Operation(
                    id=operation["operationId"],
                    method=method,
                    path=path,
                    path_parameters=by_place["path"],
                    query=by_place["query"],
                    has_body="requestBody" in operation,
                    is_admin="admin" in operation["tags"],
                )
            )
    return [operation for operation in found if operation.path not in OPEN_ROUTES]


# The least that is valid. A new operation with a body must be added here; the test says so.
BODIES: dict[str, dict[str, Any]] = {
    "post_turns": {"user_id": "ann", "session_id": "s1", "turns": [{"role": "system", "content": "A note."}]},
    "post_memory": {"user_id": "ann", "content": "Ann has a boat."},
    "patch_memory": {"content": "Ann lives elsewhere."},
    "search": {"user_id": "ann", "query": "Where does Ann live?"},
    "build_context": {"user_id": "ann", "query": "Where does Ann live?", "session_id": "s1"},
    "create_key": {"name": "another", "scopes": ["read"]},
    "forget": {"user_id": "ann"},
    "freeze_memory": {},
    "unfreeze_memory": {},
    "pin_memory": {},
    "unpin_memory": {},
    "archive_memory": {},
    "restore_memory": {"reason": "it matters"},
    "resolve_conflict": {"dismiss": True},
    "start_reembed": {},
    "put_artifact": {"user_id": "ann", "content": "A plan."},
    "put_session_state": {"user_id": "ann", "state": {"data": {"note": "Hello."}}},
    "create_snapshot": {"user_id": "ann"},
    "roll_back": {},
    "give_feedback": {"cited_ids": []},
    "create_grant": {"owner_user_id": "ann", "grantee_user_id": "yan"},
    "copy_memories": {"user_id": "ann", "owner_user_id": "zoe"},
    "import_bundle": {
        "type": "header",
        "format": "memcubed-bundle",
        "format_version": 1,
        "user_id": "ann",
        "exported_at": "2026-01-01T00:00:00Z",
        "counts": {},
        "checksum": f"sha256:{hashlib.sha256().hexdigest()}",
        "embedding_model": None,
    },
}
# Of the whole service: they show numbers over all tenants, to an admin of the operator's tenant alone.
OF_OPERATOR = {"start_reembed", "get_reembed", "cancel_reembed", "drop_old_embeddings"}
# Of the tenant as a whole: they name nobody, and show numbers of the caller's tenant alone.
OF_TENANT = {"list_erasures", "list_keys", "create_key", "get_ranker", "reset_ranker"}
# The ids of another's rows, in the query: a user's name alone does not let through.
IDS_IN_QUERY = {"order": {"first": "turn_id", "second": "memory_id"}}
# Names that a client chooses: another tenant may have the same, and meets its own or nothing.
NAMES_IN_PATH = {"session_id", "path"}
MISSES = {
    "erase_named_user": 404,
    "export_named_user": 404,
    "get_session_summary": 404,
    "get_session_state": 404,
    "put_session_state": 412,
    "get_artifact": 404,
    "list_artifact_versions": 404,
    "delete_artifact": 404,
    "copy_memories": 403,
}
HEADERS = {"patch_memory": {"If-Match": "1"}, "put_session_state": {"If-Match": "1"}}

ALL = operations()
BY_ID = [operation for operation in ALL if set(operation.path_parameters) - NAMES_IN_PATH]
BY_USER = [operation for operation in ALL if operation.names_user and operation not in BY_ID]


@dataclass(frozen=True)
class Owned:
    """A tenant with one of everything, and a client of it that may do all."""

    client: TestClient
    ids: dict[str, str]


def contradicted(client: TestClient, resources: Resources, tenant: str, user: str) -> str:
    """Two memories of the user that contradict each other; the id of their conflict."""
    texts = [f"The key to {SECRET} is {colour}." for colour in ("red", "blue")]
    made = [client.post("/v1/memories", json={"user_id": user, "content": text}).json() for text in texts]
    link = NewLink(UUID(made[1]["id"]), UUID(made[0]["id"]), LinkType.CONTRADICTS, "test")
    with resources.open_transaction(principal_of(tenant)) as session:
        memories.insert_links(UserSession(session, tenant, user), [link])
    return made[0]["id"]


def summarise(resources: Resources, tenant: str, user: str, memory_id: str) -> str:
    """A session of the user with a summary, and a portrait of the user; the session's id."""
    session_id = f"the session of {user}"
    with resources.open_transaction(principal_of(tenant)) as session:
        for basis, key in ((Basis.SESSION, session_id), (Basis.USER, "portrait")):
            row = NewDerivation(basis, key, UUID(memory_id), b"", 0, datetime.now(UTC))
            derivations.upsert_derivation(UserSession(session, tenant, user), row)
    return session_id


def own(client: TestClient, resources: Resources, tenant: str, user: str) -> Owned:
    """One of everything. A system turn is never extracted, so that no worker adds to it."""
    accepted = post(client, turn(f"The code of the door is {SECRET}.", role="system"), user=user)
    lives = {"user_id": user, "content": f"Ann lives in {SECRET}.", "entities": [SECRET]}
    memory = client.post("/v1/memories", json=lives)
    entities = client.get("/v1/entities", params={"user_id": user}).json()["items"]
    key = client.post("/v1/keys", json={"name": f"a key of {SECRET}", "scopes": ["read"]})
    session_id = summarise(resources, tenant, user, memory.json()["id"])
    path = f"/v1/sessions/{session_id}/state"
    state = {"user_id": user, "state": {"goals": [{"text": f"Learn {SECRET}"}]}}
    assert client.put(path, json=state, headers={"If-Match": "0"}).status_code == 200
    plan = {"user_id": user, "content": {"steps": [f"Fetch {SECRET}"]}}
    assert client.put("/v1/artifacts/notes/plan", json=plan).status_code == 201
    theirs = {"user_id": "zoe", "content": f"Zoe knows {SECRET}."}
    assert client.post("/v1/memories", json=theirs).status_code == 201
    given, taken = (user, "yan"), ("zoe", user)
    grants = [grant(client, *sides, right="copy") for sides in (given, taken)]
    post(client, turn(f"Gone is {SECRET}.", role="system"), user=f"gone of {user}")
    erasure = client.delete(f"/v1/users/gone of {user}")
    assert erasure.status_code == 200
    ids = {
        "erasure_id": erasure.json()["id"],
        "session_id": session_id,
        "path": "notes/plan",
        "turn_id": accepted["turn_ids"][0],
        "job_id": accepted["job_id"],
        "memory_id": memory.json()["id"],
        "entity_id": entities[0]["id"],
        "key_id": key.json()["id"],
        "conflict_id": contradicted(client, resources, tenant, user),
        "retrieval_id": client.post("/v1/search", json={"user_id": user, "query": SECRET}).json()[
            "retrieval_id"
        ],
        "grant_id": grants[0].json()["id"],
        "snapshot_id": client.post("/v1/snapshots", json={"user_id": user}).json()["id"],
        "user_id": user,
    }
    return Owned(client, ids)


@dataclass(frozen=True)
class House:
    """A tenant with two users who have one of everything, a client of each kind of key, and how all looks.

    It serves every probe that must change nothing: each compares what is seen afterwards.
    """

    ann: Owned
    bob: Owned
    bound: TestClient
    reader: TestClient
    writer: TestClient
    before: dict[str, dict[str, Any]]

    def is_untouched(self, owned: Owned) -> bool:
        """Whether the user sees what it saw before the first probe."""
        return as_seen(owned) == self.before[owned.ids["user_id"]]


@pytest.fixture(scope="module")
def app(resources: Resources) -> Any:
    return app_of(resources)


@pytest.fixture(scope="module")
def house(app: Any, resources: Resources) -> Iterator[House]:
    tenant = f"t-{uuid4().hex[:12]}"
    with ExitStack() as stack:

        def opened(*scopes: KeyScope, user_id: str | None = None) -> TestClient:
            key = make_key(resources, tenant, *scopes, user_id=user_id)
            return stack.enter_context(client_of(app, key))

        admin = opened()
        ann, bob = (own(admin, resources, tenant, user) for user in ("ann", "bob"))
        bound = opened(KeyScope.WRITE, user_id="ann")
        reader, writer = opened(KeyScope.READ), opened(KeyScope.WRITE)
        before = {owned.ids["user_id"]: as_seen(owned) for owned in (ann, bob)}
        yield House(ann, bob, bound, reader, writer, before)


@pytest.fixture
def fresh(app: Any, resources: Resources, tenant: str) -> Iterator[Owned]:
    """A tenant of the test's own, for what does change something."""
    with client_of(app, make_key(resources, tenant)) as client:
        yield own(client, resources, tenant, "ann")


@pytest.fixture
def other(app: Any, resources: Resources, tenant: str) -> Iterator[TestClient]:
    """The admin of another tenant, which has nothing."""
    with client_of(app, make_key(resources, f"{tenant}-b")) as client:
        yield client


def ask(client: TestClient, operation: Operation, ids: dict[str, str], user: str = "ann") -> httpx.Response:
    """Call an operation with these ids; fails when it is not known how."""
    strange = set(operation.path_parameters) - set(ids)
    if strange:
        pytest.fail(f"{operation.id} has the path parameter(s) {strange}: give own() one of them")
    if operation.has_body and operation.id not in BODIES:
        pytest.fail(f"{operation.id} takes a body: add the least valid one to BODIES")
    body = BODIES.get(operation.id)
    if body is not None and operation.user_field is not None:
        body = body | {operation.user_field: user}
    path = re.sub(r"{(\w+)}", lambda found: ids[found[1]], operation.path)
    params = {"user_id": user} if "user_id" in operation.query else {}
    params |= {name: ids[held] for name, held in IDS_IN_QUERY.get(operation.id, {}).items()}
    return client.request(operation.method, path, json=body, params=params, headers=HEADERS.get(operation.id))


def as_seen(owned: Owned) -> dict[str, Any]:
    """All that the tenant sees of its own, but for what a worker may be changing just now."""
    ids, client = owned.ids, owned.client
    found = client.get(f"/v1/turns/{ids['turn_id']}").json()
    memory = client.get(f"/v1/memories/{ids['memory_id']}").json()
    user = ids["user_id"]
    return {
        "turn": {name: found[name] for name in ("id", "content", "session_id", "job_id", "recorded_at")},
        "memory": {name: value for name, value in memory.items() if name != "confidence"},
        "turns": len(client.get("/v1/turns", params={"user_id": user}).json()["items"]),
        "memories": len(client.get("/v1/memories", params={"user_id": user}).json()["items"]),
        "jobs": len(client.get("/v1/jobs", params={"user_id": user}).json()["items"]),
        "history": len(client.get(f"/v1/memories/{ids['memory_id']}/history").json()["items"]),
        "state": client.get(f"/v1/sessions/{ids['session_id']}/state", params={"user_id": user}).json(),
        "artifact": client.get("/v1/artifacts/notes/plan", params={"user_id": user}).json(),
        "grants": client.get("/v1/grants", params={"user_id": user}).json(),
        "keys": [(key["id"], key["revoked_at"]) for key in client.get("/v1/keys").json()["items"]],
    }


def named_operation(name: str) -> Operation:
    return next(operation for operation in ALL if operation.id == name)


def named(operations: list[Operation]) -> Any:
    return pytest.mark.parametrize("operation", operations, ids=[operation.id for operation in operations])


class TestTheDocument:
    def test_has_the_routes_that_this_file_is_about(self):
        assert len(BY_ID) >= 10
        assert len(BY_USER) >= 7

    @named(ALL)
    def test_every_operation_is_asked_by_one_of_the_tests(self, operation: Operation):
        known = operation in BY_ID or operation in BY_USER or operation.id in OF_TENANT
        known = known or operation.id in OF_OPERATOR
        assert known, (
            f"{operation.id} names neither a user nor an id: say here why it can't show another tenant"
        )

    @named([operation for operation in ALL if operation.id in OF_OPERATOR])
    def test_a_tenants_admin_does_not_operate_the_service(self, house: House, operation: Operation):
        assert ask(house.ann.client, operation, house.ann.ids).status_code == 403

    @named([operation for operation in ALL if operation.id not in OF_OPERATOR])
    def test_the_owner_is_let_through(self, fresh: Owned, operation: Operation):
        # Else a 404 for the other tenant would prove nothing.
        answer = ask(fresh.client, operation, fresh.ids)
        allowed = {200, 201, 202, 204} | ({409} if operation.id == "retry_job" else set())
        assert answer.status_code in allowed, answer.text


class TestOtherTenant:
    @named(BY_ID)
    def test_finds_nothing_under_an_id(self, house: House, other: TestClient, operation: Operation):
        answer = ask(other, operation, house.ann.ids)
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert SECRET not in answer.text
        assert house.is_untouched(house.ann)

    @named([operation for operation in BY_ID if operation.path_parameters != ("user_id",)])
    def test_hears_the_same_as_of_an_id_that_never_was(
        self, house: House, other: TestClient, operation: Operation
    ):
        theirs = ask(other, operation, house.ann.ids).json()
        nobodys = ask(other, operation, dict.fromkeys(house.ann.ids, str(UNKNOWN))).json()
        assert theirs | {"request_id": None} == nobodys | {"request_id": None}

    @named(BY_USER)
    def test_finds_and_touches_nothing_under_a_users_name(
        self, house: House, other: TestClient, operation: Operation
    ):
        answer = ask(other, operation, house.ann.ids)
        expected = {404} if operation.id in IDS_IN_QUERY else {200, 201, 202}
        expected = {MISSES[operation.id]} if operation.id in MISSES else expected
        assert answer.status_code in expected, answer.text
        assert SECRET not in answer.text
        if operation.reads:
            shown = answer.json()
            assert not shown.get("items")
            assert not shown.get("text")
        assert house.is_untouched(house.ann)

    def test_the_owner_does_find_it_by_searching(self, house: House, other: TestClient):
        assert SECRET in search(house.ann.client, "Where does Ann live?")[0]["content"]
        assert search(other, "Where does Ann live?") == []

    @pytest.mark.parametrize("path", ["/v1/search", "/v1/context"])
    def test_cannot_wait_for_a_job(self, house: House, other: TestClient, path: str):
        body = {"user_id": "ann", "query": "Ann", "wait_for": house.ann.ids["job_id"], "wait_seconds": 0}
        answer = other.post(path, json=body)
        assert answer.status_code == 404
        assert answer.json()["field"] == "wait_for"

    def test_may_have_the_same_user_session_ref_and_idempotency_key(self, fresh: Owned, other: TestClient):
        body = {"user_id": "ann", "session_id": "s1", "turns": [turn("One.", ref="r1", role="system")]}
        changed = body | {"turns": [turn("Two.", ref="r1", role="system")]}
        first = fresh.client.post("/v1/turns", json=body, headers={"Idempotency-Key": "k"})
        second = other.post("/v1/turns", json=changed, headers={"Idempotency-Key": "k"})
        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["turn_ids"] != second.json()["turn_ids"]
        assert fresh.client.get(f"/v1/turns/{first.json()['turn_ids'][0]}").json()["content"] == "One."

    def test_shares_nothing_with_its_namesakes(self, fresh: Owned, other: TestClient):
        # In the other tenant the same two users, and a grant between them.
        assert grant(other, "zoe", "ann", right="copy").status_code == 201
        body = {"user_id": "ann", "query": "What does Zoe know?", "shared": True}
        assert SECRET in fresh.client.post("/v1/search", json=body).text
        for path in ("/v1/search", "/v1/context"):
            assert SECRET not in other.post(path, json=body).text
        assert ask(other, named_operation("copy_memories"), fresh.ids).json()["items"] == []

    def test_can_not_grant_a_memory_of_another(self, fresh: Owned, other: TestClient):
        answer = grant(other, "ann", "zoe", memory_ids=[fresh.ids["memory_id"]])
        assert (answer.status_code, answer.json()["field"]) == (422, "memory_ids")

    def test_sees_only_its_own_keys(self, fresh: Owned, other: TestClient):
        answer = other.get("/v1/keys")
        assert SECRET not in answer.text
        assert len(answer.json()["items"]) == 1

    def test_lists_no_job_of_another(self, fresh: Owned, other: TestClient):
        assert len(fresh.client.get("/v1/jobs").json()["items"]) == 1
        assert other.get("/v1/jobs").json()["items"] == []


class TestBoundKey:
    @pytest.fixture
    def bound(self, app: Any, resources: Resources, tenant: str) -> Iterator[TestClient]:
        with client_of(app, make_key(resources, tenant, KeyScope.WRITE, user_id="ann")) as client:
            yield client

    @named([operation for operation in BY_USER if not operation.is_admin])
    def test_may_not_name_another_user(self, house: House, operation: Operation):
        answer = ask(house.bound, operation, house.bob.ids, user="bob")
        assert answer.status_code == 403, answer.text
        assert answer.json()["field"] == (operation.user_field or "user_id")
        assert SECRET not in answer.text
        assert house.is_untouched(house.bob)

    @named([operation for operation in BY_ID if not operation.is_admin])
    def test_finds_nothing_of_another_under_an_id(self, house: House, operation: Operation):
        answer = ask(house.bound, operation, house.bob.ids)
        assert answer.status_code == (403 if "user_id" in operation.path_parameters else 404), answer.text
        assert house.is_untouched(house.bob)

    @named([operation for operation in ALL if not operation.is_admin])
    def test_may_do_its_own(self, fresh: Owned, bound: TestClient, operation: Operation):
        allowed = {200, 201, 202, 204} | ({409} if operation.id == "retry_job" else set())
        assert ask(bound, operation, fresh.ids).status_code in allowed

    def test_lists_only_its_own_jobs(self, house: House):
        assert {job["user_id"] for job in house.bound.get("/v1/jobs").json()["items"]} == {"ann"}

    def test_cannot_wait_for_anothers_job(self, house: House):
        body = {"user_id": "ann", "query": "Ann", "wait_for": house.bob.ids["job_id"]}
        assert house.bound.post("/v1/search", json=body).status_code == 404

    def test_meets_no_answer_kept_under_anothers_idempotency_key(self, fresh: Owned, bound: TestClient):
        body = {"user_id": "bob", "content": f"Bob lives in {SECRET}."}
        headers = {"Idempotency-Key": "k"}
        assert fresh.client.post("/v1/memories", json=body, headers=headers).status_code == 201
        own = {"user_id": "ann", "content": "Ann has a boat."}
        answers = [bound.post("/v1/memories", json=own, headers={"Idempotency-Key": k}) for k in ("k", "k2")]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert SECRET not in answers[0].text


class TestScopes:
    @named([operation for operation in ALL if operation.is_admin or not operation.reads])
    def test_a_read_key_may_not_write(self, house: House, operation: Operation):
        assert ask(house.reader, operation, house.ann.ids).status_code == 403
        assert house.is_untouched(house.ann)

    @named([operation for operation in ALL if operation.reads and not operation.is_admin])
    def test_a_read_key_may_read(self, house: House, operation: Operation):
        assert ask(house.reader, operation, house.ann.ids).status_code == 200

    @named([operation for operation in ALL if operation.is_admin])
    def test_a_write_key_may_not_administer(self, house: House, operation: Operation):
        assert ask(house.writer, operation, house.ann.ids).status_code == 403
        assert house.is_untouched(house.ann)

    @named([operation for operation in BY_ID if operation.is_admin or not operation.reads])
    def test_the_scope_is_asked_before_the_id(self, house: House, operation: Operation):
        # Else a key without the scope could tell which ids there are.
        assert ask(house.reader, operation, dict.fromkeys(house.ann.ids, str(UNKNOWN))).status_code == 403
