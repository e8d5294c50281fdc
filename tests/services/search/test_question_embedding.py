"""A question about a speaker is embedded as that speaker would put it, in every process alike."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.llm.query_cache import QueryVectorCache
from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.fakes import FakeEmbedder

PAINTED, PUT = "What has Ann painted?", "What have I painted?"


class Noting(FakeEmbedder):
    """Notes what is embedded, and whether the index of `user` was locked meanwhile."""

    def __init__(self, resources: Resources, model_id: str, dimensions: int) -> None:
        super().__init__(dimensions, model_id)
        self.resources, self.place = resources, ("", "")
        self.texts: list[str] = []
        self.was_locked = False

    def embed(self, texts: Any) -> Any:
        self.texts += texts
        index = self.resources.index_cache.get_index(*self.place, self.model_id, self.dimensions)
        self.was_locked = self.was_locked or index.lock.locked()
        return super().embed(texts)


@pytest.fixture
def embedder(without_llm: Resources) -> Iterator[Noting]:
    in_use = without_llm.embedders.in_use
    assert in_use is not None
    made = Noting(without_llm, in_use.active.model_id, in_use.active.dimensions)
    without_llm.embedders.in_use = replace(in_use, active=QueryVectorCache(made))
    yield made
    without_llm.embedders.in_use = in_use


@pytest.fixture
def api(without_llm: Resources, embedder: Noting) -> TestClient:
    """A tenant whose user "u" has two turns of Ann and one of Bob."""
    tenant = f"t-{uuid4().hex}"
    embedder.place = (tenant, "u")
    made = client_of(app_of(without_llm), make_key(without_llm, tenant))
    post(made, turn("I have painted the harbour.", name="Ann"), user="u")
    post(made, turn("I have painted a boat.", name="Bob"), user="u")
    post(made, turn("The tea is cold.", name="Ann"), user="u")
    return made


def ask(api: TestClient, query: str = PAINTED, **more: Any) -> list[str]:
    found = api.post("/v1/search", json={"user_id": "u", "query": query, **more})
    assert found.status_code == 200, found.text
    return [item["content"] for item in found.json()["items"]]


def forget(resources: Resources, embedder: Noting) -> None:
    """What another process begins with: no index of the user and no vectors of questions."""
    resources.index_cache.drop_user(*embedder.place)
    in_use = resources.embedders.in_use
    assert in_use is not None
    resources.embedders.in_use = replace(in_use, active=QueryVectorCache(embedder))
    embedder.texts.clear()


def test_a_process_that_does_not_know_the_speakers_asks_once_more(api: TestClient, embedder: Noting):
    first = ask(api)
    assert first[0] == "I have painted the harbour."
    assert embedder.texts == [PAINTED, PUT]
    assert ask(api) == first
    assert embedder.texts == [PAINTED, PUT]  # by now the speakers are known, and the vector is


@pytest.mark.parametrize(
    "query",
    [
        "What did Karla paint?",
        "What have Ann and Bob painted?",
        "Who is Ann?",
        "What did Ann tell me of the boat?",
        "harbour",
        "What happened in May?",
        "Was hat Ann gestern gemalt?",
        "😀" * 50,
    ],
)
def test_any_other_question_is_embedded_as_it_is_and_once(api: TestClient, embedder: Noting, query: str):
    ask(api, query)
    ask(api, query)
    assert embedder.texts == [query]


def test_every_process_answers_alike(api: TestClient, embedder: Noting, without_llm: Resources):
    hot = [ask(api), ask(api)][1]
    forget(without_llm, embedder)
    assert ask(api) == hot


def test_a_speaker_who_is_new_is_known_at_once(api: TestClient, embedder: Noting):
    ask(api, "What has Karla painted?")
    assert embedder.texts == ["What has Karla painted?"]
    post(api, turn("I have painted a tree.", name="Karla"), user="u")
    assert ask(api, "What has Karla painted?")[0] == "I have painted a tree."
    assert embedder.texts[-1] == PUT


def test_a_question_of_the_past_is_put_so_too(api: TestClient, embedder: Noting):
    ask(api, as_of="2100-01-01T00:00:00Z")
    assert embedder.texts == [PUT]


def test_what_a_session_adds_is_not_put(api: TestClient, embedder: Noting):
    post(api, turn("Ann's brother sails the boat.", name="Ann"), user="u", session="leaning")
    ask(api, "And what did she paint?", asked_in="leaning")
    assert embedder.texts[-1] == "And what did she paint? Ann's brother sails the boat."


def test_a_batch_embeds_what_its_searches_ask_for(api: TestClient, embedder: Noting):
    ask(api, "tea")
    embedder.texts.clear()
    searches = [{"user_id": "u", "query": query} for query in (PAINTED, "What has Bob painted?", "tea")]
    found = api.post("/v1/search/batch", json={"searches": searches}).json()["results"]
    assert [one["status"] for one in found] == [200] * 3
    assert embedder.texts == [PUT]  # Ann's and Bob's question are the same text, that of the tea is known


def test_the_index_is_not_locked_while_a_question_is_embedded(api: TestClient, embedder: Noting):
    ask(api)
    post(api, turn("I have painted a tree.", name="Karla"), user="u")
    ask(api, "What has Karla eaten?")
    assert embedder.texts[-1] == "What have I eaten?"
    assert not embedder.was_locked
