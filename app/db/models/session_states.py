"""The tables of what a client stores beside its turns: session states and artifacts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import EMPTY_OBJECT, NOW, Base


class SessionState(Base):
    """The state of a session, of bounded size. Version 0 = a writer created it and has not written yet."""

    __tablename__ = "session_states"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "session_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    session_id: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_OBJECT)
    goals_left_out: Mapped[int] = mapped_column(server_default=text("0"))
    actor: Mapped[str] = mapped_column(server_default=text("''"))
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Artifact(Base):
    """The head of an artifact: its path and newest version. Version 0 = it is being created."""

    __tablename__ = "artifacts"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "path"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_artifacts_list", "tenant_id", "user_id", "id"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    path: Mapped[str]
    id: Mapped[UUID]
    version: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ArtifactVersion(Base):
    """One immutable version of an artifact. `content` is text, or JSON as text."""

    __tablename__ = "artifact_versions"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "path", "version"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id", "path"],
            ["artifacts.tenant_id", "artifacts.user_id", "artifacts.path"],
            ondelete="CASCADE",
        ),
        CheckConstraint("type IN ('text','json','activation','parametric')", name="type"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    path: Mapped[str]
    version: Mapped[int]
    id: Mapped[UUID]
    type: Mapped[str]
    content: Mapped[str]
    checksum: Mapped[str]
    bytes: Mapped[int]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", server_default=EMPTY_OBJECT)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
