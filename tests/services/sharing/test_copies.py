"""Copies by grants: what they become, whose word wins, and what an erasure takes back."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core.errors import Conflict
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.sharing import grants
from app.db.user_session import UserSession
from app.resources import Resources
from app.schemas.sharing.grants import CopyMemories
from app.services.sharing import copies
from tests.api.test_grants import grant, note
from tests.conftest import app_of, client_of, make_key, principal_of, search
from tests.services.conftest import NOW

BOAT = "Ann has a boat in Bergen."
OSLO = {"subject": "ann", "attribute": "residence", "value": "oslo"}
BERGEN = OSLO | {"value": "bergen"}


@pytest.fixture
def given(api: TestClient) -> str:
    """Everything of ann may be copied by bob; the grant's id."""
    return grant(api, right="copy").json()["id"]


@pytest.fixture
def bob(timed: Resources, tenant: str) -> Iterator[TestClient]:
    """A client whose key is bound to bob."""
    key = make_key(timed, tenant, KeyScope.WRITE, user_id="bob")
    with client_of(app_of(timed), key) as opened:
        yield opened


def copy(client: TestClient, owner: str = "ann", to: str = "bob", **more: Any) -> Any:
    return client.post("/v1/memories/copy", json={"user_id": to, "owner_user_id": owner} | more)


def copied(client: TestClient, owner: str = "ann", to: str = "bob", **more: Any) -> list[Any]:
    answer = copy(client, owner, to, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def memory(client: TestClient, memory_id: str) -> Any:
    return client.get(f"/v1/memories/{memory_id}").json()


def listed(client: TestClient, user: str = "bob", **params: Any) -> list[Any]:
    return client.get("/v1/memories", params={"user_id": user} | params).json()["items"]


def sources(client: TestClient, memory_id: str) -> list[Any]:
    return client.get(f"/v1/memories/{memory_id}/sources").json()["items"]


def results(items: list[Any]) -> list[str]:
    return [item["result"] for item in items]


class TestCreated:
    def test_is_a_memory_of_the_grantee_and_says_where_it_is_from(self, api: TestClient, given: str):
        more = {"tags": ["sea"], "keywords": ["boat"], "entities": ["Ann"], "importance": 0.9}
        event = {"kind": "event", "form": "event", "event_from": "2026-05-01T00:00:00Z"}
        own = note(api, BOAT, place={"name": "Bergen"}, **more, **event)
        (item,) = copied(api)
        assert item == {
            "owner_memory_id": own["id"],
            "owner_version": 1,
            "memory_id": item["memory_id"],
            "result": "created",
        }
        made = memory(api, item["memory_id"])
        assert made["user_id"] == "bob"
        same = ("content", "kind", "form", "tags", "keywords", "entities", "importance", "event_from")
        same += ("place", "valid_from")
        assert {name: made[name] for name in same} == {name: own[name] for name in same}
        assert (made["origin"], made["confidence"], made["reliance"]) == ("copy", 0.5, "verify")
        (source,) = sources(api, made["id"])
        assert source["copied_from"] == {"owner_user_id": "ann", "memory_id": own["id"], "version": 1}
        assert (source["turn_id"], source["quote"]) == (None, "")
        (version,) = api.get(f"/v1/memories/{made['id']}/history").json()["items"]
        assert (version["op"], version["reason"]) == ("add", "copied by a grant")

    def test_is_found_with_its_source_by_a_search_of_ones_own(self, api: TestClient, given: str):
        own = note(api, BOAT)
        copied(api)
        (item,) = search(api, "Who has a boat?", user="bob")
        assert item["content"] == BOAT
        assert item.get("owner_user_id") is None
        assert item["sources"][0]["copied_from"]["memory_id"] == own["id"]

    def test_what_the_owner_noted_about_it_stays_with_the_owner(self, api: TestClient, given: str):
        note(api, BOAT, metadata={"secret": "xyzzy"}, pinned=True, agent_id="helper")
        made = memory(api, copied(api)[0]["memory_id"])
        assert (made["metadata"], made["pinned"], made["agent_id"]) == ({}, False, None)

    def test_its_time_to_live_goes_with_it(self, api: TestClient, given: str):
        note(api, BOAT, expires_at="2199-01-01T00:00:00Z")
        assert memory(api, copied(api)[0]["memory_id"])["expires_at"] == "2199-01-01T00:00:00Z"

    def test_no_word_of_a_turn_is_copied(self, api: TestClient, given: str, say: Any):
        say("My boat lies in Bergen and my secret word is xyzzy.")
        said = listed(api, "ann")[0]
        api.patch(f"/v1/memories/{said['id']}", json={"content": BOAT}, headers={"If-Match": "1"})
        (item,) = copied(api)
        told = sources(api, item["memory_id"])
        assert {(one["turn_id"], one["ref"], one["session_id"], one["quote"]) for one in told} == {
            (None, None, None, "")
        }
        assert "xyzzy" not in api.get(f"/v1/memories/{item['memory_id']}/history").text

    def test_survives_the_revocation_and_the_owners_deletion(self, api: TestClient, given: str):
        own = note(api, BOAT)
        made = copied(api)[0]["memory_id"]
        api.delete(f"/v1/grants/{given}")
        api.delete(f"/v1/memories/{own['id']}")
        assert memory(api, made)["content"] == BOAT
        assert copy(api).status_code == 403

    def test_is_not_cold_though_it_was_said_long_ago(self, api: TestClient, given: str, consolidate: Any):
        note(api, BOAT, asserted_at="2020-01-01T00:00:00Z")
        made = copied(api)[0]["memory_id"]
        consolidate(user="bob")
        assert memory(api, made)["status"] == "activated"

    def test_a_denial_takes_nothing_back(self, api: TestClient, given: str, say: Any, llm: Any):
        denial = {"content": "Ann no longer lives in Oslo.", "subject": "ann", "attribute": "residence"}
        denial |= {"turn": 1, "quote": "I left Oslo.", "value": "oslo", "mode": "not", "kind": "fact"}
        llm.on_chat = lambda _: {"facts": [denial]}
        say("I left Oslo.")
        (theirs,) = listed(api, "ann")
        assert (theirs["polarity"], theirs["value"]) == (-1, "oslo")
        mine = note(api, "Ann lives in Oslo.", user="bob", **OSLO, asserted_at="2026-01-01T00:00:00Z")
        assert results(copied(api)) == ["created"]
        assert memory(api, mine["id"])["status"] == "activated"
        assert memory(api, mine["id"])["valid_to"] is None


class TestWhich:
    def test_all_that_is_covered_by_grants_to_copy(self, api: TestClient):
        boat = note(api, BOAT, tags=["sea"])["id"]
        note(api, "Ann plays the cello.", tags=["music"])
        grant(api)
        grant(api, right="copy", tags=["sea"])
        assert [item["owner_memory_id"] for item in copied(api)] == [boat]

    def test_those_that_are_named(self, api: TestClient, given: str):
        note(api, BOAT)
        cello = note(api, "Ann plays the cello.")["id"]
        assert [item["owner_memory_id"] for item in copied(api, memory_ids=[cello])] == [cello]

    def test_what_is_derived_only_when_it_is_named(self, api: TestClient, given: str):
        note(api, BOAT)
        insight = note(api, "Ann likes the sea.", kind="insight")["id"]
        assert len(copied(api)) == 1
        assert results(copied(api, memory_ids=[insight])) == ["created"]
        assert results(copied(api, memory_ids=[insight])) == ["same"]

    def test_in_pages(self, api: TestClient, given: str):
        made = [note(api, f"Ann has cat number {number}.")["id"] for number in range(5)]
        found: list[str] = []
        cursor = None
        while len(found) < 5:
            answer = copy(api, limit=2, **({"cursor": cursor} if cursor else {})).json()
            found += [item["owner_memory_id"] for item in answer["items"]]
            cursor = answer["next_cursor"]
        assert found == made
        assert cursor is None
        assert len(listed(api)) == 5

    @pytest.mark.parametrize("what", ["archived", "deleted", "of somebody else", "unknown", "not covered"])
    def test_an_id_that_may_not_be_copied_is_named(self, api: TestClient, what: str):
        boat, cello = note(api, BOAT, tags=["sea"])["id"], note(api, "Ann plays the cello.")["id"]
        grant(api, right="copy", tags=["sea"])
        wrong = {"not covered": cello, "unknown": str(uuid4())}.get(what, boat)
        if what == "archived":
            api.post(f"/v1/memories/{boat}/archive", json={})
        if what == "deleted":
            api.delete(f"/v1/memories/{boat}")
        if what == "of somebody else":
            wrong = note(api, "Cy has a bike.", user="cy", tags=["sea"])["id"]
        answer = copy(api, memory_ids=[wrong])
        assert (answer.status_code, answer.json()["field"]) == (422, "memory_ids")
        assert listed(api) == []

    @pytest.mark.parametrize("right", ["none", "read", "revoked", "expired"])
    def test_without_a_grant_to_copy_it_is_forbidden(
        self, api: TestClient, right: str, clock: list[datetime]
    ):
        note(api, BOAT)
        if right == "read":
            grant(api)
        if right == "revoked":
            api.delete(f"/v1/grants/{grant(api, right='copy').json()['id']}")
        if right == "expired":
            grant(api, right="copy", expires_at=(NOW + timedelta(hours=1)).isoformat())
            clock[0] = NOW + timedelta(hours=2)
        answer = copy(api)
        assert (answer.status_code, answer.json()["field"]) == (403, "owner_user_id")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"owner_user_id": "bob"}, "owner_user_id"),
            ({"memory_ids": []}, "memory_ids"),
            ({"limit": 0}, "limit"),
            ({"cursor": "?"}, "cursor"),
            ({"from": "ann"}, "from"),
        ],
    )
    def test_a_bad_field_is_named(self, api: TestClient, given: str, wrong: Any, field: str):
        answer = copy(api, **wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_a_grant_that_ends_meanwhile_copies_nothing(
        self, api: TestClient, given: str, timed: Resources, tenant: str, monkeypatch: pytest.MonkeyPatch
    ):
        note(api, BOAT)
        read = copies._read

        def read_slowly(*args: Any) -> Any:
            found = read(*args)
            api.delete(f"/v1/grants/{given}")
            return found

        monkeypatch.setattr(copies, "_read", read_slowly)
        with pytest.raises(Conflict):
            copies.copy_memories(
                timed, principal_of(tenant), CopyMemories(user_id="bob", owner_user_id="ann")
            )
        assert listed(api) == []

    def test_whoever_copies_holds_the_grant(self, api: TestClient, given: str, timed: Resources, tenant: str):
        with timed.open_transaction(Principal(tenant)) as session:
            (held,) = grants.list_grants_to(UserSession(session, tenant, "bob"), timed.now())
            assert grants.lock_grants(session, tenant, [held.id], timed.now())
            with timed.engine.connect() as other:
                other.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": tenant})
                free = other.execute(text("SELECT id FROM grants FOR UPDATE SKIP LOCKED")).all()
        assert free == []


class TestBoundKey:
    def test_copies_into_its_own_users_memory_only(self, api: TestClient, bob: TestClient, given: str):
        note(api, BOAT)
        assert results(copied(bob)) == ["created"]
        answer = copy(bob, "bob", "ann")
        assert (answer.status_code, answer.json()["field"]) == (403, "user_id")
        assert [one["content"] for one in listed(bob)] == [BOAT]

    def test_that_only_reads_copies_nothing(self, api: TestClient, timed: Resources, tenant: str, given: str):
        note(api, BOAT)
        with client_of(app_of(timed), make_key(timed, tenant, KeyScope.READ)) as reader:
            assert copy(reader).status_code == 403


class TestSame:
    def test_again_changes_nothing(self, api: TestClient, given: str):
        note(api, BOAT)
        (first,) = copied(api)
        before = memory(api, first["memory_id"])
        assert copied(api) == [first | {"result": "same"}]
        assert memory(api, first["memory_id"]) == before
        assert len(sources(api, first["memory_id"])) == 1

    def test_the_same_words_get_one_source_more(self, api: TestClient, given: str):
        mine, theirs = note(api, BOAT, user="bob", importance=0.2), note(api, BOAT.upper(), importance=0.9)
        (item,) = copied(api)
        assert (item["memory_id"], item["result"]) == (mine["id"], "same")
        after = memory(api, mine["id"])
        assert (after["content"], after["origin"], after["importance"]) == (BOAT, "edit", 0.2)
        assert after["confidence"] >= mine["confidence"]
        told = [one["copied_from"] for one in sources(api, mine["id"])]
        assert sorted(one["memory_id"] if one else "" for one in told) == ["", theirs["id"]]
        assert len(listed(api)) == 1

    def test_the_same_value_of_a_slot_is_one_memory(self, api: TestClient, given: str):
        mine = note(api, "Ann lives in Oslo.", user="bob", **OSLO)
        note(api, "Ann's home is Oslo.", **OSLO)
        (item,) = copied(api)
        assert (item["memory_id"], item["result"]) == (mine["id"], "same")

    def test_what_had_grown_cold_is_back(self, api: TestClient, given: str):
        mine = note(api, BOAT, user="bob")["id"]
        api.post(f"/v1/memories/{mine}/archive", json={})
        note(api, BOAT)
        assert copied(api)[0]["memory_id"] == mine
        assert memory(api, mine)["status"] == "activated"

    def test_a_frozen_one_stays_as_it_is(self, api: TestClient, given: str):
        mine = note(api, BOAT, user="bob")["id"]
        api.post(f"/v1/memories/{mine}/archive", json={})
        api.post(f"/v1/memories/{mine}/freeze", json={})
        note(api, BOAT)
        assert copied(api)[0]["memory_id"] == mine
        assert memory(api, mine)["status"] == "archived"

    def test_a_newer_version_takes_the_place_of_the_copy_before(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        first = copied(api)[0]["memory_id"]
        api.patch(f"/v1/memories/{own}", json={"content": "Ann sold it."}, headers={"If-Match": "1"})
        (item,) = copied(api)
        assert (item["owner_version"], item["result"]) == (2, "created")
        assert memory(api, first)["status"] == "superseded"
        assert [one["content"] for one in listed(api)] == ["Ann sold it."]
        assert copied(api) == [item | {"result": "same"}]

    def test_a_newer_version_in_the_same_words_changes_nothing(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        first = copied(api)[0]["memory_id"]
        api.patch(f"/v1/memories/{own}", json={"tags": ["sea"]}, headers={"If-Match": "1"})
        assert copied(api)[0]["memory_id"] == first
        assert len(sources(api, first)) == 1

    def test_what_the_grantee_says_too_outlives_a_newer_version(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        first = copied(api)[0]["memory_id"]
        note(api, BOAT, user="bob")
        api.patch(f"/v1/memories/{own}", json={"content": "Ann sold it."}, headers={"If-Match": "1"})
        copied(api)
        assert memory(api, first)["status"] == "activated"

    def test_what_the_grantee_edited_is_not_made_again(self, api: TestClient, given: str):
        note(api, BOAT)
        made = copied(api)[0]["memory_id"]
        api.patch(f"/v1/memories/{made}", json={"content": "Ann has two."}, headers={"If-Match": "1"})
        assert results(copied(api)) == ["same"]
        assert [one["content"] for one in listed(api)] == ["Ann has two."]

    def test_of_two_owners_it_has_two_sources(self, api: TestClient, given: str):
        note(api, BOAT)
        note(api, BOAT, user="cy")
        grant(api, "cy", right="copy")
        (one,), (two,) = copied(api), copied(api, "cy")
        assert one["memory_id"] == two["memory_id"]
        owners = {source["copied_from"].get("owner_user_id") for source in sources(api, one["memory_id"])}
        assert owners == {"ann", "cy"}


class TestAuthority:
    def test_what_the_user_said_is_not_superseded(self, api: TestClient, given: str, say: Any, llm: Any):
        home = {"content": "Ann lives in Bergen.", "quote": "Ann lives in Bergen.", "turn": 1}
        llm.on_chat = lambda _: {"facts": [home | BERGEN | {"kind": "fact"}]}
        say("Ann lives in Bergen.", user="bob", name="Bob", on="2026-01-01")
        (mine,) = listed(api)
        note(api, "Ann lives in Oslo.", **OSLO, asserted_at="2026-03-01T00:00:00Z")
        (item,) = copied(api)
        assert item["result"] == "conflict"
        claim, held = memory(api, item["memory_id"]), memory(api, mine["id"])
        assert (held["status"], held["volatility"]) == ("activated", "temporal")
        assert (claim["status"], claim["volatility"]) == ("activated", "disputable")
        (conflict,) = api.get("/v1/conflicts", params={"user_id": "bob"}).json()["items"]
        assert {side["memory_id"]: side["holds"] for side in conflict["sides"]} == {
            mine["id"]: True,
            item["memory_id"]: False,
        }
        assert copied(api) == [item]

    def test_what_the_owner_says_again_in_another_memory_stays(self, api: TestClient, given: str):
        """The copy of an earlier version ends unless another memory of the owner says just that."""
        own = note(api, "Ann likes tea.")
        first = copied(api)[0]["memory_id"]
        changed = api.patch(
            f"/v1/memories/{own['id']}", json={"content": "Ann likes coffee."}, headers={"If-Match": "1"}
        )
        assert changed.status_code == 200
        note(api, "Ann likes tea.")
        results = {item["memory_id"] for item in copied(api)}
        assert first in results
        assert memory(api, first)["status"] == "activated"
        assert {one["content"] for one in listed(api)} == {"Ann likes tea.", "Ann likes coffee."}

    def test_a_later_word_of_the_user_replaces_a_copy(self, api: TestClient, given: str):
        note(api, "Ann lives in Oslo.", **OSLO, asserted_at="2026-01-01T00:00:00Z")
        made = copied(api)[0]["memory_id"]
        mine = note(api, "Ann lives in Bergen.", user="bob", **BERGEN, asserted_at="2026-03-01T00:00:00Z")
        assert memory(api, made)["status"] == "superseded"
        assert memory(api, mine["id"])["status"] == "activated"

    def test_a_copy_of_a_later_value_replaces_a_copy(self, api: TestClient, given: str):
        note(api, "Ann lives in Oslo.", **OSLO, asserted_at="2026-01-01T00:00:00Z")
        first = copied(api)[0]["memory_id"]
        note(api, "Ann lives in Bergen.", **BERGEN, asserted_at="2026-03-01T00:00:00Z")
        assert results(copied(api)) == ["created"]
        assert memory(api, first)["status"] == "superseded"

    def test_a_value_holds_since_it_held_for_the_owner(self, api: TestClient, given: str):
        for said in ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"):
            note(api, "Ann lives in Oslo.", **OSLO, asserted_at=said)
        made = memory(api, copied(api)[0]["memory_id"])
        assert made["valid_from"] == "2026-01-01T00:00:00Z"
        dates = {one["observed_at"] for one in sources(api, made["id"])}
        assert dates == {"2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"}


class TestErasure:
    def erase(self, api: TestClient, user: str = "ann") -> Any:
        answer = api.delete(f"/v1/users/{user}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def test_what_rests_on_the_erased_alone_goes(self, api: TestClient, given: str):
        note(api, BOAT)
        made = copied(api)[0]["memory_id"]
        receipt = self.erase(api)
        assert (receipt["copies"], receipt["remaining"], receipt["rows"]["grants"]) == (1, 0, 1)
        assert api.get(f"/v1/memories/{made}").status_code == 404
        assert search(api, "Who has a boat?", user="bob") == []

    def test_no_row_shows_the_name_or_the_words(
        self, api: TestClient, timed: Resources, tenant: str, consolidate: Callable[..., None]
    ):
        note(api, "The word of Ann is xyzzy.", user="ann-1234", importance=0.9)
        grant(api, "ann-1234", right="copy")
        made = copied(api, "ann-1234")[0]["memory_id"]
        api.post(f"/v1/memories/{made}/freeze", json={})
        search(api, "xyzzy", user="bob")
        consolidate(user="bob")
        self.erase(api, "ann-1234")
        consolidate(user="bob")
        with timed.open_transaction(Principal(tenant)) as session:
            for table in ("memories", "memory_versions", "assertions", "grants", "users", "derivations"):
                rows = session.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t")).scalars().all()
                assert not any("xyzzy" in row or "ann-1234" in row for row in rows), table

    def test_what_the_grantee_says_too_stays_with_that_source(self, api: TestClient, given: str):
        mine = note(api, BOAT, user="bob")["id"]
        note(api, BOAT)
        copied(api)
        assert self.erase(api)["copies"] == 0
        assert memory(api, mine)["content"] == BOAT
        assert [one["copied_from"] for one in sources(api, mine)] == [None]

    def test_what_another_has_too_stays(self, api: TestClient, given: str):
        note(api, BOAT)
        note(api, BOAT, user="cy")
        grant(api, "cy", right="copy")
        made = copied(api)[0]["memory_id"]
        copied(api, "cy")
        self.erase(api)
        assert [one["copied_from"].get("owner_user_id") for one in sources(api, made)] == ["cy"]

    def test_a_slot_falls_back_to_the_value_before(self, api: TestClient, given: str):
        grant(api, "cy", right="copy")
        note(api, "Ann lives in Oslo.", user="cy", **OSLO, asserted_at="2026-01-01T00:00:00Z")
        first = copied(api, "cy")[0]["memory_id"]
        note(api, "Ann lives in Bergen.", **BERGEN, asserted_at="2026-03-01T00:00:00Z")
        copied(api)
        assert memory(api, first)["status"] == "superseded"
        self.erase(api)
        assert memory(api, first)["status"] == "activated"

    def test_a_copy_of_a_copy_goes_too(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        grant(api, "bob", "cy", right="copy")
        copied(api)
        made = copied(api, "bob", "cy")[0]["memory_id"]
        assert sources(api, made)[0]["copied_from"]["memory_id"] == own
        assert self.erase(api)["copies"] == 2
        assert api.get(f"/v1/memories/{made}").status_code == 404

    def test_a_copy_that_comes_back_is_what_the_owner_has(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        copied(api)
        grant(api, "bob", "ann", right="copy")
        assert [item["memory_id"] for item in copied(api, "bob", "ann")] == [own]
        self.erase(api)

    def test_what_was_merged_with_a_copy_stays(
        self, api: TestClient, given: str, consolidate: Callable[..., None]
    ):
        mine = note(api, "Ann has a boat in Bergen", user="bob", kind="fact")["id"]
        note(api, "Ann really has a boat in Bergen.")
        copied(api)
        consolidate(user="bob")
        owners = [one["copied_from"] for one in sources(api, mine)]
        assert len(owners) == 2, "the test means two texts that are merged"
        self.erase(api)
        assert [one["copied_from"] for one in sources(api, mine)] == [None]
        assert len(listed(api)) == 1

    def test_of_the_grantee_takes_the_grants_and_leaves_the_owner(self, api: TestClient, given: str):
        own = note(api, BOAT)["id"]
        copied(api)
        self.erase(api, "bob")
        assert api.get("/v1/grants", params={"user_id": "ann"}).json()["items"] == []
        assert memory(api, own)["content"] == BOAT

    def test_what_was_concluded_from_a_copy_is_stale(
        self, api: TestClient, given: str, consolidate: Callable[..., None], say: Any
    ):
        for number, thing in enumerate(("boat", "cello", "garden")):
            slot = {"subject": "ann", "attribute": f"owns_{thing}", "value": "yes"}
            said = f"2026-0{number + 1}-01T00:00:00Z"
            note(api, f"Ann has a {thing}.", **slot, asserted_at=said)
        copied(api)
        consolidate(user="bob")
        portrait = api.get("/v1/users/bob/portrait").json()["memory"]
        assert "boat" in portrait["content"]
        self.erase(api)
        consolidate(user="bob")
        assert api.get(f"/v1/memories/{portrait['id']}").status_code == 404 or (
            "boat" not in memory(api, portrait["id"])["content"]
        )
        assert search(api, "boat", user="bob", kinds=["portrait", "fact"]) == []

    def test_what_was_concluded_from_a_copy_can_not_be_copied_on(
        self, api: TestClient, given: str, consolidate: Callable[..., None]
    ):
        """Nothing would lead from the copy of a portrait back to the one whose words are in it."""
        for number, thing in enumerate(("boat", "cello", "garden")):
            slot = {"subject": "ann", "attribute": f"owns_{thing}", "value": "yes"}
            note(api, f"Ann has a {thing}.", **slot, asserted_at=f"2026-0{number + 1}-01T00:00:00Z")
        copied(api)
        consolidate(user="bob")
        portrait = api.get("/v1/users/bob/portrait").json()["memory"]
        grant(api, "bob", "cy", right="copy")
        answer = copy(api, "bob", "cy", memory_ids=[portrait["id"]])
        assert (answer.status_code, answer.json()["field"]) == (422, "memory_ids")

    def test_no_version_of_an_edited_copy_keeps_the_words(self, api: TestClient, given: str):
        note(api, BOAT)
        made = copied(api)[0]["memory_id"]
        body = {"content": "Bo likes the sea."}
        assert api.patch(f"/v1/memories/{made}", json=body, headers={"If-Match": "1"}).status_code == 200
        note(api, "Bo likes the sea.", user="bob")
        self.erase(api)
        assert memory(api, made)["content"] == "Bo likes the sea."
        assert BOAT not in api.get(f"/v1/memories/{made}/history").text


class TestBundle:
    def test_a_copy_is_told_as_one_after_an_import(
        self, api: TestClient, timed: Resources, tenant: str, given: str
    ):
        own = note(api, BOAT)["id"]
        made = copied(api)[0]["memory_id"]
        bundle = api.get("/v1/users/bob/export").content
        key = make_key(timed, f"{tenant}-b")
        with client_of(app_of(timed), key) as other:
            assert other.post("/v1/import", content=bundle).status_code == 200
            (source,) = sources(other, made)
            assert source["copied_from"]["memory_id"] == own
            again = other.get("/v1/users/bob/export").content
            assert again.split(b"\n", 1)[1] == bundle.split(b"\n", 1)[1]
            assert other.get("/v1/grants", params={"user_id": "bob"}).json()["items"] == []
