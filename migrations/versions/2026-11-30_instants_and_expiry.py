"""No instant that can't be read back, and no memory read whose time to live has ended."""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
# As in app/core/instants.py.
FIRST, LAST = "'0002-01-01 00:00:00+00'::timestamptz", "'9998-12-31 23:59:59.999999+00'::timestamptz"
COLUMNS = {
    "api_keys": ("created_at", "expires_at", "revoked_at", "last_used_at"),
    "artifact_versions": ("at",),
    "artifacts": ("created_at",),
    "assertions": ("asserted_at", "recorded_at"),
    "derivations": ("at",),
    "embedding_models": ("created_at",),
    "feedback": ("at",),
    "grants": ("created_at", "expires_at", "revoked_at"),
    "idempotency_keys": ("created_at",),
    "jobs": ("run_after", "lease_until", "created_at", "started_at", "finished_at"),
    "links": ("at", "dismissed_at"),
    "memories": (
        "event_from",
        "event_to",
        "valid_from",
        "valid_to",
        "recorded_at",
        "retired_at",
        "updated_at",
        "anchor_at",
        "expires_at",
    ),
    "memory_versions": ("at",),
    "ranker_versions": ("at",),
    "rankers": ("reset_at", "trained_at"),
    "reembeddings": ("run_after", "lease_until", "created_at", "started_at", "finished_at"),
    "segments": ("created_at",),
    "session_states": ("updated_at",),
    "sessions": ("closed_at", "touched_at", "created_at"),
    "snapshots": ("known_at", "created_at"),
    "tenants": ("created_at",),
    "turns": ("observed_at", "recorded_at"),
    "users": ("created_at", "consolidated_at"),
    "workers": ("seen_at",),
}

# In a state the dates of goals are texts, as they were sent; Postgres may not be able to read them.
READABLE = "~ '^(000[3-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-8]\\d{3}|9[0-8]\\d\\d|99[0-8]\\d|999[0-7])-'"
FAR_ZONE = "~ '[+-](1[6-9]|2\\d):?\\d\\d$'"
GOALS = f"""
UPDATE session_states s SET state = jsonb_set(s.state, '{{goals}}', (
  SELECT jsonb_agg(CASE WHEN NOT (g.goal->>'said_at' {READABLE}) OR g.goal->>'said_at' {FAR_ZONE}
    THEN g.goal || '{{"said_at": null}}' ELSE g.goal END ORDER BY g.at)
  FROM jsonb_array_elements(s.state->'goals') WITH ORDINALITY AS g(goal, at)))
WHERE jsonb_typeof(s.state->'goals') = 'array' AND EXISTS (
  SELECT FROM jsonb_array_elements(s.state->'goals') AS g(goal)
  WHERE NOT (g.goal->>'said_at' {READABLE}) OR g.goal->>'said_at' {FAR_ZONE})"""  # noqa: S608 -- a text of our own

# Whoever answers a question says what time it is (`memcubed.now`); a writer, or the job that deletes what has
# expired, says nothing and sees all. A legal hold keeps a memory as it is, and of what was deleted no text is left.
SERVED = f"""
CREATE POLICY memories_served ON memories AS RESTRICTIVE FOR SELECT TO {ROLE} USING (
  expires_at IS NULL OR frozen OR status = 'expired' OR expires_at >
    coalesce(nullif(current_setting('memcubed.now', true), ''), '-infinity')::timestamptz)"""


def upgrade() -> None:
    op.execute("ALTER TABLE memories DISABLE TRIGGER memcubed_memory_guard")  # it would refuse frozen ones
    for table, columns in COLUMNS.items():
        # greatest and least leave a null out, and would make a date of it.
        nearest = ", ".join(
            f"{name} = CASE WHEN {name} IS NOT NULL THEN greatest(least({name}, {LAST}), {FIRST}) END"
            for name in columns
        )
        outside = " OR ".join(f"{name} < {FIRST} OR {name} > {LAST}" for name in columns)
        within = " AND ".join(f"{name} BETWEEN {FIRST} AND {LAST}" for name in columns)
        op.execute(f"UPDATE {table} SET {nearest} WHERE {outside}")  # noqa: S608 -- names of our own
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_instants CHECK ({within})")
    op.execute("ALTER TABLE memories ENABLE TRIGGER memcubed_memory_guard")
    op.execute(GOALS)
    op.execute(SERVED)


def downgrade() -> None:
    op.execute("DROP POLICY memories_served ON memories")
    for table in COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_instants")
