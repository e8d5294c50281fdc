"""Documents of index snapshots in a column of their own; one request for a snapshot is taken at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

OLDEST = "SELECT q.tenant_id, q.user_id FROM pack_requests q ORDER BY q.at LIMIT 1 FOR UPDATE SKIP LOCKED"
TAKE = """
CREATE OR REPLACE FUNCTION memcubed_take_pack_request() RETURNS TABLE (tenant_id text, user_id text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  {delete}
  WHERE p.tenant_id = first.tenant_id AND p.user_id = first.user_id RETURNING p.tenant_id, p.user_id
$$"""
# A plan may execute a subquery once for each row of the table, and each time it finds the next request.
ONE = f"WITH first AS MATERIALIZED ({OLDEST}) DELETE FROM pack_requests p USING first"  # noqa: S608 - of constants
BEFORE = f"DELETE FROM pack_requests p USING ({OLDEST}) AS first"  # noqa: S608 - of constants


def upgrade() -> None:
    op.add_column("scope_packs", sa.Column("documents", sa.LargeBinary(), nullable=False, server_default=""))
    # Compressed they would be slower to read.
    op.execute("ALTER TABLE scope_packs ALTER COLUMN documents SET STORAGE EXTERNAL")
    op.execute(TAKE.format(delete=ONE))
    # Who has an ANN index of fewer vectors than are searched exactly now gets a snapshot with vectors.
    op.execute(
        "INSERT INTO pack_requests (tenant_id, user_id) SELECT tenant_id, user_id FROM scope_packs"
        " WHERE form < 0 ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    op.execute(TAKE.format(delete=BEFORE))
    # Without their documents they would be broken after another upgrade; they are made anew from the rows.
    op.execute("DELETE FROM scope_packs WHERE form IN (10, -10)")
    op.drop_column("scope_packs", "documents")
