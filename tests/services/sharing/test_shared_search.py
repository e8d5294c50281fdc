"""Searches and contexts with what others share: what is found, what is said of it, and what is not told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.api.test_grants import grant, note
from tests.conftest import app_of, client_of, make_key, post, search, turn
from tests.services.conftest import NOW

QUERY = "Where does Ann keep her boat?"
BOAT = "Ann keeps her boat in Bergen."


@pytest.fixture
def bob(timed: Resources, tenant: str) -> Iterator[TestClient]:
    """A client whose key is bound to bob."""
    key = make_key(timed, tenant, KeyScope.WRITE, user_id="bob")
    with client_of(app_of(timed), key) as opened:
        yield opened


def asked(client: TestClient, query: str = QUERY, **more: Any) -> list[Any]:
    """The items of a search of bob that asks for what others share."""
    return search(client, query, user="bob", shared=True, **more)


def shared(client: TestClient, query: str = QUERY, **more: Any) -> list[Any]:
    """Those of them that are others'."""
    return [item for item in asked(client, query, **more) if item.get("owner_user_id") is not None]


def contents(items: list[Any]) -> set[str]:
    return {item["content"] for item in items}


class TestFind:
    def test_what_is_granted_is_found_and_says_whose_it_is(self, api: TestClient):
        boat = note(api, BOAT)
        grant(api)
        (item,) = asked(api)
        assert (item["id"], item.get("owner_user_id")) == (boat["id"], "ann")
        assert (item["type"], item["content"], item["version"]) == ("memory", BOAT, 1)

    def test_only_when_it_is_asked_for(self, api: TestClient):
        note(api, BOAT)
        grant(api)
        assert search(api, QUERY, user="bob") == []

    def test_only_for_the_grantee(self, api: TestClient):
        note(api, BOAT)
        grant(api)
        assert search(api, QUERY, user="cy", shared=True) == []

    def test_what_is_ones_own_has_no_owner(self, api: TestClient):
        note(api, "Bob has a bike.", user="bob")
        (item,) = asked(api, "What does Bob have?")
        assert item.get("owner_user_id") is None

    def test_what_fits_comes_first_whoever_said_it(self, api: TestClient, say: Any):
        mine = ("My bike stands in the shed behind the house.", "The weather is fine.", "I slept well.")
        say(*mine, "I work in a bakery.", "My sister visits me.", user="bob")
        for text in (BOAT, "Ann plays the cello.", "Ann has three cats."):
            note(api, text)
        grant(api)
        assert asked(api, k=3)[0]["content"] == BOAT
        found = asked(api, "Where does my bike stand?", k=3)
        assert found[0].get("owner_user_id") is None
        assert mine[0] in found[0]["content"]

    def test_ones_own_come_in_the_same_order_with_the_same_scores(self, api: TestClient):
        for text in ("Bob has a bike.", "Bob sails on Sundays.", "Bob knows where Ann's boat is."):
            note(api, text, user="bob")
        own = search(api, QUERY, user="bob")
        note(api, BOAT)
        grant(api)
        assert [item for item in asked(api) if item.get("owner_user_id") is None] == own

    def test_of_several_owners(self, api: TestClient):
        note(api, BOAT)
        note(api, "Cy keeps his boat in Oslo.", user="cy")
        note(api, "Dan keeps his boat in Rome.", user="dan")
        grant(api)
        grant(api, "cy", "bob")
        assert {item.get("owner_user_id") for item in asked(api, "Where are the boats?")} == {"ann", "cy"}

    def test_what_two_grants_cover_comes_once(self, api: TestClient):
        note(api, BOAT, tags=["sea"])
        grant(api)
        grant(api, tags=["sea"])
        assert len(asked(api)) == 1

    def test_what_one_says_oneself_is_one_item(self, api: TestClient):
        own = note(api, BOAT, user="bob")
        theirs = note(api, BOAT)
        grant(api)
        (item,) = asked(api)
        assert (item["id"], item.get("folded", []), item.get("owner_user_id")) == (
            own["id"],
            [theirs["id"]],
            None,
        )


class TestCoverage:
    @pytest.fixture
    def three(self, api: TestClient) -> dict[str, str]:
        made = {
            "boat": note(api, BOAT, tags=["sea", "red"]),
            "sails": note(api, "Ann prefers to sail alone.", kind="preference", tags=["sea"]),
            "cello": note(api, "Ann plays the cello.", tags=["music"]),
        }
        return {name: one["id"] for name, one in made.items()}

    @pytest.mark.parametrize(
        ("limits", "found"),
        [
            ({}, {"boat", "sails", "cello"}),
            ({"kinds": ["preference"]}, {"sails"}),
            ({"tags": ["sea"]}, {"boat", "sails"}),
            ({"tags": ["sea", "red"]}, {"boat"}),
            ({"tags": ["sea"], "kinds": ["fact"]}, {"boat"}),
            ({"tags": ["land"]}, set()),
        ],
    )
    def test_by_kinds_and_tags(self, api: TestClient, three: dict[str, str], limits: Any, found: set[str]):
        grant(api, **limits)
        assert {item["id"] for item in asked(api)} == {three[name] for name in found}

    def test_by_ids(self, api: TestClient, three: dict[str, str]):
        grant(api, memory_ids=[three["cello"]])
        assert [item["id"] for item in asked(api)] == [three["cello"]]

    @pytest.mark.parametrize(
        ("asking", "found"),
        [
            ({"kinds": ["preference"]}, {"sails"}),
            ({"kinds": ["turn"]}, set()),
            ({"filters": {"tags": ["music"]}}, {"cello"}),
            ({"filters": {"since": "2199-01-01T00:00:00Z"}}, set()),
            ({"session_id": "s1"}, set()),
            ({"filters": {"roles": ["user"]}}, set()),
            ({"filters": {"speaker": "Ann"}}, set()),
            ({"agent_id": "helper"}, set()),
            ({"k": 1}, {"boat"}),
        ],
    )
    def test_the_filters_of_the_search_hold(
        self, api: TestClient, three: dict[str, str], asking: Any, found: set[str]
    ):
        grant(api)
        assert {item["id"] for item in asked(api, **asking)} == {three[name] for name in found}

    def test_a_place_is_a_filter_too(self, api: TestClient):
        note(api, "Ann had lunch.", form="event", place={"name": "Bryggen, Bergen"})
        note(api, "Ann had dinner.", form="event", place={"name": "Oslo"})
        grant(api)
        assert contents(asked(api, filters={"place": "Bergen"})) == {"Ann had lunch."}


class TestEnd:
    def test_revoked(self, api: TestClient):
        note(api, BOAT)
        made = grant(api).json()["id"]
        assert len(asked(api)) == 1
        api.delete(f"/v1/grants/{made}")
        assert asked(api) == []

    def test_expired(self, api: TestClient, clock: list[datetime]):
        note(api, BOAT)
        grant(api, expires_at=(NOW + timedelta(hours=1)).isoformat())
        assert len(asked(api)) == 1
        clock[0] = NOW + timedelta(hours=1)
        assert asked(api) == []

    def test_archived(self, api: TestClient):
        boat = note(api, BOAT)["id"]
        grant(api)
        api.post(f"/v1/memories/{boat}/archive", json={})
        assert asked(api, include_superseded=True) == []

    def test_deleted(self, api: TestClient):
        boat = note(api, BOAT)["id"]
        grant(api)
        api.delete(f"/v1/memories/{boat}")
        assert asked(api) == []

    def test_superseded_even_when_such_are_asked_for(self, api: TestClient):
        slot = {"subject": "ann", "attribute": "lives_in"}
        note(api, "Ann lives in Oslo.", **slot, value="oslo", asserted_at="2026-01-01T00:00:00Z")
        grant(api)
        note(api, "Ann lives in Bergen.", **slot, value="bergen", asserted_at="2026-03-01T00:00:00Z")
        assert contents(asked(api, include_superseded=True)) == {"Ann lives in Bergen."}

    def test_edited_it_is_what_it_is_now(self, api: TestClient):
        boat = note(api, BOAT)["id"]
        grant(api)
        asked(api)
        api.patch(f"/v1/memories/{boat}", json={"content": "Ann sold her boat."}, headers={"If-Match": "1"})
        (item,) = asked(api)
        assert (item["content"], item["version"]) == ("Ann sold her boat.", 2)

    def test_the_owner_is_erased(self, api: TestClient):
        note(api, BOAT)
        grant(api)
        assert api.delete("/v1/users/ann").status_code == 200
        assert asked(api) == []
        assert api.get("/v1/grants", params={"user_id": "bob"}).json()["items"] == []


class TestNothingElse:
    @pytest.fixture
    def said(self, api: TestClient, say: Any) -> Any:
        """A memory of ann that turns say, shared with bob; the answer to bob as text."""
        say("My boat lies in Bergen and my secret word is xyzzy.", on="2026-03-02")
        boat = api.get("/v1/memories", params={"user_id": "ann"}).json()["items"][0]
        api.patch(f"/v1/memories/{boat['id']}", json={"content": BOAT}, headers={"If-Match": "1"})
        grant(api, memory_ids=[boat["id"]])
        return boat

    def test_a_source_says_when_and_nothing_else(self, api: TestClient, said: Any):
        (item,) = asked(api)
        assert "2026-03-02T10:00:00Z" in [source["observed_at"] for source in item["sources"]]
        for source in item["sources"]:
            told = {name: value for name, value in source.items() if value not in {None, ""}}
            assert set(told) == {"observed_at"}

    def test_no_word_of_a_turn_nor_its_id_is_told(self, api: TestClient, bob: TestClient, said: Any):
        answer = bob.post("/v1/search", json={"user_id": "bob", "query": "xyzzy", "shared": True})
        turns = api.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        assert "xyzzy" not in answer.text.replace('"query":"xyzzy"', "")
        assert turns
        assert not any(one["id"] in answer.text for one in turns)

    def test_a_key_bound_to_the_grantee_finds_it_and_opens_nothing(self, bob: TestClient, said: Any):
        assert contents(asked(bob)) == {BOAT}
        for part in ("", "/history", "/sources", "/links", "/dependents"):
            assert bob.get(f"/v1/memories/{said['id']}{part}").status_code == 404

    def test_no_score_tells_of_what_is_not_granted(self, api: TestClient):
        boat = note(api, BOAT)["id"]
        grant(api, memory_ids=[boat])
        note(api, "Bob has a bike.", user="bob")
        before = {query: asked(api, query, explain=True) for query in (QUERY, "xyzzy plugh", "boat xyzzy")}
        for text in ("Ann's word is xyzzy plugh.", "Ann's boat is red."):
            note(api, text)
        post(api, turn("My boat is called xyzzy.", role="system"))
        assert {query: asked(api, query, explain=True) for query in before} == before

    def test_of_a_contradiction_only_what_is_granted_is_named(self, api: TestClient):
        slot = {"subject": "ann", "attribute": "lives_in"}
        at = {"asserted_at": "2026-03-01T00:00:00Z"}
        note(api, "Ann lives in Oslo.", user="bob", **slot, value="oslo", **at)
        grant(api, "bob", "ann", right="copy")
        note(api, "Ann lives in Bergen.", **slot, value="bergen", asserted_at="2026-01-01T00:00:00Z")
        copied = api.post("/v1/memories/copy", json={"user_id": "ann", "owner_user_id": "bob"}).json()
        claim = copied["items"][0]["memory_id"]
        assert copied["items"][0]["result"] == "conflict"
        made = grant(api, to="cy", memory_ids=[claim]).json()["id"]
        (item,) = search(api, "Where does Ann live?", user="cy", shared=True)
        assert (item["content"], item.get("conflicts", [])) == ("Ann lives in Oslo.", [])
        api.delete(f"/v1/grants/{made}")
        grant(api, to="cy")
        found = search(api, "Where does Ann live?", user="cy", shared=True)
        assert [len(item["conflicts"]) for item in found] == [1, 1]


class TestAbstention:
    def ask(self, api: TestClient, query: str, **more: Any) -> Any:
        return api.post("/v1/search", json={"user_id": "bob", "query": query, "shared": True} | more).json()

    def test_what_is_shared_is_a_match(self, api: TestClient):
        assert self.ask(api, QUERY)["reason"] == "no_match"
        note(api, BOAT)
        grant(api)
        assert self.ask(api, QUERY).get("reason") is None

    def test_what_is_shared_may_tell_of_the_time(self, api: TestClient):
        post(api, turn("I was in Rome.", role="system", observed_at="2026-01-05T10:00:00Z"), user="bob")
        day = {"event_from": "2025-05-03T00:00:00Z", "event_to": "2025-05-04T00:00:00Z"}
        note(api, "Ann sailed to Oslo.", form="event", **day)
        asking = {"query": "What happened in May 2025?", "reference_time": "2026-02-01T00:00:00Z"}
        assert self.ask(api, **asking)["reason"] == "out_of_range"
        grant(api)
        assert self.ask(api, **asking).get("reason") is None


class TestOfNow:
    @pytest.mark.parametrize("when", ["as_of", "known_at"])
    @pytest.mark.parametrize("path", ["/v1/search", "/v1/context"])
    def test_there_is_no_history_of_what_others_share(self, api: TestClient, path: str, when: str):
        body = {"user_id": "bob", "query": QUERY, "shared": True, when: "2026-01-01T00:00:00Z"}
        answer = api.post(path, json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "shared")


class TestContext:
    def build(self, client: TestClient, **more: Any) -> Any:
        answer = client.post("/v1/context", json={"user_id": "bob", "query": QUERY} | more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def test_says_whose_it_is(self, api: TestClient, bob: TestClient):
        boat = note(api, BOAT)
        grant(api)
        assert self.build(bob)["text"] == ""
        built = self.build(bob, shared=True)
        assert f"{BOAT} (shared by ann)" in built["text"]
        assert built["memory_ids"] == [boat["id"]]

    def test_the_models_echo_of_it_is_no_memory(self, api: TestClient, say: Any, bob: TestClient):
        note(api, BOAT)
        grant(api)
        ids = self.build(bob, shared=True)["memory_ids"]
        said = turn(BOAT, role="assistant", shown_memory_ids=ids)
        accepted = post(api, said, user="bob", close_session=True)
        say("I have a bike.", user="bob", session="s2")
        found = api.get(f"/v1/turns/{accepted['turn_ids'][0]}").json()
        assert (found["state"], found["reason"]) == ("nothing", "refused: echo")
        slots = api.get("/v1/sessions/s1/working-set", params={"user_id": "bob"}).json()["items"]
        assert slots == []


class TestFeedback:
    def test_a_citation_leaves_the_owners_memory_as_it_is(
        self, api: TestClient, bob: TestClient, clock: list[datetime]
    ):
        boat, cello = note(api, BOAT)["id"], note(api, "Bob plays the cello.", user="bob")["id"]
        grant(api)
        seen = api.get(f"/v1/memories/{boat}").json()
        clock[0] = NOW + timedelta(days=3)
        for client in (api, bob):
            shown = client.post("/v1/search", json={"user_id": "bob", "query": QUERY, "shared": True}).json()
            path = f"/v1/retrievals/{shown['retrieval_id']}/feedback"
            assert client.post(path, json={"cited_ids": [boat, cello]}).status_code == 200
        assert api.get(f"/v1/memories/{boat}").json() == seen
        assert api.get(f"/v1/memories/{cello}").json()["strength"] > 2
        # Nor later, when the owner's own words count its use anew.
        note(api, BOAT)
        assert api.get(f"/v1/memories/{boat}").json()["strength"] == seen["strength"] + 1

    def test_it_teaches_the_ranker_nothing(self, api: TestClient, timed: Resources, tenant: str):
        boat = note(api, BOAT)["id"]
        note(api, "Bob has a bike.", user="bob")
        grant(api)
        shown = api.post("/v1/search", json={"user_id": "bob", "query": QUERY, "shared": True}).json()
        held = timed.cache.get_retrieval(tenant, shown["retrieval_id"])
        assert {item[0]: item[1] is None for item in (held or {})["items"]}[boat]
