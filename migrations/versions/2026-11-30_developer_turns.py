"""Turns may have the role `developer`, which OpenAI's clients send in place of `system`."""

from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

NAME = "ck_turns_role"
ROLES = "'user','assistant','tool','system'"


def upgrade() -> None:
    _check(f"{ROLES},'developer'")


def downgrade() -> None:
    op.execute("UPDATE turns SET role = 'system' WHERE role = 'developer'")
    _check(ROLES)


def _check(roles: str) -> None:
    # A check that is not valid yet holds for what is written from now on, and is then validated beside
    # readers and writers.
    with op.get_context().autocommit_block():
        op.execute(f"ALTER TABLE turns DROP CONSTRAINT IF EXISTS {NAME}")
        op.execute(f"ALTER TABLE turns ADD CONSTRAINT {NAME} CHECK (role IN ({roles})) NOT VALID")
        op.execute(f"ALTER TABLE turns VALIDATE CONSTRAINT {NAME}")
