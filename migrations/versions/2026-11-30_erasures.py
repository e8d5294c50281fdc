"""Receipts of erasures, a guard against keys that outlive their user, and the rights to rewrite files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
# A receipt is the tenant's: a key that is bound to a user sees none.
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') = ''"
)
# What processes and jobs look at without a tenant; nothing in it tells whose erasure it was.
FUNCTIONS = {
    "memcubed_recent_erasures(interval)": """
CREATE FUNCTION memcubed_recent_erasures(p_within interval) RETURNS TABLE (tenant_id text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id FROM erasures WHERE recorded_at > now() - p_within
$$""",
    "memcubed_open_erasures()": """
CREATE FUNCTION memcubed_open_erasures()
RETURNS TABLE (tenant_id text, id uuid, erased_at timestamptz, redis_at timestamptz, files_at timestamptz,
               tried_at timestamptz, files_due_at timestamptz, files_left text[], wal_from text, wal_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, erased_at, redis_at, files_at, tried_at, files_due_at, files_left, wal_from, wal_at
  FROM erasures WHERE redis_at IS NULL OR files_at IS NULL OR wal_at IS NULL OR files_left <> '{}'
  ORDER BY recorded_at
$$""",
    # ANALYZE leaves the samples of a table that it finds empty; only a superuser may delete them.
    "memcubed_forget_samples()": """
CREATE FUNCTION memcubed_forget_samples() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM pg_statistic s USING pg_class c
  WHERE c.oid = s.starelid AND c.relnamespace = 'public'::regnamespace AND c.reltuples = 0;
  RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN false;
END $$""",
    "memcubed_last_rewrite()": """
CREATE FUNCTION memcubed_last_rewrite() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT max(tried_at) FROM erasures
$$""",
}
# A key that was looked up before an erasure, and writes after it, must not make its user again. As the row
# is inserted last of all the erasure has ended, and with it the key.
GUARD = """
CREATE FUNCTION memcubed_bound_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.user_id = current_setting('memcubed.user', true) AND NOT EXISTS (
      SELECT FROM api_keys k WHERE k.tenant_id = NEW.tenant_id AND k.user_id = NEW.user_id
        AND k.revoked_at IS NULL) THEN
    RAISE EXCEPTION 'the key of this user has ended' USING ERRCODE = 'MK001';
  END IF;
  RETURN NULL;
END $$"""
TRIGGER = """
CREATE TRIGGER memcubed_bound_user AFTER INSERT ON users
FOR EACH ROW EXECUTE FUNCTION memcubed_bound_user()"""
# As in app/core/instants.py.
INSTANTS = " AND ".join(
    f"{column} BETWEEN '0002-01-01 00:00:00+00'::timestamptz AND '9998-12-31 23:59:59.999999+00'::timestamptz"
    for column in ("erased_at", "recorded_at", "redis_at", "tried_at", "files_due_at", "files_at", "wal_at")
)
# An owner who is no superuser may not give all of these: the receipts then say what is left to do by hand.
RIGHTS = (
    "MAINTAIN ON pg_catalog.pg_statistic",
    "EXECUTE ON FUNCTION pg_catalog.pg_switch_wal()",
    "EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir()",
)
# This one is the role's in every database of the server: another that is at this revision still needs it,
# which is told by a right that only this revision gives.
CHECKPOINT = "pg_checkpoint"
IS_LAST = """NOT EXISTS (SELECT FROM pg_shdepend d WHERE d.classid = 'pg_proc'::regclass
  AND d.objid = 'pg_catalog.pg_ls_waldir()'::regprocedure AND d.refclassid = 'pg_authid'::regclass
  AND d.refobjid = '{role}'::regrole AND d.dbid <> (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=True),
        sa.Column("redis_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files_left", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("files_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wal_from", sa.Text(), nullable=True),
        sa.Column("wal_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_erasures_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_erasures")),
        sa.CheckConstraint(INSTANTS, name=op.f("ck_erasures_instants")),
    )
    op.create_index("ix_erasures_recorded_at", "erasures", ["recorded_at"])
    op.execute("ALTER TABLE erasures ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY erasures_of_tenant ON erasures TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON erasures TO {ROLE}")
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")
    op.execute(GUARD)
    op.execute(TRIGGER)
    if _has_maintain():
        op.execute(f"GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {ROLE}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT MAINTAIN ON TABLES TO {ROLE}")
        for right in (*RIGHTS, CHECKPOINT):
            _try(f"GRANT {right} TO {ROLE}")


def downgrade() -> None:
    if _has_maintain():
        for right in RIGHTS:
            _try(f"REVOKE {right} FROM {ROLE}")
        _try(f"IF {IS_LAST.format(role=ROLE)} THEN REVOKE {CHECKPOINT} FROM {ROLE}; END IF")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE MAINTAIN ON TABLES FROM {ROLE}")
        op.execute(f"REVOKE MAINTAIN ON ALL TABLES IN SCHEMA public FROM {ROLE}")
    op.execute("DROP TRIGGER memcubed_bound_user ON users")
    op.execute("DROP FUNCTION memcubed_bound_user()")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("erasures")


def _try(command: str) -> None:
    """Do what takes a superuser, or go on without."""
    op.execute(
        f"DO $$ BEGIN {command}; EXCEPTION WHEN insufficient_privilege OR undefined_object THEN "
        "RAISE NOTICE 'a right of the service stays as it was'; END $$"
    )


def _has_maintain() -> bool:
    """The privilege to rewrite a table without owning it came with Postgres 17."""
    return op.get_bind().dialect.server_version_info >= (17,)
