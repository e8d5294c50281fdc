"""Insights and the portrait over HTTP, and what becomes of them when a source changes."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import LinkType, Origin
from app.db.memory_rows import NewLink
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.user_session import UserSession
from app.services.consolidation import stage
from tests.conftest import app_of, client_of, make_key, principal_of
from tests.services.conftest import NOW, add, listed, of_session, scripted, versions

RUNS = (
    "I run in the park before work.",
    "I run along the beach after work.",
    "I run in the woods after work.",
)
DAYS = {"asserted_at": "2026-03-01T10:00:00Z"}, {"asserted_at": "2026-03-04T10:00:00Z"}
SLOT = {"subject": "ann", "attribute": "residence"}


def portrait(api: Any) -> Any:
    answer = api.get("/v1/users/ann/portrait")
    return answer.json() if answer.status_code == 200 else answer.status_code


def found(api: Any, query: str, **more: Any) -> set[str]:
    answer = api.post("/v1/search", json={"user_id": "ann", "query": query, "k": 50} | more)
    return {item["id"] for item in answer.json()["items"]}


def get(api: Any, memory: Any) -> Any:
    return api.get(f"/v1/memories/{memory['id']}").json()


def asked_to_conclude(messages: Any, reply: Any) -> Any:
    """The scripted model, with this answer to the question for an insight."""
    answer = scripted(messages)
    return reply if "insight" in answer else answer


@pytest.fixture
def insight(api, say, consolidate) -> Any:
    """An insight from three related facts."""
    say(*RUNS)
    consolidate()
    (made,) = listed(api, "insight")
    return made


def sources(api: Any, memory: Any) -> list[Any]:
    params = {"type": "derived_from"}
    links = api.get(f"/v1/memories/{memory['id']}/links", params=params).json()["items"]
    return [link for link in links if link["direction"] == "out"]


class TestInsights:
    def test_related_facts_make_one_that_is_found_read_and_edited(self, api, insight):
        assert insight["content"].startswith("It follows: Ann says: ")
        assert len(sources(api, insight)) == 3
        assert (insight["origin"], insight["reliance"]) == ("inference", "verify")
        assert insight["id"] in found(api, "When does Ann run?")
        body = {"content": "Ann runs daily."}
        answer = api.patch(f"/v1/memories/{insight['id']}", json=body, headers={"If-Match": "1"})
        assert answer.json()["origin"] == "edit"

    def test_the_same_facts_are_not_asked_about_again(self, api, insight, consolidate, llm):
        calls = len(llm.chats())
        consolidate()
        assert len(llm.chats()) == calls
        assert listed(api, "insight") == [insight]

    @pytest.mark.parametrize(
        "reply",
        [
            {"insight": None, "sources": []},
            {"insight": "Ann runs.", "sources": [1]},
            {"insight": "Ann runs.", "sources": [1, 1, 9]},
        ],
    )
    def test_one_without_two_sources_is_none_and_not_asked_for_again(self, api, say, consolidate, llm, reply):
        say(*RUNS)
        llm.on_chat = lambda messages: asked_to_conclude(messages, reply)
        consolidate()
        assert listed(api, "insight") == []
        calls = len(llm.chats())
        consolidate()
        assert len(llm.chats()) == calls

    def test_only_the_named_sources_are_linked(self, api, say, consolidate, llm):
        say(*RUNS)
        llm.on_chat = lambda messages: asked_to_conclude(
            messages, {"insight": "Ann runs.", "sources": [3, 1]}
        )
        consolidate()
        (made,) = listed(api, "insight")
        assert len(sources(api, made)) == 2

    def test_without_a_model_what_is_liked_makes_a_list(self, api, consolidate, offline):
        for thing in ("jazz", "blues", "rock"):
            add(api, f"Ann likes {thing}.", subject="ann", attribute=f"likes:{thing}", value=thing)
        consolidate(offline)
        (made,) = listed(api, "insight")
        assert made["content"] == "Ann — likes: blues, jazz, rock"
        assert len(sources(api, made)) == 3

    def test_a_spent_budget_asks_for_none_and_the_next_day_does(self, api, say, consolidate, timed):
        say(*RUNS)
        timed.settings.consolidation_calls_per_day = 0
        consolidate()
        assert listed(api, "insight") == []
        timed.settings.consolidation_calls_per_day = 50
        consolidate()
        assert len(listed(api, "insight")) == 1


class TestStaleness:
    def retract(self, api: Any, memory: Any) -> Any:
        source = sources(api, memory)[0]
        assert api.delete(f"/v1/memories/{source['memory_id']}").status_code == 204
        return source

    def test_a_deleted_source_makes_it_stale_and_one_cycle_makes_it_again(self, api, insight, consolidate):
        lost = self.retract(api, insight)
        assert get(api, insight)["stale"] is True
        assert insight["id"] not in found(api, "When does Ann run?", kinds=["insight"])
        consolidate()
        again = get(api, insight)
        assert again["stale"] is False
        assert lost["content"] not in again["content"]
        assert len(sources(api, insight)) == 2
        assert versions(api, insight) == ["add", "stale", "derive"]
        assert insight["id"] in found(api, "When does Ann run?")

    def test_no_version_keeps_the_words_of_a_deleted_source(self, api, insight, consolidate):
        lost = self.retract(api, insight)
        consolidate()
        for memory in (insight, of_session(api)["memory"]):
            assert lost["content"] not in str(api.get(f"/v1/memories/{memory['id']}/history").json())

    def test_with_one_source_left_it_ends(self, api, insight, consolidate):
        self.retract(api, insight)
        consolidate()
        self.retract(api, insight)
        consolidate()
        assert listed(api, "insight") == []
        assert api.get(f"/v1/memories/{insight['id']}").status_code == 404

    def test_an_edited_source_counts_with_its_new_words(self, api, insight, consolidate):
        source = sources(api, insight)[0]
        body = {"content": "Ann swims in the lake."}
        headers = {"If-Match": "1"}
        assert api.patch(f"/v1/memories/{source['memory_id']}", json=body, headers=headers).status_code == 200
        assert get(api, insight)["stale"] is True
        consolidate()
        assert "swims in the lake" in get(api, insight)["content"]

    def test_a_turn_taken_back_takes_its_words_from_the_summary(self, api, say, consolidate, offline):
        # The fact stays, for another session says it too; the summary that quotes the turn is made again.
        posted = say("I like jazz.", "My dog is called Rex.", resources=offline)
        say("I like jazz.", "I work at Acme.", session="s2", resources=offline)
        consolidate(offline)
        assert "Ann likes jazz" in of_session(api)["memory"]["content"]
        say("I have a sister.", resources=offline)
        assert api.delete(f"/v1/turns/{posted['turn_ids'][0]}").status_code == 204
        assert of_session(api)["stale"] is True
        assert of_session(api)["memory"] is None
        consolidate(offline)
        assert "jazz" not in of_session(api)["memory"]["content"]

    def test_beat_finds_the_stale(self, api, insight, timed, tenant):
        self.retract(api, insight)
        assert stage.schedule_consolidations(timed) >= 1
        stage.run_consolidation(timed, tenant, "ann")
        assert get(api, insight)["stale"] is False

    def test_an_edited_insight_rests_on_nothing(self, api, insight):
        body = {"content": "Ann runs daily."}
        api.patch(f"/v1/memories/{insight['id']}", json=body, headers={"If-Match": "1"})
        self.retract(api, insight)
        assert get(api, insight)["stale"] is False

    def test_a_stale_one_that_is_edited_is_true_again(self, api, insight):
        self.retract(api, insight)
        body = {"content": "Ann runs daily."}
        answer = api.patch(f"/v1/memories/{insight['id']}", json=body, headers={"If-Match": "2"})
        assert answer.json()["stale"] is False

    def test_a_frozen_one_stays_stale_and_holds_up_nobody(self, api, insight, consolidate, timed, tenant):
        api.post(f"/v1/memories/{insight['id']}/freeze")
        self.retract(api, insight)
        consolidate()
        assert get(api, insight)["stale"] is True
        with timed.open_transaction(None) as session:
            due = users.list_due_users(session, NOW, NOW - stage.CONSOLIDATION_INTERVAL, NOW, 1_000)
        assert tenant not in {row.tenant_id for row in due}

    def test_without_a_model_what_is_left_is_said_as_it_stands(self, api, insight, consolidate, offline):
        self.retract(api, insight)
        consolidate(offline)
        again = get(api, insight)
        assert again["stale"] is False
        assert again["extractor"] == "offline"

    def test_it_goes_down_a_chain_of_eight(self, api, consolidate, timed, tenant):
        chain = [add(api, "Ann lives in Oslo."), *(add(api, f"Link {n}.", kind="summary") for n in range(8))]
        with timed.open_transaction(principal_of(tenant)) as session:
            for above, below in pairwise(chain):
                link = NewLink(UUID(below["id"]), UUID(above["id"]), LinkType.DERIVED_FROM, "test")
                memories.insert_links(UserSession(session, tenant, "ann"), [link])
                memories.update_memory(session, tenant, UUID(below["id"]), {"origin": Origin.INFERENCE})
        body = {"content": "Ann lives in Bergen."}
        api.patch(f"/v1/memories/{chain[0]['id']}", json=body, headers={"If-Match": "1"})
        assert [get(api, memory)["stale"] for memory in chain] == [False] + [True] * 8
        consolidate()
        assert [get(api, memory)["stale"] for memory in chain] == [False] * 9
        assert get(api, chain[-1])["content"].endswith("Ann lives in Bergen.")


class TestPortrait:
    def test_there_is_none_before_the_second_day(self, api, consolidate):
        add(api, "Ann lives in Oslo.", **SLOT, value="oslo", **DAYS[0])
        add(api, "Ann likes jazz.", **DAYS[0])
        consolidate()
        assert portrait(api) == 404
        add(api, "Ann has a dog.", **DAYS[1])
        consolidate()
        assert portrait(api)["memory"]["kind"] == "portrait"

    def test_it_is_bounded_and_names_its_sources(self, api, consolidate, llm):
        for n in range(45):
            text = f"Ann has a friend whose name is the number {n} " + "and so on " * 5
            add(api, text, importance=n / 100, **DAYS[n % 2])
        llm.on_chat = lambda messages: {"portrait": "x" * 5000}
        consolidate()
        shown = portrait(api)
        assert len(shown["memory"]["content"]) <= 1000
        assert len(shown["sources"]) == 40
        assert {day for source in shown["sources"] for day in source["days"]} == {"2026-03-01", "2026-03-04"}

    def test_by_rules_it_is_what_matters_most(self, api, consolidate, offline):
        add(api, "Ann likes jazz.", importance=0.4, **DAYS[0])
        add(api, "Ann lives in Oslo.", importance=0.9, **SLOT, value="oslo", **DAYS[1])
        consolidate(offline)
        assert portrait(api)["memory"]["content"] == "Ann lives in Oslo\nAnn likes jazz"

    def test_a_superseded_source_withholds_it_until_it_is_painted_anew(self, api, consolidate):
        add(api, "Ann likes jazz.", **DAYS[0])
        add(api, "Ann lives in Oslo.", **SLOT, value="oslo", **DAYS[1])
        consolidate()
        assert "Oslo" in portrait(api)["memory"]["content"]
        add(api, "Ann lives in Bergen.", **SLOT, value="bergen")
        assert (portrait(api)["stale"], portrait(api)["memory"]) == (True, None)
        consolidate()
        text = portrait(api)["memory"]["content"]
        assert "Bergen" in text
        assert "Oslo" not in text

    def test_it_is_painted_anew_for_five_traits_not_for_one(self, api, consolidate):
        add(api, "Ann likes jazz.", **DAYS[0])
        add(api, "Ann has a dog.", **DAYS[1])
        consolidate()
        before = portrait(api)["memory"]
        add(api, "Ann plays the cello.")
        consolidate()
        assert portrait(api)["memory"] == before
        for thing in ("rows", "sings", "paints", "cooks"):
            add(api, f"Ann {thing} on most weekends.")
        consolidate()
        assert portrait(api)["memory"]["version"] == 2

    def test_an_insight_is_a_source_and_its_end_goes_down_to_the_portrait(self, api, say, consolidate):
        say(*RUNS)
        say("I live in Oslo.", on="2026-03-05", session="s2")
        consolidate()
        consolidate()
        shown = portrait(api)
        kinds = {source["kind"] for source in shown["sources"]}
        assert kinds == {"fact", "insight"}
        (lost,) = [s for s in shown["sources"] if "before work" in s["content"] and s["kind"] == "fact"]
        api.delete(f"/v1/memories/{lost['memory_id']}")
        assert portrait(api)["stale"] is True
        consolidate()
        assert portrait(api)["stale"] is False
        assert "before work" not in portrait(api)["memory"]["content"]

    def test_nobody_has_none(self, timed, tenant):
        with client_of(app_of(timed), make_key(timed, tenant)) as api:
            answer = api.get("/v1/users/nobody/portrait")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
