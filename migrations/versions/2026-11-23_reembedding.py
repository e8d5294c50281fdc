"""Several embedding models side by side: how each is reached, which is in use, and the runs that change it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0021"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"

# What the service must know of all tenants together; nothing here shows content.
FUNCTIONS = (
    """
CREATE FUNCTION memcubed_next_tenant(p_after text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT min(tenant_id) FROM tenants WHERE tenant_id > p_after
$$""",
    """
CREATE FUNCTION memcubed_embedding_counts() RETURNS TABLE (model_id text, vectors bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT model_id, count(*) FROM embeddings GROUP BY model_id
$$""",
    """
CREATE FUNCTION memcubed_embeddings_missing(p_source text, p_target text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FROM embeddings e
  WHERE e.model_id = p_source AND NOT EXISTS (
    SELECT 1 FROM embeddings n WHERE n.tenant_id = e.tenant_id AND n.id = e.id AND n.model_id = p_target)
$$""",
    # The lock first, in a statement of its own, so that the serial is the one after the switch it waited for.
    """
CREATE FUNCTION memcubed_embedding_serial() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1835363683, 1);
  RETURN (SELECT serial FROM embedding_models WHERE active);
END $$""",
)
SIGNATURES = (
    "memcubed_next_tenant(text)",
    "memcubed_embedding_counts()",
    "memcubed_embeddings_missing(text, text)",
    "memcubed_embedding_serial()",
)


def upgrade() -> None:
    op.add_column("embedding_models", sa.Column("embeddings", sa.Text(), nullable=True))
    op.add_column("embedding_models", sa.Column("model", sa.Text(), nullable=True))
    for name in ("query_prefix", "passage_prefix"):
        column = sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        op.add_column("embedding_models", column)
    op.add_column(
        "embedding_models", sa.Column("serial", sa.BigInteger(), server_default=sa.text("1"), nullable=False)
    )
    # An endpoint's model is told apart by its dimension from now on, so that it can change alone. The
    # endpoint itself was never noted: the settings name it.
    op.execute(
        "UPDATE embedding_models SET model = model_id, embeddings ="
        " CASE WHEN model_id = 'all-MiniLM-L6-v2-int8' THEN 'local' ELSE 'configured' END"
    )
    op.execute(
        "UPDATE embeddings e SET model_id = m.model_id || '@' || m.dimensions FROM embedding_models m"
        " WHERE m.model_id = e.model_id AND m.embeddings <> 'local'"
    )
    op.execute(
        "UPDATE embedding_models SET model_id = model_id || '@' || dimensions WHERE embeddings <> 'local'"
    )
    op.alter_column("embedding_models", "embeddings", nullable=False)
    op.alter_column("embedding_models", "model", nullable=False)
    op.create_index(
        "uq_embedding_models_active",
        "embedding_models",
        ["active"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    _create_reembeddings()
    for function, signature in zip(FUNCTIONS, SIGNATURES, strict=True):
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")


def _create_reembeddings() -> None:
    op.create_table(
        "reembeddings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("source_model_id", sa.Text(), nullable=False),
        sa.Column("target_model_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("drop_old", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cursor_tenant", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cursor_id", sa.Uuid(), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("action IN ('fill','drop')", name=op.f("ck_reembeddings_action")),
        sa.CheckConstraint(
            "status IN ('queued','running','succeeded','failed','cancelled')",
            name=op.f("ck_reembeddings_status"),
        ),
        sa.ForeignKeyConstraint(
            ["source_model_id"],
            ["embedding_models.model_id"],
            name=op.f("fk_reembeddings_source_model_id"),
        ),
        sa.ForeignKeyConstraint(
            ["target_model_id"],
            ["embedding_models.model_id"],
            name=op.f("fk_reembeddings_target_model_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reembeddings")),
    )
    op.create_index(
        "uq_reembeddings_under_way",
        "reembeddings",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("status IN ('queued','running')"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON reembeddings TO {ROLE}")


def downgrade() -> None:
    for signature in SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("reembeddings")
    # Before this there was one model: vectors of others would never be read, nor go with their turns.
    op.execute(
        "DELETE FROM embeddings WHERE model_id NOT IN (SELECT model_id FROM embedding_models WHERE active)"
    )
    op.execute("DELETE FROM embedding_models WHERE NOT active")
    op.drop_index("uq_embedding_models_active", table_name="embedding_models")
    op.execute(
        "UPDATE embeddings e SET model_id = m.model FROM embedding_models m WHERE m.model_id = e.model_id"
    )
    op.execute("UPDATE embedding_models SET model_id = model")
    for name in ("serial", "passage_prefix", "query_prefix", "model", "embeddings"):
        op.drop_column("embedding_models", name)
