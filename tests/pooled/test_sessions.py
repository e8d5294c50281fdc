"""What a connection leaves in a session of the server, how a pooler is noticed, and what losing one costs."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.cli.doctor import run_diagnostics
from app.core.errors import StartupRefused
from app.core.settings import Settings
from app.db import migrate
from app.db.repositories.portability.scrubbing import open_scrubber
from app.db.session import open_engine
from app.embedded.postgres import OWNER
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from app.services.operations import operations
from app.services.portability import scrubbing
from tests.api.entrance.test_isolation import ALL, ask, own
from tests.conftest import Servers, app_of, client_of, make_key, post, principal_of, search, turn
from tests.pooled.conftest import DATABASE, SESSIONS, ZONE
from tests.pooler import PORT, PgBouncer

# Whatever a session may hold beyond a transaction, by the server's own account of it.
HELD = """
SELECT 'prepared statement', count(*)::text FROM pg_prepared_statements HAVING count(*) > 0
UNION ALL SELECT 'cursor', name FROM pg_cursors
UNION ALL SELECT 'channel', channel FROM pg_listening_channels() channel
UNION ALL SELECT 'lock', objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
UNION ALL SELECT 'temporary table', relname FROM pg_class WHERE relpersistence = 't'
UNION ALL SELECT 'setting', name FROM pg_settings WHERE source = 'session' AND name <> 'application_name'
UNION ALL SELECT 'tenant', t FROM current_setting('memcubed.tenant', true) t WHERE t <> ''
UNION ALL SELECT 'user', u FROM current_setting('memcubed.user', true) u WHERE u <> ''
"""


@pytest.fixture
def own_pooler(servers: Servers, pooled_database: str) -> Iterator[PgBouncer]:
    """A pooler that a test may end and start again."""
    assert pooled_database
    started = PgBouncer(servers.postgres, servers.data_dir / f"p{uuid4().hex[:6]}").start()
    yield started
    started.stop()


def end_sessions(servers: Servers) -> None:
    """End whatever sessions of the database a pooler has."""
    with psycopg.connect(servers.postgres.owner_url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = 'memcubed'",
            [DATABASE],
        ).fetchone()
    assert ended is not None


class TestNoticing:
    """A pooler is told from Postgres by each connection, unless the setting says which it is."""

    @pytest.mark.parametrize("pooled", [None, True, False])
    @pytest.mark.parametrize("way", ["pooler", "socket"])
    def test_statements_are_prepared_over_a_direct_connection_alone(
        self, opened: Callable[..., Resources], pgbouncer: PgBouncer, servers: Servers, way: str, pooled: Any
    ):
        url = pgbouncer.url(DATABASE)
        if way == "socket":
            url = servers.postgres.service_url.replace("/memcubed?", f"/{DATABASE}?")
        engine = open_engine(url, pooled=pooled)
        wanted = (way == "pooler") if pooled is None else pooled
        with engine.connect() as first, engine.connect() as second:
            for connection in (first, second):
                driver: Any = connection.connection.driver_connection
                assert (driver.prepare_threshold is None) is wanted
        engine.dispose()

    def test_a_direct_connection_does_prepare(self, direct: Resources):
        with direct.open_transaction(None) as session:
            for _ in range(10):
                session.execute(text("SELECT 1"))
            names = session.execute(text("SELECT name FROM pg_prepared_statements")).scalars().all()
        assert names

    def test_a_setting_that_is_wrong_ends_the_start(
        self, opened: Callable[..., Resources], pgbouncer: PgBouncer
    ):
        with pytest.raises(StartupRefused, match="MEMCUBED_DATABASE_POOLED=true"):
            operations.check_startup(opened(pgbouncer.url(DATABASE), database_pooled=False))

    def test_a_direct_connection_is_let_start_whatever_the_setting(self, opened, direct: Resources):
        for pooled in (None, True, False):
            operations.check_startup(opened(direct.settings.database_url, database_pooled=pooled))

    def test_a_lost_statement_is_a_503_that_names_the_setting(
        self, opened: Callable[..., Resources], own_pooler: PgBouncer, servers: Servers, tenant: str
    ):
        unaware = opened(own_pooler.url(DATABASE), database_pooled=False)
        with client_of(app_of(unaware), make_key(unaware, tenant)) as client:
            for _ in range(10):
                assert client.get("/v1/keys").status_code == 200
            end_sessions(servers)
            answer = client.get("/v1/keys")
        assert answer.status_code == 503
        assert "MEMCUBED_DATABASE_POOLED=true" in answer.json()["detail"]

    def test_doctor_says_it(self, resources: Resources, direct: Resources):
        def way(settings: Settings) -> str:
            found = run_diagnostics(settings, "http://127.0.0.1:9")
            return next(finding.detail for finding in found if finding.what == "connections")

        assert way(resources.settings) == "through a connection pooler"
        assert way(direct.settings) == "direct"


class TestMoments:
    """The server's time zone is another than UTC, and a pooler lets nobody change it for longer."""

    def test_the_pooler_keeps_the_zone_of_the_server(self, resources: Resources):
        assert resources.execute_statement(lambda c: c.exec_driver_sql("SHOW TimeZone").scalar_one()) == ZONE

    def test_a_direct_session_is_in_utc(self, direct: Resources):
        assert direct.execute_statement(lambda c: c.exec_driver_sql("SHOW TimeZone").scalar_one()) == "UTC"

    @pytest.mark.parametrize("way", ["transaction", "moment", "nobody", "key"])
    def test_are_read_in_utc(self, resources: Resources, tenant: str, way: str):
        make_key(resources, tenant)
        blocks: dict[str, Callable[[], Any]] = {
            "transaction": lambda: resources.open_transaction(principal_of(tenant)),
            "moment": lambda: resources.read_snapshot(principal_of(tenant)),
            "nobody": lambda: resources.open_transaction(None),
            "key": lambda: resources.open_key_transaction(b"none has it"),
        }
        with blocks[way]() as block:
            session = block[0] if way == "key" else block
            assert session.execute(text("SHOW TimeZone")).scalar_one() == "UTC"
            read = session.execute(text("SELECT now(), CAST(now() AS date)")).one()
        assert read[0].utcoffset() == timedelta(0)
        assert read[0].date() == read[1]

    def test_every_reading_route_answers_as_without_the_pooler(
        self, resources: Resources, direct: Resources, tenant: str
    ):
        key = make_key(resources, tenant)
        with (
            client_of(app_of(resources), key) as pooled,
            client_of(app_of(direct), key) as other,
        ):
            owned = own(pooled, resources, tenant, "ann")
            for operation in ALL:
                if operation.reads and not operation.is_admin:
                    here, there = (ask(client, operation, owned.ids) for client in (pooled, other))
                    assert here.status_code == there.status_code
                    if here.headers["content-type"] == "application/json" and operation.method == "get":
                        assert here.json() == there.json(), operation.id
                    assert "+05:30" not in here.text, operation.id


class TestManyTenants:
    TENANTS, ROUNDS, THREADS = 6, 8, 8

    def test_nobody_sees_anothers_rows_and_all_are_served(self, resources: Resources):
        app = app_of(resources)
        names = [f"t-{uuid4().hex[:12]}" for _ in range(self.TENANTS)]
        canaries = {name: f"canary{number}q{uuid4().hex[:6]}" for number, name in enumerate(names)}
        numbers = count()
        with ExitStack() as stack:
            clients = {n: stack.enter_context(client_of(app, make_key(resources, n))) for n in names}

            def go(name: str) -> list[tuple[str, int, str]]:
                client, canary, number = clients[name], canaries[name], next(numbers)
                said = turn(f"The password number {number} is {canary}.", name="Ann")
                body = {"user_id": "ann", "session_id": f"s{number}", "turns": [said]}
                asked = {"user_id": "ann", "query": "What is the password?", "k": 20}
                answers = [
                    client.post("/v1/turns", json=body),
                    client.post("/v1/search", json=asked),
                    client.post("/v1/context", json=asked | {"session_id": f"s{number}"}),
                    client.get("/v1/turns", params={"user_id": "ann"}),
                    client.get("/v1/keys"),
                    client.post("/v1/memories", json={"user_id": "ann", "content": f"It is {canary}."}),
                ]
                return [(name, answer.status_code, answer.text) for answer in answers]

            with ThreadPoolExecutor(self.THREADS) as threads:
                seen = [one for many in threads.map(go, names * self.ROUNDS) for one in many]
            assert Counter(status for _, status, _ in seen if status >= 300) == {}
            for name, _, shown in seen:
                assert not [of for of, canary in canaries.items() if of != name and canary in shown]
            for name, client in clients.items():
                turns = client.get("/v1/turns", params={"user_id": "ann", "limit": 50}).json()["items"]
                assert len(turns) == self.ROUNDS
                assert all(canaries[name] in one["content"] for one in turns)

    def test_a_turn_becomes_a_memory(self, resources: Resources, tenant: str):
        with client_of(app_of(resources), make_key(resources, tenant)) as client:
            for place in ("Oslo", "Bergen"):
                post(client, turn(f"I live in {place}.", name="Ann"), close_session=True)
            embed_turns.run_embedding(resources, tenant, "ann")
            extraction.run_extraction(resources, tenant, "ann")
            found = search(client, "Where does Ann live?")
        assert any(item["type"] == "memory" and "Bergen" in item["content"] for item in found)


class TestLoss:
    """A cut connection costs a retry or a 503; what was accepted is there."""

    def test_what_was_cut_while_idle_is_noticed_by_nobody(
        self, opened: Callable[..., Resources], own_pooler: PgBouncer, tenant: str
    ):
        one = opened(own_pooler.url(DATABASE))
        with client_of(app_of(one), make_key(one, tenant)) as client:
            body = {"user_id": "ann", "query": "Who?"}
            asked = [
                lambda: client.post("/v1/search", json=body),
                lambda: client.get("/v1/keys"),
                lambda: post(client, turn("Hello.", role="system")) and client.get("/v1/keys"),
            ]
            with ThreadPoolExecutor(4) as threads:  # so that several connections lie in the pool
                list(threads.map(lambda _: client.get("/v1/keys"), range(20)))
            for ask_one in asked:
                own_pooler.stop()
                own_pooler.start()
                assert ask_one().status_code == 200

    def test_without_the_pooler_requests_are_503(
        self, opened: Callable[..., Resources], own_pooler: PgBouncer, tenant: str
    ):
        one = opened(own_pooler.url(DATABASE))
        with client_of(app_of(one), make_key(one, tenant)) as client:
            own_pooler.stop()
            answer = client.get("/v1/keys")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            own_pooler.start()
            assert client.get("/v1/keys").status_code == 200

    @pytest.mark.parametrize("cut", ["the pooler", "the sessions"])
    def test_in_the_middle_of_load_only_503_and_nothing_accepted_is_lost(
        self, opened, own_pooler: PgBouncer, servers: Servers, tenant: str, cut: str
    ):
        one = opened(own_pooler.url(DATABASE))
        with client_of(app_of(one), make_key(one, tenant)) as client:

            def say(number: int) -> tuple[int, list[str]]:
                said = turn(f"Number {number}.", role="system")
                body = {"user_id": "ann", "session_id": "s", "turns": [said]}
                answer = client.post("/v1/turns", json=body)
                return answer.status_code, answer.json().get("turn_ids", [])

            with ThreadPoolExecutor(6) as threads:
                runs = [threads.submit(say, number) for number in range(200)]
                for number in (40, 80, 120):
                    runs[number].result()
                    if cut == "the sessions":
                        end_sessions(servers)
                    else:  # in this thread, as the pooler ends with the thread that started it
                        own_pooler.stop()
                        own_pooler.start()
                answers = [run.result() for run in runs]
            seen = Counter(status for status, _ in answers)
            assert set(seen) <= {202, 503}, seen
            assert seen[202] > 10
            for status, ids in answers:
                if status == 202:
                    answer = client.get(f"/v1/turns/{ids[0]}")
                    assert answer.status_code == 200, answer.text


class TestMigrating:
    def test_works_through_a_pooler_too(self, servers: Servers, pgbouncer: PgBouncer):
        name = f"fresh_{uuid4().hex[:8]}"
        with psycopg.connect(servers.postgres.owner_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        settings = Settings(
            database_url=pgbouncer.url(name), database_owner_url=pgbouncer.url(name, "memcubed_owner")
        )
        for _ in range(2):
            assert operations.migrate_database(settings).revision == migrate.head_revision()


class TestLeftBehind:
    """Runs last in this file: after all of it a session holds nothing that the next client could meet."""

    def test_every_session_is_as_it_was_made(self, pgbouncer: PgBouncer, resources: Resources, tenant: str):
        with client_of(app_of(resources), make_key(resources, tenant)) as client:
            own_all(client, resources, tenant)
        seen: set[int] = set()
        with ExitStack() as stack:
            url = f"{pgbouncer.url(DATABASE)}"
            assert str(PORT) in url
            for _ in range(SESSIONS):  # transactions at the same time are in sessions of their own
                connection = stack.enter_context(psycopg.connect(url, prepare_threshold=None))
                assert connection.execute(HELD).fetchall() == []
                seen.add(connection.execute("SELECT pg_backend_pid()").fetchone()[0])  # type: ignore[index]
        assert len(seen) == SESSIONS


def own_all(client: TestClient, resources: Resources, tenant: str) -> None:
    """Call every operation once."""
    owned = own(client, resources, tenant, "ann")
    answers = [ask(client, operation, owned.ids) for operation in ALL if operation.id != "erase_user"]
    assert max(answer.status_code for answer in answers) < 500


class TestScrub:
    """A rewrite needs a session to itself: none is begun over sessions that are lent."""

    def test_leaves_nothing_in_a_session_and_says_who_does_it(
        self, resources: Resources, servers: Servers, pgbouncer: PgBouncer, tenant: str
    ):
        with client_of(app_of(resources), make_key(resources, tenant)) as client:
            post(client, turn("Hi.", role="system"))
            receipt = client.delete("/v1/users/ann").json()
        later = resources.now() + timedelta(hours=1)
        for now in (False, True):
            assert not scrubbing.run_scrubbing(replace(resources, now=lambda: later), now=now).did_run
        with open_scrubber(resources.autocommit_engine) as none:
            assert none is None
        with ExitStack() as stack:
            lent = [stack.enter_context(psycopg.connect(pgbouncer.url(DATABASE))) for _ in range(SESSIONS)]
            seen = {one.execute("SELECT pg_backend_pid()").fetchone() for one in lent}
            assert len(seen) == SESSIONS
            for one in lent:
                assert one.execute(HELD).fetchall() == []
        files = next(part for part in receipt["parts"] if part["part"] == "files")
        assert (files["done_at"], files["due_by"]) == (None, None)
        assert "memcubed scrub" in files["note"]
        assert "MEMCUBED_DATABASE_OWNER_URL" in files["note"]
        owner = servers.postgres.owner_url.replace("/memcubed?", f"/{DATABASE}?")
        with pytest.raises(StartupRefused, match="MEMCUBED_DATABASE_OWNER_URL"):
            scrubbing.run_scrubbing_as_owner(resources, pgbouncer.url(DATABASE, OWNER))
        assert scrubbing.run_scrubbing_as_owner(resources, owner).tables_left == []
        with resources.open_transaction(principal_of(tenant)) as session:
            done = session.execute(text("SELECT files_at FROM erasures")).scalars().all()
        assert None not in done
