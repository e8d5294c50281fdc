"""Artifacts: texts, JSON documents and references under a path, with all their versions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)
TABLES = ("artifacts", "artifact_versions")


def upgrade() -> None:
    op.create_table(
        "artifacts",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_artifacts_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "path", name=op.f("pk_artifacts")),
    )
    op.create_index("ix_artifacts_list", "artifacts", ["tenant_id", "user_id", "id"])
    op.create_table(
        "artifact_versions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column(
            "metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "type IN ('text','json','activation','parametric')", name=op.f("ck_artifact_versions_type")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id", "path"],
            ["artifacts.tenant_id", "artifacts.user_id", "artifacts.path"],
            name=op.f("fk_artifact_versions_tenant_id_user_id_path"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "path", "version", name=op.f("pk_artifact_versions")),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_tenant ON {table} TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")


def downgrade() -> None:
    op.drop_table("artifact_versions")
    op.drop_table("artifacts")
