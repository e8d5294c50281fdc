"""Names under which a user's memories know persons, places and things: merged and split by clients and rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(nullif(current_setting('memcubed.user', true), ''), user_id) = user_id"
)
FIRST, LAST = "'0002-01-01 00:00:00+00'::timestamptz", "'9998-12-31 23:59:59.999999+00'::timestamptz"
INSTANTS = " AND ".join(f"{name} BETWEEN {FIRST} AND {LAST}" for name in ("since", "at"))


def upgrade() -> None:
    op.create_table(
        "entity_aliases",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_split", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.Column("moved_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_entity_aliases_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "turn_id"],
            ["turns.tenant_id", "turns.id"],
            name=op.f("fk_entity_aliases_turn_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "alias", "name", name=op.f("pk_entity_aliases")),
        sa.CheckConstraint("source IN ('rule','speaker','client')", name=op.f("ck_entity_aliases_source")),
        sa.CheckConstraint(INSTANTS, name=op.f("ck_entity_aliases_instants")),
    )
    op.create_index("ix_entity_aliases_turn", "entity_aliases", ["tenant_id", "turn_id"])
    op.execute("ALTER TABLE entity_aliases ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY entity_aliases_of_tenant ON entity_aliases TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON entity_aliases TO {ROLE}")


def downgrade() -> None:
    op.drop_table("entity_aliases")
