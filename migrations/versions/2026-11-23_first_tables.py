"""All tables."""

import pgvector.sqlalchemy
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "embedding_models",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_embedding_models")),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queues", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_api_keys_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
    )
    op.create_index("uq_api_keys_hash", "api_keys", ["hash"], unique=True)
    op.create_table(
        "idempotency_keys",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("request_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.tenant_id"],
            name=op.f("fk_idempotency_keys_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "usage",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("jobs_succeeded", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("jobs_dead", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("memories_written", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("facts_refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("llm_calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("llm_failed_calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_usage_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("pk_usage")),
    )
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_users_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_users")),
    )
    op.create_table(
        "embeddings",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("of_turn", sa.Boolean(), nullable=False),
        sa.Column("vector", pgvector.sqlalchemy.halfvec.HALFVEC(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_embeddings_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", "model_id", name=op.f("pk_embeddings")),
    )
    op.create_index(
        "ix_embeddings_feed", "embeddings", ["tenant_id", "user_id", "model_id", "revision"], unique=False
    )
    op.create_table(
        "jobs",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default=sa.text("'ingest'"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("turns_total", sa.Integer(), nullable=False),
        sa.Column("turns_done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("close_session", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "llm_cache",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("llm_calls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("llm_failed_calls", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stage IN ('ingest','extract')", name=op.f("ck_jobs_stage")),
        sa.CheckConstraint(
            "status IN ('queued','running','succeeded','failed','dead')", name=op.f("ck_jobs_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_jobs_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["run_after"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued','running')"),
    )
    op.create_index("ix_jobs_user", "jobs", ["tenant_id", "user_id", "status", "stage", "id"], unique=False)
    op.create_table(
        "memories",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("attribute", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("polarity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("entities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("context", sa.Text(), nullable=True),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("event_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_precision", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("volatility", sa.Text(), server_default=sa.text("'temporal'"), nullable=False),
        sa.Column("confidence", sa.Double(), server_default=sa.text("0.5"), nullable=False),
        sa.Column("importance", sa.Double(), server_default=sa.text("0.3"), nullable=False),
        sa.Column("layer", sa.Text(), server_default=sa.text("'short'"), nullable=False),
        sa.Column("strength", sa.Double(), server_default=sa.text("1.0"), nullable=False),
        sa.Column("anchor_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("use_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_cited_on", sa.Date(), nullable=True),
        sa.Column("frozen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stale", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("extractor", sa.Text(), nullable=True),
        sa.Column(
            "metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("form IN ('state','event')", name=op.f("ck_memories_form")),
        sa.CheckConstraint(
            "status IN ('generated','activated','merged','superseded','archived','expired')",
            name=op.f("ck_memories_status"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from",
            name=op.f("ck_memories_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_memories_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_memories")),
    )
    op.create_index("ix_memories_feed", "memories", ["tenant_id", "user_id", "revision"], unique=False)
    op.create_index("ix_memories_list", "memories", ["tenant_id", "user_id", "status", "id"], unique=False)
    op.create_index(
        "ix_memories_timeline", "memories", ["tenant_id", "user_id", "subject", "attribute"], unique=False
    )
    op.create_index(
        "uq_memories_content",
        "memories",
        ["tenant_id", "user_id", "kind", "content_hash"],
        unique=True,
        postgresql_where=sa.text("status IN ('generated','activated')"),
    )
    op.create_index(
        "uq_memories_slot",
        "memories",
        ["tenant_id", "user_id", "subject", "attribute"],
        unique=True,
        postgresql_where=sa.text(
            "form = 'state' AND status = 'activated' AND attribute IS NOT NULL AND volatility <> 'disputable'"
        ),
    )
    op.create_table(
        "segments",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("first_turn_id", sa.Uuid(), nullable=False),
        sa.Column("last_turn_id", sa.Uuid(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("extractor", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_segments_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segments")),
    )
    op.create_index("ix_segments_session", "segments", ["tenant_id", "user_id", "session_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("next_position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_sessions_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "session_id", name=op.f("pk_sessions")),
    )
    op.create_table(
        "turns",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "shown_memory_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'stored'"), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("extracted", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('user','assistant','tool','system')", name=op.f("ck_turns_role")),
        sa.CheckConstraint("state IN ('stored','extracted','nothing','failed')", name=op.f("ck_turns_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.user_id"],
            name=op.f("fk_turns_tenant_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_feed", "turns", ["tenant_id", "user_id", "revision"], unique=False)
    op.create_index("ix_turns_job", "turns", ["tenant_id", "job_id"], unique=False)
    op.create_index(
        "ix_turns_session",
        "turns",
        ["tenant_id", "user_id", "session_id", "observed_at", "position"],
        unique=False,
    )
    op.create_index(
        "uq_turns_ref",
        "turns",
        ["tenant_id", "user_id", "session_id", "ref"],
        unique=True,
        postgresql_where=sa.text("ref IS NOT NULL"),
    )
    op.create_table(
        "assertions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("memory_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asserted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("session_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("polarity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("quote", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "memory_id"],
            ["memories.tenant_id", "memories.id"],
            name=op.f("fk_assertions_tenant_id_memory_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "turn_id"],
            ["turns.tenant_id", "turns.id"],
            name=op.f("fk_assertions_tenant_id_turn_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_assertions")),
    )
    op.create_index("ix_assertions_turn", "assertions", ["tenant_id", "turn_id"], unique=False)
    op.create_index("uq_assertions_turn", "assertions", ["tenant_id", "memory_id", "turn_id"], unique=True)
    op.create_table(
        "links",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "type IN ('supersedes','contradicts','merged_into','derived_from','part_of','follows','relates')",
            name=op.f("ck_links_type"),
        ),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_links_distinct")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "source_id"],
            ["memories.tenant_id", "memories.id"],
            name=op.f("fk_links_tenant_id_source_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "target_id"],
            ["memories.tenant_id", "memories.id"],
            name=op.f("fk_links_tenant_id_target_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "source_id", "target_id", "type", name=op.f("pk_links")),
    )
    op.create_index("ix_links_target", "links", ["tenant_id", "target_id", "type"], unique=False)
    op.create_table(
        "memory_versions",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("memory_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "memory_id"],
            ["memories.tenant_id", "memories.id"],
            name=op.f("fk_memory_versions_tenant_id_memory_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "memory_id", "version", name=op.f("pk_memory_versions")),
    )


def downgrade() -> None:
    op.drop_table("memory_versions")
    op.drop_index("ix_links_target", table_name="links")
    op.drop_table("links")
    op.drop_index("uq_assertions_turn", table_name="assertions")
    op.drop_index("ix_assertions_turn", table_name="assertions")
    op.drop_table("assertions")
    op.drop_index("uq_turns_ref", table_name="turns", postgresql_where=sa.text("ref IS NOT NULL"))
    op.drop_index("ix_turns_session", table_name="turns")
    op.drop_index("ix_turns_job", table_name="turns")
    op.drop_index("ix_turns_feed", table_name="turns")
    op.drop_table("turns")
    op.drop_table("sessions")
    op.drop_index("ix_segments_session", table_name="segments")
    op.drop_table("segments")
    op.drop_index(
        "uq_memories_slot",
        table_name="memories",
        postgresql_where=sa.text(
            "form = 'state' AND status = 'activated' AND attribute IS NOT NULL AND volatility <> 'disputable'"
        ),
    )
    op.drop_index(
        "uq_memories_content",
        table_name="memories",
        postgresql_where=sa.text("status IN ('generated','activated')"),
    )
    op.drop_index("ix_memories_timeline", table_name="memories")
    op.drop_index("ix_memories_list", table_name="memories")
    op.drop_index("ix_memories_feed", table_name="memories")
    op.drop_table("memories")
    op.drop_index("ix_jobs_user", table_name="jobs")
    op.drop_index(
        "ix_jobs_due", table_name="jobs", postgresql_where=sa.text("status IN ('queued','running')")
    )
    op.drop_table("jobs")
    op.drop_index("ix_embeddings_feed", table_name="embeddings")
    op.drop_table("embeddings")
    op.drop_table("users")
    op.drop_table("usage")
    op.drop_index("ix_idempotency_keys_created_at", table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("uq_api_keys_hash", table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_table("workers")
    op.drop_table("tenants")
    op.drop_table("embedding_models")
