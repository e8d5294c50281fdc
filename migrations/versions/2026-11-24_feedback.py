"""Feedback on searches, and the versions of a tenant's ranker that are learned from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
TENANT = "tenant_id = current_setting('memcubed.tenant', true)"
USER = "coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
RULES = {"feedback": f"{TENANT} AND {USER}", "rankers": TENANT, "ranker_versions": TENANT}

SIGNATURE = "memcubed_user_state(text, text)"
USER_STATE = """
CREATE FUNCTION memcubed_user_state(p_tenant text, p_user text)
RETURNS TABLE (serial bigint, revision bigint, epoch bigint{column})
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.serial, coalesce(u.revision, 0), coalesce(u.epoch, 0){value}
  FROM embedding_models m LEFT JOIN users u ON u.tenant_id = p_tenant AND u.user_id = p_user{join}
  WHERE m.active
$$"""
WITHOUT = USER_STATE.format(column="", value="", join="")
WITH = USER_STATE.format(
    column=", ranker bigint",
    value=", coalesce(r.version, 0)",
    join=" LEFT JOIN rankers r ON r.tenant_id = p_tenant",
)


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("ranker", sa.Integer(), nullable=False),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cited_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_feedback")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_feedback_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_feedback_at", "feedback", ["tenant_id", "at", "id"])
    op.create_index("ix_feedback_user", "feedback", ["tenant_id", "user_id"])
    op.create_index("ix_feedback_cited", "feedback", ["cited_ids"], postgresql_using="gin")
    op.create_table(
        "rankers",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reset_at", sa.DateTime(timezone=True)),
        sa.Column("trained_at", sa.DateTime(timezone=True)),
        sa.Column("training", postgresql.JSONB(astext_type=sa.Text())),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_rankers")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_rankers_tenant_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "ranker_versions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("training", postgresql.JSONB(astext_type=sa.Text())),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_ranker_versions")),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["rankers.tenant_id"],
            name=op.f("fk_ranker_versions_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("reason IN ('learned','reset')", name=op.f("ck_ranker_versions_reason")),
    )
    for table, rule in RULES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_tenant ON {table} TO {ROLE} USING ({rule}) WITH CHECK ({rule})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")
    _replace(WITH)


def downgrade() -> None:
    _replace(WITHOUT)
    for table in ("ranker_versions", "rankers", "feedback"):
        op.drop_table(table)


def _replace(function: str) -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute(function)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {ROLE}")
