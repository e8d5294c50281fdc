"""A user's revision in one statement: what a search asks before it trusts the index that it holds."""

from alembic import op

revision = "0041"
down_revision = "0033"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
SIGNATURE = "memcubed_user_state(text, text)"

# Row-level security needs a setting that lives in a transaction, four round trips; these are counters only.
FUNCTION = """
CREATE FUNCTION memcubed_user_state(p_tenant text, p_user text)
RETURNS TABLE (serial bigint, revision bigint, epoch bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT m.serial, coalesce(u.revision, 0), coalesce(u.epoch, 0)
  FROM embedding_models m LEFT JOIN users u ON u.tenant_id = p_tenant AND u.user_id = p_user
  WHERE m.active
$$"""


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
