"""Who asked for a pack stands in Postgres, not in messages; the same words may be of two forms."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(nullif(current_setting('memcubed.user', true), ''), user_id) = user_id"
)
SIGNATURE = "memcubed_take_pack_request()"
TAKE = f"""
CREATE FUNCTION {SIGNATURE} RETURNS TABLE (tenant_id text, user_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM pack_requests p USING (
    SELECT q.tenant_id, q.user_id FROM pack_requests q ORDER BY q.at LIMIT 1 FOR UPDATE SKIP LOCKED) AS first
  WHERE p.tenant_id = first.tenant_id AND p.user_id = first.user_id RETURNING p.tenant_id, p.user_id
$$"""  # noqa: S608 - of constants
REQUESTED = "memcubed_pack_requested()"
IS_REQUESTED = f"""
CREATE FUNCTION {REQUESTED} RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM pack_requests)
$$"""  # noqa: S608 - of constants
INSTANTS = "at BETWEEN '0002-01-01 00:00:00+00'::timestamptz AND '9998-12-31 23:59:59.999999+00'::timestamptz"
CURRENT = sa.text("status IN ('generated','activated')")


def upgrade() -> None:
    op.create_table(
        "pack_requests",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_pack_requests_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_pack_requests")),
        sa.CheckConstraint(INSTANTS, name=op.f("ck_pack_requests_instants")),
    )
    op.create_index("ix_pack_requests_at", "pack_requests", ["at"])
    op.execute("ALTER TABLE pack_requests ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY pack_requests_of_tenant ON pack_requests TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pack_requests TO {ROLE}")
    for signature, function in ((SIGNATURE, TAKE), (REQUESTED, IS_REQUESTED)):
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {ROLE}")
    _index("form", "kind", "content_hash")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute(f"DROP FUNCTION {REQUESTED}")
    op.drop_table("pack_requests")
    # Of the same words in two forms only one can stay current: the one that was written first.
    op.execute("ALTER TABLE memories DISABLE TRIGGER memcubed_memory_guard")  # it would refuse frozen ones
    op.execute(
        "UPDATE memories m SET status = 'archived' FROM memories o WHERE o.tenant_id = m.tenant_id"
        " AND o.user_id = m.user_id AND o.kind = m.kind AND o.content_hash = m.content_hash"
        " AND o.id < m.id AND o.status IN ('generated','activated') AND m.status IN ('generated','activated')"
    )
    op.execute("ALTER TABLE memories ENABLE TRIGGER memcubed_memory_guard")
    _index("kind", "content_hash")


def _index(*columns: str) -> None:
    op.drop_index("uq_memories_content", table_name="memories")
    op.create_index(
        "uq_memories_content",
        "memories",
        ["tenant_id", "user_id", *columns],
        unique=True,
        postgresql_where=CURRENT,
    )
