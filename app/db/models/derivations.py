"""The table of the sources of derived memories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from app.db.base import Base


class Derivation(Base):
    """Which memory was derived for a session, day, cluster, topic or user, and from which state of it.

    `memory_id` is null if nothing could be concluded; `sources` is the number of memories that were read.
    """

    __tablename__ = "derivations"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "basis", "key"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "memory_id"], ["memories.tenant_id", "memories.id"], ondelete="CASCADE"
        ),
        CheckConstraint("basis IN ('session','day','cluster','topic','user')", name="basis"),
        Index("ix_derivations_memory", "tenant_id", "memory_id"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    basis: Mapped[str]
    key: Mapped[str]
    memory_id: Mapped[UUID | None]
    fingerprint: Mapped[bytes]
    sources: Mapped[int]
    at: Mapped[datetime]
