"""Topics are derived too."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

CHECK = "ALTER TABLE derivations ADD CONSTRAINT ck_derivations_basis CHECK (basis IN ({}))"


def upgrade() -> None:
    op.execute("ALTER TABLE derivations DROP CONSTRAINT ck_derivations_basis")
    op.execute(CHECK.format("'session','day','cluster','topic','user'"))


def downgrade() -> None:
    # Their memories stay, as summaries that nothing renews.
    op.execute("DELETE FROM derivations WHERE basis = 'topic'")
    op.execute("ALTER TABLE derivations DROP CONSTRAINT ck_derivations_basis")
    op.execute(CHECK.format("'session','day','cluster','user'"))
