"""Summaries of sessions and days, over HTTP with a scripted model and by rules; the stages are run here."""

from datetime import timedelta

from app.core.security import Principal
from app.db.repositories.memories import derivations
from app.db.repositories.sharing import copies
from app.db.user_session import UserSession
from app.services.consolidation import stage
from tests.services.conftest import NOW, of_session, summaries, versions

FACTS = ("I moved to Bergen.", "My dog is called Rex.")


class TestSessionSummaries:
    def test_a_closed_session_is_summarised_by_a_job_of_its_own(self, api, say, timed, tenant):
        say(*FACTS)
        (job,) = [job for job in api.get("/v1/jobs").json()["items"] if job["stage"] == "consolidate"]
        assert job["status"] == "queued"
        stage.run_consolidation(timed, tenant, "ann")
        job = api.get(f"/v1/jobs/{job['id']}").json()
        assert (job["status"], job["llm"]["calls"]) == ("succeeded", 1)
        found = of_session(api)
        assert found["memory"]["content"].startswith("2 statements: Ann says: I moved to Bergen.")
        assert found["memory"]["kind"] == "summary"
        assert found["memory"]["origin"] == "inference"
        assert [source["days"] for source in found["sources"]] == [["2026-03-02"]] * 2

    def test_the_sources_know_what_was_derived_from_them(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        found = of_session(api)
        for source in found["sources"]:
            (link,) = api.get(f"/v1/memories/{source['memory_id']}/dependents").json()["items"]
            assert link["memory_id"] == found["memory"]["id"]

    def test_the_same_sources_make_no_new_version_and_no_call(self, api, say, consolidate, llm):
        say(*FACTS)
        consolidate()
        before = summaries(api)
        calls = len(llm.chats())
        consolidate()
        assert summaries(api) == before
        assert len(llm.chats()) == calls

    def test_what_is_said_later_in_it_makes_a_new_version(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        memory = of_session(api)["memory"]
        say("I work at Acme.")
        consolidate()
        assert versions(api, memory) == ["add", "derive"]
        again = of_session(api)
        assert again["memory"]["id"] == memory["id"]
        assert len(again["sources"]) == 3

    def test_an_open_session_waits_until_it_is_idle(self, api, say, timed, tenant, clock):
        say(*FACTS, close=False)
        stage.request_consolidation(timed, Principal(tenant, scopes=frozenset(["write"])), "ann")
        stage.run_consolidation(timed, tenant, "ann")
        assert of_session(api) == 404
        clock[0] = NOW + timedelta(minutes=timed.settings.session_idle_minutes + 1)
        assert stage.schedule_consolidations(timed) >= 1
        stage.run_consolidation(timed, tenant, "ann")
        assert len(of_session(api)["sources"]) == 2

    def test_small_talk_has_no_summary(self, api, say, consolidate, llm):
        llm.on_chat = lambda messages: {"facts": []}
        say("Hello!", "Thanks!")
        consolidate()
        assert summaries(api) == []

    def test_by_rules_it_says_what_the_memories_say(self, api, say, consolidate, offline, llm):
        say(*FACTS, resources=offline)
        consolidate(offline)
        found = of_session(api)
        content = found["memory"]["content"]
        assert "Ann moved to Bergen. Ann's dog is called Rex." in content
        assert found["memory"]["extractor"] == "offline"
        assert llm.chats() == []

    def test_a_spent_budget_leaves_it_to_the_rules(self, api, say, consolidate, timed):
        timed.settings.consolidation_calls_per_day = 0
        say(*FACTS)
        consolidate()
        assert of_session(api)["memory"]["extractor"] == "offline"

    def test_a_silent_model_does_too(self, api, say, consolidate, llm):
        say(*FACTS)
        llm.on_chat = lambda messages: 500
        consolidate()
        assert of_session(api)["memory"]["extractor"] == "offline"

    def test_an_edited_one_is_the_users_own_word_and_stays(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        memory = of_session(api)["memory"]
        headers = {"If-Match": str(memory["version"])}
        body = {"content": "Ann moved to Bergen with Rex."}
        assert api.patch(f"/v1/memories/{memory['id']}", json=body, headers=headers).status_code == 200
        say("I work at Acme.")
        consolidate()
        assert of_session(api)["memory"]["content"] == "Ann moved to Bergen with Rex."

    def test_a_deleted_one_does_not_come_back_by_itself(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        api.delete(f"/v1/memories/{of_session(api)['memory']['id']}")
        consolidate()
        assert of_session(api) == 404

    def test_it_is_found_by_its_kind_and_does_not_crowd_out_what_it_tells(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        asked = {"user_id": "ann", "query": "Bergen Rex"}
        assert "summary" not in {
            item.get("kind") for item in api.post("/v1/search", json=asked).json()["items"]
        }
        (item,) = api.post("/v1/search", json=asked | {"kinds": ["summary"]}).json()["items"]
        assert item["id"] == of_session(api)["memory"]["id"]


class TestDaySummaries:
    def test_a_day_of_one_session_has_that_sessions_summary(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        (only,) = summaries(api)
        assert only["tags"] == ["session", "day"]

    def test_a_day_of_two_sessions_has_its_own(self, api, say, consolidate):
        say(*FACTS)
        consolidate()
        say("I work at Acme.", "I like jazz.", session="s2")
        consolidate()
        tags = sorted(memory["tags"] for memory in summaries(api))
        assert tags == [["day"], ["session"], ["session"]]
        (day,) = summaries(api, tag="day")
        assert day["content"].startswith("4 statements")
        assert day["event_from"] == "2026-03-02T10:00:00Z"

    def test_an_evening_of_the_speaker_is_one_day_on_both_sides_of_midnight_in_utc(
        self, api, say, consolidate, timed, tenant
    ):
        say(*FACTS, at="18:30:00-05:00")
        say("My aunt is called Bo.", "I sold my car.", session="s2", at="20:30:00-05:00")
        consolidate()
        (day,) = summaries(api, tag="day")
        assert (day["content"][:12], day["event_from"]) == ("4 statements", "2026-03-02T23:30:00Z")
        days = [source["days"] for source in of_session(api, "s2")["sources"]]
        assert days == [["2026-03-02"]] * 2
        for of_day, renewed in (("2026-03-03", set()), ("2026-03-02", {"s1", "s2"})):
            with timed.open_transaction(Principal(tenant)) as session:
                user = UserSession(session, tenant, "ann")
                copies.touch_sessions_of_days(user, [of_day], NOW)
                assert set(derivations.list_ended_sessions(user, NOW)) == renewed

    def test_each_day_of_a_long_session_has_its_own(self, api, say, consolidate):
        say(*FACTS)
        say("I work at Acme.", "I like jazz.", on="2026-03-05")
        consolidate()
        tags = sorted(memory["tags"] for memory in summaries(api))
        assert tags == [["day"], ["day"], ["session"]]


class TestReplay:
    def test_the_same_log_in_another_order_gives_the_same_summaries(self, api, say, consolidate, offline):
        log = [(FACTS, "s1"), (("I work at Acme.", "I like jazz."), "s2"), (("I have a sister.",), "s1")]
        for contents, session in log:
            say(*contents, session=session, resources=offline)
            consolidate(offline)
        for contents, session in reversed(log):
            say(*contents, session=session, resources=offline, user="bob")
        consolidate(offline, user="bob")
        told = [
            {
                (
                    tuple(sorted(m["content"].rstrip(".").split(". "))),
                    tuple(m["tags"]),
                    m["event_from"],
                    m["confidence"],
                )
                for m in summaries(api, user_id=user)
            }
            for user in ("ann", "bob")
        ]
        assert told[0] == told[1]
        assert len(told[0]) == 3
