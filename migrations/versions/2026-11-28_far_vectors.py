"""The vectors of large users a second time, each user's in a partition with an HNSW index of its own."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0070"
down_revision = "0062"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true) "
    "AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)

FUNCTIONS = {
    # Quoted before they are joined, so that no two triples are one text.
    "memcubed_far_scope(text, text, text)": """
CREATE FUNCTION memcubed_far_scope(p_tenant text, p_user text, p_model text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(encode(sha256(convert_to(
    quote_literal(p_tenant) || quote_literal(p_user) || quote_literal(p_model), 'UTF8')), 'hex'), 32)
$$""",
    "memcubed_has_far(text, text, text)": """
CREATE FUNCTION memcubed_has_far(p_tenant text, p_user text, p_model text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT to_regclass('memcubed_far.far_' || memcubed_far_scope(p_tenant, p_user, p_model)) IS NOT NULL
$$""",
    # A new table that nobody knows is filled and indexed, so nobody waits for that. Only what was written
    # meanwhile is put right while the user's row is locked, as every writer and eraser of the user locks it.
    "memcubed_build_far(text, text, text, int)": """
CREATE FUNCTION memcubed_build_far(p_tenant text, p_user text, p_model text, p_dimensions int)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_scope text := memcubed_far_scope(p_tenant, p_user, p_model);
  v_far text := format('memcubed_far.%I', 'far_' || v_scope);
  v_rows bigint;
BEGIN
  IF p_tenant IS DISTINCT FROM current_setting('memcubed.tenant', true) THEN
    RAISE insufficient_privilege USING MESSAGE = 'another tenant';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended(v_scope, 1)) OR to_regclass(v_far) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %s (LIKE far_vectors INCLUDING INDEXES, CHECK (scope = %L))', v_far, v_scope);
  EXECUTE format('INSERT INTO %s SELECT tenant_id, %L, id, user_id, model_id, of_turn, vector '
    'FROM embeddings WHERE tenant_id = %L AND user_id = %L AND model_id = %L',
    v_far, v_scope, p_tenant, p_user, p_model);
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  -- Vectors, neighbours and bookkeeping: a graph that does not fit is built many times slower.
  PERFORM set_config('maintenance_work_mem',
    greatest(65536, least(8388608, v_rows * (2 * p_dimensions + 1200) / 1024))::text || 'kB', true);
  EXECUTE format('CREATE INDEX ON %s USING hnsw ((vector::halfvec(%s)) halfvec_cosine_ops) WHERE of_turn',
    v_far, p_dimensions);
  EXECUTE format('CREATE INDEX ON %s USING hnsw ((vector::halfvec(%s)) halfvec_cosine_ops) WHERE NOT of_turn',
    v_far, p_dimensions);
  EXECUTE format('ANALYZE %s', v_far);
  PERFORM FROM users WHERE tenant_id = p_tenant AND user_id = p_user FOR UPDATE;
  EXECUTE format('DELETE FROM %s f WHERE NOT EXISTS (SELECT FROM embeddings e WHERE '
    'e.tenant_id = f.tenant_id AND e.id = f.id AND e.model_id = f.model_id AND e.vector = f.vector)', v_far);
  EXECUTE format('INSERT INTO %s SELECT tenant_id, %L, id, user_id, model_id, of_turn, vector '
    'FROM embeddings WHERE tenant_id = %L AND user_id = %L AND model_id = %L ON CONFLICT DO NOTHING',
    v_far, v_scope, p_tenant, p_user, p_model);
  EXECUTE format('ALTER TABLE far_vectors ATTACH PARTITION %s FOR VALUES IN (%L)', v_far, v_scope);
  RETURN true;
END $$""",
    # Without the rows, deleting them one by one is quick; the empty partition goes with the next pruning.
    "memcubed_clear_far(text, text)": """
CREATE FUNCTION memcubed_clear_far(p_tenant text, p_user text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_far text;
BEGIN
  IF p_tenant IS DISTINCT FROM current_setting('memcubed.tenant', true)
     OR coalesce(current_setting('memcubed.user', true), '') NOT IN ('', p_user) THEN
    RAISE insufficient_privilege USING MESSAGE = 'another tenant or user';
  END IF;
  FOR v_far IN SELECT format('memcubed_far.%I', 'far_' || memcubed_far_scope(p_tenant, p_user, model_id))
               FROM embedding_models LOOP
    IF to_regclass(v_far) IS NOT NULL THEN
      EXECUTE 'TRUNCATE ' || v_far;
    END IF;
  END LOOP;
END $$""",
    "memcubed_prune_far(int)": """
CREATE FUNCTION memcubed_prune_far(p_least int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_far regclass;
  v_rows bigint;
  v_dropped int := 0;
BEGIN
  FOR v_far IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'far_vectors'::regclass LOOP
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT $1) f', v_far) INTO v_rows USING p_least;
    IF v_rows < p_least THEN
      EXECUTE format('DROP TABLE %s', v_far);
      v_dropped := v_dropped + 1;
    END IF;
  END LOOP;
  RETURN v_dropped;
END $$""",
}
FOLLOW = """
CREATE FUNCTION memcubed_far_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_row embeddings := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  v_scope text := memcubed_far_scope(v_row.tenant_id, v_row.user_id, v_row.model_id);
BEGIN
  IF to_regclass('memcubed_far.far_' || v_scope) IS NULL THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' THEN
    DELETE FROM far_vectors WHERE scope = v_scope AND tenant_id = v_row.tenant_id AND id = v_row.id;
  ELSE
    INSERT INTO far_vectors (tenant_id, scope, id, user_id, model_id, of_turn, vector)
    VALUES (v_row.tenant_id, v_scope, v_row.id, v_row.user_id, v_row.model_id, v_row.of_turn, v_row.vector)
    ON CONFLICT (tenant_id, scope, id) DO UPDATE SET vector = excluded.vector;
  END IF;
  RETURN NULL;
END $$"""
TRIGGER = """
CREATE TRIGGER memcubed_far_follow AFTER INSERT OR UPDATE OR DELETE ON embeddings
FOR EACH ROW EXECUTE FUNCTION memcubed_far_follow()"""


def upgrade() -> None:
    op.create_table(
        "far_vectors",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("of_turn", sa.Boolean(), nullable=False),
        sa.Column("vector", HALFVEC(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "id", name=op.f("pk_far_vectors")),
        postgresql_partition_by="LIST (scope)",
    )
    op.execute("ALTER TABLE far_vectors ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY far_vectors_of_tenant ON far_vectors TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON far_vectors TO {ROLE}")
    # The service can't name a partition, so it reads them through the policy alone.
    op.execute("CREATE SCHEMA memcubed_far")
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")
    op.execute(FOLLOW)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER memcubed_far_follow ON embeddings")
    op.execute("DROP FUNCTION memcubed_far_follow()")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("far_vectors")
    op.execute("DROP SCHEMA memcubed_far")
