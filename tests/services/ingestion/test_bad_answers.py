"""Answers of a model that are wrong in any way: the job ends soon, and others' jobs are not touched."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.core.security import Principal
from app.db.session import open_engine
from app.resources import Resources
from app.services.platform import jobs
from tests.conftest import Servers, make_key, principal_of
from tests.fakes import ScriptedLLM
from tests.services.ingestion.test_extraction import OSLO, accept, again, extracts, run, said, stored

GOOD = {"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}
NESTED = "[" * 50 + "]" * 50
# Each is the whole text of an answer, and how many facts are kept of it.
ANSWERS: dict[str, tuple[str, int]] = {
    "a turn of 5,000 digits": (f'{{"facts": [{{"turn": {"9" * 5_000}}}, {json.dumps(GOOD)}]}}', 1),
    "a turn of 5,000 digits as text": (json.dumps({"facts": [GOOD | {"turn": "9" * 5_000}, GOOD]}), 1),
    "a turn that is a list": (json.dumps({"facts": [GOOD | {"turn": [1]}, GOOD]}), 1),
    "a kind that is an object": (json.dumps({"facts": [GOOD | {"kind": {"a": 1}}]}), 1),
    "a mode that is a list": (json.dumps({"facts": [GOOD | {"mode": ["goal"]}]}), 1),
    "changes that are an object": (json.dumps({"facts": [GOOD | {"changes": {"id": 1}}]}), 1),
    "a change of a memory that is not there": (
        json.dumps({"facts": [GOOD | {"changes": [{"id": 7, "how": "ends"}, {"id": "x"}, None, []]}]}),
        1,
    ),
    "a change without measure": (
        f'{{"facts": [{json.dumps(GOOD)[:-1]}, "changes": [{{"id": {"9" * 400}, "how": "ends"}}]}}]}}',
        1,
    ),
    "a list of shown memories of its own": (json.dumps({"facts": [GOOD], "related": ["x", 7]}), 1),
    "a value 1e999": (f'{{"facts": [{json.dumps(GOOD)[:-1]}, "value": 1e999}}]}}', 1),
    "an offset of a hundred hours": (
        json.dumps({"facts": [GOOD | {"when": "2023-05-08T10:00:00+99:00"}]}),
        1,
    ),
    "an offset at the first year": (
        json.dumps({"facts": [GOOD | {"when": "0001-01-01T00:00:00+14:00"}]}),
        1,
    ),
    "an offset at the last year": (
        json.dumps({"facts": [GOOD | {"when": "9999-12-31T23:59:59-14:00"}]}),
        1,
    ),
    "a year of five digits": (json.dumps({"facts": [GOOD | {"when": "12023-01-01"}]}), 1),
    "NUL in every text": (json.dumps({"facts": [GOOD | {"attribute": "a\0b", "value": "\0"}]}), 1),
    "NUL in a name": (json.dumps({"facts": [GOOD | {"a\0b": 1}]}), 1),
    "lone surrogates": (json.dumps({"facts": [GOOD | {"subject": "\ud800x"}]}), 1),
    "deep within a fact": (f'{{"facts": [{json.dumps(GOOD)[:-1]}, "changes": {NESTED}}}]}}', 1),
    "only wrong entries": (json.dumps({"facts": [{"turn": 7}, {}]}), 0),
    "facts that is null": ('{"facts": null}', -1),
    "facts of numbers": ('{"facts": [1, 2]}', -1),
    "nothing": ("", -1),
    "no JSON": ("I am sorry, I can't do that.", -1),
    "brackets": ("[" * 100_000, -1),
    "a string without end": ('{"facts": ["' + '\\"' * 50_000, -1),
    "thoughts without end": ("<think>" * 20_000, -1),
    "fences and spaces": ("```" + " " * 50_000 + "x", -1),
    "too long": ('{"facts": [' + "1," * 600_000 + "1]}", -1),
    "a number beside a fact": (json.dumps({"facts": [7, GOOD]}), 1),
    "texts and null beside a fact": (json.dumps({"facts": ["I live in Oslo.", GOOD, None, "no"]}), 1),
    "a list beside a fact": (json.dumps({"facts": [GOOD, [GOOD]]}), 1),
    "NaN": ('{"facts": [NaN]}', -1),
}


@pytest.fixture
def principal(llm_resources: Resources, tenant: str) -> Principal:
    make_key(llm_resources, tenant)
    return principal_of(tenant)


def settled(resources: Resources, principal: Principal, job_id: Any) -> Any:
    """The job after at most `FAULTS_MOST` attempts."""
    run(resources, principal)
    for _ in range(jobs.MAX_FAULTS - 1):
        if jobs.get_job(resources, principal, job_id).status == "queued":
            again(resources, principal, job_id)
    return jobs.get_job(resources, principal, job_id)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bad_answer_ends_its_job_soon(llm_resources, principal, llm: ScriptedLLM, name: str):
    answer, kept = ANSWERS[name]
    llm.on_chat = lambda messages: answer
    job_id = accept(llm_resources, principal, said("I live in Oslo."))
    job = settled(llm_resources, principal, job_id)
    assert job.status == ("failed" if kept < 0 else "succeeded"), job.error
    assert len(stored(llm_resources, principal)) == max(0, kept)
    if kept < 0:
        assert job.error
        assert job.turns[0].state == "failed"
    llm.on_chat = extracts(OSLO)
    next_id = accept(llm_resources, principal, said("I live in Oslo."), session_id="s2")
    assert settled(llm_resources, principal, next_id).status == "succeeded"


def test_an_entry_of_the_wrong_type_is_counted_and_asked_for_once(llm_resources, principal, llm: ScriptedLLM):
    llm.on_chat = lambda messages: {"facts": ["I live in Oslo.", GOOD, 7]}
    job_id = accept(llm_resources, principal, said("I live in Oslo."))
    job = settled(llm_resources, principal, job_id)
    assert (job.status, job.llm.calls, len(llm.chats())) == ("succeeded", 1, 1)
    assert (job.turns[0].state, job.turns[0].extracted) == ("extracted", 1)
    assert job.turns[0].reason == "entry 1: it is not an object; entry 3: it is not an object"
    with llm_resources.open_transaction(principal) as session:
        refused = session.scalar(text("SELECT sum(facts_refused) FROM usage"))
    assert refused == 2


class TestFaults:
    @pytest.fixture
    def poisoned(self, servers: Servers, llm_database: str) -> Iterator[None]:
        """A store that refuses one word: a fault that no code of ours expects."""
        engine = open_engine(
            servers.postgres.owner_url.replace("/memcubed?", f"/{llm_database}?"), pool_size=1
        )
        rule = "ALTER TABLE memories ADD CONSTRAINT broken CHECK (content NOT LIKE '%Poison%') NOT VALID"
        with engine.begin() as connection:
            connection.execute(text(rule))
        yield
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE memories DROP CONSTRAINT broken"))
        engine.dispose()

    def test_one_that_recurs_ends_the_job_and_leaves_its_neighbour(
        self, poisoned, llm_resources, principal, llm: ScriptedLLM
    ):
        def answer(messages: list[dict[str, Any]]) -> dict[str, Any]:
            bad = "Poison" in messages[-1]["content"]
            said_of = {"content": "Ann likes Poison.", "quote": "I like Poison"} if bad else GOOD
            return {"facts": [{"turn": 1} | said_of]}

        llm.on_chat = answer
        bad = accept(llm_resources, principal, said("I like Poison."), session_id="a")
        good = accept(llm_resources, principal, said("I live in Oslo."), session_id="b")
        for _ in range(6):
            settled(llm_resources, principal, bad)
        failed, other = (jobs.get_job(llm_resources, principal, job_id) for job_id in (bad, good))
        assert (failed.status, other.status) == ("failed", "succeeded")
        assert failed.attempts == jobs.MAX_FAULTS
        assert "internal error (IntegrityError in " in failed.error
        assert "Poison" not in failed.error
        # Bought once, found again by the second attempt, and asked for anew by the third.
        assert sum("Poison" in chat["messages"][-1]["content"] for chat in llm.chats()) == 2
