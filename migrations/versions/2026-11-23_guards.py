"""The rights of the service role, row-level security and the guard of a memory's life."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
BY_TENANT = ("tenants", "api_keys", "usage")
BY_USER = (
    "users",
    "sessions",
    "turns",
    "embeddings",
    "segments",
    "jobs",
    "memories",
    "assertions",
    "memory_versions",
    "links",
    "idempotency_keys",
)
SHARED = ("workers", "embedding_models")

TENANT = "tenant_id = current_setting('memcubed.tenant', true)"
USER = "coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"

MEMORY_GUARD = """
CREATE FUNCTION memcubed_memory_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE refold boolean := coalesce(current_setting('memcubed.refold', true), '') = 'on';
BEGIN
  IF OLD.frozen AND NEW.frozen AND (NEW.content, NEW.status, NEW.valid_to, NEW.tags, NEW.keywords)
      IS DISTINCT FROM (OLD.content, OLD.status, OLD.valid_to, OLD.tags, OLD.keywords) THEN
    RAISE EXCEPTION 'memory % is frozen', OLD.id USING ERRCODE = 'MC001';
  END IF;
  IF NEW.status <> OLD.status AND NOT (
       (OLD.status = 'generated' AND NEW.status IN ('activated', 'expired'))
    OR (OLD.status = 'activated' AND NEW.status IN ('merged', 'superseded', 'archived', 'expired'))
    OR (OLD.status = 'archived' AND NEW.status IN ('activated', 'expired'))
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

# What the service must read before it knows a tenant, or over all tenants; nothing here shows content.
DEFINER_FUNCTIONS = (
    """
CREATE FUNCTION memcubed_find_key(p_hash bytea)
RETURNS TABLE (tenant_id text, id uuid, scopes text[], user_id text, expires_at timestamptz,
               revoked_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, scopes, user_id, expires_at, revoked_at, last_used_at FROM api_keys WHERE hash = p_hash
$$""",
    """
CREATE FUNCTION memcubed_due_jobs(p_now timestamptz, p_limit int)
RETURNS TABLE (tenant_id text, id uuid, stage text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT tenant_id, id, stage FROM jobs
  WHERE status IN ('queued', 'running') AND run_after <= p_now AND (status = 'queued' OR lease_until < p_now)
  ORDER BY run_after LIMIT p_limit
$$""",
    """
CREATE FUNCTION memcubed_job_counts()
RETURNS TABLE (status text, stage text, jobs bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT status, stage, count(*), min(created_at) FROM jobs
  WHERE status IN ('queued', 'running', 'failed', 'dead') GROUP BY status, stage
$$""",
    """
CREATE FUNCTION memcubed_usage_totals()
RETURNS TABLE (jobs_succeeded numeric, jobs_dead numeric, memories_written numeric, facts_refused numeric,
               llm_calls numeric, llm_failed_calls numeric, prompt_tokens numeric, completion_tokens numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT sum(jobs_succeeded), sum(jobs_dead), sum(memories_written), sum(facts_refused), sum(llm_calls),
         sum(llm_failed_calls), sum(prompt_tokens), sum(completion_tokens) FROM usage
$$""",
    """
CREATE FUNCTION memcubed_prune_idempotency(p_before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (DELETE FROM idempotency_keys WHERE created_at < p_before RETURNING 1) SELECT count(*) FROM gone
$$""",
)
DEFINER_SIGNATURES = (
    "memcubed_find_key(bytea)",
    "memcubed_due_jobs(timestamptz, int)",
    "memcubed_job_counts()",
    "memcubed_usage_totals()",
    "memcubed_prune_idempotency(timestamptz)",
)


def upgrade() -> None:
    op.execute(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN "
        f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLE}")
    for table in (*BY_TENANT, *BY_USER):
        rule = TENANT if table in BY_TENANT else f"{TENANT} AND {USER}"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_tenant ON {table} TO {ROLE} USING ({rule}) WITH CHECK ({rule})")
    for table in (*BY_TENANT, *BY_USER, *SHARED):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
    op.execute(MEMORY_GUARD)
    op.execute(
        "CREATE TRIGGER memcubed_memory_guard BEFORE UPDATE ON memories "
        "FOR EACH ROW EXECUTE FUNCTION memcubed_memory_guard()"
    )
    for function, signature in zip(DEFINER_FUNCTIONS, DEFINER_SIGNATURES, strict=True):
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")


def downgrade() -> None:
    for signature in DEFINER_SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TRIGGER memcubed_memory_guard ON memories")
    op.execute("DROP FUNCTION memcubed_memory_guard()")
    for table in (*BY_TENANT, *BY_USER):
        op.execute(f"DROP POLICY {table}_of_tenant ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    # The role is shared by all databases of the cluster, so only its rights in this one go.
    op.execute(f"DROP OWNED BY {ROLE}")
