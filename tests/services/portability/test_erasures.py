"""What an erasure leaves for later and for others: receipts, keys, Redis, other processes, files."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from redis import Redis
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from app.cache import Cache
from app.core import memory_scrubbing
from app.core.errors import Unauthorized
from app.core.preconditions import IfMatch
from app.core.security import Principal
from app.core.text_caches import list_text_caches
from app.core.vocabulary import KeyScope
from app.db.repositories.platform import users
from app.db.repositories.portability.scrubbing import Outcome, Scrubber
from app.db.session import open_engine, renew_connections
from app.db.user_session import UserSession
from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns
from app.schemas.memories.memories import CreateMemory
from app.schemas.memories.snapshots import CreateSnapshot
from app.schemas.platform.artifacts import PutArtifact
from app.schemas.sessions.session_states import PutSessionState
from app.services.ingestion import accept_turns
from app.services.memories import memory_writes, snapshots
from app.services.platform import artifacts
from app.services.portability import erasure_receipts, scrubbing
from app.services.portability.erasure_receipts import ErasureWatcher
from app.services.sessions import session_states
from benchmarks.attack_erasure import files_with, rows_with
from tests.api.test_grants import grant, note
from tests.conftest import Servers, app_of, client_of, make_key, post, search, turn, until, without_worker

HOLDS_NOBODY = {
    "tenants": "names of tenants",
    "usage": "counters of a tenant's days",
    "llm_times": "counters of a tenant's days",
    "llm_totals": "counters of all tenants",
    "rankers": "weights learned of many users' feedback",
    "ranker_versions": "weights learned of many users' feedback",
    "erasures": "a salted hash that only who has the id can compare",
    "workers": "names of processes",
    "embedding_models": "names of models",
    "reembeddings": "runs over all vectors",
    "alembic_version": "the schema",
}


def erase(client: TestClient, user: str = "ann") -> Any:
    answer = client.delete(f"/v1/users/{user}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def part(receipt: Any, name: str) -> Any:
    return next(one for one in receipt["parts"] if one["part"] == name)


@pytest.fixture(scope="module")
def own(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "scrubbed", 12) as opened:
        yield opened


@pytest.fixture
def api(own: Resources, tenant: str) -> Iterator[TestClient]:
    with client_of(app_of(own), make_key(own, tenant)) as opened:
        yield opened


class TestCoverage:
    def test_every_table_is_counted_or_names_nobody(self, owner: Engine, resources: Resources):
        with owner.connect() as connection:
            names = text(
                "SELECT table_name FROM information_schema.tables t WHERE table_schema = 'public'"
                " AND table_type = 'BASE TABLE' AND NOT (SELECT relispartition FROM pg_class"
                " WHERE oid = format('public.%I', t.table_name)::regclass)"
            )
            tables = set(connection.execute(names).scalars())
        with resources.open_transaction(None) as session:
            counted = set(users.list_user_tables(session))
        assert tables - counted == set(HOLDS_NOBODY)

    def test_no_column_names_a_user_by_another_name(self, owner: Engine):
        with owner.connect() as connection:
            like = text(
                "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND column_name ~ '(user|owner|grantee|receiver|person)' AND data_type = 'text'"
            )
            assert set(connection.execute(like).scalars()) == set(users.USER_ID_COLUMNS)

    def test_the_service_may_rewrite_every_table(self, owner: Engine, resources: Resources):
        with resources.open_transaction(None) as session:
            sql = text("SELECT has_table_privilege(:name, 'MAINTAIN')")
            for name in users.list_user_tables(session):
                assert session.execute(sql, {"name": name}).scalar_one(), name


class TestReceipt:
    def test_can_be_read_again_without_the_name(self, client: TestClient, owner: Engine):
        user = f"ann-{uuid4().hex}"
        post(client, turn("I live in Oslo.", role="system"), user=user)
        receipt = erase(client, user)
        again = client.get(f"/v1/erasures/{receipt['id']}")
        assert user not in again.text
        known = {k: v for k, v in receipt.items() if k not in {"user_id", "working_memory_cleared"}}
        assert again.json() == known
        assert client.get("/v1/erasures").json()["items"][0] == known
        with owner.connect() as connection:
            rows = connection.execute(text("SELECT erasures::text FROM erasures")).scalars().all()
        assert not any(user in row for row in rows)

    def test_says_what_is_done_and_what_is_due(self, client: TestClient):
        post(client, turn("I live in Oslo.", role="system"))
        receipt = erase(client)
        assert [one["part"] for one in receipt["parts"]] == [
            "rows",
            "copies",
            "redis",
            "processes",
            "files",
            "wal",
            "backups",
        ]
        for name in ("rows", "copies", "redis"):
            assert part(receipt, name)["done_at"] is not None
        for name in ("processes", "files", "wal"):
            assert part(receipt, name)["done_at"] is None
            due = datetime.fromisoformat(part(receipt, name)["due_by"])
            assert due <= datetime.fromisoformat(receipt["erased_at"]) + timedelta(hours=24)
        assert part(receipt, "backups")["note"]

    @pytest.mark.parametrize(("user", "same"), [("ann", True), ("Ann", False), ("bob", False)])
    def test_whoever_has_the_id_can_prove_it(self, client: TestClient, user: str, same: bool):
        post(client, turn("I live in Oslo.", role="system"))
        subject = erase(client)["subject"]
        salt = bytes.fromhex(subject["salt"])
        found = hashlib.scrypt(user.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
        assert (found == subject["hash"]) is same

    def test_twice_has_two_that_have_nothing_in_common(self, client: TestClient):
        subjects = []
        for _ in range(2):
            post(client, turn("I live in Oslo.", role="system"))
            subjects.append(erase(client)["subject"])
        assert subjects[0]["hash"] != subjects[1]["hash"]

    def test_in_pages(self, client: TestClient):
        for name in ("a", "b", "c"):
            post(client, turn("Hi.", role="system"), user=name)
            erase(client, name)
        first = client.get("/v1/erasures", params={"limit": 2}).json()
        rest = client.get("/v1/erasures", params={"limit": 2, "cursor": first["next_cursor"]}).json()
        assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)

    def test_is_the_tenants_and_an_admins(self, client: TestClient, resources: Resources, tenant: str):
        post(client, turn("Hi.", role="system"))
        path = f"/v1/erasures/{erase(client)['id']}"
        for of, scope, status in ((tenant, KeyScope.WRITE, 403), (f"{tenant}-b", KeyScope.ADMIN, 404)):
            with client_of(app_of(resources), make_key(resources, of, scope)) as other:
                assert other.get(path).status_code == status
                listed = other.get("/v1/erasures")
                assert listed.status_code == 403 if status == 403 else listed.json()["items"] == []
        assert client.get(f"/v1/erasures/{uuid4()}").status_code == 404


def _turns(resources: Resources, of: Principal) -> Any:
    body = {"user_id": "ann", "session_id": "s", "turns": [{"role": "user", "content": "Me again."}]}
    return accept_turns.accept_turns(resources, of, AddTurns.model_validate(body), None)


def _turns_again(resources: Resources, of: Principal) -> Any:
    body = {"user_id": "ann", "session_id": "s", "turns": [{"role": "user", "content": "Me again."}]}
    return accept_turns.accept_turns(resources, of, AddTurns.model_validate(body), "key")


def _memory(resources: Resources, of: Principal) -> Any:
    return memory_writes.create_memory(resources, of, CreateMemory(user_id="ann", content="Me again."), None)


def _state(resources: Resources, of: Principal) -> Any:
    body = PutSessionState.model_validate({"user_id": "ann", "state": {"data": {"a": 1}}})
    return session_states.put_session_state(resources, of, "s", body, IfMatch.parse_header("0"))


def _artifact(resources: Resources, of: Principal) -> Any:
    return artifacts.put_artifact(resources, of, "plan", PutArtifact(user_id="ann", content="Me."), None)


def _snapshot(resources: Resources, of: Principal) -> Any:
    return snapshots.create_snapshot(resources, of, CreateSnapshot(user_id="ann", name="me"))


class TestBoundKey:
    def test_of_a_user_without_rows_ends(self, client: TestClient, resources: Resources, tenant: str):
        bound = make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
        receipt = erase(client)
        assert (receipt["rows"]["api_keys"], receipt["rows"]["users"], receipt["remaining"]) == (1, 0, 0)
        answer = client.get("/v1/jobs", headers={"Authorization": f"Bearer {bound}"})
        assert answer.status_code == 401
        assert client.delete("/v1/users/ann").status_code == 404

    @pytest.mark.parametrize("write", [_turns, _turns_again, _memory, _state, _artifact, _snapshot])
    def test_read_before_an_erasure_makes_nobody_after_it(
        self, client: TestClient, resources: Resources, tenant: str, write: Callable[..., Any]
    ):
        post(client, turn("Hi.", role="system"))
        make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
        with resources.open_transaction(Principal(tenant)) as session:
            key_id = session.execute(text("SELECT id FROM api_keys WHERE user_id = 'ann'")).scalar_one()
        read = Principal(tenant, key_id, frozenset({KeyScope.READ, KeyScope.WRITE}), "ann")
        write(resources, read)  # with a key that is there it may
        erase(client)
        with pytest.raises(Unauthorized):
            write(resources, read)
        with resources.open_transaction(Principal(tenant)) as session:
            assert sum(users.count_user_rows(UserSession(session, tenant, "ann")).values()) == 0

    @pytest.mark.parametrize("times", range(4))
    def test_that_writes_during_an_erasure_leaves_nothing(
        self, client: TestClient, resources: Resources, tenant: str, times: int
    ):
        post(client, turn("Hi.", role="system"))
        key = make_key(resources, tenant, KeyScope.WRITE, user_id="ann")
        with client_of(app_of(resources), key) as bound, ThreadPoolExecutor(4) as pool:
            body = {"user_id": "ann", "session_id": "s", "turns": [turn("Me again.")]}
            with resources.open_transaction(Principal(tenant)) as session:
                users.next_revision(UserSession(session, tenant, "ann"))
                first = [pool.submit(bound.post, "/v1/turns", json=body) for _ in range(times)]
                erasing = pool.submit(client.delete, "/v1/users/ann")
            statuses = {one.result(30).status_code for one in first}
            assert erasing.result(30).status_code == 200
            assert statuses <= {202, 401}
            assert bound.post("/v1/turns", json=body).status_code == 401
        with resources.open_transaction(Principal(tenant)) as session:
            assert sum(users.count_user_rows(UserSession(session, tenant, "ann")).values()) == 0

    def test_an_applications_key_may_begin_anew(self, client: TestClient):
        post(client, turn("Hi.", role="system"))
        erase(client)
        post(client, turn("Hi again.", role="system"))


class TestConnections:
    def test_in_use_are_closed_when_they_come_back(self, own: Resources):
        with own.autocommit_engine.connect() as held:
            driver = held.connection.driver_connection
            renew_connections(own.autocommit_engine)
            assert held.exec_driver_sql("SELECT 1").scalar_one() == 1
            assert not driver.closed
        assert driver.closed
        with own.autocommit_engine.connect() as other:
            assert other.exec_driver_sql("SELECT 1").scalar_one() == 1

    @pytest.mark.parametrize("erasures", [1, 2, 5])
    def test_made_afterwards_are_kept(self, own: Resources, erasures: int):
        def used() -> set[Any]:
            with own.autocommit_engine.connect() as one, own.engine.connect() as other:
                return {one.connection.driver_connection, other.connection.driver_connection}

        before = used()
        for _ in range(erasures):
            renew_connections(own.autocommit_engine)
        assert all(driver.closed for driver in before)
        assert used() == used()


class TestRedis:
    @pytest.mark.parametrize("kind", ["turns", "hot", "retrieval"])
    @pytest.mark.parametrize("who", ["ann", "bob"])
    def test_what_was_read_before_is_not_written_after(
        self, client: TestClient, resources: Resources, tenant: str, kind: str, who: str
    ):
        note(client, "Ann has a boat.")
        grant(client, right="copy")
        assert client.post("/v1/memories/copy", json={"user_id": "bob", "owner_user_id": "ann"}).is_success
        with resources.open_transaction(Principal(tenant)) as session:
            state = users.get_revision_and_epoch(UserSession(session, tenant, who))
        assert state is not None
        erase(client)
        cache, shown = resources.cache, uuid4()
        if kind == "retrieval":
            assert not cache.put_retrieval(tenant, who, state[1], shown, {"user": who})
            assert cache.get_retrieval(tenant, shown) is None
        else:
            cache.put_working_memory(tenant, who, kind, state, [{"content": "Ann has a boat."}])
            assert cache.get_working_memory(tenant, who, kind, state) is None
        assert cache.count_user_keys(tenant, who) == 0

    def test_who_comes_back_is_held_again(self, client: TestClient, resources: Resources, tenant: str):
        note(client, "Ann has a boat.")
        erase(client)
        note(client, "Ann has a garden.")
        assert client.post("/v1/search", json={"user_id": "ann", "query": "garden"}).json()["retrieval_id"]
        assert resources.cache.count_user_keys(tenant, "ann") == 1

    def test_what_searches_showed_goes(self, client: TestClient, resources: Resources, tenant: str):
        note(client, "Ann has a boat.")
        found = client.post("/v1/search", json={"user_id": "ann", "query": "boat"}).json()
        erase(client)
        body = {"cited_ids": [found["items"][0]["id"]]}
        path = f"/v1/retrievals/{found['retrieval_id']}/feedback"
        assert client.post(path, json=body).status_code == 404
        assert resources.cache.get_retrieval(tenant, found["retrieval_id"]) is None

    def test_that_is_away_is_cleared_by_the_job(self, api: TestClient, own: Resources, tenant: str):
        note(api, "Ann has a boat.", importance=0.9)
        api.post("/v1/context", json={"user_id": "ann", "query": "boat?"})
        away = replace(own, cache=Cache("unix:///nowhere.sock"))
        with client_of(app_of(away), make_key(own, tenant)) as other:
            receipt = erase(other)
        assert receipt["working_memory_cleared"] is False
        assert (part(receipt, "redis")["done_at"], receipt["remaining"]) == (None, None)
        assert own.cache.count_user_keys(tenant, "ann") > 0
        scrubbing.run_scrubbing(own)
        assert own.cache.count_user_keys(tenant, "ann") > 0, (
            "the request may still be clearing what is its user's"
        )
        later = datetime.now(UTC) + scrubbing.MIN_ERASURE_AGE
        scrubbing.run_scrubbing(replace(own, now=lambda: later))
        assert own.cache.count_user_keys(tenant, "ann") == 0
        assert part(api.get(f"/v1/erasures/{receipt['id']}").json(), "redis")["done_at"] is not None

    @pytest.mark.parametrize(
        ("refused", "remaining", "cleared", "searchable"),
        [
            ("memory|purge", 0, True, True),
            ("memory", 0, True, True),
            ("zcard", None, True, True),
            ("zrange", 1, False, True),
            ("set", 1, False, False),
            ("evalsha", 0, True, False),
        ],
    )
    def test_that_refuses_a_command_is_asked_for_the_rest(
        self,
        client: TestClient,
        resources: Resources,
        servers: Servers,
        tenant: str,
        refused: str,
        remaining: int | None,
        cleared: bool,
        searchable: bool,
    ):
        def found(of: TestClient, user: str) -> bool:
            note(client, "Somebody has a boat.", user)
            answer = of.post("/v1/search", json={"user_id": user, "query": "boat"})
            return answer.json().get("retrieval_id") is not None

        assert found(client, "ann")
        with Redis.from_url(servers.valkey.redis_url) as admin:
            admin.execute_command(
                "ACL", "SETUSER", tenant, "on", "nopass", "~*", "&*", "+@all", f"-{refused}"
            )
            cache = Cache(servers.valkey.redis_url.replace("unix://", f"unix://{tenant}:any@"))
            with client_of(app_of(replace(resources, cache=cache)), make_key(resources, tenant)) as other:
                receipt = erase(other)
                told = (receipt["remaining"], receipt["working_memory_cleared"])
                assert (*told, found(other, "bob")) == (remaining, cleared, searchable)
            cache.close()
            admin.acl_deluser(tenant)

    def test_of_an_erasure_that_ended_before_the_count_none_is_told(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ):
        def end(_: Cache) -> None:
            raise RuntimeError("the process ends")

        note(client, "Ann has a boat.")
        with monkeypatch.context() as patch:
            patch.setattr(Cache, "purge", end)
            assert client.delete("/v1/users/ann").status_code == 500
        told = client.get("/v1/erasures").json()["items"][0]
        assert (told["rows"]["memories"], told["remaining"]) == (1, None)


class TestOtherProcesses:
    def test_let_go_of_what_was_erased_and_of_nothing_else(
        self, client: TestClient, resources: Resources, servers: Servers, tenant: str
    ):
        with open_resources(servers.settings()) as other:
            watch = ErasureWatcher(other)
            watch.poll_erasures()
            with client_of(app_of(other), make_key(resources, tenant)) as there:
                for user in ("ann", "bob"):
                    note(client, "Somebody has a boat.", user)
                    assert search(there, "Who has a boat?", user=user)
                erase(client)
                assert {user for user, _ in other.index_cache.list_cached_users(tenant)} == {"ann", "bob"}
                assert watch.poll_erasures() == 1
                assert {user for user, _ in other.index_cache.list_cached_users(tenant)} == {"bob"}
                assert watch.poll_erasures() == 0

    def test_empty_the_caches_of_texts_where_they_happen_and_where_they_are_noticed(
        self, api: TestClient, own: Resources
    ):
        watch = ErasureWatcher(own)
        watch.poll_erasures()

        def texts_kept() -> int:
            return sum(cache.cache_info().currsize for cache in list_text_caches())

        def texts_kept_after_a_search() -> int:
            note(api, "Ann's great-aunt has a boat since yesterday.")
            assert search(api, "Since when does my great-aunt have a boat?")
            return texts_kept()

        assert texts_kept_after_a_search()
        erase(api)
        assert not texts_kept()
        assert texts_kept_after_a_search(), "as a request that had begun before it"
        assert watch.poll_erasures() == 1
        assert not texts_kept()

    def test_are_followed_without_dropping_the_connections_of_the_one_that_erased(
        self, api: TestClient, own: Resources, tenant: str
    ):
        with open_resources(own.settings) as other:
            watches = {"here": (ErasureWatcher(own), own), "there": (ErasureWatcher(other), other)}
            for watch, _ in watches.values():
                watch.poll_erasures()
            note(api, "Ann has a boat.")
            before = own.autocommit_engine.pool
            erase(api)
            assert own.autocommit_engine.pool is not before, "by the request"
            pools = {name: of.autocommit_engine.pool for name, (_, of) in watches.items()}
            assert [watch.poll_erasures() for watch, _ in watches.values()] == [1, 1]
            kept = {name for name, (_, of) in watches.items() if of.autocommit_engine.pool is pools[name]}
            assert kept == {"here"}

    def test_are_followed_after_any_fault(
        self, api: TestClient, own: Resources, url: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(erasure_receipts, "POLL_SECONDS", 0.05)
        role, look = "memcubed_service", "EXECUTE ON FUNCTION memcubed_recent_erasures(interval)"
        with (
            open_resources(own.settings) as other,
            psycopg.connect(url, autocommit=True) as connection,
            capture_logs() as logs,
        ):
            connection.execute(f"REVOKE {look} FROM {role}")
            try:
                with erasure_receipts.watch_erasures(other):
                    until(lambda: any(line["event"] == "erasures_not_applied" for line in logs))
                    connection.execute(f"GRANT {look} TO {role}")
                    until(lambda: any(line["event"] == "erasures_applied" for line in logs))
                    logs.clear()
                    note(api, "Ann has a boat.")
                    erase(api)
                    until(lambda: any(line["event"] == "erasures_applied" for line in logs))
            finally:
                connection.execute(f"GRANT {look} TO {role}")

    def test_are_followed_once_whatever_fails_behind_it(
        self, api: TestClient, own: Resources, monkeypatch: pytest.MonkeyPatch
    ):
        watch = ErasureWatcher(own)
        note(api, "Ann has a boat.")
        erase(api)
        with monkeypatch.context() as broken:
            broken.setattr(memory_scrubbing, "overwrite", None)
            broken.setattr(erasure_receipts, "MAX_POLLS", 1)
            with pytest.raises(TypeError):
                watch.poll_erasures()
        assert watch.poll_erasures() == 0

    def test_overwrite_memory_where_the_c_library_gives_no_pages_back(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(memory_scrubbing.ctypes, "CDLL", lambda _: object())  # as musl
        memory_scrubbing.overwrite()


@pytest.fixture(scope="module")
def url(servers: Servers) -> str:
    return servers.postgres.owner_url.replace("/memcubed?", "/scrubbed?")


@pytest.fixture(scope="module")
def folder(servers: Servers, url: str, own: Resources) -> Path:
    with psycopg.connect(url) as connection:
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = 'scrubbed'").fetchall()
    return servers.postgres.data / "base" / str(oid[0][0])


@pytest.fixture
def rewritten(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, Outcome]]:
    """How often which table was rewritten, and how that ended."""
    counted: Counter[tuple[str, Outcome]] = Counter()
    rewrite = Scrubber.rewrite

    def noted(self: Scrubber, name: str, lock_seconds: float) -> Outcome:
        outcome = rewrite(self, name, lock_seconds)
        counted[name, outcome] += 1
        return outcome

    monkeypatch.setattr(Scrubber, "rewrite", noted)
    return counted


class TestFiles:
    """On a database of its own: what is rewritten there holds up no other test."""

    def lead_and_erase(self, api: TestClient, url: str, word: str) -> Any:
        user = f"ann-{word}"
        for number in range(5):
            post(api, turn(f"My word is {word} {number}.", ref=f"{word}{number}", role="system"), user=user)
            note(api, f"{number} is {word}. {word * 200}", user, keywords=[word], tags=[word])
        plan = {"user_id": user, "content": f"{word} " * 2_000}
        assert api.put("/v1/artifacts/plan", json=plan).status_code == 201
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
            connection.execute("CHECKPOINT")
        return erase(api, user)

    def checkpoint(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def test_hold_no_word_after_the_job(
        self, api: TestClient, own: Resources, servers: Servers, url: str, folder: Path
    ):
        word = f"qz{uuid4().hex[:12]}"
        receipt = self.lead_and_erase(api, url, word)
        self.checkpoint(url)
        wal = servers.postgres.data / "pg_wal"
        assert files_with(folder, word.encode()) > 0, "the test means a word that was in the files"
        assert files_with(wal, word.encode()) > 0
        done = scrubbing.run_scrubbing(own, now=True)
        assert (done.did_run, done.tables_left) == (True, [])
        self.checkpoint(url)
        assert files_with(folder, word.encode()) == 0
        assert files_with(wal, word.encode()) == 0
        assert rows_with(url, word) == {}
        told = api.get(f"/v1/erasures/{receipt['id']}").json()
        assert part(told, "files")["done_at"] is not None
        assert part(told, "wal")["done_at"] is not None
        assert files_with(servers.data_dir / "logs", word.encode()) == 0

    def test_that_are_in_use_are_tried_again(self, api: TestClient, own: Resources, url: str, folder: Path):
        word = f"qz{uuid4().hex[:12]}"
        receipt = self.lead_and_erase(api, url, word)
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE artifact_versions IN ACCESS SHARE MODE")
            done = scrubbing.run_scrubbing(own, now=True)
        assert (done.did_run, done.tables_left) == (True, ["artifact_versions"])
        assert part(api.get(f"/v1/erasures/{receipt['id']}").json(), "files")["done_at"] is None
        assert scrubbing.run_scrubbing(own, now=True).tables_left == []
        assert files_with(folder, word.encode()) == 0

    def test_that_an_old_transaction_still_sees_are_not_done(
        self, api: TestClient, own: Resources, url: str, folder: Path
    ):
        word = f"qz{uuid4().hex[:12]}"
        with psycopg.connect(url) as other:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT 1 FROM alembic_version")
            self.lead_and_erase(api, url, word)
            assert "turns" in scrubbing.run_scrubbing(own, now=True).tables_left
        assert scrubbing.run_scrubbing(own, now=True).tables_left == []
        self.checkpoint(url)
        assert files_with(folder, word.encode()) == 0

    def test_are_rewritten_once_for_the_erasures_of_some_hours(self, api: TestClient, own: Resources):
        at = [datetime.now(UTC) + timedelta(days=1)]
        timed = replace(own, now=lambda: at[0])

        def erased() -> None:
            user = f"ann-{uuid4().hex[:6]}"
            post(api, turn("Hi.", role="system"), user=user)
            with client_of(app_of(timed), make_key(own, self.tenant_of(api))) as client:
                erase(client, user)

        erased()
        assert not scrubbing.run_scrubbing(timed).did_run, (
            "what was under way at the erasure has not ended yet"
        )
        at[0] += timedelta(minutes=3)
        assert scrubbing.run_scrubbing(timed).did_run
        erased()
        at[0] += timedelta(minutes=30)
        erased()
        assert not scrubbing.run_scrubbing(timed).did_run
        at[0] += timedelta(hours=6)
        assert scrubbing.run_scrubbing(timed).erasures_finished == 2
        assert not scrubbing.run_scrubbing(timed).did_run

    def tenant_of(self, api: TestClient) -> str:
        made = api.post("/v1/keys", json={"name": "which"})
        return made.json()["tenant"]

    def test_in_use_are_tried_ever_later_and_only_those(
        self, api: TestClient, own: Resources, url: str, rewritten: Counter[tuple[str, Outcome]]
    ):
        """A run a minute, as beat asks for it, for ten hours while somebody holds a table."""
        scrubbing.run_scrubbing(own, now=True)
        rewritten.clear()
        at = [datetime.now(UTC) + timedelta(days=3)]
        timed = replace(own, now=lambda: at[0])
        with client_of(app_of(timed), make_key(own, self.tenant_of(api))) as client:
            post(client, turn("Hi.", role="system"), user="held")
            erase(client, "held")
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE artifact_versions IN ACCESS SHARE MODE")
            tried = self.each_minute(timed, at, timedelta(hours=10), lock_seconds=0.01)
            waits = [int((b - a) / timedelta(minutes=1)) for a, b in pairwise(tried)]
            assert waits == [10, 10, 20, 40, 80, 160, 320][: len(waits)]
            assert len(waits) == 6
        assert rewritten["turns", Outcome.CLEAN] == 1, (
            "what was rewritten is not rewritten again for what is left"
        )
        at[0] += timedelta(hours=6)
        assert scrubbing.run_scrubbing(timed).erasures_finished == 1

    def test_that_are_seen_wait_for_the_next_window(
        self, api: TestClient, own: Resources, url: str, rewritten: Counter[tuple[str, Outcome]]
    ):
        scrubbing.run_scrubbing(own, now=True)
        rewritten.clear()
        at = [datetime.now(UTC) + timedelta(days=6)]
        timed = replace(own, now=lambda: at[0])
        with psycopg.connect(url) as other:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT 1 FROM alembic_version")
            with client_of(app_of(timed), make_key(own, self.tenant_of(api))) as client:
                post(client, turn("Hi.", role="system"), user="seen")
                erase(client, "seen")
            tried = self.each_minute(timed, at, timedelta(hours=7), lock_seconds=0.01)
            assert [b - a for a, b in pairwise(tried)] == [scrubbing.REWRITE_INTERVAL]
        assert rewritten["turns", Outcome.SEEN] == len(tried)
        at[0] += timedelta(hours=6)
        assert scrubbing.run_scrubbing(timed).erasures_finished == 1

    def test_that_end_a_run_by_a_fault_wait_too(
        self, api: TestClient, own: Resources, monkeypatch: pytest.MonkeyPatch
    ):
        scrubbing.run_scrubbing(own, now=True)
        at = [datetime.now(UTC) + timedelta(days=9)]
        timed = replace(own, now=lambda: at[0])
        with client_of(app_of(timed), make_key(own, self.tenant_of(api))) as client:
            post(client, turn("Hi.", role="system"), user="fault")
            erase(client, "fault")
        at[0] += scrubbing.MIN_ERASURE_AGE
        with monkeypatch.context() as broken:
            broken.setattr(scrubbing, "ATTEMPTS", None)
            with pytest.raises(TypeError):
                scrubbing.run_scrubbing(timed)
        at[0] += timedelta(minutes=1)
        assert not scrubbing.run_scrubbing(timed).did_run
        at[0] += scrubbing.REWRITE_INTERVAL
        assert scrubbing.run_scrubbing(timed).erasures_finished == 1

    def test_are_done_but_for_samples_where_no_superuser_owns_the_tables(
        self, api: TestClient, own: Resources, url: str
    ):
        scrubbing.run_scrubbing(own, now=True)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE ROLE plain_owner")
            connection.execute("ALTER FUNCTION memcubed_forget_samples() OWNER TO plain_owner")
            try:
                post(api, turn("Hi.", role="system"), user="plain")
                path = f"/v1/erasures/{erase(api, 'plain')['id']}"
                done = scrubbing.run_scrubbing(own, now=True)
                assert (done.erasures_finished, done.tables_left, done.samples_left) == (1, [], True)
                told = part(api.get(path).json(), "files")
                assert told["done_at"] is not None
                assert "memcubed scrub" in told["note"]
                assert not scrubbing.run_scrubbing(own, now=True).did_run
                assert scrubbing.run_scrubbing_as_owner(own, url).samples_left is False, (
                    "a superuser does the rest by hand"
                )
                assert part(api.get(path).json(), "files")["note"] is None
                assert not scrubbing.run_scrubbing_as_owner(own, url).did_run
            finally:
                connection.execute("ALTER FUNCTION memcubed_forget_samples() OWNER TO CURRENT_USER")
                connection.execute("DROP ROLE plain_owner")

    def each_minute(
        self, timed: Resources, at: list[datetime], within: timedelta, lock_seconds: float
    ) -> list[datetime]:
        """When runs tried something, of one a minute."""
        tried: list[datetime] = []
        until = at[0] + within
        with pytest.MonkeyPatch.context() as short:
            short.setattr(scrubbing, "LOCK_SECONDS", lock_seconds)
            while at[0] < until:
                at[0] += timedelta(minutes=1)
                if scrubbing.run_scrubbing(timed).did_run:
                    tried.append(at[0])
        return tried

    def test_by_the_owner_by_hand(self, api: TestClient, own: Resources, url: str, folder: Path):
        word = f"qz{uuid4().hex[:12]}"
        self.lead_and_erase(api, url, word)
        assert scrubbing.run_scrubbing_as_owner(own, url).tables_left == []
        self.checkpoint(url)
        assert files_with(folder, word.encode()) == 0


class TestPostgresLog:
    def test_tells_no_word_of_a_row_that_breaks_a_rule(self, servers: Servers):
        word = f"qz{uuid4().hex[:12]}"
        engine = open_engine(servers.postgres.owner_url, pool_size=1)
        with engine.connect() as connection, pytest.raises(Exception, match="null value"):
            connection.execute(text("INSERT INTO turns (content) VALUES (:word)"), {"word": word})
        engine.dispose()
        assert word not in servers.postgres.log.read_text()
