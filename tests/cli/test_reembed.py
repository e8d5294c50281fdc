"""`memcubed reembed` against a real database, without a worker."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.core.errors import Conflict, InvalidInput
from app.resources import open_resources
from app.services.models import backfill
from app.services.operations import operations
from tests.conftest import Servers
from tests.fakes import ScriptedLLM

LOCAL = "all-MiniLM-L6-v2-int8"


@pytest.fixture
def second() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(dimensions=16) as server:
        yield server


@pytest.fixture
def environment(servers: Servers) -> dict[str, str]:
    name = f"cli_{uuid4().hex[:8]}"
    servers.new_database(name)
    settings = servers.settings(name, redis_url=servers.valkey.redis_url.replace("db=0", "db=7"))
    with open_resources(settings) as resources:
        operations.check_startup(resources)
    return {
        "MEMCUBED_DATABASE_URL": settings.database_url or "",
        "MEMCUBED_REDIS_URL": settings.redis_url or "",
        "MEMCUBED_DATA_DIR": str(settings.data_dir),
    }


def reembed(environment: dict[str, str], *options: str) -> Result:
    return CliRunner().invoke(app, ["reembed", *options], env=environment)


def to(second: ScriptedLLM, *more: str) -> tuple[str, ...]:
    return ("--embeddings", second.base_url, "--model", "second", "--dimensions", "16", "--no-wait", *more)


def test_alone_shows_the_model_in_use(environment):
    result = reembed(environment)
    assert result.exit_code == 0
    assert LOCAL in result.output
    assert "in use" in result.output


def test_starts_and_says_how_far_it_is(environment, second):
    result = reembed(environment, *to(second))
    assert result.exit_code == 0
    assert "to second@16: queued, 0 of 0" in result.output


def test_cancels(environment, second):
    reembed(environment, *to(second))
    assert "cancelled" in reembed(environment, "--cancel").output


def test_a_second_one_is_refused(environment, second):
    reembed(environment, *to(second))
    assert isinstance(reembed(environment, *to(second)).exception, Conflict)


def test_nothing_to_drop_is_refused(environment):
    assert isinstance(reembed(environment, "--drop").exception, Conflict)


def test_a_model_that_there_is_not_is_refused(environment):
    result = reembed(environment, "--embeddings", "nonsense", "--model", "m", "--dimensions", "3")
    assert isinstance(result.exception, InvalidInput)


def test_shows_the_end(environment, second, servers):
    reembed(environment, *to(second))
    settings = servers.settings().model_copy(update={"database_url": environment["MEMCUBED_DATABASE_URL"]})
    with open_resources(settings) as resources:
        backfill.run_backfill(resources)
    result = reembed(environment)
    assert result.exit_code == 0
    assert "to second@16: succeeded" in result.output
