"""Grants between users of a tenant, and of whose memory a copied assertion is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
TENANT = "tenant_id = current_setting('memcubed.tenant', true)"
USER = "coalesce(current_setting('memcubed.user', true), '')"
# Both sides see a grant; only the owner writes it.
SEEN = f"{TENANT} AND {USER} IN ('', owner_user_id, grantee_user_id)"
WRITTEN = f"{TENANT} AND {USER} IN ('', owner_user_id)"


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Text(), nullable=False),
        sa.Column("grantee_user_id", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("memory_ids", postgresql.ARRAY(sa.Uuid())),
        sa.Column("kinds", postgresql.ARRAY(sa.Text())),
        sa.Column("tags", postgresql.ARRAY(sa.Text())),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_grants")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{side}_user_id"],
                ["users.tenant_id", "users.user_id"],
                name=op.f(f"fk_grants_tenant_id_{side}_user_id"),
                ondelete="CASCADE",
            )
            for side in ("owner", "grantee")
        ),
        sa.CheckConstraint("\"right\" IN ('read','copy')", name=op.f("ck_grants_right")),
        sa.CheckConstraint("owner_user_id <> grantee_user_id", name=op.f("ck_grants_distinct")),
    )
    op.create_index("ix_grants_owner", "grants", ["tenant_id", "owner_user_id", "id"])
    op.create_index("ix_grants_grantee", "grants", ["tenant_id", "grantee_user_id", "id"])
    op.execute("ALTER TABLE grants ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY grants_of_tenant ON grants TO {ROLE} USING ({SEEN}) WITH CHECK ({WRITTEN})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON grants TO {ROLE}")
    op.add_column("assertions", sa.Column("owner_user_id", sa.Text()))
    op.add_column("assertions", sa.Column("owner_memory_id", sa.Uuid()))
    op.add_column("assertions", sa.Column("owner_version", sa.Integer()))
    op.create_index(
        "ix_assertions_owner",
        "assertions",
        ["tenant_id", "owner_user_id", "owner_memory_id"],
        postgresql_where=sa.text("owner_user_id IS NOT NULL"),
    )


def downgrade() -> None:
    # The service before this revision knows no origin `copy`: what was copied is kept as concluded.
    op.execute("UPDATE assertions SET origin = 'inference' WHERE origin = 'copy'")
    op.execute("UPDATE memories SET origin = 'inference' WHERE origin = 'copy'")
    op.execute(
        "UPDATE memory_versions SET snapshot = jsonb_set(snapshot, '{origin}', '\"inference\"')"
        " WHERE snapshot ->> 'origin' = 'copy'"
    )
    op.drop_index("ix_assertions_owner", table_name="assertions")
    for column in ("owner_version", "owner_memory_id", "owner_user_id"):
        op.drop_column("assertions", column)
    op.drop_table("grants")
