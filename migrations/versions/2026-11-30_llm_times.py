"""How long calls of the LLM take, by day and purpose; what a report says of jobs has an index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
RULE = "tenant_id = current_setting('memcubed.tenant', true)"
COUNTERS = ("calls", "failed_calls", "prompt_tokens", "completion_tokens", "answer_ms", "failure_ms")


def counters() -> list[sa.Column[int]]:
    return [
        *(sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False) for name in COUNTERS),
        sa.Column(
            "counts", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "llm_times",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        *counters(),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.tenant_id"], name=op.f("fk_llm_times_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "day", "purpose", name=op.f("pk_llm_times")),
    )
    op.execute("ALTER TABLE llm_times ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY llm_times_of_tenant ON llm_times TO {ROLE} USING ({RULE}) WITH CHECK ({RULE})")
    op.create_table(
        "llm_totals",
        sa.Column("purpose", sa.Text(), nullable=False),
        *counters(),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_llm_totals")),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON llm_times, llm_totals TO {ROLE}")
    op.create_index(
        "ix_jobs_failed",
        "jobs",
        ["tenant_id", "status"],
        postgresql_include=["created_at", "user_id"],
        postgresql_where=sa.text("status IN ('failed','dead')"),
    )
    op.create_index(
        "ix_jobs_succeeded",
        "jobs",
        ["tenant_id", "finished_at"],
        postgresql_include=["created_at", "user_id"],  # the policy of the table asks for the user
        postgresql_where=sa.text("status = 'succeeded'"),
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_succeeded", table_name="jobs")
    op.drop_index("ix_jobs_failed", table_name="jobs")
    op.drop_table("llm_totals")
    op.drop_table("llm_times")
