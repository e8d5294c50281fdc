"""Snapshots: recorded moments that a user's memory can be rolled back to."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)


def upgrade() -> None:
    op.create_table(
        "snapshots",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_snapshots_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_snapshots")),
    )
    op.create_index("ix_snapshots_user", "snapshots", ["tenant_id", "user_id", "id"])
    op.execute("ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY snapshots_of_tenant ON snapshots TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots TO {ROLE}")


def downgrade() -> None:
    op.drop_table("snapshots")
