"""The second stage with a scripted LLM: the stages are run here, one after the other, without a worker."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.security import Principal
from app.db.session import open_engine
from app.memory.types import MemoryFilter
from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns
from app.schemas.search.search import BuildContext, SearchMemory
from app.services.ingestion import accept_turns, embed_turns, extraction, related_memories
from app.services.ingestion.turn_reads import list_turns as turn_page
from app.services.ingestion.turn_reads import to_turn_filter
from app.services.memories import memory_reads
from app.services.operations import operations
from app.services.platform import jobs, usage_reports
from app.services.search import context, search
from tests.conftest import Servers, make_key, principal_of, turn
from tests.fakes import Answer, Responder, ScriptedLLM, hashed_words, pairs_of, turns_of

OSLO = {
    "content": "Ann lives in Oslo.",
    "quote": "I live in Oslo",
    "attribute": "residence",
    "value": "Oslo",
}
REX = {"content": "Ann walks Rex at dawn.", "quote": "I walk Rex at dawn"}
TOO_BUSY = Answer(status=429, headers={"Retry-After": "60"})  # longer than a thread waits: fails at once


@pytest.fixture
def principal(llm_resources: Resources, tenant: str) -> Principal:
    make_key(llm_resources, tenant)
    return principal_of(tenant)


@pytest.fixture(scope="module")
def embedded_over_http(servers: Servers) -> str:
    servers.new_database("embedded_over_http")
    return "embedded_over_http"


@pytest.fixture
def wired(servers: Servers, llm: ScriptedLLM, embedded_over_http: str, tenant: str) -> Iterator[Resources]:
    """Chat and embeddings both come from the scripted endpoint, so that a test sets every cosine."""
    settings = servers.settings(
        embedded_over_http,
        redis_url=servers.valkey.redis_url.replace("db=0", "db=1"),
        llm_base_url=llm.base_url,
        llm_model="scripted",
        embeddings=llm.base_url,
        embeddings_model="scripted-embeddings",
        embeddings_dimensions=384,
        extract_idle_seconds=0,
        llm_timeout_seconds=5,
    )
    with open_resources(settings) as opened:
        operations.check_startup(opened)
        make_key(opened, tenant)
        yield opened


def extracts(*entries: dict[str, Any], verdict: str = "unrelated") -> Responder:
    """A model that finds each entry in every turn that holds its quote, and judges all pairs alike."""

    def reply(messages: list[dict[str, Any]]) -> dict[str, Any]:
        asked = {"messages": messages}
        if pairs_of(asked):
            return {"verdicts": [{"pair": pair["pair"], "verdict": verdict} for pair in pairs_of(asked)]}
        return {
            "facts": [
                {"turn": one["n"], **entry}
                for one in turns_of(asked)
                for entry in entries
                if entry["quote"] in one["content"]
            ]
        }

    return reply


def accept(resources: Resources, principal: Principal, *turns: dict[str, Any], **more: Any) -> UUID:
    """Store turns; the id of their job."""
    body = {"user_id": "ann", "session_id": "s1", "turns": list(turns)} | more
    return accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None).job_id


def run(resources: Resources, principal: Principal) -> None:
    """Both stages, once."""
    embed_turns.run_embedding(resources, principal.tenant_id, "ann")
    extraction.run_extraction(resources, principal.tenant_id, "ann")


def read(resources: Resources, principal: Principal, *turns: dict[str, Any], **more: Any) -> Any:
    """Store turns, run both stages, and return the job."""
    job_id = accept(resources, principal, *turns, **more)
    run(resources, principal)
    return jobs.get_job(resources, principal, job_id)


def again(resources: Resources, principal: Principal, job_id: UUID) -> Any:
    """Let the waiting time pass and run the job once more."""
    make_due(resources, principal)
    run(resources, principal)
    return jobs.get_job(resources, principal, job_id)


def make_due(resources: Resources, principal: Principal) -> None:
    with resources.open_transaction(principal) as session:
        session.execute(text("UPDATE jobs SET run_after = now() - interval '1 second'"))


def stored(resources: Resources, principal: Principal) -> list[Any]:
    """Every memory, oldest first."""
    found = memory_reads.list_memories(
        resources, principal, user_id="ann", matching=MemoryFilter(), cursor=None, limit=500
    )
    return found.items[::-1]


def count_sources(resources: Resources, principal: Principal) -> int:
    with resources.open_transaction(principal) as session:
        return session.execute(text("SELECT count(*) FROM assertions")).scalar_one()


def links(resources: Resources, principal: Principal) -> set[tuple[UUID, UUID, str]]:
    with resources.open_transaction(principal) as session:
        rows = session.execute(text("SELECT source_id, target_id, type FROM links"))
        return {(row.source_id, row.target_id, row.type) for row in rows}


def said(content: str, **values: Any) -> dict[str, Any]:
    return turn(content, name="Ann", **values)


class TestSegments:
    def test_there_is_one_call_for_each_segment(self, llm_resources, principal, llm):
        days = ["2026-01-10", "2026-01-11", "2026-01-12"]
        batch = [
            said(f"Note {n} of {day}.", observed_at=f"{day}T10:0{n}:00Z") for day in days for n in range(3)
        ]
        job = read(llm_resources, principal, *batch)
        assert job.status == "succeeded"
        asked = [[one["content"] for one in turns_of(body)] for body in llm.chats()]
        assert [len(contents) for contents in asked] == [3, 3, 3]
        assert [content for contents in asked for content in contents] == [one["content"] for one in batch]
        assert job.llm.calls == 3

    TALK = (
        "My tomatoes on the balcony have flowers now.",
        "Did you grow the tomatoes from seed?",
        "Yes, six tomato plants, from seed, in March.",
        "What do you feed your tomatoes with?",
        "Nettle brew, tomatoes love it.",
        "The night train to Vienna is booked.",
        "Is it a sleeper train with beds?",
        "A compartment with three beds, to Vienna and back.",
        "Which hotel in Vienna did you take?",
        "One in Vienna's seventh district, near the station.",
    )

    @pytest.mark.parametrize("padding", ["", " indeed" * 600])
    def test_topics_share_a_call_as_long_as_they_fit_and_part_where_the_topic_changes(
        self, llm_resources, principal, llm, padding
    ):
        talk = [line + padding for line in self.TALK]
        read(llm_resources, principal, turn("You are a friend.", role="system"), *map(said, talk))
        asked = [[one["content"] for one in turns_of(body)] for body in llm.chats()]
        assert [content for contents in asked for content in contents] == talk
        assert [len(contents) for contents in asked] == ([1] * 10 if padding else [10])

    def test_the_turns_before_and_what_is_known_are_shown_with_it(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO)
        read(llm_resources, principal, said("I live in Oslo.", observed_at="2026-01-10T10:00:00Z"))
        read(llm_resources, principal, said("I live in a flat in Oslo.", observed_at="2026-01-12T10:00:00Z"))
        shown = llm.chats()[1]["messages"][1]["content"]
        assert "I live in Oslo." in shown
        assert OSLO["content"] in shown

    def test_a_segment_of_system_turns_is_not_sent_at_all(self, llm_resources, principal, llm):
        job = read(llm_resources, principal, turn("I live in Oslo.", role="system"))
        assert llm.chats() == []
        assert job.status == "succeeded"
        assert (job.turns[0].state, job.turns[0].reason) == (
            "nothing",
            "a system turn is never extracted",
        )


class TestFacts:
    def test_a_fact_lands_with_quote_source_extractor_and_slot(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO)
        job = read(llm_resources, principal, said("Hello!"), said("I live in Oslo.", ref="m1"))
        (memory,) = stored(llm_resources, principal)
        assert (memory.content, memory.subject, memory.attribute, memory.value) == (
            "Ann lives in Oslo.",
            "user",
            "residence",
            "oslo",
        )
        (source,) = memory_reads.list_sources(llm_resources, principal, memory.id).items
        assert (source.ref, source.quote) == ("m1", "I live in Oslo")
        history = memory_reads.get_memory_history(llm_resources, principal, memory.id)
        assert [(version.version, version.model) for version in history.items] == [(1, "scripted")]
        assert [one.extracted for one in job.turns] == [0, 1]

    def test_a_quote_that_is_not_in_its_turn_is_refused_and_the_turn_says_so(
        self, llm_resources, principal, llm
    ):
        llm.on_chat = lambda messages: {"facts": [{"turn": 1, **OSLO, "quote": "I live in Paris"}]}
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert stored(llm_resources, principal) == []
        assert job.status == "succeeded"
        assert (job.turns[0].state, job.turns[0].reason) == ("nothing", "refused: quote")

    def test_nothing_comes_from_a_system_turn_even_if_the_model_says_so(self, llm_resources, principal, llm):
        llm.on_chat = lambda messages: {"facts": [{"turn": 1, **OSLO}]}
        system = turn("I live in Oslo.", role="system")
        read(llm_resources, principal, system, said("Good morning!"))
        assert stored(llm_resources, principal) == []
        assert all("I live in Oslo" not in str(turns_of(body)) for body in llm.chats())

    def test_a_fact_of_a_turn_that_is_not_there_is_refused(self, llm_resources, principal, llm):
        llm.on_chat = lambda messages: {"facts": [{"turn": 7, **OSLO}]}
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert stored(llm_resources, principal) == []
        assert "no such turn" in job.turns[0].reason

    def test_the_outcome_of_each_turn_is_on_the_job(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO, {**REX, "quote": "not there"})
        job = read(
            llm_resources,
            principal,
            said("I live in Oslo.", ref="a"),
            said("Thanks!", ref="b"),
            turn("Be kind.", role="system", ref="c"),
        )
        assert [(one.ref, one.state, one.extracted) for one in job.turns] == [
            ("a", "extracted", 1),
            ("b", "nothing", 0),
            ("c", "nothing", 0),
        ]
        assert (job.progress.done, job.progress.total) == (3, 3)


class TestReplies:
    def test_prose_with_braces_around_the_json_keeps_the_facts(self, llm_resources, principal, llm):
        llm.on_chat = lambda messages: (
            'Sure {as you wish}! Here: {"facts": [{"turn": 1, "content": "Ann lives in Oslo.", '
            '"quote": "I live in Oslo"}]} Hope {that} helps.'
        )
        read(llm_resources, principal, said("I live in Oslo."))
        assert [memory.content for memory in stored(llm_resources, principal)] == ["Ann lives in Oslo."]

    def test_broken_json_is_asked_for_once_more(self, llm_resources, principal, llm):
        llm.queue.append(Answer(text='{"facts": [{"turn": 1, "content": '))
        llm.on_chat = lambda messages: {"facts": [{"turn": 1, **OSLO}]}
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert len(stored(llm_resources, principal)) == 1
        assert (job.status, job.llm.calls, len(llm.chats())) == ("succeeded", 2, 2)

    def test_unparsable_twice_queues_the_job_again_and_the_retry_makes_one_set(
        self, llm_resources, principal, llm
    ):
        llm.queue += [Answer(text="I'd rather not."), Answer(text="No.")]
        llm.on_chat = extracts(OSLO)
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert (job.status, job.attempts, job.turns[0].state) == ("queued", 1, "stored")
        assert "unparsable" in job.error
        assert job.run_after > datetime.now(UTC)
        job = again(llm_resources, principal, job.id)
        assert (job.status, job.error, job.turns[0].state) == ("succeeded", None, "extracted")
        assert len(stored(llm_resources, principal)) == 1
        assert count_sources(llm_resources, principal) == 1

    def test_tokens_are_counted_with_those_of_failed_calls(self, llm_resources, principal, llm):
        llm.queue += [Answer(status=500), Answer(text="broken")]
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert (job.llm.calls, job.llm.failed_calls) == (3, 1)
        assert (job.llm.prompt_tokens, job.llm.completion_tokens) == (20, 10)
        job_id = accept(llm_resources, principal, said("I live in Bergen."), session_id="s2")
        llm.queue += [Answer(text="no"), Answer(text="no")]
        run(llm_resources, principal)
        job = again(llm_resources, principal, job_id)
        assert (job.llm.calls, job.llm.prompt_tokens) == (3, 30)


class TestBoughtOnce:
    def test_an_answer_is_not_bought_again_when_the_embedder_fails_after_it(self, wired, tenant, llm):
        principal = principal_of(tenant)

        def answer_then_fail(messages: list[dict[str, Any]]) -> dict[str, Any]:
            llm.queue.append(TOO_BUSY)  # the next request is the embedding of the facts
            return extracts(OSLO)(messages)

        llm.on_chat = answer_then_fail
        job = read(wired, principal, said("I live in Oslo."))
        assert (job.status, job.turns[0].state) == ("queued", "stored")
        assert stored(wired, principal) == []
        job = again(wired, principal, job.id)
        assert job.status == "succeeded"
        assert len(llm.chats()) == 1
        assert len(stored(wired, principal)) == 1

    def test_an_answer_is_not_bought_again_when_the_write_fails_after_it(
        self, llm_resources, principal, llm, owner_of_scripted
    ):
        llm.on_chat = extracts(OSLO)
        job_id = accept(llm_resources, principal, said("I live in Oslo."))
        with owner_of_scripted.begin() as connection:
            connection.execute(text("ALTER TABLE memories ADD CONSTRAINT broken CHECK (false) NOT VALID"))
        try:
            run(llm_resources, principal)
        finally:
            with owner_of_scripted.begin() as connection:
                connection.execute(text("ALTER TABLE memories DROP CONSTRAINT broken"))
        job = jobs.get_job(llm_resources, principal, job_id)
        assert (job.status, job.turns[0].state) == ("queued", "stored")
        assert "Oslo" not in job.error
        assert again(llm_resources, principal, job_id).status == "succeeded"
        assert len(llm.chats()) == 1
        assert len(stored(llm_resources, principal)) == 1

    def test_a_retry_reads_the_numbers_of_a_paid_answer_as_they_were_meant(
        self, llm_resources, principal, llm, owner_of_scripted
    ):
        llm.on_chat = extracts(OSLO)
        read(llm_resources, principal, said("I live in Oslo.", observed_at="2026-01-10T10:00:00Z"))
        (home,) = stored(llm_resources, principal)
        moved = {"content": "Ann's home is Rome.", "quote": "My home is Rome"}
        llm.on_chat = extracts({**moved, "changes": [{"id": 1, "how": "replaces"}]})
        later = said("My home is Rome.", observed_at="2026-03-10T10:00:00Z")
        job_id = accept(llm_resources, principal, later, session_id="s2")
        with owner_of_scripted.begin() as connection:
            connection.execute(text("ALTER TABLE memories ADD CONSTRAINT broken CHECK (false) NOT VALID"))
        try:
            run(llm_resources, principal)
        finally:
            with owner_of_scripted.begin() as connection:
                connection.execute(text("ALTER TABLE memories DROP CONSTRAINT broken"))
        with llm_resources.open_transaction(principal) as session:
            kept = session.execute(text("SELECT llm_cache FROM jobs WHERE id = :id"), {"id": job_id})
            (answer,) = kept.scalar_one().values()
        assert answer["related"] == [str(home.id)]
        asked = len(llm.chats())
        assert again(llm_resources, principal, job_id).status == "succeeded"
        assert len(llm.chats()) == asked
        by_content = {memory.content: memory.status for memory in stored(llm_resources, principal)}
        assert by_content == {OSLO["content"]: "superseded", moved["content"]: "activated"}

    def test_the_answers_are_dropped_when_the_job_has_succeeded(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO)
        read(llm_resources, principal, said("I live in Oslo."))
        with llm_resources.open_transaction(principal) as session:
            assert session.execute(text("SELECT llm_cache FROM jobs")).scalar_one() == {}

    def test_segments_that_are_written_are_not_read_again(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO, REX)
        job_id = accept(
            llm_resources,
            principal,
            said("I live in Oslo.", observed_at="2026-01-10T10:00:00Z"),
            said("I walk Rex at dawn.", observed_at="2026-01-12T10:00:00Z"),
        )
        embed_turns.run_embedding(llm_resources, principal.tenant_id, "ann")
        llm.queue += [Answer(value={"facts": [{"turn": 1, **OSLO}]}), TOO_BUSY]
        extraction.run_extraction(llm_resources, principal.tenant_id, "ann")
        job = jobs.get_job(llm_resources, principal, job_id)
        assert [one.state for one in job.turns] == ["extracted", "stored"]
        assert (job.status, job.progress.done) == ("queued", 1)
        assert again(llm_resources, principal, job_id).status == "succeeded"
        assert len(llm.chats()) == 3
        assert len(stored(llm_resources, principal)) == 2


@pytest.fixture
def owner_of_scripted(servers: Servers, llm_database: str) -> Iterator[Any]:
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", f"/{llm_database}?"), pool_size=1)
    yield engine
    engine.dispose()


class TestOutage:
    def test_a_refused_key_fails_the_job_and_a_retry_by_hand_succeeds(self, llm_resources, principal, llm):
        llm.queue.append(Answer(status=401))
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert (job.status, job.turns[0].state) == ("failed", "failed")
        assert "401" in job.error
        assert job.turns[0].reason == job.error
        llm.on_chat = extracts(OSLO)
        assert jobs.retry_job(llm_resources, principal, job.id).status == "queued"
        run(llm_resources, principal)
        job = jobs.get_job(llm_resources, principal, job.id)
        assert (job.status, job.error, job.turns[0].state, job.turns[0].reason) == (
            "succeeded",
            None,
            "extracted",
            None,
        )
        assert len(stored(llm_resources, principal)) == 1

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_busy_model_loses_nothing_and_search_still_answers(self, llm_resources, principal, llm, status):
        llm.queue.append(Answer(status=status, headers={"Retry-After": "60"}))
        job = read(llm_resources, principal, said("I live in Oslo."))
        assert (job.status, job.turns[0].state) == ("queued", "stored")
        request = SearchMemory(user_id="ann", query="Where does Ann live?")
        (item,) = search.search_memory(llm_resources, principal, request).items
        assert (item.content, item.pending) == ("I live in Oslo.", True)
        llm.on_chat = extracts(OSLO)
        assert again(llm_resources, principal, job.id).status == "succeeded"

    def test_an_embedder_outage_loses_no_turn(self, wired, tenant, llm):
        principal = principal_of(tenant)
        llm.queue.append(TOO_BUSY)
        llm.on_chat = extracts(OSLO)
        job_id = accept(wired, principal, said("I live in Oslo."))
        embed_turns.run_embedding(wired, tenant, "ann")
        job = jobs.get_job(wired, principal, job_id)
        assert (job.status, job.stage, job.turns[0].state) == ("queued", "ingest", "stored")
        llm.queue.append(TOO_BUSY)  # for the query
        items = search.search_memory(wired, principal, SearchMemory(user_id="ann", query="Oslo")).items
        assert [item.content for item in items] == ["I live in Oslo."]
        assert again(wired, principal, job_id).status == "succeeded"
        assert len(stored(wired, principal)) == 1

    def test_after_the_last_attempt_the_job_is_dead_and_the_turn_says_why(
        self, llm_resources, principal, llm
    ):
        job_id = accept(llm_resources, principal, said("I live in Oslo."))
        embed_turns.run_embedding(llm_resources, principal.tenant_id, "ann")
        with llm_resources.open_transaction(principal) as session:
            session.execute(text("UPDATE jobs SET attempts = :n"), {"n": jobs.MAX_ATTEMPTS - 2})
        for expected in ("queued", "dead"):
            make_due(llm_resources, principal)
            llm.queue.append(TOO_BUSY)
            extraction.run_extraction(llm_resources, principal.tenant_id, "ann")
            job = jobs.get_job(llm_resources, principal, job_id)
            assert job.status == expected
        assert (job.turns[0].state, "429" in job.turns[0].reason) == ("failed", True)
        assert job.finished_at is not None
        llm.on_chat = extracts(OSLO)
        jobs.retry_job(llm_resources, principal, job_id)
        run(llm_resources, principal)
        assert len(stored(llm_resources, principal)) == 1


class TestEcho:
    def test_an_assistant_that_restates_a_shown_memory_adds_nothing(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO, {**OSLO, "quote": "Ann lives in Oslo"})
        read(llm_resources, principal, said("I live in Oslo."))
        (memory,) = stored(llm_resources, principal)
        job = read(
            llm_resources,
            principal,
            turn("As I know, Ann lives in Oslo.", role="assistant", shown_memory_ids=[str(memory.id)]),
            session_id="s2",
        )
        assert job.turns[0].reason == "refused: echo"
        assert count_sources(llm_resources, principal) == 1
        assert stored(llm_resources, principal)[0].version == 1

    def test_the_same_words_without_a_shown_memory_are_a_source(self, llm_resources, principal, llm):
        llm.on_chat = extracts(OSLO)
        read(llm_resources, principal, said("I live in Oslo."))
        read(llm_resources, principal, said("I live in Oslo."), session_id="s2")
        assert len(stored(llm_resources, principal)) == 1
        assert count_sources(llm_resources, principal) == 2

    @pytest.mark.parametrize("extractor", ["llm", "offline"])
    def test_a_context_block_that_comes_back_again_and_again_makes_no_memory(
        self, llm_resources, principal, llm, extractor
    ):
        def echo(messages: list[dict[str, Any]]) -> dict[str, Any]:
            asked = {"messages": messages}
            if pairs_of(asked):
                return {"verdicts": []}
            facts = []
            for one in turns_of(asked):
                for line in one["content"].splitlines():
                    words = re.split(r"^- \w+ \d+ \w+ \d+ (?:\[.*?\] |\w+: )", line)[-1]
                    if words.endswith(":"):  # a title
                        continue
                    facts.append({"turn": one["n"], "content": words, "quote": words})
                    facts.append({"turn": one["n"], "content": words, "quote": line})
            return {"facts": facts}

        resources = llm_resources if extractor == "llm" else replace(llm_resources, chat=None)
        llm.on_chat = extracts(OSLO, REX)
        read(
            resources, principal, said("I live in Oslo. I am allergic to nuts."), said("I walk Rex at dawn.")
        )
        before = stored(resources, principal)
        assert before
        llm.on_chat = echo
        came_back = 0
        for number in range(20):
            request = BuildContext(user_id="ann", query="Where does Ann live?")
            block = context.build_context(resources, principal, request)
            if not block.text:  # what is not shown can't come back
                continue
            came_back += 1
            shown = [str(shown_id) for shown_id in [*block.memory_ids, *block.turn_ids]]
            job = read(
                resources,
                principal,
                said(block.text, shown_memory_ids=shown),
                session_id=f"echo-{number}",
            )
            assert job.status == "succeeded"
        # The echoes crowd out what was said, and from some point on the search finds no answer.
        assert came_back >= 3
        assert [m.content for m in stored(resources, principal)] == [m.content for m in before]
        assert count_sources(resources, principal) == len(before)


GREY = 0.86
FIRST = {"content": "Ann plays the piano.", "quote": "I play the piano"}
SECOND = {"content": "Ann practises piano on a Steinway.", "quote": "I practise on a Steinway"}
EARLY, LATE = "2026-01-10T10:00:00Z", "2026-03-10T10:00:00Z"


def on_circle(angles: dict[str, float]) -> Any:
    """An embedder that puts the named texts at these angles (degrees) and all others elsewhere."""

    def embed(texts: list[str]) -> list[list[float]]:
        rows = []
        for one in texts:
            row = [0.0] * 384
            if one in angles:
                row[0], row[1] = math.cos(math.radians(angles[one])), math.sin(math.radians(angles[one]))
            else:
                row = [0.0, 0.0, *hashed_words(one, 382)]
            rows.append(row)
        return rows

    return embed


class TestGreyZone:
    """The judgement is for memories that the model was not shown with the turns."""

    @pytest.fixture(autouse=True)
    def near_each_other(self, llm, monkeypatch):
        for limit in ("MAX_RELATED", "FEW"):
            monkeypatch.setattr(related_memories, limit, 0)
        llm.on_embed = on_circle(
            {FIRST["content"]: 0.0, SECOND["content"]: math.degrees(math.acos(GREY)), "Else.": 180.0}
        )

    @pytest.fixture
    def told(self, wired, tenant, llm):
        """Both statements said, judged with one verdict; in which order is up to the test."""

        def tell(verdict: str, *, late_first: bool = False) -> list[Any]:
            llm.on_chat = extracts(FIRST, SECOND, verdict=verdict)
            spoken = [
                said("I play the piano.", observed_at=EARLY),
                said("I practise on a Steinway.", observed_at=LATE),
            ]
            for number, one in enumerate(spoken[::-1] if late_first else spoken):
                job = read(wired, principal_of(tenant), one, session_id=f"s{number}")
                assert job.status == "succeeded"
            return stored(wired, principal_of(tenant))

        return tell

    def test_same_adds_a_source(self, told, wired, tenant):
        (memory,) = told("same")
        assert memory.content == FIRST["content"]
        assert count_sources(wired, principal_of(tenant)) == 2
        assert memory.confidence > 0.8

    def test_refines_makes_a_second_version_with_the_new_words(self, told, wired, tenant):
        (memory,) = told("refines")
        assert (memory.content, memory.version) == (SECOND["content"], 2)
        history = memory_reads.get_memory_history(wired, principal_of(tenant), memory.id)
        assert [version.op for version in history.items] == ["add", "refine"]
        assert count_sources(wired, principal_of(tenant)) == 2

    @pytest.mark.parametrize("late_first", [False, True])
    def test_supersedes_lets_the_newest_by_date_win(self, told, wired, tenant, late_first):
        by_content = {memory.content: memory for memory in told("supersedes", late_first=late_first)}
        old, new = by_content[FIRST["content"]], by_content[SECOND["content"]]
        assert (old.status, new.status) == ("superseded", "activated")
        assert old.valid_to == new.valid_from == datetime.fromisoformat(LATE)
        assert (new.id, old.id, "supersedes") in links(wired, principal_of(tenant))

    def test_contradicts_keeps_both_with_a_link_and_less_confidence(self, told, wired, tenant):
        both = told("contradicts")
        assert [memory.status for memory in both] == ["activated", "activated"]
        assert all(memory.confidence == pytest.approx(0.8 * 0.7) for memory in both)
        assert (both[1].id, both[0].id, "contradicts") in links(wired, principal_of(tenant))

    def test_unrelated_is_a_memory_of_its_own(self, told, wired, tenant):
        both = told("unrelated")
        assert [memory.status for memory in both] == ["activated", "activated"]
        assert [memory.confidence for memory in both] == [0.8, 0.8]
        assert {link[2] for link in links(wired, principal_of(tenant))} == {"relates"}

    def test_all_pairs_of_a_segment_are_asked_in_one_call(self, wired, tenant, llm):
        principal = principal_of(tenant)
        names = ["Ann plays chess.", "Ann owns a boat."]
        again_said = ["Ann plays chess in a club.", "Ann owns a sailing boat."]
        angle = math.degrees(math.acos(GREY))
        places = dict(zip([*names, *again_said], [0.0, 90.0, -angle, 90.0 + angle], strict=True))
        llm.on_embed = on_circle(places)
        for batch, session_id in ((names, "s1"), (again_said, "s2")):
            entries = [{"content": content, "quote": content} for content in batch]
            llm.on_chat = extracts(*entries, verdict="refines")
            read(wired, principal, *(said(content) for content in batch), session_id=session_id)
        asked = [pairs_of(body) for body in llm.chats() if pairs_of(body)]
        assert [len(pairs) for pairs in asked] == [2]
        assert sorted(memory.content for memory in stored(wired, principal)) == sorted(again_said)

    def test_its_calls_are_counted_apart_from_those_of_extraction(self, told, wired, tenant):
        told("same")
        told_of = usage_reports.report_usage(wired, principal_of(tenant), 1).llm
        assert [(row.purpose, row.calls) for row in told_of] == [("extraction", 2), ("judgement", 1)]

    def test_a_pair_that_is_not_judged_counts_as_unrelated(self, wired, tenant, llm):
        def silent(messages: list[dict[str, Any]]) -> dict[str, Any]:
            if pairs_of({"messages": messages}):
                return {"verdicts": []}
            return extracts(FIRST, SECOND)(messages)

        llm.on_chat = silent
        read(wired, principal_of(tenant), said("I play the piano."))
        job = read(wired, principal_of(tenant), said("I practise on a Steinway."), session_id="s2")
        assert job.status == "succeeded"
        assert len(stored(wired, principal_of(tenant))) == 2

    def test_verdicts_are_bought_once_as_well(self, wired, tenant, llm):
        principal = principal_of(tenant)
        llm.on_chat = extracts(FIRST, SECOND, verdict="same")
        read(wired, principal, said("I play the piano."))
        job_id = accept(wired, principal, said("I practise on a Steinway."), session_id="s2")
        embed_turns.run_embedding(wired, tenant, "ann")
        llm.queue += [
            Answer(value={"facts": [{"turn": 1, **SECOND}]}),
            Answer(body={"data": [{"index": 0, "embedding": on_circle({"x": 30.0})(["x"])[0]}]}),
            TOO_BUSY,
        ]
        extraction.run_extraction(wired, tenant, "ann")
        assert jobs.get_job(wired, principal, job_id).status == "queued"
        asked = len(llm.chats())
        assert again(wired, principal, job_id).status == "succeeded"
        assert len(llm.chats()) == asked + 1  # the verdict only
        assert len(stored(wired, principal)) == 1


class TestDebounce:
    @pytest.fixture
    def patient(self, llm_resources):
        settings = llm_resources.settings.model_copy(update={"extract_idle_seconds": 300.0})
        return replace(llm_resources, settings=settings)

    def embedded(self, resources, principal, *turns, **more):
        job_id = accept(resources, principal, *turns, **more)
        embed_turns.run_embedding(resources, principal.tenant_id, "ann")
        return jobs.get_job(resources, principal, job_id)

    def test_one_short_turn_waits_for_more(self, patient, principal, llm):
        job = self.embedded(patient, principal, said("Hi."))
        assert job.run_after > datetime.now(UTC) + timedelta(seconds=200)
        extraction.run_extraction(patient, principal.tenant_id, "ann")
        assert llm.chats() == []

    def test_a_closed_session_starts_at_once(self, patient, principal, llm):
        self.embedded(patient, principal, said("Hi."))
        self.embedded(patient, principal, said("Bye."), close_session=True)
        extraction.run_extraction(patient, principal.tenant_id, "ann")
        assert [[one["content"] for one in turns_of(body)] for body in llm.chats()] == [["Hi.", "Bye."]]

    def test_six_turns_start_at_once_and_are_read_together(self, patient, principal, llm):
        for number in range(5):
            job = self.embedded(patient, principal, said(f"Line {number}."))
            assert job.run_after > datetime.now(UTC)
        self.embedded(patient, principal, said("Line 5."))
        extraction.run_extraction(patient, principal.tenant_id, "ann")
        assert [len(turns_of(body)) for body in llm.chats()] == [6]
        page = turn_page(
            patient,
            principal,
            user_id="ann",
            matching=to_turn_filter(None, None, None),
            cursor=None,
            limit=10,
        )
        assert {one.state for one in page.items} == {"nothing"}

    def test_another_session_does_not_hurry_it(self, patient, principal):
        job = self.embedded(patient, principal, said("Hi."))
        self.embedded(patient, principal, *(said(f"Line {n}.") for n in range(6)), session_id="s2")
        assert jobs.get_job(patient, principal, job.id).run_after > datetime.now(UTC)
