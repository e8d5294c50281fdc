"""A batch of searches: each is answered as if it were sent alone, and they are embedded together."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.core.errors import UpstreamFailed
from app.core.vocabulary import KeyScope
from app.llm.query_cache import QueryVectorCache
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.fakes import FakeEmbedder

ANN, BOB = "ann", "bob"


class House:
    """A tenant with two users who said something, and a key that is bound to one of them."""

    def __init__(self, resources: Resources) -> None:
        self.tenant, self.resources = f"t-{uuid4().hex[:12]}", resources
        self.admin = client_of(app_of(resources), make_key(resources, self.tenant))
        bound = make_key(resources, self.tenant, KeyScope.READ, user_id=ANN)
        self.bound = client_of(app_of(resources), bound)
        for user, text in ((ANN, "I keep bees in Oslo."), (BOB, "I keep goats in Rome.")):
            post(self.admin, turn(text), turn("Hello there!"), user=user)
        post(self.admin, turn("Not for Ann."), user=f"{ANN}-2")


@pytest.fixture(scope="module")
def house(without_llm: Resources) -> House:
    return House(without_llm)


def ask(client: TestClient, *searches: dict[str, Any]) -> Any:
    return client.post("/v1/search/batch", json={"searches": list(searches)})


def of(user: str, query: str = "Who keeps what?", **more: Any) -> dict[str, Any]:
    return {"user_id": user, "query": query} | more


def comparable(answer: Any) -> Any:
    return answer | {"retrieval_id": None}


ALONE: list[dict[str, Any]] = [
    of(ANN),
    of(BOB),
    of("nobody"),
    of(ANN, k=1),
    of(ANN, k=200),
    of(ANN, kinds=["turn"]),
    of(ANN, kinds=["fact"]),
    of(BOB, explain=True),
    of(BOB, "goats", neighbours=2),
    of(ANN, "And there?", asked_in="s1", explain=True),
    of(ANN, session_id="s1"),
    of(ANN, session_id="none"),
    of(ANN, as_of="2100-01-01T00:00:00Z"),
    of(BOB, known_at="2020-01-01T00:00:00Z"),
    of(BOB, shared=True),
    of(ANN, reference_time="2026-03-02T00:00:00Z"),
    of(ANN, "😀" * 200),
    of(ANN, filters={"roles": ["user"]}),
    of(ANN, filters={"metadata": {"field": "a", "op": "exists", "value": False}}),
    of(ANN, filters={"since": "2100-01-01T00:00:00Z"}),
    of(ANN, include_superseded=True),
]


def test_each_is_answered_as_alone(house: House):
    answers = ask(house.admin, *ALONE)
    assert answers.status_code == 200, answers.text
    results = answers.json()["results"]
    assert [one["status"] for one in results] == [200] * len(ALONE)
    for search, one in zip(ALONE, results, strict=True):
        alone = house.admin.post("/v1/search", json=search).json()
        assert comparable(one["result"]) == comparable(alone), search
        assert one["problem"] is None
    found = [item["content"] for one in results[:2] for item in one["result"]["items"]]
    assert "I keep bees in Oslo." in found
    assert "I keep goats in Rome." in found


def test_a_retrieval_of_a_batch_takes_feedback(house: House):
    first, second = (one["result"] for one in ask(house.admin, of(ANN), of(BOB)).json()["results"])
    assert first["retrieval_id"] != second["retrieval_id"]
    cited = {"cited_ids": [first["items"][0]["id"]]}
    assert (
        house.admin.post(f"/v1/retrievals/{second['retrieval_id']}/feedback", json=cited).status_code == 422
    )
    assert house.admin.post(f"/v1/retrievals/{first['retrieval_id']}/feedback", json=cited).status_code == 200


@pytest.mark.parametrize("places", [[0], [1], [0, 1, 2], [2], []])
def test_what_a_key_may_not_read_fails_alone(house: House, places: list[int]):
    searches = [of([BOB, f"{ANN}-2", "nobody"][place] if place in places else ANN) for place in range(3)]
    results = ask(house.bound, *searches).json()["results"]
    for search, one in zip(searches, results, strict=True):
        alone = house.bound.post("/v1/search", json=search)
        assert one["status"] == alone.status_code == (200 if search["user_id"] == ANN else 403)
        if one["status"] != 200:
            assert (one["result"], one["problem"]["field"]) == (None, alone.json()["field"])
            assert one["problem"]["code"] == "forbidden"
    assert "goats" not in str(results)


def test_another_tenant_meets_nothing(house: House, without_llm: Resources):
    stranger = client_of(house.admin.app, make_key(without_llm, f"{house.tenant}-2"))
    results = ask(stranger, of(ANN), of(BOB)).json()["results"]
    assert [one["result"]["items"] for one in results] == [[], []]


BAD: list[tuple[Any, str]] = [
    ({}, "searches"),
    ({"searches": []}, "searches"),
    ({"searches": [of(ANN)] * 33}, "searches"),
    ({"searches": [of(ANN), of(ANN, k=0)]}, "searches[1].k"),
    ({"searches": [of(ANN), {"query": "Who?"}]}, "searches[1].user_id"),
    ({"searches": [of(ANN, "  ")]}, "searches[0].query"),
    ({"searches": [of(ANN, "x" * 4_001)]}, "searches[0].query"),
    ({"searches": [of(ANN, limit=3)]}, "searches[0].limit"),
    ({"searches": [of(ANN, shared=True, as_of="2026-01-01T00:00:00Z")]}, "searches[0].shared"),
    ({"searches": [of(ANN, k=200)] * 6}, "body"),
    ({"searches": [of(ANN), of(ANN, wait_for=str(uuid4()))]}, "body"),
    ({"searches": of(ANN)}, "searches"),
    ({"searches": [None]}, "searches[0]"),
    ({"searches": [[of(ANN)]]}, "searches[0]"),
    ({"searches": [of(ANN)], "user_id": ANN}, "user_id"),
    ([of(ANN)], "body"),
    ({"searches": [of("..")]}, "searches[0].user_id"),
    ({"searches": [of(ANN, filters={"metadata": {"and": []}})]}, "searches[0].filters.metadata.and"),
    ({"searches": [of(ANN, "\x00")]}, "searches[0].query"),
    ({"searches": [of(ANN, kinds=["nonsense"])]}, "searches[0].kinds[0]"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_batch_that_is_not_valid_is_refused_as_a_whole(house: House, body: Any, field: str):
    answer = house.admin.post("/v1/search/batch", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].startswith(field), answer.json()


def test_a_write_only_key_does_not_exist_and_a_bad_one_is_refused(house: House):
    stranger = client_of(house.admin.app, "mc_nothing")
    assert ask(stranger, of(ANN)).status_code == 401


class Counting(FakeEmbedder):
    """Notes how many texts each call embeds."""

    def __init__(self, model_id: str, dimensions: int) -> None:
        super().__init__(dimensions, model_id)
        self.batches: list[int] = []

    def embed(self, texts: Any) -> Any:
        self.batches.append(len(texts))
        return super().embed(texts)


@pytest.fixture
def counted(without_llm: Resources) -> Iterator[tuple[Resources, Counting]]:
    in_use = without_llm.embedders.in_use
    assert in_use is not None
    inner = Counting(in_use.active.model_id, in_use.active.dimensions)
    without_llm.embedders.in_use = replace(in_use, active=QueryVectorCache(inner))
    yield without_llm, inner
    without_llm.embedders.in_use = in_use


def test_all_queries_are_embedded_at_once(house: House, counted: tuple[Resources, Counting]):
    _, embedder = counted
    searches = [of(ANN if place % 2 else BOB, f"Question {place % 20}?") for place in range(32)]
    assert [one["status"] for one in ask(house.admin, *searches).json()["results"]] == [200] * 32
    assert embedder.batches == [20]  # each text once
    assert ask(house.admin, *searches[:9]).status_code == 200
    assert embedder.batches == [20]  # and then from the cache


def test_without_the_embedder_words_decide(
    house: House, counted: tuple[Resources, Counting], monkeypatch: Any
):
    def fail(self: Counting, texts: Any) -> Any:
        raise UpstreamFailed("The model endpoint can't be reached.")

    monkeypatch.setattr(Counting, "embed", fail)
    results = ask(house.admin, of(ANN, "Who keeps bees?"), of(BOB, "goats")).json()["results"]
    assert [one["result"]["items"][0]["content"] for one in results] == [
        "I keep bees in Oslo.",
        "I keep goats in Rome.",
    ]
