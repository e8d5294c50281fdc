"""A contradiction can be dismissed: both sides stay, and it is no longer listed."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("links", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_links_conflicts",
        "links",
        ["tenant_id", "user_id"],
        postgresql_where=sa.text("type = 'contradicts' AND dismissed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_links_conflicts", table_name="links")
    op.drop_column("links", "dismissed_at")
