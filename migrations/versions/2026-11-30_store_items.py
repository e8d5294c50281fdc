"""Store items: JSON objects under a namespace and a key, with an expiry and vectors of their texts."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)
TABLES = ("store_items", "store_vectors")
FIRST, LAST = "'0002-01-01 00:00:00+00'::timestamptz", "'9998-12-31 23:59:59.999999+00'::timestamptz"
INSTANTS = " AND ".join(
    f"{name} BETWEEN {FIRST} AND {LAST}" for name in ("created_at", "updated_at", "expires_at")
)


def upgrade() -> None:
    op.create_table(
        "store_items",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("namespace", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ttl_minutes", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_store_items_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "namespace", "key", name=op.f("pk_store_items")),
        sa.CheckConstraint(INSTANTS, name=op.f("ck_store_items_instants")),
    )
    op.create_index("ix_store_items_expiry", "store_items", ["tenant_id", "user_id", "expires_at"])
    op.create_table(
        "store_vectors",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("namespace", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("vector", HALFVEC(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id", "namespace", "key"],
            ["store_items.tenant_id", "store_items.user_id", "store_items.namespace", "store_items.key"],
            name=op.f("fk_store_vectors_tenant_id_user_id_namespace_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "user_id", "namespace", "key", "path", name=op.f("pk_store_vectors")
        ),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_tenant ON {table} TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {ROLE}")


def downgrade() -> None:
    op.drop_table("store_vectors")
    op.drop_table("store_items")
