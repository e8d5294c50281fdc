"""The table of erasures, and of their remaining work."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class Erasure(Base):
    """An erasure without the name of its user: `subject` is a salted, slow hash of it.

    `redis_at`, `files_at` and `wal_at` are when that part was done. `tried_at` is when its files were first
    tried, `files_left` the tables that remain since, and `files_due_at` when those are tried again.
    `wal_from` is the first file of the write-ahead log that was started after the rewrite.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
        Index("ix_erasures_recorded_at", "recorded_at"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    erased_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor: Mapped[str]
    salt: Mapped[bytes]
    subject: Mapped[bytes]
    rows: Mapped[dict[str, Any]]
    copies: Mapped[int]
    remaining: Mapped[int | None] = mapped_column(BigInteger)
    redis_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    files_due_at: Mapped[datetime | None]
    files_left: Mapped[list[str] | None]
    files_at: Mapped[datetime | None]
    wal_from: Mapped[str | None]
    wal_at: Mapped[datetime | None]
