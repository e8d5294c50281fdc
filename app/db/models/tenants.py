"""Tenants, their keys and users, idempotency keys, and usage counters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class Tenant(Base):
    """The owner of API keys; no data is shared between tenants."""

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
    """The owner of a memory. `revision` is incremented in every transaction that writes for the user.

    The row lock makes the user's writes commit in the order of their revisions, so a reader that has seen
    revision n needs only the rows with a greater one. `epoch` changes when rows are deleted.
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


class IdempotencyKey(Base):
    """The response to a write, kept so that a client's retry gets it again."""

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
