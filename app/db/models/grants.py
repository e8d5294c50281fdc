"""The table of grants: which memories of one user another user may read or copy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class Grant(Base):
    """A grant covers the memories that pass all of `memory_ids`, `kinds` and `tags` that are not null."""

    __tablename__ = "grants"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "owner_user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "grantee_user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        CheckConstraint("\"right\" IN ('read','copy')", name="right"),
        CheckConstraint("owner_user_id <> grantee_user_id", name="distinct"),
        Index("ix_grants_owner", "tenant_id", "owner_user_id", "id"),
        Index("ix_grants_grantee", "tenant_id", "grantee_user_id", "id"),
    )
    tenant_id: Mapped[str]
    id: Mapped[UUID]
    owner_user_id: Mapped[str]
    grantee_user_id: Mapped[str]
    right: Mapped[str]
    memory_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    kinds: Mapped[list[str] | None]
    tags: Mapped[list[str] | None]
    actor: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
