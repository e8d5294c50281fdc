"""The migrations: up, down, up again, twice, at the same time, and equal to the models."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from app.core.instants import MAX_INSTANT, MIN_INSTANT
from app.db import migrate, models
from app.db.session import open_engine
from tests.conftest import Servers

SCRIPTS = ScriptDirectory.from_config(Config(toml_file="pyproject.toml"))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

LEFT = {
    "tables": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relkind IN ('r', 'v', 'm', 'S', 'p') AND relname <> 'alembic_version'"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')",
    "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'memcubed%'",
    "policies": "SELECT policyname FROM pg_policies",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
SHAPE = """
SELECT 'column', table_name,
    column_name || ' ' || udt_name || ' ' || is_nullable || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'policy', tablename, policyname || coalesce(qual, '') || coalesce(with_check, '')
  FROM pg_policies
UNION ALL SELECT 'rls', relname, relrowsecurity::text
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE proname LIKE 'memcubed%'
UNION ALL SELECT 'grant', table_name, grantee || ' ' || privilege_type
  FROM information_schema.role_table_grants WHERE grantee = 'memcubed_service'
  AND table_name <> 'alembic_version'
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class Fresh:
    """An empty database."""

    engine: Engine
    service_url: str

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def revision(self) -> str | None:
        with self.engine.connect() as connection:
            return migrate.current_revision(connection)

    def left(self) -> dict[str, list[tuple[object, ...]]]:
        found = {name: self.rows(sql) for name, sql in LEFT.items()}
        return {name: rows for name, rows in found.items() if rows}


@pytest.fixture
def fresh(servers: Servers) -> Iterator[Fresh]:
    name = f"fresh_{uuid4().hex[:8]}"
    with psycopg.connect(servers.postgres.owner_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    engine = open_engine(servers.postgres.owner_url.replace("/memcubed?", f"/{name}?"), pool_size=4)
    yield Fresh(engine, servers.postgres.service_url)
    engine.dispose()
    with psycopg.connect(servers.postgres.owner_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


class TestUpgrade:
    def test_brings_an_empty_database_to_the_head(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        assert fresh.revision() == migrate.head_revision() == REVISIONS[-1]
        tables = {row[0] for row in fresh.rows(LEFT["tables"])}
        assert tables == set(models.Base.metadata.tables)

    def test_twice_changes_nothing(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        before = fresh.rows(SHAPE)
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        assert fresh.rows(SHAPE) == before

    def test_two_at_the_same_time_do_not_clash(self, fresh: Fresh):
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(migrate.upgrade_schema, fresh.engine, fresh.service_url) for _ in range(2)]
        assert [run.exception() for run in runs] == [None, None]
        assert fresh.revision() == migrate.head_revision()

    def test_gives_its_lock_back(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        assert (
            fresh.rows(
                "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
            )
            == []
        )


class TestDowngrade:
    def test_each_revision_goes_down_and_up_again(self, fresh: Fresh):
        for before, revision in zip(["base", *REVISIONS], REVISIONS, strict=False):
            migrate.upgrade_schema(fresh.engine, revision=revision)
            up = fresh.rows(SHAPE)
            migrate.downgrade_schema(fresh.engine, before)
            assert fresh.revision() == (None if before == "base" else before)
            migrate.upgrade_schema(fresh.engine, revision=revision)
            assert fresh.rows(SHAPE) == up, f"{revision} is not the same the second time"

    def test_to_base_leaves_nothing_of_ours(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        assert set(fresh.left()) == set(LEFT)
        migrate.downgrade_schema(fresh.engine)
        assert fresh.left() == {}
        granted = (
            "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = 'memcubed_service'"
        )
        assert fresh.rows(granted) == []


class TestErasures:
    """Revision 0085: the rights to rewrite, some of which no table's end takes away."""

    RIGHTS = (
        "SELECT has_table_privilege('memcubed_service', 'pg_statistic', 'MAINTAIN'),"
        " has_function_privilege('memcubed_service', 'pg_switch_wal()', 'EXECUTE'),"
        " has_function_privilege('memcubed_service', 'pg_ls_waldir()', 'EXECUTE'),"
        " pg_has_role('memcubed_service', 'pg_checkpoint', 'MEMBER')"
    )

    def test_takes_its_rights_back_but_the_one_that_other_databases_share(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        assert fresh.rows(self.RIGHTS) == [(True, True, True, True)]
        migrate.downgrade_schema(fresh.engine, "0084")
        assert fresh.rows(self.RIGHTS) == [(False, False, False, True)]


class TestReembedding:
    """Revision 0005: an endpoint's model is told apart by its dimension."""

    def test_keeps_the_vectors_of_an_endpoints_model(self, fresh: Fresh):
        held = "SELECT m.model_id, m.active, e.id FROM embeddings e JOIN embedding_models m USING (model_id)"
        migrate.upgrade_schema(fresh.engine, fresh.service_url, "0003")
        with fresh.engine.begin() as connection:
            for sql in (
                "INSERT INTO tenants (tenant_id) VALUES ('t')",
                "INSERT INTO users (tenant_id, user_id) VALUES ('t', 'ann')",
                "INSERT INTO embedding_models (model_id, dimensions, active) VALUES ('small', 2, true)",
                "INSERT INTO embeddings (tenant_id, id, model_id, user_id, of_turn, vector, revision)"
                " VALUES ('t', gen_random_uuid(), 'small', 'ann', true, '[1,0]', 1)",
            ):
                connection.execute(text(sql))
        before = fresh.rows(held)
        migrate.upgrade_schema(fresh.engine)
        assert fresh.rows(held) == [("small@2", True, before[0][2])]
        migrate.downgrade_schema(fresh.engine, "0003")
        assert fresh.rows(held) == before


class TestSnapshotDocuments:
    """Revision 0094: index snapshots keep their documents in a column of their own."""

    def test_asks_for_snapshots_of_large_users_and_takes_its_own_along(self, fresh: Fresh):
        put = (
            "INSERT INTO scope_packs (tenant_id, user_id, model_id, form, revision, epoch, index, vectors)"
            " VALUES ('t', '{}', 'm', {}, 1, 0, '', '')"
        )
        migrate.upgrade_schema(fresh.engine, fresh.service_url, "0093")
        with fresh.engine.begin() as connection:
            connection.execute(text("INSERT INTO tenants (tenant_id) VALUES ('t')"))
            for user, form in (("small", 9), ("large", -9)):
                connection.execute(text(f"INSERT INTO users (tenant_id, user_id) VALUES ('t', '{user}')"))
                connection.execute(text(put.format(user, form)))
            connection.execute(text("DELETE FROM pack_requests"))
        migrate.upgrade_schema(fresh.engine, revision="0094")
        assert fresh.rows("SELECT user_id FROM pack_requests") == [("large",)]
        with fresh.engine.begin() as connection:
            for user, form in (("new", 10), ("huge", -10)):
                connection.execute(text(f"INSERT INTO users (tenant_id, user_id) VALUES ('t', '{user}')"))
                connection.execute(text(put.format(user, form)))
        migrate.downgrade_schema(fresh.engine, "0093")
        assert fresh.rows("SELECT user_id FROM scope_packs ORDER BY 1") == [("large",), ("small",)]


class TestInstants:
    """Revision 0083: what can't be read back becomes the nearest that can."""

    def test_keeps_the_rows_that_an_older_version_wrote(self, fresh: Fresh):
        dates = ["2026-03-02T09:30:00Z", None, "9998-12-31T23:59:00-23:59", "0001-01-01T00:00Z"]
        state = json.dumps({"goals": [{"text": "a", "said_at": at} for at in dates]})
        migrate.upgrade_schema(fresh.engine, fresh.service_url, "0070")
        with fresh.engine.begin() as connection:
            for sql in (
                "INSERT INTO tenants (tenant_id) VALUES ('t')",
                "INSERT INTO users (tenant_id, user_id, created_at) VALUES ('t', 'ann', 'infinity')",
                "INSERT INTO memories (tenant_id, id, user_id, kind, form, status, content, content_hash,"
                " origin, revision, frozen, event_from, event_to, valid_from, valid_to, anchor_at)"
                " VALUES ('t', gen_random_uuid(), 'ann', 'fact', 'state', 'activated', 'x', '', 'user',"
                " 1, true, '4000-01-01 BC', '9999-12-31 23:00:00-15:00', '-infinity', 'infinity',"
                " '2026-03-02 00:00:00+00')",
                f"INSERT INTO session_states (tenant_id, user_id, session_id, state) VALUES"
                f" ('t', 'ann', 's', '{state}')",
            ):
                connection.execute(text(sql.replace(":", "\\:")))
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        first, last = MIN_INSTANT, MAX_INSTANT
        assert fresh.rows("SELECT created_at FROM users") == [(last,)]
        dates = "SELECT event_from, event_to, valid_from, valid_to, expires_at, anchor_at FROM memories"
        assert fresh.rows(dates) == [(first, last, first, last, None, datetime(2026, 3, 2, tzinfo=UTC))]
        said = "SELECT goal->>'said_at' FROM session_states, jsonb_array_elements(state->'goals') AS g(goal)"
        assert fresh.rows(said) == [("2026-03-02T09:30:00Z",), (None,), (None,), (None,)]
        migrate.downgrade_schema(fresh.engine, "0070")
        assert fresh.rows("SELECT created_at FROM users") == [(last,)]


class TestOperations:
    """Revision 0087: what only a foreign bundle can have brought is kept under a name that is known."""

    # What a bundle could say before: (op, actor) and what becomes of them.
    SAID = (
        ("add", "extractor", "add", "extractor"),
        ("fold", "key:1", "fold", "key:1"),
        ("archive", "forgetting", "archive", "forgetting"),
        ("derive", "consolidator", "derive", "consolidator"),
        ("upsert", "extractor", "other", "extractor"),
        ("ADD", "key:None", "other", "key:None"),
        ("", "", "other", "other:unnamed"),
        ("edit", "importer", "edit", "other:importer"),
        ("edit", "key:", "edit", "other:key:"),
        ("x" * 4_000, "a\nb", "other", "other:a\nb"),
    )
    WRITE = (
        "INSERT INTO memory_versions (tenant_id, memory_id, version, user_id, op, actor, snapshot)"
        " SELECT 't', id, :version, 'ann', :op, :actor, '{}' FROM memories ORDER BY id LIMIT 1"
    )

    def test_keeps_the_versions_and_links_that_a_bundle_brought(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url, "0086")
        link = (
            "INSERT INTO links (tenant_id, source_id, target_id, type, user_id, created_by)"
            " SELECT 't', min(id::text)::uuid, max(id::text)::uuid, '{}', 'ann', 'x' FROM memories"
        )
        memory = (
            "INSERT INTO memories (tenant_id, id, user_id, kind, form, status, content, content_hash, origin,"
            " revision) VALUES ('t', gen_random_uuid(), 'ann', 'fact', 'state', 'superseded', '{0}', '{0}',"
            " 'edit', 1)"
        )
        with fresh.engine.begin() as connection:
            for sql in (
                "INSERT INTO tenants (tenant_id) VALUES ('t')",
                "INSERT INTO users (tenant_id, user_id) VALUES ('t', 'ann')",
                *(memory.format(content) for content in "ab"),
                *(link.format(name) for name in ("part_of", "follows", "supersedes")),
            ):
                connection.execute(text(sql))
            for version, (op, actor, _, _) in enumerate(self.SAID, start=1):
                connection.execute(text(self.WRITE), {"version": version, "op": op, "actor": actor})
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        kept = fresh.rows("SELECT op, actor FROM memory_versions ORDER BY version")
        assert kept == [(op, actor) for _, _, op, actor in self.SAID]
        assert fresh.rows("SELECT type FROM links ORDER BY 1") == [("relates",), ("supersedes",)]
        valid = "SELECT convalidated FROM pg_constraint WHERE conname IN ({})"
        names = "'ck_memory_versions_op', 'ck_memory_versions_actor', 'ck_links_type'"
        assert fresh.rows(valid.format(names)) == [(True,)] * 3
        migrate.downgrade_schema(fresh.engine, "0086")
        with fresh.engine.begin() as connection:
            connection.execute(text(self.WRITE), {"version": 99, "op": "upsert", "actor": "root"})


TABLES = {
    "users": "user_id",
    "turns": "user_id",
    "memories": "user_id",
    "embeddings": "user_id",
    "artifact_versions": "user_id",
    "grants": "owner_user_id",
    "assertions": "owner_user_id",
    "api_keys": "user_id",
    "session_states": "user_id",
}
KEY = (
    "INSERT INTO idempotency_keys (tenant_id, user_id, key, request_hash, response)"
    " VALUES ('t', :u, 'k', '', '{}')"
)
ROWS = (
    "INSERT INTO users (tenant_id, user_id) VALUES ('t', :u)",
    "INSERT INTO sessions (tenant_id, user_id, session_id) VALUES ('t', :u, U&'so\\0301 ')",
    "INSERT INTO turns (tenant_id, id, user_id, session_id, agent_id, position,"
    " role, content, content_hash, ref,"
    " observed_at, recorded_at, job_id, revision) VALUES ('t', gen_random_uuid(), :u, U&'so\\0301 ',"
    " U&'a\\0301gent', 0, 'user', 'Hello.', '', U&'re\\0301f', now(), now(), gen_random_uuid(), 1)",
    "INSERT INTO memories (tenant_id, id, user_id, kind, form, status, content, content_hash, origin,"
    " confidence, importance, version, revision, frozen) VALUES ('t',"
    " gen_random_uuid(), :u, 'fact', 'state',"
    " 'activated', 'Hello.', '', 'edit', 1, 0.5, 1, 1, true)",
    "INSERT INTO embedding_models (model_id, dimensions, active, embeddings, model)"
    " VALUES ('m', 2, true, 'x', 'm') ON CONFLICT DO NOTHING",
    "INSERT INTO embeddings (tenant_id, id, model_id, user_id, of_turn, vector, revision)"
    " VALUES ('t', gen_random_uuid(), 'm', :u, true, '[1,0]', 1)",
    "INSERT INTO assertions (tenant_id, id, user_id, memory_id, origin, asserted_at,"
    " recorded_at, session_id,"
    " position, quote, owner_user_id, owner_memory_id, owner_version) SELECT 't',"
    " gen_random_uuid(), user_id, id,"
    " 'copy', now(), now(), '', 0, '', :u, id, 1 FROM memories WHERE user_id = :u",
    "INSERT INTO derivations (tenant_id, user_id, basis, key, fingerprint, sources, at)"
    " VALUES ('t', :u, 'session', U&'so\\0301 ', '', 0, now())",
    "INSERT INTO artifacts (tenant_id, user_id, path, id) VALUES ('t', :u,"
    " U&'a\\0300.md', gen_random_uuid())",
    "INSERT INTO artifact_versions (tenant_id, user_id, path, version, id, type,"
    " content, checksum, bytes, actor)"
    " VALUES ('t', :u, U&'a\\0300.md', 1, gen_random_uuid(), 'text', '', '', 0, '')",
    "INSERT INTO session_states (tenant_id, user_id, session_id, version, state, actor, updated_at)"
    " VALUES ('t', :u, U&'so\\0301 ', 1, jsonb_build_object('procedure',"
    " jsonb_build_object('artifact', U&'a\\0300.md')), '', now())",
    'INSERT INTO grants (tenant_id, id, owner_user_id, grantee_user_id, "right", actor)'
    " SELECT 't', gen_random_uuid(), :u, user_id, 'read', '' FROM users WHERE user_id <> :u"
    " ORDER BY user_id LIMIT 1",
    "INSERT INTO api_keys (tenant_id, id, name, hash, prefix, scopes, user_id)"
    " VALUES ('t', gen_random_uuid(), 'k', convert_to(:u, 'UTF8'), 'mc_', '{read}', :u)",
)


class TestOneForm:
    """Revision 0082: what was stored in another form of an id is moved to its one"
    " form, unless two would meet."""

    # (user before, user after): the third is alone in its form, of the fourth and fifth neither may give way.
    USERS = (("ann", "ann"), (" ann", " ann"), ("e\u0301va ", "éva"), ("i\u0301", "i\u0301"), ("í", "í"))

    def test_moves_what_can_be_told_apart(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url, "0070")
        with fresh.engine.begin() as connection:
            connection.execute(text("INSERT INTO tenants (tenant_id) VALUES ('t')"))
            for sql in ROWS:
                for user, _ in self.USERS:
                    connection.execute(text(sql), {"u": user})
        before = {table: fresh.rows(f"SELECT count(*) FROM {table}") for table in TABLES}
        migrate.upgrade_schema(fresh.engine)
        for table, column in TABLES.items():
            found = fresh.rows(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1")
            assert {row[0] for row in found} == {after for _, after in self.USERS}, table
        assert {table: fresh.rows(f"SELECT count(*) FROM {table}") for table in TABLES} == before
        of_eva = "tenant_id = 't' AND user_id = 'éva'"
        turns = "SELECT session_id, agent_id, ref FROM turns WHERE "
        assert fresh.rows(turns + of_eva) == [("só", "ágent", "réf")]
        assert fresh.rows(f"SELECT session_id FROM sessions WHERE {of_eva}") == [("só",)]
        assert fresh.rows(f"SELECT key FROM derivations WHERE {of_eva}") == [("só",)]
        assert fresh.rows(f"SELECT path FROM artifact_versions WHERE {of_eva}") == [("à.md",)]
        assert fresh.rows(f"SELECT state FROM session_states WHERE {of_eva}") == [
            ({"procedure": {"artifact": "à.md"}},)
        ]
        assert fresh.rows(f"SELECT epoch > 0 FROM users WHERE {of_eva}") == [(True,)]

    def test_goes_back_with_keys_that_two_users_share(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine)
        with fresh.engine.begin() as connection:
            connection.execute(text("INSERT INTO tenants (tenant_id) VALUES ('t')"))
            for user in ("ann", "bob"):
                connection.execute(text(KEY), {"u": user})
        migrate.downgrade_schema(fresh.engine, "0070")
        assert len(fresh.rows("SELECT user_id FROM idempotency_keys")) == 1


class TestModels:
    def test_are_what_the_migrations_make(self, fresh: Fresh):
        migrate.upgrade_schema(fresh.engine, fresh.service_url)
        options = {"compare_type": True, "compare_server_default": True}
        with fresh.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, models.Base.metadata) == []

    def test_the_revisions_are_one_line(self):
        assert len(SCRIPTS.get_heads()) == 1
        assert len(REVISIONS) >= 2
