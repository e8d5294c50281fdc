"""Labelled examples over HTTP: kept word for word, and found again as few-shot."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, search, turn
from tests.fakes import ScriptedLLM, turns_of
from tests.services.sessions.test_session_states import work

LINES = {
    "I still have not received my card, where is it?": "card_arrival",
    "I still have not received my new card, where is it?": "card_delivery",
    "My card was stolen on the train!": "lost_or_stolen_card",
    "How do I top up my card with cash?": "top_up_by_cash",
    "The exchange rate you applied is wrong.": "wrong_exchange_rate",
}
TURN = "\n".join(f"{text} label: {label}" for text, label in LINES.items())


def shots(client: TestClient, query: str, k: int) -> list[Any]:
    return search(client, query, kinds=["example"], k=k)


class TestByRules:
    @pytest.fixture
    def taught(self, client: TestClient, resources: Resources, tenant: str) -> TestClient:
        for _ in range(2):
            work(resources, tenant, client, post(client, turn(TURN))["job_id"])
        return client

    def test_all_are_kept_word_for_word_and_once(self, taught: TestClient):
        page = taught.get("/v1/memories", params={"user_id": "ann", "kind": "example"}).json()["items"]
        assert {(one["content"], *one["tags"]) for one in page} == {
            (f"{text} label: {label}", f"label:{label}") for text, label in LINES.items()
        }
        assert len(page) == len(LINES)

    def test_the_nearest_come_first_with_their_labels(self, taught: TestClient):
        found = shots(taught, "Somebody stole my card", 2)
        assert found[0]["tags"] == ["label:lost_or_stolen_card"]
        assert len(found) == 2
        assert found[0]["sources"][0]["turn_id"] is not None

    def test_one_turn_gives_as_many_as_are_asked_for(self, taught: TestClient):
        assert len(shots(taught, "card", len(LINES))) == len(LINES)

    def test_of_a_label_alone(self, taught: TestClient):
        (item,) = search(taught, "card", filters={"tags": ["label:top_up_by_cash"]})
        assert item["content"].startswith("How do I top up")

    def test_a_posted_one_is_found_too(self, client: TestClient):
        content = "  Text: Wo ist meine Karte?\nLabel: card_arrival "
        body = {"user_id": "ann", "kind": "example", "content": content, "tags": ["label:card_arrival"]}
        assert client.post("/v1/memories", json=body).status_code == 201
        (item,) = shots(client, "Wo ist die Karte?", 5)
        assert (item["content"], item["tags"]) == (content, ["label:card_arrival"])


class TestByModel:
    def test_the_quote_is_kept_and_not_what_the_model_made_of_it(
        self, llm_resources: Resources, llm: ScriptedLLM, tenant: str
    ):
        line = "wo  IST meine karte?? -> card_arrival"

        def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
            told = turns_of({"messages": messages})
            retold = {"content": "The user asks for the card.", "quote": line, "kind": "example"}
            return {"facts": [{"turn": one["n"], **retold} for one in told], "verdicts": []}

        llm.on_chat = reply
        app = app_of(llm_resources)
        with client_of(app, make_key(llm_resources, tenant)) as client:
            work(llm_resources, tenant, client, post(client, turn(f"An example: {line}"))["job_id"])
            assert [item["content"] for item in shots(client, "karte", 5)] == [line]
