"""Users' search indexes, packed; what moves a user's epoch deletes them."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = (
    "tenant_id = current_setting('memcubed.tenant', true) "
    "AND coalesce(current_setting('memcubed.user', true), '') IN ('', user_id)"
)

# The epoch moves when rows of a user vanish: a pack made before that still has their words.
FUNCTION = """
CREATE FUNCTION memcubed_drop_pack() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM scope_packs WHERE tenant_id = NEW.tenant_id AND user_id = NEW.user_id;
  RETURN NULL;
END $$"""
TRIGGER = """
CREATE TRIGGER memcubed_drop_pack AFTER UPDATE OF epoch ON users FOR EACH ROW
WHEN (OLD.epoch IS DISTINCT FROM NEW.epoch) EXECUTE FUNCTION memcubed_drop_pack()"""


def upgrade() -> None:
    op.create_table(
        "scope_packs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("vectors", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_scope_packs")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_scope_packs_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
    )
    # Compressed they would be little smaller and slower to read.
    for column in ("index", "vectors"):
        op.execute(f"ALTER TABLE scope_packs ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE scope_packs ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY scope_packs_of_tenant ON scope_packs TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON scope_packs TO {ROLE}")
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER memcubed_drop_pack ON users")
    op.execute("DROP FUNCTION memcubed_drop_pack()")
    op.drop_table("scope_packs")
