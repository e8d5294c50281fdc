"""Tags: one that is in use is taken before another one for the same thing is made."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.memory.extraction.tags import TagVocabulary
from tests.conftest import app_of, client_of, make_key, post, principal_of, turn
from tests.fakes import turns_of, user_message
from tests.services.ingestion.test_extraction import run


def told_with(**fields: str) -> Any:
    """A model that takes each turn for a fact with these fields."""

    def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
        asked = {"messages": messages}
        if "turns" not in user_message(asked):
            return {"verdicts": []}
        return {
            "facts": [
                {"turn": one["n"], "content": one["content"], "quote": one["content"], **fields}
                for one in turns_of(asked)
            ]
        }

    return reply


@pytest.fixture
def api(llm_resources: Any, tenant: str) -> Any:
    with client_of(app_of(llm_resources), make_key(llm_resources, tenant)) as client:
        yield client


def tags(client: TestClient) -> dict[str, int]:
    items = client.get("/v1/tags", params={"user_id": "ann"}).json()["items"]
    return {item["tag"]: item["memories"] for item in items}


def test_a_tag_is_the_topic_of_the_attribute_as_the_user_writes_it(api, llm, llm_resources, tenant):
    body = {"user_id": "ann", "content": "Ann wants a house.", "tags": ["Residences"]}
    assert api.post("/v1/memories", json=body).status_code == 201
    for number, (attribute, text) in enumerate(
        [("lives_in", "I live in Flåm."), ("residence", "My sister Eva is in Bergen.")]
    ):
        told = {"subject": ("user", "Eva")[number], "attribute": attribute}
        llm.on_chat = told_with(**told, value=text.split()[-1].strip("."))
        post(api, turn(text), session=f"s{number}")
        run(llm_resources, principal_of(tenant))
    assert tags(api) == {"Residences": 3}


def test_the_label_of_an_example_is_its_tag(api, llm, llm_resources, tenant):
    llm.on_chat = told_with(kind="example", value="card_arrival")
    post(api, turn("Wo ist meine Karte? -> card_arrival"))
    run(llm_resources, principal_of(tenant))
    assert tags(api) == {"label:card_arrival": 1}


def test_pages_by_name(api):
    for number in range(3):
        body = {"user_id": "ann", "content": f"Fact {number}", "tags": [f"t{number}", "all"]}
        assert api.post("/v1/memories", json=body).status_code == 201
    first = api.get("/v1/tags", params={"user_id": "ann", "limit": 3}).json()
    assert [item["tag"] for item in first["items"]] == ["all", "t0", "t1"]
    assert first["items"][0]["memories"] == 3
    rest = api.get("/v1/tags", params={"user_id": "ann", "cursor": first["next_cursor"]}).json()
    assert ([item["tag"] for item in rest["items"]], rest["next_cursor"]) == (["t2"], None)


def test_forms_of_a_word_are_one_and_labels_stay():
    known = TagVocabulary(["machine learning", "travel"])
    assert known.reuse_all(
        ["Machine-Learning", "machine_learning", "Travelling", "label:Travel", "music"]
    ) == (
        "machine learning",
        "travel",
        "label:Travel",
        "music",
    )
