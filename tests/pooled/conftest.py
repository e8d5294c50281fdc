"""The service behind a real PgBouncer: more clients than sessions, and a server in another time zone."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from app.resources import Resources, open_resources
from app.services.operations import operations
from tests import pooler
from tests.conftest import Servers
from tests.pooler import PgBouncer

DATABASE = "pooled"
SESSIONS = 2
ZONE = "Asia/Kolkata"


@pytest.fixture(scope="session")
def pooled_database(servers: Servers) -> str:
    """A database whose server is not in UTC."""
    if pooler.binary() is None:
        words = "there is no pgbouncer here: apt-get install pgbouncer"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    servers.new_database(DATABASE)
    with psycopg.connect(servers.postgres.owner_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {DATABASE} SET TimeZone = '{ZONE}'")
    return DATABASE


@pytest.fixture(scope="session")
def pgbouncer(servers: Servers, pooled_database: str) -> Iterator[PgBouncer]:
    """The pooler that all share."""
    started = PgBouncer(servers.postgres, servers.data_dir / "pooler", default_pool_size=SESSIONS).start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def opened(servers: Servers, pooled_database: str) -> Iterator[Callable[..., Resources]]:
    """Resources over a URL of the database, as a process has them; nothing is checked."""
    with ExitStack() as stack:

        def go(url: str, **values: object) -> Resources:
            redis_url = servers.valkey.redis_url.replace("db=0", "db=7")
            settings = servers.settings(database_url=url, redis_url=redis_url, **values)
            return stack.enter_context(open_resources(settings))

        yield go


@pytest.fixture(scope="session")
def resources(pgbouncer: PgBouncer, opened: Callable[..., Resources]) -> Resources:
    made = opened(pgbouncer.url(DATABASE))
    operations.check_startup(made)
    return made


@pytest.fixture(scope="session")
def direct(servers: Servers, opened: Callable[..., Resources]) -> Resources:
    """The same database without the pooler."""
    return opened(servers.postgres.service_url.replace("/memcubed?", f"/{DATABASE}?"))
