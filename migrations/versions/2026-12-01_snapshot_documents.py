"""Index snapshots have their documents in a column of their own, which may be read later than the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scope_packs", sa.Column("documents", sa.LargeBinary(), nullable=False, server_default=""))
    # Compressed they would be slower to read.
    op.execute("ALTER TABLE scope_packs ALTER COLUMN documents SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_column("scope_packs", "documents")
