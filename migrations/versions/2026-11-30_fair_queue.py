"""Workers ask whose turn it is; a fault that comes back is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
DUE = "status IN ('queued', 'running') AND run_after <= p_now AND (status = 'queued' OR lease_until < p_now)"

# From tenant to tenant by the index: however many jobs one of them has, it costs one step.
NEXT_TENANT = f"""
CREATE FUNCTION memcubed_next_tenant(p_stage text, p_after text, p_passed text[], p_now timestamptz)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_tenant text := p_after; wrapped boolean := false;
BEGIN
  LOOP
    SELECT tenant_id INTO found_tenant FROM jobs
    WHERE stage = p_stage AND tenant_id > found_tenant AND {DUE} ORDER BY tenant_id LIMIT 1;
    IF found_tenant IS NULL THEN
      IF wrapped THEN RETURN NULL; END IF;
      wrapped := true;
      found_tenant := '';
    ELSIF wrapped AND found_tenant > p_after THEN
      RETURN NULL;
    ELSIF found_tenant <> ALL (p_passed) THEN
      RETURN found_tenant;
    END IF;
  END LOOP;
END $$"""  # noqa: S608 - of constants
DUE_STAGES = f"""
CREATE FUNCTION memcubed_due_stages(p_stages text[], p_limit int, p_now timestamptz)
RETURNS TABLE (stage text, jobs bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT asked.stage, due.jobs FROM unnest(p_stages) AS asked (stage), LATERAL (
    SELECT count(*) AS jobs FROM (
      SELECT FROM jobs WHERE jobs.stage = asked.stage AND {DUE}
      ORDER BY jobs.tenant_id, jobs.user_id LIMIT p_limit) AS one) AS due
  WHERE due.jobs > 0
$$"""  # noqa: S608 - of constants
NEW = (
    ("memcubed_next_tenant(text, text, text[], timestamptz)", NEXT_TENANT),
    ("memcubed_due_stages(text[], int, timestamptz)", DUE_STAGES),
)
OLD = """
CREATE FUNCTION memcubed_due_jobs(p_now timestamptz, p_limit int)
RETURNS TABLE (tenant_id text, id uuid, stage text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, stage FROM (
    SELECT DISTINCT ON (tenant_id, user_id, stage) tenant_id, id, stage, run_after FROM jobs
    WHERE status IN ('queued', 'running') AND run_after <= p_now AND (status = 'queued' OR lease_until < p_now)
    ORDER BY tenant_id, user_id, stage, run_after) AS due
  ORDER BY run_after LIMIT p_limit
$$"""
WAITING = sa.text("status IN ('queued','running')")
RUNNING = sa.text("status = 'running'")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("faults", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.drop_index("ix_jobs_due", table_name="jobs")
    op.create_index(
        "ix_jobs_waiting", "jobs", ["stage", "tenant_id", "user_id", "run_after"], postgresql_where=WAITING
    )
    op.create_index("ix_jobs_running", "jobs", ["tenant_id", "stage", "user_id"], postgresql_where=RUNNING)
    op.execute("DROP FUNCTION memcubed_due_jobs(timestamptz, int)")
    for signature, function in NEW:
        op.execute(function)
        _grant(signature)


def downgrade() -> None:
    for signature, _ in NEW:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute(OLD)
    _grant("memcubed_due_jobs(timestamptz, int)")
    op.drop_index("ix_jobs_running", table_name="jobs")
    op.drop_index("ix_jobs_waiting", table_name="jobs")
    op.create_index("ix_jobs_due", "jobs", ["run_after"], postgresql_where=WAITING)
    op.drop_column("jobs", "faults")


def _grant(signature: str) -> None:
    op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")
