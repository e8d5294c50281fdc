"""The zone in which a turn was said, and in which the dates of a memory are days."""

from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

TABLES = ("turns", "memories")
# As `MAX_OFFSET` in app/core/instants.py, in minutes.
BOUND = "utc_offset BETWEEN -959 AND 959"


def upgrade() -> None:
    # A column with a constant default is added without rewriting the table, and the check is validated
    # beside readers and writers. What is stored already was kept in UTC only.
    with op.get_context().autocommit_block():
        for table in TABLES:
            name = f"ck_{table}_utc_offset"
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS utc_offset smallint NOT NULL DEFAULT 0")
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({BOUND}) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN utc_offset")
