"""What others copied of an erased user, by many histories: no word of it is left in any row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.core.vocabulary import KeyScope
from app.resources import Resources
from benchmarks.attack_erasure import rows_with
from tests.api.test_grants import grant, note
from tests.conftest import Servers, app_of, client_of, make_key, search
from tests.services.sharing.test_copies import copied, listed, memory

CLEAN = "Bo likes the sea."


@dataclass
class World:
    """Ann has a word; bob, cy and dan get it from her."""

    api: TestClient
    resources: Resources
    tenant: str
    say: Callable[..., Any]
    consolidate: Callable[..., None]
    clock: list[datetime]
    word: str
    ann: str

    def later(self) -> None:
        self.clock[0] += timedelta(minutes=1)

    def boat(self, **more: Any) -> str:
        """Ann notes her word, and bob copies it; the copy's id."""
        wanted = {"tags": [self.word], "keywords": [f"k-{self.word}"], "entities": [self.word.title()]}
        place = {"name": f"Port {self.word}"}
        note(self.api, f"Ann has the boat {self.word}.", self.ann, **wanted, place=place, **more)
        return self.copy()

    def copy(self, owner: str | None = None, to: str = "bob") -> str:
        grant(self.api, owner or self.ann, to, right="copy")
        return copied(self.api, owner or self.ann, to)[0]["memory_id"]

    def edit(self, memory_id: str, **values: Any) -> None:
        match = {"If-Match": str(memory(self.api, memory_id)["version"])}
        answer = self.api.patch(f"/v1/memories/{memory_id}", json=values, headers=match)
        assert answer.status_code == 200, answer.text

    def act(self, memory_id: str, what: str) -> None:
        answer = self.api.post(f"/v1/memories/{memory_id}/{what}", json={})
        assert answer.status_code == 200, answer.text

    def slot(self, content: str, user: str, value: str = "seven", **more: Any) -> str:
        wanted = {"subject": "ann", "attribute": "lives_at", "value": value} | more
        return note(self.api, content, user, **wanted)["id"]

    def traits(self) -> None:
        """What a list, an insight and a portrait are made of."""
        for number, thing in enumerate(("boat", "cello", "garden", "dog")):
            slot = {"subject": "ann", "attribute": f"owns_{thing}", "value": "yes"}
            said = f"2026-0{number + 1}-01T00:00:00Z"
            note(self.api, f"Ann has a {thing} {self.word}.", self.ann, **slot, asserted_at=said)
        self.copy()
        self.consolidate(user="bob")

    def portrait(self) -> str:
        found = self.api.get("/v1/users/bob/portrait").json()["memory"]
        assert self.word in found["content"]
        return found["id"]

    def snapshot(self) -> str:
        answer = self.api.post("/v1/snapshots", json={"user_id": "bob", "name": "then"})
        assert answer.status_code == 201, answer.text
        self.later()
        return answer.json()["id"]

    def roll_back(self, snapshot_id: str) -> None:
        answer = self.api.post(f"/v1/snapshots/{snapshot_id}/rollback", json={})
        assert answer.status_code == 200, answer.text

    def contents(self, user: str = "bob") -> list[str]:
        return [item["content"] for item in listed(self.api, user)]


@pytest.fixture
def world(
    api: TestClient,
    timed: Resources,
    tenant: str,
    say: Any,
    consolidate: Callable[..., None],
    clock: list[datetime],
) -> World:
    unique = uuid4().hex
    return World(api, timed, tenant, say, consolidate, clock, f"qz{unique[:12]}", f"ann-{unique[12:20]}")


def plain_copy(w: World) -> None:
    w.boat()


def edit_that_keeps_the_word(w: World) -> None:
    w.edit(w.boat(), content=f"The boat {w.word} is Ann's, as I know.")


def edit_that_hides_the_word_in_another(w: World) -> None:
    w.edit(w.boat(), content=f"I know of the {w.word}s and of nothing else.")


def edit_of_an_edit(w: World) -> None:
    made = w.boat()
    w.edit(made, content=f"First: {w.word}!")
    w.edit(made, content=CLEAN)


def edit_of_the_tags_alone(w: World) -> None:
    w.edit(w.boat(), tags=[f"seen-{w.word}"])


def edit_with_the_word_in_its_metadata(w: World) -> None:
    w.edit(w.boat(), content=f"Half of it is {w.word}.", reason=f"for {w.word}")


def copied_on(w: World) -> None:
    w.boat()
    w.copy("bob", "cy")


def copied_on_after_an_edit(w: World) -> None:
    w.edit(w.boat(), content=f"The boat {w.word} is Ann's, as I know.")
    w.copy("bob", "cy")


def copied_on_after_two_edits_by_two(w: World) -> None:
    w.edit(w.boat(), content=f"The boat {w.word} is Ann's, as I know.")
    w.edit(w.copy("bob", "cy"), content=f"Bob told me of {w.word}.")
    w.copy("cy", "dan")


def copied_on_and_edited_there(w: World) -> None:
    w.boat()
    w.edit(w.copy("bob", "cy"), content=f"Cy's {w.word}.")


def frozen(w: World) -> None:
    w.act(w.boat(), "freeze")


def frozen_after_an_edit(w: World) -> None:
    made = w.boat()
    w.edit(made, content=f"Mine is the {w.word}.")
    w.act(made, "freeze")


def archived(w: World) -> None:
    w.act(w.boat(), "archive")


def archived_after_an_edit(w: World) -> None:
    made = w.boat()
    w.edit(made, content=f"Cold is the {w.word}.")
    w.act(made, "archive")


def deleted_by_who_copied(w: World) -> None:
    slot = {"subject": w.word, "attribute": f"at_{w.word}", "value": w.word}
    note(w.api, f"Ann lives at {w.word}.", w.ann, **slot)
    assert w.api.delete(f"/v1/memories/{w.copy()}").status_code == 204


def words_in_the_slot(w: World) -> None:
    slot = {"subject": w.word, "attribute": f"at_{w.word}", "value": w.word}
    note(w.api, f"Ann lives at {w.word}.", w.ann, **slot, asserted_at="2026-01-01T00:00:00Z")
    w.copy()


def superseded_by_a_later_copy(w: World) -> None:
    w.slot(f"Ann lives at seven {w.word}.", w.ann, asserted_at="2026-01-01T00:00:00Z")
    w.copy()
    w.slot(f"Ann lives at nine {w.word}.", w.ann, "nine", asserted_at="2026-03-01T00:00:00Z")
    copied(w.api, w.ann)


def copied_again_after_the_owners_edit(w: World) -> None:
    made = note(w.api, f"Ann has the boat {w.word}.", w.ann)["id"]
    w.copy()
    w.edit(made, content=f"Ann sold the boat {w.word}.")
    copied(w.api, w.ann)


def disputed(w: World) -> None:
    w.slot("Bo says that Ann lives at nine.", "bob", "nine")
    w.slot(f"Ann lives at seven {w.word}.", w.ann)
    w.copy()


def rolled_back_to_the_copy(w: World) -> None:
    made = w.boat()
    before = w.snapshot()
    w.edit(made, content=CLEAN)
    w.later()
    w.roll_back(before)


def merged_away(w: World) -> None:
    note(w.api, "Ann has a boat in Bergen", "bob", kind="fact")
    note(w.api, "Ann has got a boat in Bergen.", w.ann, keywords=[w.word], tags=[w.word])
    w.copy()
    w.consolidate(user="bob")


def merged_into(w: World) -> None:
    note(w.api, "Ann has got a boat in Bergen.", w.ann, keywords=[w.word], entities=[w.word])
    w.copy()
    note(w.api, "Ann has a boat in Bergen", "bob", kind="fact")
    w.consolidate(user="bob")


def concluded(w: World) -> None:
    w.traits()
    w.portrait()


def concluded_and_frozen(w: World) -> None:
    w.traits()
    w.act(w.portrait(), "freeze")


def concluded_and_edited(w: World) -> None:
    w.traits()
    w.edit(w.portrait(), content=f"Whoever has {w.word} is rich.")


def concluded_before_the_copy_was_archived(w: World) -> None:
    w.traits()
    w.portrait()
    for item in listed(w.api, kind="fact")[:2]:
        w.act(item["id"], "archive")
    w.consolidate(user="bob")


def summarised_with_own_turns(w: World) -> None:
    note(w.api, f"Ann says: I have {w.word}.", w.ann)
    w.copy()
    w.say("I have a cat.", "I have a house.", user="bob")
    w.consolidate(user="bob")


def read_by_a_grant(w: World) -> None:
    note(w.api, f"Ann has the boat {w.word}.", w.ann)
    grant(w.api, w.ann, "bob")
    note(w.api, CLEAN, "bob")
    found = w.api.post("/v1/search", json={"user_id": "bob", "query": w.word, "shared": True}).json()
    body = {"cited_ids": [found["items"][0]["id"]]}
    assert w.api.post(f"/v1/retrievals/{found['retrieval_id']}/feedback", json=body).status_code == 200


def back_from_a_bundle(w: World) -> None:
    w.edit(w.boat(), content=f"The boat {w.word} is Ann's, as I know.")
    bundle = w.api.get("/v1/users/bob/export").content
    assert w.api.delete("/v1/users/bob").status_code == 200
    assert w.api.post("/v1/import", content=bundle).status_code == 200


def copied_by_a_bound_key(w: World) -> None:
    note(w.api, f"Ann has the boat {w.word}.", w.ann)
    grant(w.api, w.ann, "bob", right="copy")
    key = make_key(w.resources, w.tenant, KeyScope.WRITE, user_id="bob")
    with client_of(app_of(w.resources), key) as bob:
        made = copied(bob, w.ann)[0]["memory_id"]
        asked = {"json": {"content": f"So: {w.word}"}, "headers": {"If-Match": "1"}}
        assert bob.patch(f"/v1/memories/{made}", **asked).status_code == 200


def the_value_of_another_owner(w: World) -> None:
    w.slot(f"Ann lives at seven, the {w.word}.", w.ann)
    w.copy()
    w.slot("It is seven where Ann lives.", "cy")
    w.copy("cy")


def the_value_posted_too(w: World) -> None:
    w.slot(f"Ann lives at seven, the {w.word}.", w.ann)
    w.copy()
    w.slot("Bo knows: Ann lives at seven.", "bob")


def own_before(w: World) -> None:
    w.slot("Bo knows: Ann lives at seven.", "bob")
    w.slot(f"Ann lives at seven, the {w.word}.", w.ann)
    w.copy()


def edited_clean(w: World) -> None:
    w.edit(w.boat(), content=CLEAN)


def edited_clean_and_copied_on(w: World) -> None:
    note(w.api, f"Ann has the boat {w.word}.", w.ann)
    w.edit(w.copy(), content=CLEAN)
    w.copy("bob", "cy")


def edited_clean_and_copied_on_with_index_words(w: World) -> None:
    edited_clean(w)
    w.copy("bob", "cy")


# What others keep for themselves: {user: contents}; those not named keep nothing.
HISTORIES: list[tuple[Callable[[World], None], dict[str, list[str]]]] = [
    (plain_copy, {}),
    (edit_that_keeps_the_word, {}),
    (edit_that_hides_the_word_in_another, {}),
    (edit_of_an_edit, {"bob": [CLEAN]}),
    (edit_of_the_tags_alone, {}),
    (edit_with_the_word_in_its_metadata, {}),
    (copied_on, {}),
    (copied_on_after_an_edit, {}),
    (copied_on_after_two_edits_by_two, {}),
    (copied_on_and_edited_there, {}),
    (frozen, {}),
    (frozen_after_an_edit, {}),
    (archived, {}),
    (archived_after_an_edit, {}),
    (deleted_by_who_copied, {}),
    (words_in_the_slot, {}),
    (superseded_by_a_later_copy, {}),
    (copied_again_after_the_owners_edit, {}),
    (disputed, {"bob": ["Bo says that Ann lives at nine."]}),
    (rolled_back_to_the_copy, {}),
    (merged_away, {"bob": ["Ann has a boat in Bergen"]}),
    (merged_into, {"bob": ["Ann has a boat in Bergen"]}),
    (concluded, {}),
    (concluded_and_frozen, {}),
    (concluded_and_edited, {}),
    (concluded_before_the_copy_was_archived, {}),
    (summarised_with_own_turns, {}),
    (read_by_a_grant, {"bob": [CLEAN]}),
    (back_from_a_bundle, {}),
    (copied_by_a_bound_key, {}),
    (
        the_value_of_another_owner,
        {"bob": ["It is seven where Ann lives."], "cy": ["It is seven where Ann lives."]},
    ),
    (the_value_posted_too, {"bob": ["ann residence seven"]}),
    (own_before, {"bob": ["Bo knows: Ann lives at seven."]}),
    (edited_clean, {"bob": [CLEAN]}),
    (edited_clean_and_copied_on, {"bob": [CLEAN], "cy": [CLEAN]}),
    (edited_clean_and_copied_on_with_index_words, {"bob": [CLEAN]}),
]
OWN_TURNS = {summarised_with_own_turns}


@pytest.mark.parametrize(("history", "kept"), HISTORIES, ids=[one.__name__ for one, _ in HISTORIES])
def test_no_row_holds_the_word_or_the_name(
    world: World, servers: Servers, llm_database: str, history: Callable[[World], None], kept: Any
):
    history(world)
    owner = servers.postgres.owner_url.replace("/memcubed?", f"/{llm_database}?")
    assert rows_with(owner, world.ann), "the test means a user who is there"
    search(world.api, world.word, user="bob")
    answer = world.api.delete(f"/v1/users/{world.ann}")
    assert (answer.status_code, answer.json()["remaining"]) == (200, 0), answer.text
    assert rows_with(owner, world.word) == {}
    assert rows_with(owner, world.ann) == {}
    if history not in OWN_TURNS:
        for user in ("bob", "cy", "dan"):
            assert world.contents(user) == kept.get(user, []), user
    world.consolidate(user="bob")
    found = search(world.api, world.word, user="bob", include_superseded=True)
    assert not any(world.word in item["content"] for item in found)
    assert rows_with(owner, world.word) == {}


class TestWhatStays:
    def test_of_an_edit_no_index_word_of_the_copy_does(self, world: World):
        made = world.boat()
        world.edit(made, content=CLEAN, tags=["mine", world.word])
        world.api.delete(f"/v1/users/{world.ann}")
        left = memory(world.api, made)
        assert (left["tags"], left["keywords"], left["entities"], left["place"]) == (["mine"], [], [], None)

    def test_is_found_by_its_own_words(self, world: World):
        made = world.boat()
        world.edit(made, content=CLEAN)
        world.api.delete(f"/v1/users/{world.ann}")
        assert [item["id"] for item in search(world.api, "Who likes the sea?", user="bob")] == [made]

    def test_a_snapshot_from_before_brings_nothing_back(self, world: World):
        made = world.boat()
        before = world.snapshot()
        world.edit(made, content=CLEAN)
        world.api.delete(f"/v1/users/{world.ann}")
        world.roll_back(before)
        assert world.contents() == [CLEAN]
        asked = {"user_id": "bob", "query": "sea", "known_at": "2199-01-01T00:00:00Z"}
        assert world.api.post("/v1/search", json=asked).status_code == 200

    def test_the_past_of_what_was_emptied_can_be_asked_for(self, world: World):
        made = world.boat()
        then = world.clock[0].isoformat()
        world.later()
        world.edit(made, content=CLEAN)
        world.api.delete(f"/v1/users/{world.ann}")
        asked = {"user_id": "bob", "query": "boat", "known_at": then}
        answer = world.api.post("/v1/search", json=asked)
        assert (answer.status_code, answer.json()["items"]) == (200, [])

    def test_what_was_concluded_is_concluded_again_from_the_rest(self, world: World):
        for number, thing in enumerate(("canoe", "tent")):
            slot = {"subject": "bo", "attribute": f"owns_{thing}", "value": "yes"}
            said = f"2026-0{number + 5}-01T00:00:00Z"
            note(world.api, f"Bo has a {thing}.", "bob", **slot, asserted_at=said)
        world.traits()
        world.portrait()
        world.api.delete(f"/v1/users/{world.ann}")
        world.consolidate(user="bob")
        portrait = world.api.get("/v1/users/bob/portrait").json()["memory"]["content"]
        assert "canoe" in portrait
        assert world.word not in portrait

    def test_in_what_another_was_shown_no_id_of_it_does(self, world: World):
        read_by_a_grant(world)
        shown = text("SELECT jsonb_array_length(shown) + cardinality(cited_ids) FROM feedback")
        with world.resources.engine.begin() as connection:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": world.tenant})
            before = connection.execute(shown).scalar_one()
        world.api.delete(f"/v1/users/{world.ann}")
        with world.resources.engine.begin() as connection:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": world.tenant})
            after = connection.execute(shown).scalar_one()
        assert before == 3  # one of the two is ann's, and was used
        assert after == 1
