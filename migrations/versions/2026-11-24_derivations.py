"""What summaries, insights and portraits are derived from, and whose sessions ended or sources changed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0040"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)
BEFORE = "memcubed_due_users(timestamptz, timestamptz, int)"
AFTER = "memcubed_due_users(timestamptz, timestamptz, timestamptz, int)"
DUE_USERS = """
CREATE FUNCTION memcubed_due_users(p_now timestamptz, p_before timestamptz, {idle} p_limit int)
RETURNS TABLE (tenant_id text, user_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.tenant_id, u.user_id FROM users u
  WHERE (coalesce(u.consolidated_at, u.created_at) < p_before OR EXISTS (
           SELECT 1 FROM memories m WHERE m.tenant_id = u.tenant_id AND m.user_id = u.user_id
             AND m.expires_at <= p_now AND m.status = 'activated' AND NOT m.frozen){more})
    AND NOT EXISTS (
      SELECT 1 FROM jobs j WHERE j.tenant_id = u.tenant_id AND j.user_id = u.user_id
        AND j.stage = 'consolidate' AND j.status IN ('queued', 'running'))
  ORDER BY u.consolidated_at NULLS FIRST LIMIT p_limit
$$"""
MORE = """
         OR EXISTS (
           SELECT 1 FROM memories m WHERE m.tenant_id = u.tenant_id AND m.user_id = u.user_id
             AND m.stale AND m.status = 'activated' AND NOT m.frozen)
         OR EXISTS (
           SELECT 1 FROM sessions s WHERE s.tenant_id = u.tenant_id AND s.user_id = u.user_id
             AND s.touched_at IS NOT NULL AND (s.closed_at IS NOT NULL OR s.touched_at <= p_idle))"""


def upgrade() -> None:
    op.add_column("sessions", sa.Column("touched_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_sessions_touched",
        "sessions",
        ["tenant_id", "user_id"],
        postgresql_where=sa.text("touched_at IS NOT NULL"),
    )
    op.create_index(
        "ix_memories_stale", "memories", ["tenant_id", "user_id"], postgresql_where=sa.text("stale")
    )
    op.create_table(
        "derivations",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("memory_id", sa.Uuid()),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "basis", "key", name=op.f("pk_derivations")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_derivations_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "memory_id"],
            ["memories.tenant_id", "memories.id"],
            name=op.f("fk_derivations_tenant_id_memory_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("basis IN ('session','day','cluster','user')", name=op.f("ck_derivations_basis")),
    )
    op.create_index("ix_derivations_memory", "derivations", ["tenant_id", "memory_id"])
    op.execute("ALTER TABLE derivations ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY derivations_of_tenant ON derivations TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON derivations TO {ROLE}")
    op.execute(f"DROP FUNCTION {BEFORE}")
    op.execute(DUE_USERS.format(idle="p_idle timestamptz,", more=MORE))
    op.execute(f"REVOKE EXECUTE ON FUNCTION {AFTER} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {AFTER} TO {ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {AFTER}")
    op.execute(DUE_USERS.format(idle="", more=""))
    op.execute(f"REVOKE EXECUTE ON FUNCTION {BEFORE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {BEFORE} TO {ROLE}")
    op.drop_table("derivations")
    op.drop_index("ix_memories_stale", table_name="memories")
    op.drop_index("ix_sessions_touched", table_name="sessions")
    op.drop_column("sessions", "touched_at")
