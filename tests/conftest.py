"""A throw-away Postgres and Valkey, migrated once; every test works in a tenant of its own."""

import gc
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, text
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as ASGIScope

from app.api.entrance.admission import LoopAdmission
from app.api.entrance.admission_limits import AdmissionLimits
from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import KeyScope
from app.db import migrate
from app.db.session import open_engine
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from app.llm.chat import ChatModel
from app.llm.client import EndpointClient
from app.main import create_app
from app.resources import Resources, open_resources
from app.services.operations import operations
from app.services.platform import keys
from tests.declared import check_declared
from tests.fakes import ScriptedLLM
from tests.real_worker import RealWorker
from tests.run_order import SLOW, OneProcessHasTheWorker, asks_for_worker, order_items
from tests.shared_loop import SHARED_LOOP, SharedLoopClient

PRISTINE = "pristine"  # migrated, and used as a template only: to migrate another one takes seconds
ALARM_SECONDS = 15
WORKER = pytest.StashKey[RealWorker]()
END_STATES = {"succeeded", "failed", "dead"}


@dataclass(frozen=True)
class Servers:
    """The throw-away servers."""

    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey
    data_dir: Path

    def settings(self, database: str = "memcubed", **values: Any) -> Settings:
        """Settings for one of the databases."""
        url = self.postgres.service_url.replace("/memcubed?", f"/{database}?")
        given = {"database_url": url, "redis_url": self.valkey.redis_url, "data_dir": self.data_dir} | values
        return Settings(**given)

    def new_database(self, name: str) -> None:
        """Make another migrated database of the same server."""
        with psycopg.connect(self.postgres.owner_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{PRISTINE}"')
        engine = open_engine(self.postgres.owner_url.replace("/memcubed?", f"/{name}?"), pool_size=1)
        migrate.upgrade_schema(engine, self.postgres.service_url)
        engine.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(settings: Any) -> Iterator[Any]:
    """Let the alarm go off again: what it breaks off in a test may then wait for a thread that hangs."""
    done = yield
    if settings.method == "signal":
        signal.setitimer(signal.ITIMER_REAL, settings.timeout, ALARM_SECONDS)
    return done


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneProcessHasTheWorker | None:
    return OneProcessHasTheWorker(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order_items(items)
    for item in items:
        if item.path.parent.name in SLOW:
            item.add_marker(pytest.mark.timeout(300))


def pytest_collection_finish() -> None:
    """What the collection made stays until the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before the servers end
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """The worker would look at all that is written after the last test that needs it."""
    if nextitem is None or not asks_for_worker(nextitem.path):
        item.config.stash[WORKER].end()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[WORKER] = RealWorker()


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[WORKER].end()
    SHARED_LOOP.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    data_dir = tmp_path_factory.mktemp("servers")
    postgres = EmbeddedPostgres(data_dir).start()
    valkey = EmbeddedValkey(data_dir).start()
    _make_forgetful(postgres)
    engine = open_engine(postgres.owner_url, pool_size=1)
    migrate.upgrade_schema(engine, postgres.service_url)
    engine.dispose()
    with psycopg.connect(
        postgres.owner_url.replace("/memcubed?", "/postgres?"), autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{PRISTINE}" TEMPLATE memcubed')
    yield Servers(postgres, valkey, data_dir)
    valkey.stop()
    postgres.stop()


def _make_forgetful(postgres: EmbeddedPostgres) -> None:
    """No write waits for the disk: what a crash of the machine would lose is thrown away anyway."""
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("ALTER ROLE ALL SET synchronous_commit = off")
        # Nor does a test wait for a lock for good: less than the time that pytest gives a test.
        connection.execute("ALTER ROLE ALL SET statement_timeout = '100s'")
        connection.execute("ALTER ROLE ALL SET idle_in_transaction_session_timeout = '100s'")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def owner(servers: Servers) -> Iterator[Engine]:
    """The owner's engine: it sees every tenant."""
    engine = open_engine(servers.postgres.owner_url, pool_size=2)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def resources(servers: Servers) -> Iterator[Resources]:
    with open_resources(servers.settings()) as opened:
        operations.check_startup(opened)
        yield opened


@contextmanager
def without_worker(servers: Servers, name: str, redis_db: int) -> Iterator[Resources]:
    """A new database, and a broker of its own, that no worker looks at: what tests count stays still."""
    servers.new_database(name)
    settings = servers.settings(name, redis_url=servers.valkey.redis_url.replace("db=0", f"db={redis_db}"))
    with open_resources(settings) as opened:
        operations.check_startup(opened)
        yield opened


@pytest.fixture
def tenant() -> str:
    return f"t-{uuid4().hex[:12]}"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document as it is kept: `test_architecture.py` says whether it is that of the code."""
    return json.loads((Path(__file__).parents[1] / "openapi" / "openapi.json").read_text())


def make_key(resources: Resources, tenant: str, *scopes: KeyScope, user_id: str | None = None) -> str:
    """A new key of a tenant, which is made if need be."""
    wanted = list(scopes) or [KeyScope.ADMIN]
    made = keys.create_key_for_tenant(
        resources, tenant, name="test", scopes=wanted, user_id=user_id, expires_at=None
    )
    return made.key


def principal_of(tenant: str, user_id: str | None = None) -> Principal:
    """Whoever may do everything in a tenant."""
    return Principal(tenant, scopes=frozenset(KeyScope), user_id=user_id)


@lru_cache(maxsize=1)
def _built() -> tuple[FastAPI, ASGIApp]:
    """The app and its middleware, built once a process: to work its routes out anew takes 150 ms of CPU."""
    built = create_app()
    return built, built.build_middleware_stack()


class AppOf:
    """The app with resources of one's own; they are the caller's to close."""

    def __init__(self, resources: Resources) -> None:
        self.state = State({"resources": resources, "gates": LoopAdmission(AdmissionLimits())})

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for part in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{part}.complete"})
            return
        scope["app"] = self
        await _built()[1](scope, receive, send)


def app_of(resources: Resources) -> AppOf:
    """The app on these resources."""
    return AppOf(resources)


def client_of(app: Any, key: str) -> TestClient:
    """A client that sends the key; a fault of ours is a 500, as for a real client.

    It fails the test whose answer the document does not declare.
    """
    headers = {"Authorization": f"Bearer {key}"}
    kind = SharedLoopClient if isinstance(app, AppOf) else TestClient
    client = kind(app, headers=headers, raise_server_exceptions=False)
    client.event_hooks = {"response": [check_declared]}
    return client


@pytest.fixture
def client(resources: Resources, tenant: str) -> Iterator[TestClient]:
    """A client with the admin key of the test's own tenant."""
    with client_of(app_of(resources), make_key(resources, tenant)) as opened:
        yield opened


@pytest.fixture
def worker(servers: Servers, resources: Resources, pytestconfig: pytest.Config) -> None:
    """A real worker and beat, as processes; they serve all tests up to the last that asks for them."""
    running = pytestconfig.stash[WORKER]
    if running.has_started:
        return
    env = {
        "MEMCUBED_DATABASE_URL": servers.settings().database_url or "",
        "MEMCUBED_REDIS_URL": servers.valkey.redis_url,
        "MEMCUBED_DATA_DIR": str(servers.data_dir),
    }
    running.start(servers.data_dir / "worker.log", env)
    until(lambda: operations.check_readiness(resources).checks["worker"].ok)


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@pytest.fixture(scope="session")
def llm_database(servers: Servers) -> str:
    """A database that no worker sweeps: tests with a scripted LLM run the stages themselves."""
    servers.new_database("scripted")
    return "scripted"


@pytest.fixture(scope="session")
def without_llm(servers: Servers, llm_database: str) -> Iterator[Resources]:
    """What the tests with a scripted LLM share: engine, Celery and embedder are opened once."""
    settings = servers.settings(
        llm_database,
        redis_url=servers.valkey.redis_url.replace("db=0", "db=1"),
        llm_model="scripted",
        extract_idle_seconds=0,
        llm_timeout_seconds=5,
    )
    with open_resources(settings) as opened:
        operations.check_startup(opened)
        yield opened


@pytest.fixture
def llm_resources(without_llm: Resources, llm: ScriptedLLM) -> Iterator[Resources]:
    settings = without_llm.settings.model_copy(update={"llm_base_url": llm.base_url})
    client = EndpointClient(llm.base_url, None, read_timeout=settings.llm_timeout_seconds)
    chat = ChatModel(client, settings.llm_model)
    yield replace(without_llm, settings=settings, chat=chat, chat_clients=(client,), rankers={})
    client.close()


def turn(content: str, **values: Any) -> dict[str, Any]:
    """A user's turn."""
    return {"role": "user", "content": content} | values


def post(
    client: TestClient, *turns: dict[str, Any], user: str = "ann", session: str = "s1", **more: Any
) -> Any:
    """Post turns and return the answer's body."""
    body = {"user_id": user, "session_id": session, "turns": list(turns)} | more
    answer = client.post("/v1/turns", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


def ended(client: TestClient, job_id: str, seconds: float = 60) -> Any:
    """The job once it is at its end."""
    return until(lambda: _end_of(client, job_id), seconds)


def _end_of(client: TestClient, job_id: str) -> Any:
    job = client.get(f"/v1/jobs/{job_id}").json()
    return job if job["status"] in END_STATES else None


def until(attempt: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> Any:
    """The first true result of `attempt`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = attempt()
        if result:
            return result
        time.sleep(pause)
        pause = min(1.5 * pause, 0.2)  # to ask takes CPU from what is waited for
    raise AssertionError(f"nothing within {seconds} s")


def until_waited_for(owner: Engine, holder: Connection) -> None:
    """Return once a transaction waits for what `holder` has locked. Other databases don't count."""
    pid = holder.execute(text("SELECT pg_backend_pid()")).scalar_one()
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE :pid = ANY(pg_blocking_pids(pid))")
    # Within one transaction the view would stay as it was when it was first read.
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        until(lambda: connection.execute(waiting, {"pid": pid}).scalar_one(), pause=0.01)


def remember(client: TestClient, *turns: dict[str, Any], **more: Any) -> Any:
    """Post turns and wait until they are memories; the job."""
    job = ended(client, post(client, *turns, **more)["job_id"])
    assert job["status"] == "succeeded", job
    return job


def search(client: TestClient, query: str, user: str = "ann", **more: Any) -> list[Any]:
    """The items of a search."""
    answer = client.post("/v1/search", json={"user_id": user, "query": query} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
