"""The tables of memories with their assertions, versions, links and embeddings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.vocabulary import Op
from app.db.base import EMPTY_ARRAY, EMPTY_OBJECT, NOW, UTC_OFFSET_BOUND, Base
from app.db.vectors import HalfVec


class Memory(Base):
    """A memory; all kinds share this table and are distinguished by `kind`.

    `utc_offset` (minutes east of UTC) is that of the clock by which its dates are days.
    """

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
        CheckConstraint(UTC_OFFSET_BOUND, name="utc_offset"),
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
    utc_offset: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
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
    """An assertion of a memory's content by one turn (or by an edit, without a turn) at one time.

    Slots are replayed from assertions. A copied assertion names the owner, the memory and its version; that
    row may have been deleted.
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
    """One change of a memory; the table is append-only."""

    __tablename__ = "memory_versions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "memory_id", "version"),
        ForeignKeyConstraint(
            ["tenant_id", "memory_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
        CheckConstraint(f"op IN ({', '.join(repr(op.value) for op in Op)})", name="op"),
        CheckConstraint(
            "actor IN ('extractor','consolidator','forgetting')"
            " OR actor LIKE 'key:_%' OR actor LIKE 'other:_%'",
            name="actor",
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
            "type IN ('supersedes','contradicts','merged_into','derived_from','relates')", name="type"
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


class Embedding(Base):
    """The vector of a turn or a memory by one model; vectors of two models may coexist."""

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
