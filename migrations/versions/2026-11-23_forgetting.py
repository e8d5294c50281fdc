"""Pins, times to live and the jobs that consolidate."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
MEMORY_GUARD = """
CREATE OR REPLACE FUNCTION memcubed_memory_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE refold boolean := coalesce(current_setting('memcubed.refold', true), '') = 'on';
BEGIN
  IF OLD.frozen AND NEW.frozen AND (NEW.content, NEW.status, NEW.valid_to, NEW.tags, NEW.keywords)
      IS DISTINCT FROM (OLD.content, OLD.status, OLD.valid_to, OLD.tags, OLD.keywords) THEN
    RAISE EXCEPTION 'memory % is frozen', OLD.id USING ERRCODE = 'MC001';
  END IF;
  IF NEW.status <> OLD.status AND NOT (
       (OLD.status = 'generated' AND NEW.status IN ('activated', 'expired'))
    OR (OLD.status = 'activated' AND NEW.status IN ('merged', 'superseded', 'archived', 'expired'))
    {archived}
    OR (OLD.status IN ('merged', 'superseded') AND NEW.status = 'expired')
    OR (OLD.status IN ('merged', 'superseded') AND NEW.status = 'activated' AND refold)) THEN
    RAISE EXCEPTION 'illegal move % -> %', OLD.status, NEW.status USING ERRCODE = 'MC002';
  END IF;
  IF NEW.content IS DISTINCT FROM OLD.content AND NEW.version <= OLD.version THEN
    RAISE EXCEPTION 'a change of content needs a new version' USING ERRCODE = 'MC003';
  END IF;
  RETURN NEW;
END $$
"""
# A re-fold may find that what was archived is no longer true.
ARCHIVED = (
    "OR (OLD.status = 'archived' AND NEW.status IN ('activated', 'expired'))"
    " OR (OLD.status = 'archived' AND NEW.status = 'superseded' AND refold)"
)
ARCHIVED_BEFORE = "OR (OLD.status = 'archived' AND NEW.status IN ('activated', 'expired'))"
DUE_USERS = """
CREATE FUNCTION memcubed_due_users(p_now timestamptz, p_before timestamptz, p_limit int)
RETURNS TABLE (tenant_id text, user_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.tenant_id, u.user_id FROM users u
  WHERE (coalesce(u.consolidated_at, u.created_at) < p_before OR EXISTS (
           SELECT 1 FROM memories m WHERE m.tenant_id = u.tenant_id AND m.user_id = u.user_id
             AND m.expires_at <= p_now AND m.status = 'activated' AND NOT m.frozen))
    AND NOT EXISTS (
      SELECT 1 FROM jobs j WHERE j.tenant_id = u.tenant_id AND j.user_id = u.user_id
        AND j.stage = 'consolidate' AND j.status IN ('queued', 'running'))
  ORDER BY u.consolidated_at NULLS FIRST LIMIT p_limit
$$"""
SIGNATURE = "memcubed_due_users(timestamptz, timestamptz, int)"


def upgrade() -> None:
    op.add_column("users", sa.Column("consolidated_at", sa.DateTime(timezone=True)))
    op.add_column(
        "usage",
        sa.Column("consolidation_calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("memories", sa.Column("expires_at", sa.DateTime(timezone=True)))
    op.add_column(
        "memories", sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index(
        "ix_memories_expiry",
        "memories",
        ["tenant_id", "user_id", "expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL AND status = 'activated'"),
    )
    op.drop_constraint(op.f("ck_jobs_stage"), "jobs")
    op.create_check_constraint(op.f("ck_jobs_stage"), "jobs", "stage IN ('ingest','extract','consolidate')")
    op.execute(MEMORY_GUARD.format(archived=ARCHIVED))
    op.execute(DUE_USERS)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute(MEMORY_GUARD.format(archived=ARCHIVED_BEFORE))
    op.execute("DELETE FROM jobs WHERE stage = 'consolidate'")
    op.drop_constraint(op.f("ck_jobs_stage"), "jobs")
    op.create_check_constraint(op.f("ck_jobs_stage"), "jobs", "stage IN ('ingest','extract')")
    op.drop_index("ix_memories_expiry", table_name="memories")
    op.drop_column("memories", "pinned")
    op.drop_column("memories", "expires_at")
    op.drop_column("usage", "consolidation_calls")
    op.drop_column("users", "consolidated_at")
