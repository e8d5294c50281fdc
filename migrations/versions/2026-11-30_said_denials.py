"""The assertions of a denial state it: polarity is about the memory and not about its slot's value."""

from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

# A denial says that a value does not hold; before, who said it counted as who ends that value.
TURN = """
UPDATE assertions a SET polarity = {to} FROM memories m
WHERE m.tenant_id = a.tenant_id AND m.id = a.memory_id AND a.polarity = {since}
  AND m.polarity < 0 AND m.attribute IS NOT NULL AND m.value NOT IN ('yes', 'no')
"""


def upgrade() -> None:
    op.execute(TURN.format(since=-1, to=1))


def downgrade() -> None:
    # A correction is known to no earlier version; there it ends the memory.
    op.execute("UPDATE assertions SET polarity = -1 WHERE polarity < -1")
    op.execute(TURN.format(since=1, to=-1))
