"""What is written is the same whether a chat posts each turn as it comes, or a conversation at once."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from tests.conftest import Servers, app_of, client_of, make_key, post, turn, without_worker

TENANT = "t-turns"


@pytest.fixture(scope="module")
def quiet(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "turnbyturn", 10) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(quiet: Resources) -> Iterator[TestClient]:
    with client_of(app_of(quiet), make_key(quiet, TENANT)) as opened:
        yield opened


def current(quiet: Resources, client: TestClient, posts: list[list[Any]]) -> list[str]:
    """The contents that are current after these posts, each read before the next one."""
    user = uuid4().hex
    for turns in posts:
        post(client, *turns, user=user)
        embed_turns.run_embedding(quiet, TENANT, user)
        extraction.run_extraction(quiet, TENANT, user)
    found = client.get("/v1/memories", params={"user_id": user, "limit": 100, "status": "activated"})
    return sorted(memory["content"] for memory in found.json()["items"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["My rent is 1,150 euros.", "Oops, I meant 1,510."], ["Correction: Ann's rent is 1,510 euros"]),
        (["I was born in 1982.", "I mean 1983, sorry."], ["Correction: Ann was born in 1983"]),
        (["My dentist is Dr. Kahn.", "It's Kuhn, not Kahn."], ["Correction: Ann's dentist is Dr. Kuhn"]),
        (
            ["My mother lives in Lille.", "Wait, actually it's Lens."],
            ["Correction: Ann's mother lives in Lens"],
        ),
        (["My boss is Ms. Okoro.", "Ah no, it was Ms. Okafor."], ["Correction: Ann's boss is Ms. Okafor"]),
        (
            ["We meet on Monday.", "Sorry, I meant Friday."],
            ["Correction: Ann and others meet on 16 January 2026"],
        ),
        (
            ["The gig is on the 12th.", "Oops, the 19th I should have said."],
            ["Correction: The gig is on 19 January 2026"],
        ),
        (
            ["My sister Eva lives in Rome.", "She works as a nurse."],
            ["Ann's sister Eva lives in Rome", "Ann's sister is called Eva", "Eva works as a nurse"],
        ),
        (
            ["My brother Tom sold his Golf.", "He drives a Fiat now."],
            ["Ann's brother Tom sold his Golf", "Ann's brother is called Tom", "Tom drives a Fiat now"],
        ),
        (
            ["Let's role-play: you are a doctor and I'm a patient.", "I have two parrots and a wooden leg."],
            [],
        ),
        (
            ["I have two cats.", "It rained all day.", "I live in Oslo."],
            ["Ann has two cats", "Ann lives in Oslo"],
        ),
    ],
)
def test_a_turn_alone_is_read_with_those_before_it(quiet, client, said, told):
    turns = [
        turn(content, name="Ann", observed_at=f"2026-01-09T10:{minute:02}:00Z")
        for minute, content in enumerate(said)
    ]
    assert current(quiet, client, [[one] for one in turns]) == told
    assert current(quiet, client, [turns]) == told


def test_a_turn_of_another_session_is_not_what_it_leans_on(quiet, client):
    user = uuid4().hex
    for session, content in (("s1", "My rent is 1,150 euros."), ("s2", "Oops, I meant 1,510.")):
        post(client, turn(content, name="Ann"), user=user, session=session)
        embed_turns.run_embedding(quiet, TENANT, user)
        extraction.run_extraction(quiet, TENANT, user)
    found = client.get("/v1/memories", params={"user_id": user, "status": "activated"}).json()["items"]
    assert [memory["content"] for memory in found] == ["Ann's rent is 1,150 euros"]


@pytest.mark.parametrize(("second", "count"), [("Ann", 1), ("Bo", 2)])
def test_what_two_people_say_turn_by_turn_is_a_talk(quiet, client, second, count):
    said = [
        ("Ann", "Tendai drives a blue Corolla."),
        (second, "Tendai cycles everywhere since the Corolla failed its test."),
    ]
    posts = [
        [turn(content, name=name, observed_at=f"2026-01-09T10:{minute:02}:00Z")]
        for minute, (name, content) in enumerate(said)
    ]
    assert len(current(quiet, client, posts)) == count
