"""Denials keep their slot without holding it, jobs may be set to run alone, and the sweep is fair to users."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HOLDS = "form = 'state' AND status = 'activated' AND attribute IS NOT NULL AND volatility <> 'disputable'"
NOT_A_DENIAL = "(polarity > 0 OR value IN ('yes','no'))"
SLOT = ["tenant_id", "user_id", "subject", "attribute"]

DUE_JOBS = """
CREATE OR REPLACE FUNCTION memcubed_due_jobs(p_now timestamptz, p_limit int)
RETURNS TABLE (tenant_id text, id uuid, stage text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, stage FROM jobs
  WHERE status IN ('queued', 'running') AND run_after <= p_now AND (status = 'queued' OR lease_until < p_now)
  ORDER BY run_after LIMIT p_limit
$$"""
DUE_JOBS_BY_USER = """
CREATE OR REPLACE FUNCTION memcubed_due_jobs(p_now timestamptz, p_limit int)
RETURNS TABLE (tenant_id text, id uuid, stage text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, stage FROM (
    SELECT DISTINCT ON (tenant_id, user_id, stage) tenant_id, id, stage, run_after FROM jobs
    WHERE status IN ('queued', 'running') AND run_after <= p_now AND (status = 'queued' OR lease_until < p_now)
    ORDER BY tenant_id, user_id, stage, run_after) AS due
  ORDER BY run_after LIMIT p_limit
$$"""


def upgrade() -> None:
    op.add_column("jobs", sa.Column("alone", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("uq_memories_slot", table_name="memories")
    op.create_index(
        "uq_memories_slot",
        "memories",
        SLOT,
        unique=True,
        postgresql_where=sa.text(f"{HOLDS} AND {NOT_A_DENIAL}"),
    )
    op.execute(DUE_JOBS_BY_USER)


def downgrade() -> None:
    op.execute(DUE_JOBS)
    op.drop_index("uq_memories_slot", table_name="memories")
    # A denial that kept its slot would now compete for it.
    op.execute(
        "UPDATE memories SET subject = NULL, attribute = NULL, value = NULL"
        " WHERE polarity < 0 AND attribute IS NOT NULL AND value NOT IN ('yes','no')"
    )
    op.create_index("uq_memories_slot", "memories", SLOT, unique=True, postgresql_where=sa.text(HOLDS))
    op.drop_column("jobs", "alone")
