"""The table of points in time of a user's memory that can be rolled back to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class Snapshot(Base):
    """A recorded point in time: versions and assertions tell what was known then, so nothing is copied."""

    __tablename__ = "snapshots"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_snapshots_user", "tenant_id", "user_id", "id"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    name: Mapped[str | None]
    known_at: Mapped[datetime]
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
