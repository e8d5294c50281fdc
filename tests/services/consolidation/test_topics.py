"""Memories of topics over HTTP: made of several sessions, renewed as these change, ended with them."""

from typing import Any

import pytest

from tests.services.conftest import add, listed, summaries, versions

RUNS = ("I run in the park before work.", "I run along the beach after work.")
MORE = "I run in the woods after work."


def topics(api: Any, tag: str = "topic") -> list[Any]:
    return summaries(api, tag=tag)


def get(api: Any, memory: Any) -> Any:
    return api.get(f"/v1/memories/{memory['id']}").json()


def found(api: Any, query: str, **more: Any) -> set[str]:
    answer = api.post("/v1/search", json={"user_id": "ann", "query": query, "k": 50} | more)
    return {item["id"] for item in answer.json()["items"]}


def derived_from(api: Any, memory: Any) -> list[Any]:
    links = api.get(f"/v1/memories/{memory['id']}/links", params={"type": "derived_from"}).json()["items"]
    return [link for link in links if link["direction"] == "out"]


@pytest.fixture
def running(api, say, consolidate) -> Any:
    """The topic of what two sessions say of running."""
    say(*RUNS)
    say(MORE, "I am allergic to nuts.", session="s2", on="2026-03-05")
    consolidate()
    (made,) = topics(api)
    return made


class TestMade:
    def test_two_sessions_make_one_that_leads_to_their_turns(self, api, running):
        assert running["content"].startswith("3 statements: Ann says: I run ")
        assert running["tags"] == ["topic", "run"]
        assert topics(api, tag="run") == [running]
        assert (running["kind"], running["origin"], running["form"]) == ("summary", "inference", "state")
        links = derived_from(api, running)
        turns = {
            source["quote"]
            for link in links
            for source in api.get(f"/v1/memories/{link['memory_id']}/sources").json()["items"]
        }
        assert turns == {*RUNS, MORE}

    def test_one_session_makes_none(self, api, say, consolidate):
        say(*RUNS, MORE)
        consolidate()
        assert topics(api) == []

    def test_the_same_memories_make_no_new_version_and_no_call(self, api, running, say, consolidate, llm):
        calls = len(llm.chats())
        consolidate()
        assert len(llm.chats()) == calls
        say("My sister is called Eva.", "I work at Acme.", session="s3")
        before = len(llm.chats())
        consolidate()
        # The session's summary, the day's, and no topic.
        asked = [body["messages"][-1]["content"] for body in llm.chats()[before:]]
        assert not any("woods" in content and "beach" in content for content in asked)
        assert topics(api) == [running]

    def test_it_is_found_by_its_kind_or_tag_and_not_beside_what_it_tells(self, api, running):
        assert running["id"] not in found(api, "When does Ann run?")
        assert running["id"] in found(api, "When does Ann run?", kinds=["summary"])
        assert found(api, "When does Ann run?", filters={"tags": ["topic"]}) == {running["id"]}

    def test_nothing_is_concluded_from_it_and_it_is_made_of_no_conclusion(
        self, api, running, say, consolidate
    ):
        say("I live in Oslo.", session="s3", on="2026-03-07")
        consolidate()
        kinds = {"insight", "portrait", "summary"}
        derived = {memory["id"] for kind in kinds for memory in listed(api, kind)}
        assert {memory["kind"] for kind in kinds for memory in listed(api, kind)} == kinds
        assert api.get(f"/v1/memories/{running['id']}/dependents").json()["items"] == []
        assert derived.isdisjoint(link["memory_id"] for link in derived_from(api, running))

    def test_by_rules_it_says_what_they_say_the_earlier_first(self, api, say, consolidate, offline, llm):
        first, second = "I go for a run in the park before work.", "I go for a run by the river at lunch."
        last = "After work I go for a run along the beach."
        say(last, session="s2", on="2026-03-05")
        say(first, second)
        consolidate(offline)
        (made,) = topics(api)
        assert made["content"] == f"Ann says: {second} Ann says: {first} Ann says: {last}"
        assert (made["extractor"], made["tags"]) == ("offline", ["topic", "run"])

    def test_by_rules_what_has_no_noun_in_common_is_none(self, api, say, consolidate, offline):
        say(MORE, session="s2", on="2026-03-05")
        say(*RUNS)
        consolidate(offline)
        assert topics(api) == []

    def test_a_spent_budget_leaves_it_to_the_rules(self, api, say, consolidate, timed):
        timed.settings.consolidation_calls_per_day = 0
        say(*RUNS)
        say(MORE, session="s2")
        consolidate()
        (made,) = topics(api)
        assert made["extractor"] == "offline"


class TestRenewed:
    def test_what_a_session_adds_is_merged_into_it(self, api, running, say, consolidate):
        say("I run up the hill on Sundays.", session="s3", on="2026-03-08")
        consolidate()
        (again,) = topics(api)
        assert (again["id"], again["version"]) == (running["id"], 2)
        assert again["content"].startswith("4 statements")
        assert versions(api, running) == ["add", "derive"]
        assert len(derived_from(api, running)) == 4

    def test_a_deleted_source_makes_it_stale_and_one_cycle_makes_it_again(
        self, api, say, running, consolidate
    ):
        say("I run up the hill on Sundays.", session="s3", on="2026-03-08")
        consolidate()
        (lost,) = [link for link in derived_from(api, running) if "beach" in link["content"]]
        assert api.delete(f"/v1/memories/{lost['memory_id']}").status_code == 204
        assert get(api, running)["stale"] is True
        assert running["id"] not in found(api, "When does Ann run?", kinds=["summary"])
        consolidate()
        again = get(api, running)
        assert (again["stale"], again["status"]) == (False, "activated")
        assert "beach" not in str(api.get(f"/v1/memories/{running['id']}/history").json())
        assert versions(api, running) == ["add", "derive", "stale", "derive"]

    def test_with_too_few_left_it_ends_with_the_deleted_words(self, api, running, consolidate):
        api.delete(f"/v1/memories/{derived_from(api, running)[0]['memory_id']}")
        consolidate()
        assert topics(api) == []
        assert api.get(f"/v1/memories/{running['id']}").status_code == 404

    def test_one_that_ended_is_made_again_when_its_memories_hold_again(self, api, say, consolidate):
        slot = {"subject": "ann", "attribute": "exercise"}
        say(RUNS[0])
        say(RUNS[1], session="s2")
        add(api, "Ann runs in the park.", **slot, value="running", asserted_at="2026-03-03T10:00:00Z")
        consolidate()
        (first,) = topics(api)
        add(api, "Ann is learning Greek.", **slot, value="greek", asserted_at="2026-03-04T10:00:00Z")
        consolidate()
        assert topics(api) == []
        assert get(api, first)["status"] == "superseded"
        add(api, "Ann runs in the park.", **slot, value="running", asserted_at="2026-03-05T10:00:00Z")
        consolidate()
        (again,) = topics(api)
        assert again["content"] == first["content"]

    def test_a_deleted_one_does_not_come_back_by_itself(self, api, running, consolidate):
        api.delete(f"/v1/memories/{running['id']}")
        consolidate()
        assert topics(api) == []

    @pytest.mark.parametrize("how", ["edit", "freeze"])
    def test_what_somebody_edited_or_froze_stays_as_it_is(self, api, running, say, consolidate, how):
        if how == "edit":
            body = {"content": "Ann runs daily."}
            api.patch(f"/v1/memories/{running['id']}", json=body, headers={"If-Match": "1"})
        else:
            api.post(f"/v1/memories/{running['id']}/freeze")
        before = get(api, running)
        say("I run up the hill on Sundays.", session="s3", on="2026-03-08")
        api.delete(f"/v1/memories/{derived_from(api, running)[0]['memory_id']}")
        api.delete(f"/v1/memories/{derived_from(api, running)[1]['memory_id']}")
        consolidate()
        after = get(api, running)
        assert (after["content"], after["status"]) == (before["content"], "activated")
