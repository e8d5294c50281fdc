"""The tables of users' search indexes: index snapshots, and the ANN vectors of large users."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class IndexSnapshot(Base):
    """A user's search index at one revision and epoch, so that a process need not build it from the rows.

    Whatever changes the user's epoch deletes it (a trigger on `users`), so it never contains deleted rows.
    """

    __tablename__ = "scope_packs"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    model_id: Mapped[str]
    form: Mapped[int]
    revision: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(BigInteger)
    index: Mapped[bytes]
    vectors: Mapped[bytes]
    documents: Mapped[bytes] = mapped_column(server_default="")


class IndexSnapshotRequest(Base):
    """A user whose search index should be stored. The message to the workers names no user."""

    __tablename__ = "pack_requests"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_pack_requests_at", "at"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class AnnVector(Base):
    """A second copy of a vector of a large user, whose user and model have an HNSW index.

    `scope` (SQL function `memcubed_far_scope`) names the partition of one user and model. A trigger keeps the
    rows equal to those of `embeddings`.
    """

    __tablename__ = "far_vectors"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "scope", "id"),
        {"postgresql_partition_by": "LIST (scope)"},
    )
    tenant_id: Mapped[str]
    scope: Mapped[str]
    id: Mapped[UUID]
    user_id: Mapped[str]
    model_id: Mapped[str]
    of_turn: Mapped[bool]
    vector: Mapped[Any] = mapped_column(HALFVEC)
