"""The turn log, and the jobs that process it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.instants import in_utc_offset
from app.db.base import EMPTY_ARRAY, EMPTY_OBJECT, NOW, UTC_OFFSET_BOUND, Base


class ChatSession(Base):
    """A conversation of one user; assigns the positions of its turns.

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
    """One message, immutable except for `state`. The turn log is the ground truth.

    `utc_offset` (minutes east of UTC) is that of the client's clock: a day is the speaker's day.
    """

    __tablename__ = "turns"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        CheckConstraint("role IN ('user','assistant','tool','system','developer')", name="role"),
        CheckConstraint("state IN ('stored','extracted','nothing','failed')", name="state"),
        CheckConstraint(UTC_OFFSET_BOUND, name="utc_offset"),
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
    utc_offset: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
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

    @property
    def said_at(self) -> datetime:
        """`observed_at` on the speaker's clock."""
        return in_utc_offset(self.observed_at, self.utc_offset)


class Segment(Base):
    """A run of turns on one topic: the input of one extraction call."""

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
    """The authoritative record of a piece of work; the Celery message only notifies a worker."""

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
        Index(
            "ix_jobs_failed",
            "tenant_id",
            "status",
            postgresql_include=["created_at", "user_id"],
            postgresql_where=text("status IN ('failed','dead')"),
        ),
        Index(
            "ix_jobs_succeeded",
            "tenant_id",
            "finished_at",
            postgresql_include=["created_at", "user_id"],
            postgresql_where=text("status = 'succeeded'"),
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
