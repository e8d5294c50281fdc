"""A large user is answered from an HNSW index and a pack without texts, as an exact search would answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.db.session import open_engine
from app.memory.index.index_cache import _CachedIndex
from app.memory.index.user_index import ANN_SNAPSHOT_VERSION, LARGE_SNAPSHOT_VERSION
from app.memory.ranking.matching import ann_index
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from app.services.search import ann_indexes, user_indexes
from tests.api.test_grants import grant
from tests.conftest import Servers, app_of, client_of, make_key, post, search, turn, without_worker

SAID = [
    turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"),
    turn("My sister Bo plays the cello in Bergen.", name="Ann", observed_at="2026-02-01T10:00:00Z"),
    turn("What a lovely instrument!", name="Bo", role="assistant", observed_at="2026-02-01T10:01:00Z"),
    turn("I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"),
    turn("I like jazz and long walks.", name="Ann", observed_at="2026-03-11T10:00:00Z"),
    turn("The boat leaves at noon.", name="Ann", place={"name": "Bergen harbour"}),
]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("Where does Ann live?", {}),
    ("Who plays the cello?", {"k": 1}),
    ("sister", {"filters": {"speaker": "bo"}}),
    ("What happened in February?", {}),
    ("music", {"kinds": ["preference", "fact"]}),
    ("Bergen", {"session_id": "s1"}),
    ("Oslo", {"filters": {"since": "2026-03-01T00:00:00Z"}, "include_superseded": True}),
    ("What a surprise!", {"filters": {"roles": ["assistant"]}}),
    ("Where was it?", {"filters": {"place": "harbour"}}),
    ("What does she like?", {"filters": {"tags": ["music"]}, "kinds": ["preference"]}),
    ("Who plays the cello?", {"neighbours": 1}),
    ("What is the boiling point of tungsten?", {}),
    ("What happened in May 1999?", {}),
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
    with client_of(app_of(resources), make_key(resources, tenant)) as opened:
        yield opened


@pytest.fixture
def remember(client: TestClient, resources: Resources, tenant: str) -> Any:
    """Post turns and do the worker's part."""

    def go(*turns: dict[str, Any], user: str = "ann") -> None:
        post(client, *turns, user=user)
        embed_turns.run_embedding(resources, tenant, user)
        extraction.run_extraction(resources, tenant, user)

    return go


def answer(client: TestClient, query: str, **more: Any) -> Any:
    """The body of a search of Ann's, without what is new each time."""
    found = client.post("/v1/search", json={"user_id": "ann", "query": query} | more)
    assert found.status_code == 200, found.text
    return {name: value for name, value in found.json().items() if name != "retrieval_id"}


def answers(client: TestClient) -> list[Any]:
    return [answer(client, query, explain=True, **more) for query, more in QUESTIONS]


def nearly(found: list[Any]) -> list[Any]:
    """The same answers, whose scores may be a little different: an index in memory has vectors in 8 bits."""
    return [one | {"items": [_nearly(item) for item in one["items"]]} for one in found]


def _nearly(item: Any) -> Any:
    score, features = item["score"], item["features"]
    near = {"score": pytest.approx(score, abs=0.15), "features": pytest.approx(features, abs=5e-2)}
    return item | near | {"relevance": pytest.approx(item["relevance"], abs=2e-2)}


def by_id(found: Any) -> Any:
    """An answer whose items are in the order of their ids: scores that are nearly equal may change places."""
    return found | {"items": sorted(found["items"], key=lambda item: item["id"])}


def best(found: Any) -> str | None:
    """The id of the first item."""
    return found["items"][0]["id"] if found["items"] else None


@pytest.fixture(params=["documents in Postgres", "vectors too"])
def limits(request: Any) -> dict[str, int]:
    """From how many vectors on a user is large."""
    return {"document_rows": 3} | ({"exact_rows": 3} if request.param == "vectors too" else {})


@pytest.fixture
def ann_limits() -> dict[str, int]:
    """The vectors of a large user are in Postgres as well."""
    return {"document_rows": 3, "exact_rows": 3}


def make_large(resources: Resources, tenant: str, limits: dict[str, int], user: str = "ann") -> None:
    """Pack a user as a large one, and forget what this process holds of the user."""
    assert user_indexes.create_index_snapshot(resources, tenant, user, after=0, **limits)
    resources.index_cache.drop_user(tenant, user)


def is_large(resources: Resources, tenant: str, user: str = "ann") -> bool:
    model = resources.active_embedder
    return not resources.index_cache.get_index(tenant, user, model.model_id, model.dimensions).keeps_documents


@pytest.fixture
def small(client: TestClient, remember: Any) -> list[Any]:
    """What a search of Ann's answers while she is small."""
    remember(*SAID)
    remember(turn("I live in Bergen and play the cello.", name="Bob"), user="bob")
    note = {"user_id": "ann", "kind": "preference", "content": "Ann likes Bach.", "tags": ["music"]}
    assert client.post("/v1/memories", json=note).status_code == 201
    return answers(client)


@pytest.fixture
def exact(small: list[Any], resources: Resources, tenant: str, limits: dict[str, int]) -> list[Any]:
    """What an exact search answers; by now Ann is large, and Bob is not."""
    make_large(resources, tenant, limits)
    return small


@pytest.fixture
def before_ann(small: list[Any], resources: Resources, tenant: str, ann_limits: dict[str, int]) -> list[Any]:
    """The same; by now Ann's vectors are in Postgres, with an index."""
    make_large(resources, tenant, ann_limits)
    return small


class TestLarge:
    def test_is_answered_as_before(self, client, exact, resources, tenant):
        found = answers(client)
        assert [by_id(one) for one in found] == [by_id(one) for one in nearly(exact)]
        assert [best(one) for one in found[:11]] == [best(one) for one in exact[:11]]
        assert is_large(resources, tenant)
        assert {one.get("reason") for one in exact} >= {None, "no_match", "out_of_range"}
        assert all(one["items"] for one in exact[:11])

    def test_what_comes_from_the_index_alone_is_as_much_as_before(self, client, before_ann, monkeypatch):
        for name in ("MAX_EXHAUSTIVE", "LEXICAL_CANDIDATES", "ANN_CANDIDATES"):
            monkeypatch.setattr(ann_index, name, 1)
        for before, after in zip(before_ann, answers(client), strict=True):
            assert len(after["items"]) == len(before["items"])
            assert after.get("reason") == before.get("reason")

    def test_its_pack_holds_no_text_and_vectors_where_they_are_read(self, exact, limits, owner, tenant):
        sql = (
            "SELECT form, index, vectors, documents FROM scope_packs WHERE tenant_id = :t AND user_id = 'ann'"
        )
        with owner.connect() as connection:
            form, index, vectors, documents = connection.execute(text(sql), {"t": tenant}).one()
        is_ann = "exact_rows" in limits
        assert form == (ANN_SNAPSHOT_VERSION if is_ann else LARGE_SNAPSHOT_VERSION)
        assert (len(vectors) == 0) == is_ann
        assert bytes(documents) == b""
        assert b"lovely instrument" not in bytes(index)

    def test_only_with_vectors_in_postgres_it_has_an_ann_index(self, exact, limits, owner, resources, tenant):
        values = {"t": tenant, "m": resources.active_embedder.model_id}
        with owner.connect() as connection:
            has_index = connection.execute(
                text("SELECT memcubed_has_far(:t, 'ann', :m)"), values
            ).scalar_one()
        assert has_index == ("exact_rows" in limits)

    def test_leaves_small_users_as_they_are(self, client, exact, resources, tenant):
        assert "cello" in search(client, "cello", user="bob")[0]["content"]
        assert not is_large(resources, tenant, "bob")

    def test_a_small_tenant_beside_it_gets_as_many_as_there_are(self, client, exact, resources, tenant):
        other = f"{tenant}-other"
        with client_of(app_of(resources), make_key(resources, other)) as small:
            post(small, *(turn(f"Cello number {number}.", name="Ann") for number in range(12)))
            embed_turns.run_embedding(resources, other, "ann")
            for count in (1, 10):
                found = search(small, "Who plays the cello?", k=count)
                assert len(found) == count
                assert all("number" in item["content"] for item in found)
            assert not is_large(resources, other)

    def test_a_process_that_held_all_of_it_takes_its_pack(
        self, client, remember, resources, tenant, monkeypatch, limits
    ):
        monkeypatch.setattr(ann_indexes, "DOCUMENT_ROWS", 3)
        remember(*SAID)
        before = search(client, "Where does Ann live?")
        assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0, **limits)
        assert not is_large(resources, tenant)
        remember(turn("I like tea.", name="Ann"))
        assert search(client, "Where does Ann live?")[0]["id"] == before[0]["id"]
        assert is_large(resources, tenant)

    def test_without_its_index_it_is_searched_exactly(self, client, before_ann, owner, resources, tenant):
        search(client, "cello")
        with owner.begin() as connection:
            connection.execute(text("SELECT memcubed_prune_far(1000)"))
        assert answers(client) == before_ann
        assert not is_large(resources, tenant)

    def test_its_index_goes_with_its_erasure(self, client, before_ann, owner, resources, tenant):
        receipt = client.delete("/v1/users/ann").json()
        assert receipt["rows"]["far_vectors"] > 0
        assert receipt["remaining"] == 0
        ann_indexes.prune_ann_indexes(resources, least=1)
        sql = "SELECT memcubed_has_far(:t, 'ann', :m)"
        with owner.connect() as connection:
            values = {"t": tenant, "m": resources.active_embedder.model_id}
            assert not connection.execute(text(sql), values).scalar_one()

    def test_shares_and_is_shared_with(self, client, exact, resources, tenant, limits):
        for owner, to in (("ann", "bob"), ("bob", "ann")):
            assert grant(client, owner, to).status_code == 201
        mine = search(client, "Who plays the cello?", shared=True)
        assert {item.get("owner_user_id") for item in mine} == {None, "bob"}
        before = search(client, "Who plays the cello?", user="bob", shared=True)
        assert {item.get("owner_user_id") for item in before} == {None, "ann"}
        make_large(resources, tenant, limits, "bob")
        after = search(client, "Who plays the cello?", user="bob", shared=True)
        assert [item["id"] for item in after] == [item["id"] for item in before]

    def test_sees_what_was_just_written(self, client, exact, remember, resources, tenant, limits):
        search(client, "cello")
        remember(turn("Bo sold the cello.", name="Ann"), turn("I live in Rome.", name="Ann"))
        found = search(client, "cello")
        assert any("sold" in item["content"] for item in found)
        assert is_large(resources, tenant)
        later = answers(client)
        assert "Rome" in later[0]["items"][0]["content"]
        make_large(resources, tenant, limits)
        # The new vectors count in how features are standardised only from now on.
        assert [best(one) for one in answers(client)[:2]] == [best(one) for one in later[:2]]

    def test_does_not_see_what_was_just_deleted(self, client, exact, resources, tenant):
        gone = next(item for item in search(client, "cello") if item["sources"][0]["turn_id"])
        assert client.delete(f"/v1/turns/{gone['sources'][0]['turn_id']}").status_code == 204
        assert not any("cello" in item["content"] for item in search(client, "cello"))
        assert is_large(resources, tenant)
        resources.index_cache.drop_user(tenant, "ann")
        assert not any("cello" in item["content"] for item in search(client, "cello"))

    def test_who_comes_after_the_erasure_is_somebody_else(self, client, exact, remember, resources, tenant):
        search(client, "cello")
        scope = resources.index_cache.get_index(tenant, "ann", resources.active_embedder.model_id, 384)
        assert client.delete("/v1/users/ann").json()["remaining"] == 0
        # As in another process, which was not told.
        model_id = resources.active_embedder.model_id
        resources.index_cache._indexes[tenant, "ann"] = _CachedIndex(model_id, scope)
        for number in range(4):
            remember(turn(f"Tea number {number}.", name="Ann"))
        found = search(client, "cello")
        assert found
        assert all("tea" in item["content"].lower() for item in found)
        assert not is_large(resources, tenant)

    def test_is_packed_again_only_when_much_is_new(self, client, exact, remember, resources, tenant, limits):
        assert not user_indexes.create_index_snapshot(resources, tenant, "ann", **limits)
        assert not user_indexes.create_index_snapshot(resources, tenant, "ann", after=0, **limits)
        remember(turn("I like tea.", name="Ann"))
        assert not user_indexes.create_index_snapshot(resources, tenant, "ann", **limits)
        assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0, **limits)


class TestGrows:
    def test_from_vectors_in_memory_to_an_ann_index(
        self, client, small, remember, resources, tenant, ann_limits
    ):
        make_large(resources, tenant, {"document_rows": 3})
        before = answers(client)
        remember(turn("I like tea.", name="Ann"))
        make_large(resources, tenant, ann_limits)
        assert "tea" in search(client, "tea")[0]["content"]
        assert [best(one) for one in answers(client)[:3]] == [best(one) for one in before[:3]]
        model = resources.active_embedder
        index = resources.index_cache.get_index(tenant, "ann", model.model_id, model.dimensions)
        assert not index.keeps_vectors

    def test_a_vector_that_comes_after_the_pack_counts(self, client, small, resources, tenant):
        post(client, turn("The harbour master keeps bees.", name="Ann"))
        make_large(resources, tenant, {"document_rows": 3})
        assert search(client, "cello")
        embed_turns.run_embedding(resources, tenant, "ann")
        found = answer(client, "honey insects", explain=True)["items"]
        bees = next(item for item in found if "bees" in item["content"])
        assert bees["features"]["dense"] > 1
