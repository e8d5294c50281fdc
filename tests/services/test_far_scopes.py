"""A large user is answered from an HNSW index and a pack without texts, as an exact search would answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.db.session import open_engine
from app.main import create_app
from app.memory.scope import FAR_FORM
from app.resources import Resources
from app.services import embedding, extraction, scopes
from tests.conftest import Servers, client_of, make_key, post, search, turn, without_worker

SAID = [
    turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"),
    turn("My sister Bo plays the cello in Bergen.", name="Ann", observed_at="2026-02-01T10:00:00Z"),
    turn("What a lovely instrument!", name="Bo", role="assistant", observed_at="2026-02-01T10:01:00Z"),
    turn("I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"),
    turn("I like jazz and long walks.", name="Ann", observed_at="2026-03-11T10:00:00Z"),
]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("Where does Ann live?", {}),
    ("Who plays the cello?", {"k": 1}),
    ("sister", {"filters": {"speaker": "bo"}}),
    ("What happened in February?", {}),
    ("music", {"kinds": ["preference", "fact"]}),
    ("Bergen", {"session_id": "s1"}),
    ("Oslo", {"filters": {"since": "2026-03-01T00:00:00Z"}, "include_superseded": True}),
]


@pytest.fixture(scope="module")
def resources(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "far", 12) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(servers: Servers, resources: Resources) -> Iterator[Engine]:
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", "/far?"), pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture
def client(resources: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(create_app(resources=resources), make_key(resources, tenant)) as opened:
        yield opened


@pytest.fixture
def remember(client: TestClient, resources: Resources, tenant: str) -> Any:
    """Post turns and do the worker's part."""

    def go(*turns: dict[str, Any], user: str = "ann") -> None:
        post(client, *turns, user=user)
        embedding.run(resources, tenant, user)
        extraction.run(resources, tenant, user)

    return go


def answers(client: TestClient) -> list[Any]:
    return [search(client, query, explain=True, **more) for query, more in QUESTIONS]


def nearly(found: list[Any]) -> list[Any]:
    """The same answers, whose scores may be a little different."""
    return [
        [
            item
            | {
                "score": pytest.approx(item["score"], abs=5e-3),
                "features": pytest.approx(item["features"], abs=2e-3),
            }
            for item in items
        ]
        for items in found
    ]


def make_large(resources: Resources, tenant: str) -> None:
    """Pack Ann as a large user, and forget what this process holds of her."""
    assert scopes.pack(resources, tenant, "ann", after=0, exact_rows=3)
    resources.scopes.drop(tenant, "ann")


def is_large(resources: Resources, tenant: str) -> bool:
    model = resources.embedder
    return resources.scopes.get(tenant, "ann", model.model_id, model.dimensions).far is not None


@pytest.fixture
def exact(client: TestClient, remember: Any, resources: Resources, tenant: str) -> list[Any]:
    """What an exact search answers; by now Ann is large, and Bob is not."""
    remember(*SAID)
    remember(turn("I live in Bergen and play the cello.", name="Bob"), user="bob")
    found = answers(client)
    make_large(resources, tenant)
    return found


class TestLarge:
    def test_is_answered_as_before(self, client, exact, resources, tenant):
        assert answers(client) == nearly(exact)
        assert is_large(resources, tenant)

    def test_its_pack_holds_no_text_and_no_vector(self, exact, owner: Engine, tenant):
        sql = "SELECT form, index, vectors FROM scope_packs WHERE tenant_id = :t AND user_id = 'ann'"
        with owner.connect() as connection:
            form, index, vectors = connection.execute(text(sql), {"t": tenant}).one()
        assert (form, bytes(vectors)) == (FAR_FORM, b"")
        assert b"lovely instrument" not in bytes(index)

    def test_leaves_small_users_as_they_are(self, client, exact, resources, tenant):
        assert "cello" in search(client, "cello", user="bob")[0]["content"]
        model = resources.embedder
        assert resources.scopes.get(tenant, "bob", model.model_id, model.dimensions).far is None

    def test_sees_what_was_just_written(self, client, exact, remember, resources, tenant):
        search(client, "cello")
        remember(turn("Bo sold the cello.", name="Ann"), turn("I live in Rome.", name="Ann"))
        found = search(client, "cello")
        assert any("sold" in item["content"] for item in found)
        assert is_large(resources, tenant)
        later = answers(client)
        assert "Rome" in later[0][0]["content"]
        make_large(resources, tenant)
        # The new vectors count in how features are standardised only from now on.
        assert [items[0]["id"] for items in answers(client)] == [items[0]["id"] for items in later]

    def test_does_not_see_what_was_just_deleted(self, client, exact, resources, tenant):
        gone = next(item for item in search(client, "cello") if item["sources"][0]["turn_id"])
        assert client.delete(f"/v1/turns/{gone['sources'][0]['turn_id']}").status_code == 204
        assert not any("cello" in item["content"] for item in search(client, "cello"))
        assert is_large(resources, tenant)
        resources.scopes.drop(tenant, "ann")
        assert not any("cello" in item["content"] for item in search(client, "cello"))

    def test_who_comes_after_the_erasure_is_somebody_else(self, client, exact, remember, resources, tenant):
        search(client, "cello")
        scope = resources.scopes.get(tenant, "ann", resources.embedder.model_id, 384)
        assert client.delete("/v1/users/ann").json()["remaining"] == 0
        # As in another process, which was not told.
        resources.scopes._scopes[tenant, "ann"] = (resources.embedder.model_id, scope)
        for number in range(4):
            remember(turn(f"Tea number {number}.", name="Ann"))
        found = search(client, "cello")
        assert found
        assert all("Tea" in item["content"] for item in found)
        assert not is_large(resources, tenant)

    def test_is_packed_again_only_when_much_is_new(self, client, exact, remember, resources, tenant):
        assert not scopes.pack(resources, tenant, "ann", exact_rows=3)
        assert not scopes.pack(resources, tenant, "ann", after=0, exact_rows=3)
        remember(turn("I like tea.", name="Ann"))
        assert not scopes.pack(resources, tenant, "ann", exact_rows=3)
        assert scopes.pack(resources, tenant, "ann", after=0, exact_rows=3)
