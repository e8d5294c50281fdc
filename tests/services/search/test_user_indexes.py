"""A user's search index is packed, read by the next process, and never of what is deleted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, text

from app.core import memory_scrubbing
from app.core.security import Principal
from app.db.repositories.search import index_snapshots
from app.db.repositories.search.index_snapshots import StoredIndexSnapshot
from app.db.session import open_engine
from app.memory.index.user_index import SNAPSHOT_VERSION
from app.memory.ranking.weights import FACT_ALONE
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from app.services.platform.user_context import UserContext
from app.services.search import user_indexes
from tests.conftest import (
    Servers,
    app_of,
    client_of,
    make_key,
    post,
    remember,
    search,
    turn,
    until,
    until_waited_for,
    without_worker,
)

SAID = [
    turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"),
    turn("My sister Bo plays the cello in Bergen.", name="Ann", observed_at="2026-02-01T10:00:00Z"),
    turn("I moved to Bergen.", name="Ann", observed_at="2026-03-10T10:00:00Z"),
]
QUESTIONS = ("Where does Ann live?", "Who plays the cello?", "sister", "What happened in February?")


def packs(owner: Engine, tenant: str) -> list[Any]:
    columns = "user_id, revision, epoch, form, index, vectors, documents"
    sql = text(f"SELECT {columns} FROM scope_packs WHERE tenant_id = :t")
    with owner.connect() as connection:
        return list(connection.execute(sql, {"t": tenant}))


def answers(client: TestClient) -> list[Any]:
    return [search(client, query, explain=True) for query in QUESTIONS]


@pytest.fixture
def packed(client: TestClient, worker: None, resources: Resources, tenant: str) -> list[Any]:
    """What was answered before the index was packed; this process holds none of it any more."""
    remember(client, *SAID)
    found = answers(client)
    assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0)
    resources.index_cache.drop_user(tenant, "ann")
    return found


class TestPack:
    def test_gives_the_answers_that_rows_give(self, client, packed, owner, tenant):
        (kept,) = packs(owner, tenant)
        assert b"cello" in bytes(kept.index)
        assert b"plays the cello in" in bytes(kept.documents)
        assert answers(client) == packed

    def test_is_what_a_search_reads(self, client, packed, owner, tenant):
        # Were the rows read, nobody would know of a flute.
        (kept,) = packs(owner, tenant)
        index, documents = (bytes(part).replace(b"cello", b"flute") for part in (kept.index, kept.documents))
        with owner.begin() as connection:
            connection.execute(
                text("UPDATE scope_packs SET index = :i, documents = :d WHERE tenant_id = :t"),
                {"i": index, "d": documents, "t": tenant},
            )
        sources = [source for item in search(client, "flute") for source in item["sources"]]
        assert any("flute" in source["quote"] for source in sources)

    def test_what_came_later_is_found_too(self, client, packed, resources, tenant):
        remember(client, turn("Bo sold the cello.", name="Ann"))
        later = answers(client)
        assert any("sold" in item["content"] for found in later for item in found)
        assert not user_indexes.create_index_snapshot(resources, tenant, "ann", after=100)
        assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0)
        resources.index_cache.drop_user(tenant, "ann")
        assert answers(client) == later

    def test_goes_with_a_turn_that_is_deleted(self, client, packed, owner, tenant):
        gone = next(item for item in search(client, "cello") if item["sources"][0]["turn_id"])
        turn_id = gone["sources"][0]["turn_id"]
        assert client.delete(f"/v1/turns/{turn_id}").status_code == 204
        assert packs(owner, tenant) == []
        assert not any("cello" in item["content"] for item in search(client, "cello"))

    def test_goes_with_its_user(self, client, packed, owner, tenant):
        assert client.delete("/v1/users/ann").json()["rows"]["scope_packs"] == 1
        assert packs(owner, tenant) == []

    def test_is_not_kept_when_rows_vanished_meanwhile(self, client, packed, resources, owner, tenant):
        principal = Principal(tenant)
        (kept,) = packs(owner, tenant)
        search(client, "cello")
        with owner.begin() as connection:
            connection.execute(text("UPDATE users SET epoch = epoch + 1 WHERE tenant_id = :t"), {"t": tenant})
        snapshot = StoredIndexSnapshot("m", kept.epoch, 1, 1, b"words", b"vectors", b"texts")
        assert not user_indexes.write_index_snapshot(UserContext(resources, principal, "ann"), snapshot)
        (left,) = packs(owner, tenant)
        assert (left.form, bytes(left.index), bytes(left.vectors)) == (0, b"", b"")

    def test_is_written_without_waiting_for_a_deletion(self, client, packed, resources, owner, tenant):
        """It has the user's row and wants the pack's: who has the pack's must not want the user's."""
        (kept,) = packs(owner, tenant)
        snapshot = StoredIndexSnapshot("m", kept.epoch, 1, 1, b"words", b"vectors", b"texts")
        ctx = UserContext(resources, Principal(tenant), "ann")
        with owner.begin() as connection:
            connection.execute(
                text("SELECT 1 FROM users WHERE tenant_id = :t FOR NO KEY UPDATE"), {"t": tenant}
            )
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(user_indexes.write_index_snapshot, ctx, snapshot).result(20)
        assert [bytes(pack.index) for pack in packs(owner, tenant)] == [b"words"]


@pytest.fixture
def statements(resources: Resources) -> Iterator[list[str]]:
    """What is sent to Postgres."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(resources.autocommit_engine, "before_cursor_execute", note)
    yield sent
    event.remove(resources.autocommit_engine, "before_cursor_execute", note)


class TestState:
    def test_is_read_with_the_key_in_one_statement(self, client, worker, statements):
        remember(client, turn("I live in Oslo."))

        def sent() -> bool:
            statements.clear()
            assert search(client, "Where do I live?")
            return len(statements) == 1

        until(sent)  # a worker may still write
        assert "memcubed_find_key" in statements[0]

    def test_of_before_a_job_was_waited_for_is_not_used(self, client, worker, statements):
        post(client, turn("I live in Oslo."))
        search(client, "Oslo")
        job = post(client, turn("I have a cat called Miso."))["job_id"]
        statements.clear()
        items = search(client, "cat", wait_for=job, wait_seconds=20)
        assert "Miso" in items[0]["content"]
        assert sum("memcubed_user_state" in one for one in statements) > 1


class TestWhenItIsPacked:
    @pytest.mark.parametrize(
        ("rows", "due"),
        [
            (0, 50),
            (1, 50),
            (199, 50),
            (200, 50),
            (204, 51),
            (400, 100),
            (1_999, 499),
            (2_000, 500),
            (10**6, 500),
        ],
    )
    def test_after_a_share_of_the_rows_but_some_and_not_too_many(self, rows: int, due: int):
        assert index_snapshots.snapshot_due_after(rows) == due

    @pytest.mark.parametrize(("written", "packed_bytes", "waits_s", "is_due"), [
        (50, None, None, False), (51, None, None, True), (51, 400 * 100, None, True),
        (51, 400 * 240, None, False), (61, 400 * 240, None, True), (50, 0, None, False), (51, 0, None, True),
        (90, 400 * 4_000, None, False), (51, None, 0, False), (500, 0, 60, False), (501, 0, 60, True),
        (51, None, -60, True), (501, 0, -60, True),
    ])  # fmt: skip
    def test_is_requested_when_so_many_turns_are_new(
        self,
        resources,
        owner,
        tenant,
        written: int,
        packed_bytes: int | None,
        waits_s: int | None,
        is_due: bool,
    ):
        """`waits_s`: for how long another job of the user has been due, if there is one."""
        ctx = UserContext(resources, Principal(tenant), "ann")
        with owner.begin() as connection:
            run = partial(connection.execute, parameters={"t": tenant, "n": written, "b": packed_bytes})
            run(text("INSERT INTO tenants (tenant_id) VALUES (:t)"))
            run(text("INSERT INTO users (tenant_id, user_id, revision, epoch) VALUES (:t, 'ann', 2, 1)"))
            run(
                text(
                    "INSERT INTO turns (tenant_id, id, user_id, session_id, position, role, content,"
                    " content_hash, observed_at, job_id, state, revision) SELECT :t, gen_random_uuid(),"
                    " 'ann', 's', n, 'user', 'Tea.', '', now(), gen_random_uuid(), 'nothing', 2"
                    " FROM generate_series(1, :n) n"
                )
            )
            if packed_bytes is not None:
                run(
                    text(
                        "INSERT INTO scope_packs (tenant_id, user_id, model_id, form, revision, epoch, index,"
                        " vectors) VALUES (:t, 'ann', 'm', 1, 1, 1, decode(repeat('00', :b), 'hex'), '')"
                    )
                )
            if waits_s is not None:
                values = {"t": tenant, "due": resources.now() - timedelta(seconds=waits_s)}
                connection.execute(
                    text(
                        "INSERT INTO jobs (tenant_id, id, user_id, session_id, stage, run_after, turns_total)"
                        " VALUES (:t, gen_random_uuid(), 'ann', 's', 'extract', :due, 1)"
                    ),
                    values,
                )
        for is_new in (is_due, False):  # a request that waits already is not made again
            with ctx.open_transaction() as user:
                assert index_snapshots.request_due_index_snapshot(user, resources.now()) is is_new

    def test_where_memories_alone_are_asked_for_their_own_match_counts_more(self, client, worker):
        remember(client, *SAID)
        for only, weight in (({}, 0.2), ({"kinds": ["fact", "preference", "event"]}, FACT_ALONE)):
            found = search(client, "Who plays the cello?", explain=True, **only)
            assert found
            assert {item["weights"]["fact"] for item in found} == {weight}

    def test_as_it_is_written_before_anybody_searches(self, client, worker, owner, tenant):
        lines = [turn(f"Line {number} of a long talk about tea.", role="system") for number in range(60)]
        post(client, *lines[:10])
        for at in range(10, len(lines), 50):
            post(client, *lines[at : at + 50])
        (kept,) = until(lambda: packs(owner, tenant))
        assert kept.user_id == "ann"

    def test_again_by_the_search_that_misses_it(self, client, worker, owner, tenant):
        lines = [turn(f"Line {number} of a long talk about tea.", role="system") for number in range(60)]
        post(client, *lines[:10])
        post(client, *lines[10:])
        until(lambda: packs(owner, tenant))
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM scope_packs WHERE tenant_id = :t"), {"t": tenant})
        assert search(client, "Line 7 of a long talk")
        assert until(lambda: packs(owner, tenant))


class TestRequests:
    """In a database that no worker looks at: it would take requests, and other tests would make some."""

    @pytest.fixture(scope="class")
    @classmethod
    def resources(cls, servers: Servers) -> Iterator[Resources]:
        with without_worker(servers, "requests", 13) as opened:
            yield opened

    @pytest.fixture(scope="class")
    @classmethod
    def owner(cls, servers: Servers) -> Iterator[Engine]:
        engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", "/requests?"), pool_size=1)
        yield engine
        engine.dispose()

    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_that_wait_are_taken_one_at_a_time(self, client, resources, owner, tenant, count):
        users = {f"user-{number}" for number in range(count)}
        for user in users:
            post(client, SAID[0], user=user)
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM pack_requests"))
            connection.execute(text("ANALYZE pack_requests"))  # as it is mostly: it is thought to be empty
            connection.execute(
                text("INSERT INTO pack_requests (tenant_id, user_id) SELECT :t, unnest(CAST(:u AS text[]))"),
                {"t": tenant, "u": list(users)},
            )
        taken: list[Any] = []
        for _ in users:
            with resources.open_transaction(None) as session:
                taken.append(index_snapshots.take_index_snapshot_request(session))
        assert {one.user_id for one in taken} == users
        with resources.open_transaction(None) as session:
            assert index_snapshots.take_index_snapshot_request(session) is None

    def test_memory_is_returned_after_the_last_one(self, client, resources, owner, tenant, monkeypatch):
        for number in range(3):
            post(client, SAID[0], user=f"user-{number}")
        with owner.begin() as connection:
            connection.execute(text("DELETE FROM pack_requests"))
            connection.execute(
                text(
                    "INSERT INTO pack_requests (tenant_id, user_id)"
                    " SELECT :t, 'user-' || n FROM generate_series(0, 2) n"
                ),
                {"t": tenant},
            )
        trims: list[int] = []
        monkeypatch.setattr(memory_scrubbing, "trim_heap", lambda: trims.append(1))
        returned = []
        for _ in range(4):
            user_indexes.create_next_index_snapshot(resources)
            returned.append(len(trims))
        assert returned == [0, 0, 1, 1]


class TestDuringAnErasure:
    @pytest.fixture
    def ctx(self, client: TestClient, resources: Resources, tenant: str) -> UserContext:
        post(client, SAID[0])
        return UserContext(resources, Principal(tenant), "ann")

    def test_a_search_that_asks_for_a_snapshot_neither_waits_nor_fails(
        self, ctx: UserContext, owner: Engine, tenant: str
    ):
        with owner.begin() as erasing:
            erasing.execute(text("DELETE FROM users WHERE tenant_id = :t"), {"t": tenant})
            user_indexes.request_index_snapshot(ctx)
        with owner.connect() as connection:
            requests = text("SELECT count(*) FROM pack_requests WHERE tenant_id = :t")
            assert connection.execute(requests, {"t": tenant}).scalar_one() == 0

    def test_a_snapshot_of_who_is_erased_is_not_kept(self, ctx: UserContext, owner: Engine, tenant: str):
        snapshot = StoredIndexSnapshot("m", 1, 1, 1, b"x", b"x", b"x")
        with ThreadPoolExecutor(1) as pool:
            with owner.begin() as erasing:
                erasing.execute(text("DELETE FROM users WHERE tenant_id = :t"), {"t": tenant})
                written = pool.submit(user_indexes.write_index_snapshot, ctx, snapshot)
                until_waited_for(owner, erasing)
            assert written.result(30) is False
        assert packs(owner, tenant) == []


class TestManyDocuments:
    """Those of a big snapshot are read by the second search of a process, not by the first."""

    @pytest.fixture(autouse=True)
    def _defer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(index_snapshots, "DEFERRED_BYTES", 0)

    def test_give_the_same_answers_before_they_are_read_and_after(self, client, packed, resources, tenant):
        for query, expected in zip(QUESTIONS, packed, strict=True):
            resources.index_cache.drop_user(tenant, "ann")
            assert search(client, query, explain=True) == expected
            assert awaits_documents(resources, tenant)
            assert search(client, query, explain=True) == expected
            assert not awaits_documents(resources, tenant)

    def test_that_were_deleted_are_not_shown(self, client, packed, resources, tenant):
        gone = next(item for item in search(client, "cello") if item["sources"][0]["turn_id"])
        assert awaits_documents(resources, tenant)
        assert client.delete(f"/v1/turns/{gone['sources'][0]['turn_id']}").status_code == 204
        assert not any("cello" in item["content"] for item in search(client, "cello"))

    @pytest.mark.parametrize("is_packed_again", [False, True])
    def test_and_what_changed_meanwhile(self, client, packed, resources, tenant, is_packed_again):
        search(client, "cello")
        remember(client, turn("Bo sold the cello.", name="Ann"), turn("I live in Rome.", name="Ann"))
        if is_packed_again:
            assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0)
        later = answers(client)
        assert not awaits_documents(resources, tenant)
        assert any("sold" in item["content"] for found in later for item in found)
        assert "Rome" in later[0][0]["content"]

    def test_of_a_turn_that_was_pending_in_the_snapshot_say_that_it_is_not_any_more(self, servers, tenant):
        with (
            without_worker(servers, "pending", 13) as alone,
            client_of(app_of(alone), make_key(alone, tenant)) as client,
        ):
            post(client, *SAID)
            assert user_indexes.create_index_snapshot(alone, tenant, "ann", after=0)
            assert any(item.get("pending") for item in search(client, "cello"))
            embed_turns.run_embedding(alone, tenant, "ann")
            extraction.run_extraction(alone, tenant, "ann")
            alone.index_cache.drop_user(tenant, "ann")
            for is_first in (True, False):
                assert not any(item.get("pending") for item in search(client, "cello"))
                assert awaits_documents(alone, tenant) == is_first

    def test_are_in_a_snapshot_that_is_made_of_one(self, client, packed, resources, owner, tenant):
        remember(client, turn("Bo sold the cello.", name="Ann"))
        assert user_indexes.create_index_snapshot(resources, tenant, "ann", after=0)
        (kept,) = packs(owner, tenant)
        assert kept.form == SNAPSHOT_VERSION
        assert all(words in bytes(kept.documents) for words in (b"Bo sold the cello", b"I moved to Bergen"))


def awaits_documents(resources: Resources, tenant: str) -> bool:
    model = resources.active_embedder
    return resources.index_cache.get_index(tenant, "ann", model.model_id, model.dimensions).awaits_documents
