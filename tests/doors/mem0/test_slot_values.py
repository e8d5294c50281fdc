"""Rewriting the text of a memory that holds a slot."""

from typing import Any

import pytest

from tests.doors.mem0.conftest import Door

SLOT = {"user_id": "ann", "subject": "user", "attribute": "residence"}


def store(door: Door, place: str, content: str, at: str = "2021-01-01T00:00:00Z", **more: Any) -> str:
    body = SLOT | {"content": content, "value": place, "asserted_at": at} | more
    answer = door.client.post("/v1/memories", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.mark.parametrize(
    ("value", "content", "text", "derived"),
    [
        ("Oslo", "Ann lives in Oslo", "Ann lives in Bergen", "bergen"),
        ("Oslo", "Ann lives in Oslo", "Ann lives in the north of Bergen", "the north of bergen"),
        ("Oslo", "Ann lives in Oslo.", "Ann lives in Bergen.", "bergen"),
        ("Oslo", "Ann lives in Oslo", "Ann lives in Oslo with Bo", "oslo"),
        ("Oslo", "Ann lives in Oslo", "ANN LIVES IN BERGEN", "bergen"),
        ("Oslo", "Oslo is her home", "Bergen is her home", "bergen"),
        ("Oslo", "Ann lives in Oslo", "She has moved to Bergen", "she has moved to bergen"),
        ("Oslo", "Ann lives in Oslo", "Ann lives in", "ann lives in"),
        ("Oslo", "Ann lives in Oslo", "Bergen", "bergen"),
        ("Oslo", "Ann lives in Oslo", "我住在卑尔根", "我住在卑尔根"),
    ],
)
def test_the_value_follows_the_text(door: Door, value: str, content: str, text: str, derived: str):
    memory_id = store(door, value, content)
    edited = door.ok("PUT", f"/v1/memories/{memory_id}/", json={"text": text})
    assert edited["memory"] == text
    memory = door.client.get(f"/v1/memories/{memory_id}").json()
    assert (memory["attribute"], memory["value"]) == ("residence", derived)


def test_a_long_text_has_a_value_of_its_beginning(door: Door):
    memory_id = store(door, "Oslo", "Ann lives in Oslo")
    door.ok("PUT", f"/v1/memories/{memory_id}/", json={"text": "She moved around. " * 50})
    assert len(door.client.get(f"/v1/memories/{memory_id}").json()["value"]) <= 200


def test_what_was_there_before_does_not_come_back(door: Door):
    store(door, "Paris", "Ann lives in Paris", at="2020-01-01T00:00:00Z")
    memory_id = store(door, "Oslo", "Ann lives in Oslo")
    door.ok("PUT", f"/v1/memories/{memory_id}/", json={"text": "She has moved to Bergen"})
    assert door.listed(filters={"user_id": "ann"}) == ["She has moved to Bergen"]
    store(door, "Tromsø", "Ann lives in Tromsø", at="2031-01-01T00:00:00Z")
    assert door.listed(filters={"user_id": "ann"}) == ["Ann lives in Tromsø"]
