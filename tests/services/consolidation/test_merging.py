"""Near-duplicates become one memory with all sources, after a session, over HTTP."""

from typing import Any

import pytest

from tests.services.conftest import add, listed, scripted, versions

FOREST = ("Ann enjoys walking in the forest.", "Ann really enjoys walking in the forest.")


def status(api: Any, memory: Any) -> str:
    return api.get(f"/v1/memories/{memory['id']}").json()["status"]


def sources(api: Any, memory: Any) -> list[Any]:
    return api.get(f"/v1/memories/{memory['id']}/sources").json()["items"]


class TestMerging:
    def test_the_older_takes_in_the_newer_with_its_sources(self, api, consolidate):
        old = add(api, FOREST[0], keywords=["walk"])
        new = add(api, FOREST[1], keywords=["forest"], importance=0.8)
        consolidate()
        assert (status(api, old), status(api, new)) == ("activated", "merged")
        assert len(sources(api, old)) == 2
        held = api.get(f"/v1/memories/{old['id']}").json()
        assert (held["keywords"], held["importance"]) == (["walk", "forest"], 0.8)
        assert held["content"] == FOREST[0]
        (link,) = api.get(f"/v1/memories/{new['id']}/links", params={"type": "merged_into"}).json()["items"]
        assert (link["direction"], link["memory_id"]) == ("out", old["id"])

    def test_a_second_run_changes_nothing(self, api, consolidate):
        old, _ = (add(api, text) for text in FOREST)
        consolidate()
        before = versions(api, old)
        consolidate()
        assert versions(api, old) == before == ["add", "merge"]

    def test_the_word_of_most_authority_stays_and_has_the_turn_as_a_source(self, api, say, consolidate):
        posted = say("I enjoy walking in the forest.")
        (extracted,) = listed(api, "fact")
        edited = add(api, extracted["content"].replace("enjoy", "really enjoy"))
        consolidate()
        assert (status(api, extracted), status(api, edited)) == ("merged", "activated")
        assert {source["turn_id"] for source in sources(api, edited)} == {None, posted["turn_ids"][0]}
        api.delete(f"/v1/turns/{posted['turn_ids'][0]}")
        assert [source["turn_id"] for source in sources(api, edited)] == [None]

    @pytest.mark.parametrize(
        ("text", "values"),
        [
            ("Ann enjoys walking 5 km in the forest.", {}),
            ("Ann never enjoys walking in the forest.", {}),
            (FOREST[1], {"kind": "event", "form": "event"}),
            (FOREST[1], {"expires_at": "2036-01-01T00:00:00Z"}),
            (FOREST[1], {"agent_id": "another"}),
            (FOREST[1], {"subject": "ann", "attribute": "hobby:walking", "value": "walking"}),
        ],
    )
    def test_what_differs_in_more_than_words_stays_apart(self, api, consolidate, text, values):
        both = [add(api, FOREST[0]), add(api, text, **values)]
        consolidate()
        assert [status(api, memory) for memory in both] == ["activated"] * 2

    def test_a_frozen_one_is_left_alone(self, api, consolidate):
        both = [add(api, text) for text in FOREST]
        api.post(f"/v1/memories/{both[1]['id']}/freeze")
        consolidate()
        assert [status(api, memory) for memory in both] == ["activated"] * 2

    def test_one_that_is_written_later_is_found(self, api, consolidate):
        old = add(api, FOREST[0])
        consolidate()
        new = add(api, FOREST[1])
        consolidate()
        assert (status(api, old), status(api, new)) == ("activated", "merged")


def test_five_paraphrases_of_a_slot_are_one_memory_with_five_sources(api, say, llm):
    told = (
        "I live in Oslo.",
        "Oslo is my home.",
        "My flat is in Oslo.",
        "I am based in Oslo.",
        "I dwell in Oslo.",
    )
    place = "Oslo"

    def slots(messages: Any) -> Any:
        shown = scripted(messages)
        for fact in shown.get("facts", []):
            fact |= {"attribute": "residence", "value": place, "single_valued": True, "form": "state"}
        return shown

    llm.on_chat = slots
    for number, text in enumerate(told):
        say(text, session=f"s{number}", on=f"2026-03-0{number + 1}")
    (home,) = listed(api, "fact")
    assert len(sources(api, home)) == 5
    place = "Bergen"
    say("I moved to Bergen.", session="s9", on="2026-04-01")
    (now,) = listed(api, "fact")
    # A value is compared and shown in its normal form; the words of the turn are in the content.
    assert (now["value"], "I moved to Bergen." in now["content"]) == ("bergen", True)
    assert status(api, home) == "superseded"
