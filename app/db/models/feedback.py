"""The tables of feedback on searches and of the rankers that are trained on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class Feedback(Base):
    """Which results of one search an answer used.

    `shown` has {id, features or null} per result, best first.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_feedback_at", "tenant_id", "at", "id"),
        Index("ix_feedback_user", "tenant_id", "user_id"),
        Index("ix_feedback_cited", "cited_ids", postgresql_using="gin"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    ranker: Mapped[int]
    shown: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    cited_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    at: Mapped[datetime]


class Ranker(Base):
    """A tenant's ranker: its active version and the result of the last training. Version 0 = built in."""

    __tablename__ = "rankers"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("0"))
    reset_at: Mapped[datetime | None]
    trained_at: Mapped[datetime | None]
    training: Mapped[dict[str, Any] | None]


class RankerVersion(Base):
    """The immutable weights of one version."""

    __tablename__ = "ranker_versions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "version"),
        ForeignKeyConstraint(["tenant_id"], ["rankers.tenant_id"], ondelete="CASCADE"),
        CheckConstraint("reason IN ('learned','reset')", name="reason"),
    )
    tenant_id: Mapped[str]
    version: Mapped[int]
    reason: Mapped[str]
    weights: Mapped[dict[str, Any]]
    training: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]
