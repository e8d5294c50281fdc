"""Tenants, bound keys and scopes on every route of the OpenAPI document: a new route is covered by itself."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core.vocabulary import Basis, KeyScope, LinkType
from app.db.memory_rows import NewDerivation, NewLink
from app.db.repositories.memories import derivations, memories
from app.db.user_session import UserSession
from app.main import OPEN_ROUTES
from app.resources import Resources
from tests.api.test_grants import grant
from tests.conftest import app_of, client_of, document, make_key, post, principal_of, search, turn

SECRET = "xyzzyplugh"
USER_FIELDS = ("user_id", "owner_user_id")  # a body that has both is about the memory of the first
UNKNOWN = uuid4()


NEED_ADMIN = {
    *("create_key", "list_keys", "revoke_key"),
    *("erase_user", "erase_named_user", "list_erasures", "get_erasure", "import_bundle"),
    *("get_ranker", "reset_ranker"),
    *("start_reembed", "get_reembed", "cancel_reembed", "drop_old_embeddings"),
}


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
        return self.method == "get" or self.id in {
            "search_memory",
            "search_memory_batch",
            "build_context",
            "answer_question",
        }


def operations() -> list[Operation]:
    found = []
    for path, item in document()["paths"].items():
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
                    is_admin=operation["operationId"] in NEED_ADMIN,
                )
            )
    return [operation for operation in found if operation.path not in OPEN_ROUTES]


# The least that is valid. A new operation with a body must be added here; the test says so.
BODIES: dict[str, dict[str, Any]] = {
    "add_turns": {"user_id": "ann", "session_id": "s1", "turns": [{"role": "system", "content": "A note."}]},
    "create_memory": {"user_id": "ann", "content": "Ann has a boat."},
    "update_memory": {"content": "Ann lives elsewhere."},
    "search_memory": {"user_id": "ann", "query": "Where does Ann live?"},
    "search_memory_batch": {"searches": [{"user_id": "ann", "query": "Where does Ann live?"}]},
    "answer_question": {"user_id": "ann", "query": "Where does Ann live?"},
    "build_context": {"user_id": "ann", "query": "Where does Ann live?", "session_id": "s1"},
    "create_key": {"name": "another", "scopes": ["read"]},
    "plan_forgetting": {"user_id": "ann"},
    "freeze_memory": {},
    "unfreeze_memory": {},
    "pin_memory": {},
    "unpin_memory": {},
    "archive_memory": {},
    "restore_memory": {"reason": "it matters"},
    "resolve_conflict": {"dismiss": True},
    "merge_entities": {"user_id": "ann", "into": ""},  # see IDS_IN_BODY
    "split_entity": {"user_id": "ann", "alias": "al"},
    "start_reembed": {},
    "put_artifact": {"user_id": "ann", "content": "A plan."},
    "run_store_operations": {
        "user_id": "ann",
        "operations": [{"op": "put", "namespace": ["notes"], "key": "plan", "value": {"note": "Hello."}}],
    },
    "put_session_state": {"user_id": "ann", "state": {"data": {"note": "Hello."}}},
    "create_snapshot": {"user_id": "ann"},
    "rollback_snapshot": {},
    "send_feedback": {"cited_ids": []},
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
OF_TENANT = {
    "list_erasures",
    "list_keys",
    "create_key",
    "get_ranker",
    "reset_ranker",
    "list_users",
    "get_me",
    "get_usage",
}
OF_ALL_USERS = {"get_usage"}  # figures in which a key of one user would see those of the others
# Each search of a batch names its user, and is answered as alone: `test_search_batches.py`.
IN_BATCHES = {"search_memory_batch"}
# The ids of another's rows, in the query: a user's name alone does not let through.
IDS_IN_QUERY = {"get_order": {"first": "turn_id", "second": "memory_id"}}
IDS_IN_BODY = {"merge_entities": {"into": "other_entity_id"}}
# Names that a client chooses: another tenant may have the same, and meets its own or nothing.
NAMES_IN_PATH = {"session_id", "path"}
MISSES = {
    "answer_question": 409,  # there is no LLM here, which is told to those who may ask
    "erase_named_user": 404,
    "export_named_user": 404,
    "get_session_summary": 404,
    "get_session_state": 404,
    "put_session_state": 412,
    "get_artifact": 404,
    "list_artifact_versions": 404,
    "delete_artifact": 404,
    "copy_memories": 403,
    "erase_session": 404,
}
MISSES_OWN = {"answer_question": 409, "retry_job": 409}  # what the owner hears who may do it
HEADERS = {"update_memory": {"If-Match": "1"}, "put_session_state": {"If-Match": "1"}}

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


class Ids(dict[str, str]):
    """Ids of one of everything that a user of a tenant can have: what is asked for is made then.

    A system turn is never extracted, so that no worker adds to it.
    """

    def __init__(self, client: TestClient, resources: Resources, tenant: str, user: str) -> None:
        super().__init__(user_id=user)
        self.client, self.resources, self.tenant, self.user = client, resources, tenant, user

    def __missing__(self, name: str) -> str:
        self[name] = MAKERS[name](self)
        return self[name]

    def posted(self, path: str, **body: Any) -> Any:
        """What a POST that creates something answers."""
        answer = self.client.post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def accept_turn(self) -> str:
        said = turn(f"The code of the door is {SECRET}.", role="system")
        accepted = post(self.client, said, user=self.user)
        self["job_id"], self["turn_id"] = accepted["job_id"], accepted["turn_ids"][0]
        return self["turn_id"]

    def accept_job(self) -> str:
        self.accept_turn()
        return self["job_id"]

    def create_memory(self) -> str:
        lives = {"content": f"Ann lives in {SECRET}.", "entities": [SECRET]}
        return self.posted("/v1/memories", user_id=self.user, **lives)["id"]

    def find_entity(self) -> str:
        """The entity that the memory names, with the alias "al"."""
        assert self["memory_id"]
        self.posted("/v1/memories", user_id=self.user, content=f"Al is {SECRET}.", entities=["Al"])
        listed = self.client.get("/v1/entities", params={"user_id": self.user}).json()["items"]
        ids = {item["name"]: item["id"] for item in listed}
        merge = {"user_id": self.user, "into": ids[SECRET]}
        assert self.client.post(f"/v1/entities/{ids['Al']}/merge", json=merge).status_code == 200
        return ids[SECRET]

    def find_other_entity(self) -> str:
        self.posted("/v1/memories", user_id=self.user, content=f"Bea is no {SECRET}.", entities=["Bea"])
        listed = self.client.get("/v1/entities", params={"user_id": self.user, "name": "Bea"}).json()["items"]
        return listed[0]["id"]

    def create_key(self) -> str:
        return self.posted("/v1/keys", name=f"a key of {SECRET}", scopes=["read"])["id"]

    def keep_session(self) -> str:
        session_id = summarise(self.resources, self.tenant, self.user, self["memory_id"])
        path = f"/v1/sessions/{session_id}/state"
        state = {"user_id": self.user, "state": {"goals": [{"text": f"Learn {SECRET}"}]}}
        assert self.client.put(path, json=state, headers={"If-Match": "0"}).status_code == 200
        return session_id

    def keep_artifact(self) -> str:
        plan = {"user_id": self.user, "content": {"steps": [f"Fetch {SECRET}"]}}
        assert self.client.put("/v1/artifacts/notes/plan", json=plan).status_code == 201
        return "notes/plan"

    def grant_both_ways(self) -> str:
        self.posted("/v1/memories", user_id="zoe", content=f"Zoe knows {SECRET}.")
        given, taken = (self.user, "yan"), ("zoe", self.user)
        grants = [grant(self.client, *sides, right="copy") for sides in (given, taken)]
        return grants[0].json()["id"]

    def erase_another(self) -> str:
        gone = f"gone of {self.user}"
        post(self.client, turn(f"Gone is {SECRET}.", role="system"), user=gone)
        erasure = self.client.delete(f"/v1/users/{gone}")
        assert erasure.status_code == 200
        return erasure.json()["id"]

    def contradict(self) -> str:
        return contradicted(self.client, self.resources, self.tenant, self.user)

    def retrieve(self) -> str:
        return self.posted("/v1/search", user_id=self.user, query=SECRET)["retrieval_id"]

    def take_snapshot(self) -> str:
        assert self["memory_id"]
        return self.posted("/v1/snapshots", user_id=self.user)["id"]


MAKERS = {
    "turn_id": Ids.accept_turn,
    "job_id": Ids.accept_job,
    "memory_id": Ids.create_memory,
    "entity_id": Ids.find_entity,
    "other_entity_id": Ids.find_other_entity,
    "key_id": Ids.create_key,
    "session_id": Ids.keep_session,
    "path": Ids.keep_artifact,
    "grant_id": Ids.grant_both_ways,
    "erasure_id": Ids.erase_another,
    "conflict_id": Ids.contradict,
    "retrieval_id": Ids.retrieve,
    "snapshot_id": Ids.take_snapshot,
}
# What an operation works on besides the ids that it names.
WORKS_ON = {"copy_memories": "grant_id"}


def own_little(client: TestClient, resources: Resources, tenant: str, user: str) -> Owned:
    """A turn and a memory; the rest is made when it is asked for."""
    ids = Ids(client, resources, tenant, user)
    ids.accept_turn()
    assert ids["memory_id"]
    return Owned(client, ids)


def own(client: TestClient, resources: Resources, tenant: str, user: str) -> Owned:
    """One of everything."""
    owned = own_little(client, resources, tenant, user)
    for name in MAKERS:
        assert owned.ids[name]
    return owned


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
    stored: Callable[[str], str]
    before: dict[str, str]

    def is_untouched(self, owned: Owned) -> bool:
        """Whether all that is stored of the user is as it was before the first probe."""
        user = owned.ids["user_id"]
        return self.stored(user) == self.before[user]


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

        def stored(user: str) -> str:
            with resources.open_transaction(principal_of(tenant)) as session:
                return session.execute(text(STORED), {"user": user}).scalar_one()

        before = {user: stored(user) for user in ("ann", "bob")}
        assert SECRET in before["ann"]
        yield House(ann, bob, bound, reader, writer, stored, before)


@pytest.fixture
def fresh(app: Any, resources: Resources, tenant: str) -> Iterator[Owned]:
    """A tenant of the test's own, for what does change something."""
    with client_of(app, make_key(resources, tenant)) as client:
        yield own_little(client, resources, tenant, "ann")


@pytest.fixture
def bound(app: Any, resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client of the test's own tenant with a key that is bound to a user."""
    with client_of(app, make_key(resources, tenant, KeyScope.WRITE, user_id="ann")) as client:
        yield client


@pytest.fixture
def mine(operation: Operation, request: pytest.FixtureRequest) -> Owned:
    """What an operation may work on: all share what is only read."""
    return request.getfixturevalue("house").ann if operation.reads else request.getfixturevalue("fresh")


@pytest.fixture
def bound_to_mine(operation: Operation, request: pytest.FixtureRequest) -> TestClient:
    """A client whose key is bound to the user of `mine`."""
    return request.getfixturevalue("house").bound if operation.reads else request.getfixturevalue("bound")


@pytest.fixture(scope="module")
def stranger(app: Any, resources: Resources) -> Iterator[TestClient]:
    """The admin of another tenant, for what finds nothing: what makes something has a tenant of its own."""
    with client_of(app, make_key(resources, f"t-{uuid4().hex[:12]}")) as client:
        yield client


@pytest.fixture
def other(app: Any, resources: Resources, tenant: str) -> Iterator[TestClient]:
    """The admin of another tenant, which has nothing."""
    with client_of(app, make_key(resources, f"{tenant}-b")) as client:
        yield client


def ask(client: TestClient, operation: Operation, ids: dict[str, str], user: str = "ann") -> httpx.Response:
    """Call an operation with these ids; fails when it is not known how."""
    strange = set(operation.path_parameters) - set(MAKERS) - {"user_id"}
    if strange:
        pytest.fail(f"{operation.id} has the path parameter(s) {strange}: say in MAKERS how to make one")
    if operation.has_body and operation.id not in BODIES:
        pytest.fail(f"{operation.id} takes a body: add the least valid one to BODIES")
    if operation.id in WORKS_ON:
        assert ids[WORKS_ON[operation.id]]
    body = BODIES.get(operation.id)
    if body is not None and operation.user_field is not None:
        body = body | {operation.user_field: user}
    if body is not None:
        body = body | {name: ids[held] for name, held in IDS_IN_BODY.get(operation.id, {}).items()}
    path = re.sub(r"{(\w+)}", lambda found: ids[found[1]], operation.path)
    params = {"user_id": user} if "user_id" in operation.query else {}
    params |= {name: ids[held] for name, held in IDS_IN_QUERY.get(operation.id, {}).items()}
    return client.request(operation.method, path, json=body, params=params, headers=HEADERS.get(operation.id))


# All rows of a user, but for what a worker may be changing just now.
STORED = """
SELECT jsonb_build_object(
  'turns', (SELECT jsonb_agg(to_jsonb(t) - '{state,state_reason,extracted,segment_id,revision}'::text[]
            ORDER BY id) FROM turns t WHERE user_id = :user),
  'memories', (SELECT jsonb_agg(to_jsonb(m) - '{confidence,importance,layer,strength,anchor_at,updated_at,
               revision}'::text[] ORDER BY id) FROM memories m WHERE user_id = :user),
  'versions', (SELECT count(*) FROM memory_versions WHERE user_id = :user),
  'links', (SELECT count(*) FROM links WHERE user_id = :user),
  'jobs', (SELECT jsonb_agg(id ORDER BY id) FROM jobs WHERE user_id = :user),
  'states', (SELECT jsonb_agg(s ORDER BY session_id) FROM session_states s WHERE user_id = :user),
  'artifacts', (SELECT jsonb_agg(a ORDER BY path, version) FROM artifact_versions a WHERE user_id = :user),
  'store', (SELECT jsonb_agg(i ORDER BY namespace, key) FROM store_items i WHERE user_id = :user),
  'snapshots', (SELECT jsonb_agg(s ORDER BY id) FROM snapshots s WHERE user_id = :user),
  'feedback', (SELECT count(*) FROM feedback WHERE user_id = :user),
  'grants', (SELECT jsonb_agg(g ORDER BY id) FROM grants g WHERE :user IN (owner_user_id, grantee_user_id)),
  'keys', (SELECT jsonb_agg(to_jsonb(k) - 'last_used_at' ORDER BY id) FROM api_keys k)
)::text
"""


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
        known = known or operation.id in OF_OPERATOR | IN_BATCHES
        assert known, (
            f"{operation.id} names neither a user nor an id: say here why it can't show another tenant"
        )

    @named([operation for operation in ALL if operation.id in OF_OPERATOR])
    def test_a_tenants_admin_does_not_operate_the_service(self, house: House, operation: Operation):
        assert ask(house.ann.client, operation, house.ann.ids).status_code == 403

    @named([operation for operation in ALL if operation.id not in OF_OPERATOR])
    def test_the_owner_is_let_through(self, mine: Owned, operation: Operation):
        # Else a 404 for the other tenant would prove nothing.
        answer = ask(mine.client, operation, mine.ids)
        allowed = {200, 201, 202, 204, MISSES_OWN.get(operation.id, 200)}
        assert answer.status_code in allowed, answer.text


class TestOtherTenant:
    @named(BY_ID)
    def test_finds_nothing_under_an_id(self, house: House, stranger: TestClient, operation: Operation):
        answer = ask(stranger, operation, house.ann.ids)
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert SECRET not in answer.text
        assert house.is_untouched(house.ann)

    @named([operation for operation in BY_ID if operation.path_parameters != ("user_id",)])
    def test_hears_the_same_as_of_an_id_that_never_was(
        self, house: House, stranger: TestClient, operation: Operation
    ):
        theirs = ask(stranger, operation, house.ann.ids).json()
        nobodys = ask(stranger, operation, dict.fromkeys(house.ann.ids, str(UNKNOWN))).json()
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
        assert fresh.ids["grant_id"]
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
        assert fresh.ids["key_id"]
        answer = other.get("/v1/keys")
        assert SECRET not in answer.text
        assert len(answer.json()["items"]) == 1

    def test_lists_no_job_of_another(self, fresh: Owned, other: TestClient):
        assert len(fresh.client.get("/v1/jobs").json()["items"]) == 1
        assert other.get("/v1/jobs").json()["items"] == []


class TestBoundKey:
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

    @named([operation for operation in ALL if operation.id in OF_ALL_USERS])
    def test_sees_no_figures_of_all_users(self, mine: Owned, bound_to_mine: TestClient, operation: Operation):
        assert ask(bound_to_mine, operation, mine.ids).status_code == 403

    @named([operation for operation in ALL if not operation.is_admin and operation.id not in OF_ALL_USERS])
    def test_may_do_its_own(self, mine: Owned, bound_to_mine: TestClient, operation: Operation):
        allowed = {200, 201, 202, 204, MISSES_OWN.get(operation.id, 200)}
        assert ask(bound_to_mine, operation, mine.ids).status_code in allowed

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
        assert ask(house.reader, operation, house.ann.ids).status_code == MISSES_OWN.get(operation.id, 200)

    @named([operation for operation in ALL if operation.is_admin])
    def test_a_write_key_may_not_administer(self, house: House, operation: Operation):
        assert ask(house.writer, operation, house.ann.ids).status_code == 403
        assert house.is_untouched(house.ann)

    @named([operation for operation in BY_ID if operation.is_admin or not operation.reads])
    def test_the_scope_is_asked_before_the_id(self, house: House, operation: Operation):
        # Else a key without the scope could tell which ids there are.
        assert ask(house.reader, operation, dict.fromkeys(house.ann.ids, str(UNKNOWN))).status_code == 403
