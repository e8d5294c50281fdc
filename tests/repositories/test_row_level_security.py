"""Row-level security, asked with raw SQL as the service role: nothing here names a tenant in a WHERE."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.core.security import Principal
from app.core.vocabulary import LlmPurpose, Stage
from app.db import models
from app.db.session import open_engine
from app.embedded.postgres import OWNER
from app.llm.client import Usage
from app.resources import Resources
from app.services.consolidation import stage as consolidation
from app.services.ingestion import embed_turns, extraction
from app.services.platform.llm_usage import record_llm_usage
from app.services.platform.user_context import UserContext
from app.services.search import ann_indexes, user_indexes
from tests.api.test_grants import grant
from tests.conftest import Servers, app_of, client_of, make_key, post, turn, until, without_worker

TABLES = [table.name for table in models.Base.metadata.sorted_tables if "tenant_id" in table.c]
# A key is its tenant's to list, even when it is bound to a user; the API asks for the scope `admin`.
OF_USER = [
    table.name
    for table in models.Base.metadata.sorted_tables
    if "user_id" in table.c and table.name != "api_keys"
]
SHARED = {"workers", "embedding_models", "reembeddings", "llm_totals", "alembic_version"}


@pytest.fixture(scope="module")
def resources(servers: Servers) -> Iterator[Resources]:
    with without_worker(servers, "isolated", 11) as opened:
        yield opened


@pytest.fixture(scope="module")
def owner(servers: Servers, resources: Resources) -> Iterator[Engine]:
    """The owner's engine in that database, once it is made: it sees every tenant."""
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", "/isolated?"), pool_size=2)
    yield engine
    engine.dispose()


@dataclass(frozen=True)
class Tenants:
    """Two tenants, each with rows of the users ann and bob in every table."""

    a: str
    b: str


def fill(resources: Resources, tenant: str) -> None:
    """Rows in every table, by the ways of the service itself."""
    with client_of(app_of(resources), make_key(resources, tenant)) as client:
        for user in ("ann", "bob"):
            posted = [
                post(
                    client, turn("I live in Oslo.", name="Ann", observed_at="2026-01-10T10:00:00Z"), user=user
                ),
                post(
                    client,
                    turn("I moved to Bergen. I like jazz.", name="Ann", observed_at="2026-03-10T10:00:00Z"),
                    user=user,
                    close_session=True,
                ),
            ]
            body = {"user_id": user, "content": "Ann plays the cello."}
            assert (
                client.post("/v1/memories", json=body, headers={"Idempotency-Key": user}).status_code == 201
            )
            state = {"user_id": user, "state": {"goals": [{"text": "Find a flat"}]}}
            kept = client.put("/v1/sessions/s9/state", json=state, headers={"If-Match": "0"})
            assert kept.status_code == 200, kept.text
            plan = {"user_id": user, "content": "A plan."}
            assert client.put("/v1/artifacts/plan", json=plan).status_code == 201
            assert client.post("/v1/snapshots", json={"user_id": user}).status_code == 201
            item = {"op": "put", "namespace": ["n"], "key": "k", "value": {}}
            item |= {"texts": [{"path": "t", "text": "Hi."}]}
            stored = client.post("/v1/store", json={"user_id": user, "operations": [item]})
            assert stored.status_code == 200, stored.text
            shown = client.post("/v1/search", json={"user_id": user, "query": "cello"}).json()
            path = f"/v1/retrievals/{shown['retrieval_id']}/feedback"
            assert client.post(path, json={"cited_ids": []}).status_code == 200
            assert client.post("/v1/ranker/reset").status_code == 200
            other = {"ann": "bob", "bob": "ann"}[user]
            for to in (other, "cy"):
                assert grant(client, user, to, right="copy").status_code == 201
            for answer in posted:
                until(
                    lambda user=user, answer=answer: worked(resources, client, tenant, user, answer["job_id"])
                )
            consolidation.enqueue_consolidation(resources, Principal(tenant), user)
            until(lambda user=user: derived(resources, client, tenant, user))
            assert user_indexes.create_index_snapshot(resources, tenant, user, after=0)
            assert ann_indexes.build_ann_index_if_large(resources, tenant, user, above=0)
            user_indexes.request_index_snapshot(UserContext(resources, Principal(tenant), user))
        record_llm_usage(resources, Principal(tenant), LlmPurpose.CHAT, Usage.of_answer(1.0))
        post(client, turn("Hi.", role="system"), user="dan")
        assert client.delete("/v1/users/dan").status_code == 200
    make_key(resources, tenant)


def derived(resources: Resources, client: TestClient, tenant: str, user: str) -> bool:
    """Do the consolidating worker's part, until the session has its summary."""
    consolidation.run_consolidation(resources, tenant, user)
    return client.get("/v1/sessions/s1/summary", params={"user_id": user}).status_code == 200


def worked(resources: Resources, client: TestClient, tenant: str, user: str, job_id: str) -> bool:
    """Do the worker's part here; a worker of another test may be quicker."""
    embed_turns.run_embedding(resources, tenant, user)
    extraction.run_extraction(resources, tenant, user)
    return client.get(f"/v1/jobs/{job_id}").json()["status"] == "succeeded"


@pytest.fixture(scope="module")
def tenants(resources: Resources) -> Tenants:
    made = Tenants(*(f"t-{uuid4().hex[:12]}" for _ in range(2)))
    fill(resources, made.a)
    fill(resources, made.b)
    return made


@contextmanager
def seen_by(resources: Resources, tenant: str | None, user: str = "") -> Iterator[Connection]:
    """A connection of the service role in a transaction that is rolled back."""
    with resources.engine.connect() as connection:
        if tenant is not None:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": tenant})
        connection.execute(text("SELECT set_config('memcubed.user', :u, true)"), {"u": user})
        yield connection
        connection.rollback()


def counted(owner: Engine, table: str, tenant: str, user: str | None = None) -> int:
    """How many rows there really are."""
    of_user = "" if user is None else " AND user_id = :user"
    sql = text(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant{of_user}")
    with owner.connect() as connection:
        return connection.execute(sql, {"tenant": tenant, "user": user}).scalar_one()


def refused(connection: Connection, sql: str, **values: object) -> None:
    with pytest.raises(DBAPIError) as caught:
        connection.execute(text(sql), values)
    assert isinstance(caught.value.orig, InsufficientPrivilege), caught.value


class TestTables:
    def test_every_table_belongs_to_a_tenant_or_is_known_to_be_shared(self, owner: Engine):
        with owner.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT relname, relrowsecurity, (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid)"
                    " FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
                )
            ).all()
        guarded = {name for name, enabled, policies in rows if enabled and policies}
        assert guarded == set(TABLES)
        assert {row[0] for row in rows} - guarded == SHARED

    @pytest.mark.parametrize("table", TABLES)
    def test_the_fixture_fills_the_table(self, tenants: Tenants, owner: Engine, table: str):
        message = f"{table}: teach fill() to make a row, or the tests of this file prove nothing for it"
        assert counted(owner, table, tenants.a), message
        assert counted(owner, table, tenants.b), message


@pytest.mark.parametrize("table", TABLES)
class TestTenant:
    def test_sees_all_of_its_own_rows_and_no_other(self, resources, tenants, owner, table: str):
        with seen_by(resources, tenants.b) as connection:
            found = connection.execute(text(f"SELECT tenant_id FROM {table}")).scalars().all()
        assert set(found) == {tenants.b}
        assert len(found) == counted(owner, table, tenants.b)

    def test_asking_for_the_others_rows_by_name_finds_none(self, resources, tenants, table: str):
        with seen_by(resources, tenants.b) as connection:
            sql = text(f"SELECT count(*) FROM {table} WHERE tenant_id = :other")
            assert connection.execute(sql, {"other": tenants.a}).scalar_one() == 0

    @pytest.mark.parametrize("nobody", [None, "", "%", "no-such-tenant"])
    def test_no_tenant_sees_nothing(self, resources, tenants, table: str, nobody: str | None):
        with seen_by(resources, nobody) as connection:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0

    def test_cannot_insert_a_row_of_another(self, resources, tenants, owner, table: str):
        with owner.connect() as reading:
            sql = text(f"SELECT to_jsonb(t)::text FROM {table} t WHERE tenant_id = :tenant LIMIT 1")
            row = reading.execute(sql, {"tenant": tenants.a}).scalar_one()
        with seen_by(resources, tenants.b) as connection:
            insert = (
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
            )
            refused(connection, insert, row=row)

    def test_cannot_hand_its_rows_to_another(self, resources, tenants, table: str):
        with seen_by(resources, tenants.b) as connection:
            refused(connection, f"UPDATE {table} SET tenant_id = :other", other=tenants.a)

    def test_an_update_without_where_touches_its_own_rows_only(self, resources, tenants, owner, table: str):
        with seen_by(resources, tenants.b) as connection:
            changed = connection.execute(
                text(f"UPDATE {table} SET tenant_id = tenant_id RETURNING tenant_id")
            )
            found = changed.scalars().all()
        assert set(found) == {tenants.b}
        assert len(found) == counted(owner, table, tenants.b)

    def test_a_delete_without_where_touches_its_own_rows_only(self, resources, tenants, owner, table: str):
        with seen_by(resources, tenants.b) as connection:
            found = connection.execute(text(f"DELETE FROM {table} RETURNING tenant_id")).scalars().all()
        assert set(found) == {tenants.b}
        assert len(found) == counted(owner, table, tenants.b)


class TestDeleteThatCommits:
    def test_cascades_stay_within_the_tenant(self, resources, tenants, owner, tenant: str):
        fill(resources, tenant)
        before = {table: counted(owner, table, tenants.a) for table in TABLES}
        with resources.engine.begin() as connection:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": tenant})
            connection.execute(text("DELETE FROM tenants"))
        assert not any(counted(owner, table, tenant) for table in TABLES)
        assert {table: counted(owner, table, tenants.a) for table in TABLES} == before


@pytest.mark.parametrize("table", OF_USER)
class TestBoundUser:
    def test_sees_only_its_own_rows(self, resources, tenants, owner, table: str):
        with seen_by(resources, tenants.a, "ann") as connection:
            found = connection.execute(text(f"SELECT user_id FROM {table}")).scalars().all()
        assert set(found) == {"ann"}
        assert len(found) == counted(owner, table, tenants.a, "ann")
        assert counted(owner, table, tenants.a, "bob")

    def test_cannot_write_for_another(self, resources, tenants, table: str):
        with seen_by(resources, tenants.a, "ann") as connection:
            refused(connection, f"UPDATE {table} SET user_id = 'bob'")

    def test_sees_nothing_of_its_namesake(self, resources, tenants, table: str):
        with seen_by(resources, tenants.b, "ann") as connection:
            assert set(connection.execute(text(f"SELECT tenant_id FROM {table}")).scalars()) == {tenants.b}


class TestGrants:
    """Both sides of a grant see it; only the owner writes it."""

    def test_a_bound_user_sees_those_that_touch_it(self, resources, tenants):
        with seen_by(resources, tenants.a, "ann") as connection:
            found = connection.execute(text("SELECT owner_user_id, grantee_user_id FROM grants")).all()
        assert {tuple(row) for row in found} == {("ann", "bob"), ("ann", "cy"), ("bob", "ann")}

    def test_a_bound_user_can_not_grant_anothers(self, resources, tenants):
        with seen_by(resources, tenants.a, "ann") as connection:
            refused(connection, "UPDATE grants SET \"right\" = 'copy' WHERE owner_user_id = 'bob'")
        with seen_by(resources, tenants.a, "ann") as connection:
            refused(connection, "UPDATE grants SET owner_user_id = 'bob', grantee_user_id = 'ann'")

    def test_a_bound_user_sees_no_row_of_who_granted(self, resources, tenants):
        with seen_by(resources, tenants.a, "ann") as connection:
            for table in ("memories", "assertions", "embeddings", "turns"):
                found = connection.execute(text(f"SELECT user_id FROM {table}")).scalars().all()
                assert set(found) == {"ann"}


class TestServiceRole:
    def test_owns_and_bypasses_nothing(self, resources: Resources):
        with seen_by(resources, None) as connection:
            row = connection.execute(
                text(
                    "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
                    " (SELECT count(*) FROM pg_class WHERE pg_has_role(relowner, 'MEMBER')),"
                    " (SELECT count(*) FROM pg_proc WHERE pg_has_role(proowner, 'MEMBER'))"
                    " FROM pg_roles WHERE rolname = current_user"
                )
            ).one()
        assert tuple(row) == (False, False, False, False, False, 0, 0)

    @pytest.mark.parametrize(
        "sql",
        [
            f"SET ROLE {OWNER}",
            f"SET SESSION AUTHORIZATION {OWNER}",
            "ALTER TABLE turns DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE turns NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY turns_of_tenant ON turns",
            "ALTER POLICY turns_of_tenant ON turns USING (true)",
            "CREATE POLICY open ON turns USING (true)",
            "ALTER TABLE memories DISABLE TRIGGER memcubed_memory_guard",
            "SET session_replication_role = replica",
            "ALTER ROLE CURRENT_USER BYPASSRLS",
            "TRUNCATE turns CASCADE",
            "DROP TABLE turns",
            "CREATE TABLE mine (x int)",
            "CREATE OR REPLACE FUNCTION memcubed_job_counts() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "UPDATE alembic_version SET version_num = '0000'",
            "COPY turns TO PROGRAM 'cat'",
            "CREATE TABLE memcubed_far.mine (x int)",
            "ALTER TABLE far_vectors DISABLE ROW LEVEL SECURITY",
        ],
    )
    def test_cannot_get_round_it(self, resources: Resources, tenants: Tenants, sql: str):
        with seen_by(resources, tenants.a) as connection:
            refused(connection, sql)

    def test_switching_row_security_off_is_an_error_and_not_a_way_in(self, resources, tenants):
        with seen_by(resources, tenants.b) as connection:
            connection.execute(text("SET LOCAL row_security = off"))
            refused(connection, "SELECT count(*) FROM turns")

    def test_the_tenant_does_not_outlive_its_transaction(self, resources: Resources, tenants: Tenants):
        with resources.engine.connect() as connection:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, true)"), {"t": tenants.a})
            connection.commit()
            assert connection.execute(text("SELECT count(*) FROM turns")).scalar_one() == 0

    def test_what_it_may_know_of_all_tenants_holds_no_text(self, resources, tenants):
        with seen_by(resources, None) as connection:
            for call in (
                "memcubed_next_tenant('ingest', '', '{}', now())",
                "memcubed_due_stages('{ingest}', 500, now())",
                "memcubed_job_counts()",
                "memcubed_usage_totals()",
            ):
                rows = connection.execute(
                    text(f"SELECT coalesce(to_jsonb(f)::text, '') FROM {call} f")
                ).scalars()
                assert not any(word in row for row in rows for word in ("Oslo", "Bergen", "ann"))

    def test_every_stage_is_known_to_the_table(self, owner: Engine):
        with owner.connect() as connection:
            rule = connection.execute(
                text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_jobs_stage'")
            ).scalar_one()
        assert all(f"'{stage}'" in rule for stage in Stage)
