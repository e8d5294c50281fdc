"""Session states: one bounded document for each session, changed by compare-and-set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true)"
    " AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)


def upgrade() -> None:
    op.create_table(
        "session_states",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "state",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("goals_left_out", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("actor", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_session_states_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "session_id", name=op.f("pk_session_states")),
    )
    op.execute("ALTER TABLE session_states ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY session_states_of_tenant ON session_states TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON session_states TO {ROLE}")


def downgrade() -> None:
    op.drop_table("session_states")
