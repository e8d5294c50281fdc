"""All tables. `tenant_id` leads every primary key and index, so that the schema shards by tenant."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import EMPTY_ARRAY, EMPTY_OBJECT, NOW, Base
from app.db.instance_models import EmbeddingModel, Reembedding, Worker
from app.db.snapshot_models import Snapshot
from app.db.vectors import HalfVec

__all__ = [
    "ApiKey",
    "Assertion",
    "Base",
    "ChatSession",
    "Embedding",
    "EmbeddingModel",
    "IdempotencyKey",
    "Job",
    "Link",
    "Memory",
    "MemoryVersion",
    "Reembedding",
    "Segment",
    "Snapshot",
    "Tenant",
    "Turn",
    "Usage",
    "User",
    "Worker",
]


class Tenant(Base):
    """Who owns API keys; nothing crosses tenants."""

    __tablename__ = "tenants"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ApiKey(Base):
    """A bearer key, stored as the SHA-256 of its random text."""

    __tablename__ = "api_keys"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        Index("uq_api_keys_hash", "hash", unique=True),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    name: Mapped[str]
    hash: Mapped[bytes]
    prefix: Mapped[str]
    scopes: Mapped[list[str]]
    user_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class User(Base):
    """Whose memory it is. `revision` grows by one in every transaction that writes for the user.

    The row lock makes the user's writes commit in the order of their revisions, so a reader that
    has seen revision n needs only the rows with a greater one. `epoch` changes when rows vanish.
    """

    __tablename__ = "users"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    epoch: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    consolidated_at: Mapped[datetime | None]


class ChatSession(Base):
    """A conversation of one user; hands out the positions of its turns.

    `touched_at` is when something was last extracted from it; null once that is summarised.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "session_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index(
            "ix_sessions_touched",
            "tenant_id",
            "user_id",
            postgresql_where=text("touched_at IS NOT NULL"),
        ),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    session_id: Mapped[str]
    next_position: Mapped[int] = mapped_column(server_default=text("0"))
    closed_at: Mapped[datetime | None]
    touched_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Turn(Base):
    """One message, immutable but for `state`. The turn log is the ground truth."""

    __tablename__ = "turns"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        CheckConstraint("role IN ('user','assistant','tool','system')", name="role"),
        CheckConstraint("state IN ('stored','extracted','nothing','failed')", name="state"),
        Index(
            "uq_turns_ref",
            "tenant_id",
            "user_id",
            "session_id",
            "ref",
            unique=True,
            postgresql_where=text("ref IS NOT NULL"),
        ),
        Index("ix_turns_feed", "tenant_id", "user_id", "revision"),
        Index("ix_turns_session", "tenant_id", "user_id", "session_id", "observed_at", "position"),
        Index("ix_turns_job", "tenant_id", "job_id"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    session_id: Mapped[str]
    agent_id: Mapped[str | None]
    position: Mapped[int]
    role: Mapped[str]
    name: Mapped[str | None]
    content: Mapped[str]
    content_hash: Mapped[bytes]
    ref: Mapped[str | None]
    observed_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    place: Mapped[dict[str, Any] | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", server_default=EMPTY_OBJECT)
    shown_memory_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=EMPTY_ARRAY)
    job_id: Mapped[UUID]
    segment_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default=text("'stored'"))
    state_reason: Mapped[str | None]
    extracted: Mapped[int] = mapped_column(server_default=text("0"))
    revision: Mapped[int] = mapped_column(BigInteger)


class Embedding(Base):
    """The vector of a turn or a memory by one model; two models may live side by side."""

    __tablename__ = "embeddings"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id", "model_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_embeddings_feed", "tenant_id", "user_id", "model_id", "revision"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    model_id: Mapped[str]
    user_id: Mapped[str]
    of_turn: Mapped[bool]
    vector: Mapped[Any] = mapped_column(HalfVec)
    revision: Mapped[int] = mapped_column(BigInteger)


class Segment(Base):
    """A run of turns on one topic: what one extraction call reads."""

    __tablename__ = "segments"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_segments_session", "tenant_id", "user_id", "session_id"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    session_id: Mapped[str]
    first_turn_id: Mapped[UUID]
    last_turn_id: Mapped[UUID]
    turns: Mapped[int]
    extractor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Job(Base):
    """The truth about a piece of work; the Celery message is only its doorbell."""

    __tablename__ = "jobs"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        CheckConstraint("status IN ('queued','running','succeeded','failed','dead')", name="status"),
        CheckConstraint("stage IN ('ingest','extract','consolidate')", name="stage"),
        Index("ix_jobs_user", "tenant_id", "user_id", "status", "stage", "id"),
        Index(
            "ix_jobs_waiting",
            "stage",
            "tenant_id",
            "user_id",
            "run_after",
            postgresql_where=text("status IN ('queued','running')"),
        ),
        Index(
            "ix_jobs_running", "tenant_id", "stage", "user_id", postgresql_where=text("status = 'running'")
        ),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    session_id: Mapped[str]
    stage: Mapped[str] = mapped_column(server_default=text("'ingest'"))
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    run_after: Mapped[datetime] = mapped_column(server_default=NOW)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    turns_total: Mapped[int]
    turns_done: Mapped[int] = mapped_column(server_default=text("0"))
    close_session: Mapped[bool] = mapped_column(server_default=text("false"))
    alone: Mapped[bool] = mapped_column(server_default=text("false"))
    faults: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str | None]
    llm_cache: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    llm_calls: Mapped[int] = mapped_column(server_default=text("0"))
    llm_failed_calls: Mapped[int] = mapped_column(server_default=text("0"))
    prompt_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    completion_tokens: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Memory(Base):
    """The MemCube: one record type, told apart by `kind`."""

    __tablename__ = "memories"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        CheckConstraint("form IN ('state','event')", name="form"),
        CheckConstraint(
            "status IN ('generated','activated','merged','superseded','archived','expired')", name="status"
        ),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="validity"),
        Index(
            "uq_memories_slot",
            "tenant_id",
            "user_id",
            "subject",
            "attribute",
            unique=True,
            postgresql_where=text(
                "form = 'state' AND status = 'activated' AND attribute IS NOT NULL"
                " AND volatility <> 'disputable' AND (polarity > 0 OR value IN ('yes','no'))"
            ),
        ),
        Index(
            "uq_memories_content",
            "tenant_id",
            "user_id",
            "form",
            "kind",
            "content_hash",
            unique=True,
            postgresql_where=text("status IN ('generated','activated')"),
        ),
        Index("ix_memories_feed", "tenant_id", "user_id", "revision"),
        Index("ix_memories_list", "tenant_id", "user_id", "status", "id"),
        Index(
            "ix_memories_expiry",
            "tenant_id",
            "user_id",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL AND status = 'activated'"),
        ),
        Index("ix_memories_stale", "tenant_id", "user_id", postgresql_where=text("stale")),
        Index("ix_memories_timeline", "tenant_id", "user_id", "subject", "attribute"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    agent_id: Mapped[str | None]
    kind: Mapped[str]
    form: Mapped[str]
    status: Mapped[str]
    content: Mapped[str]
    content_hash: Mapped[bytes]
    subject: Mapped[str | None]
    attribute: Mapped[str | None]
    value: Mapped[str | None]
    polarity: Mapped[int] = mapped_column(server_default=text("1"))
    keywords: Mapped[list[str]] = mapped_column(server_default=EMPTY_ARRAY)
    tags: Mapped[list[str]] = mapped_column(server_default=EMPTY_ARRAY)
    entities: Mapped[list[str]] = mapped_column(server_default=EMPTY_ARRAY)
    context: Mapped[str | None]
    place: Mapped[dict[str, Any] | None]
    event_from: Mapped[datetime | None]
    event_to: Mapped[datetime | None]
    event_precision: Mapped[str | None]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    retired_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
    origin: Mapped[str]
    volatility: Mapped[str] = mapped_column(server_default=text("'temporal'"))
    confidence: Mapped[float] = mapped_column(server_default=text("0.5"))
    importance: Mapped[float] = mapped_column(server_default=text("0.3"))
    layer: Mapped[str] = mapped_column(server_default=text("'short'"))
    strength: Mapped[float] = mapped_column(server_default=text("1.0"))
    anchor_at: Mapped[datetime] = mapped_column(server_default=NOW)
    use_days: Mapped[int] = mapped_column(server_default=text("0"))
    last_cited_on: Mapped[date | None]
    frozen: Mapped[bool] = mapped_column(server_default=text("false"))
    pinned: Mapped[bool] = mapped_column(server_default=text("false"))
    expires_at: Mapped[datetime | None]
    stale: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    extractor: Mapped[str | None]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", server_default=EMPTY_OBJECT)
    revision: Mapped[int] = mapped_column(BigInteger)


class Assertion(Base):
    """One turn (or one edit: no turn) saying a memory's content on one date. Slots fold from these.

    What was copied says of which user's memory, at which version; that row may be gone.
    """

    __tablename__ = "assertions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "memory_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "turn_id"], ["turns.tenant_id", "turns.id"], ondelete="CASCADE"),
        Index("uq_assertions_turn", "tenant_id", "memory_id", "turn_id", unique=True),
        Index("ix_assertions_turn", "tenant_id", "turn_id"),
        Index(
            "ix_assertions_owner",
            "tenant_id",
            "owner_user_id",
            "owner_memory_id",
            postgresql_where=text("owner_user_id IS NOT NULL"),
        ),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    memory_id: Mapped[UUID]
    turn_id: Mapped[UUID | None]
    origin: Mapped[str]
    asserted_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    session_id: Mapped[str] = mapped_column(server_default=text("''"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    polarity: Mapped[int] = mapped_column(server_default=text("1"))
    quote: Mapped[str] = mapped_column(server_default=text("''"))
    owner_user_id: Mapped[str | None]
    owner_memory_id: Mapped[UUID | None]
    owner_version: Mapped[int | None]


class MemoryVersion(Base):
    """Every change of a memory, append-only."""

    __tablename__ = "memory_versions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "memory_id", "version"),
        ForeignKeyConstraint(
            ["tenant_id", "memory_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
    )
    tenant_id: Mapped[str]
    memory_id: Mapped[UUID]
    version: Mapped[int]
    user_id: Mapped[str]
    op: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str | None]
    model: Mapped[str | None]
    snapshot: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Link(Base):
    """A typed edge between two memories of one user."""

    __tablename__ = "links"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "source_id", "target_id", "type"),
        ForeignKeyConstraint(
            ["tenant_id", "source_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "target_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
        CheckConstraint(
            "type IN ('supersedes','contradicts','merged_into','derived_from','part_of','follows','relates')",
            name="type",
        ),
        CheckConstraint("source_id <> target_id", name="distinct"),
        Index("ix_links_target", "tenant_id", "target_id", "type"),
        Index(
            "ix_links_conflicts",
            "tenant_id",
            "user_id",
            postgresql_where=text("type = 'contradicts' AND dismissed_at IS NULL"),
        ),
    )
    tenant_id: Mapped[str]
    source_id: Mapped[UUID]
    target_id: Mapped[UUID]
    type: Mapped[str]
    user_id: Mapped[str]
    weight: Mapped[float] = mapped_column(server_default=text("1"))
    created_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    dismissed_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """The answer that was given to a write, kept so that a client's retry gets it again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "key"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[bytes]
    response: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Usage(Base):
    """Counters of one tenant on one day (UTC)."""

    __tablename__ = "usage"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "day"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[str]
    day: Mapped[date]
    jobs_succeeded: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    jobs_dead: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    memories_written: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    facts_refused: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    llm_calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    llm_failed_calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    prompt_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    completion_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    consolidation_calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
