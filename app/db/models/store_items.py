"""The tables of a user's store: JSON objects under a namespace and a key, and vectors of them."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class StoreItem(Base):
    """A JSON object. `ttl_minutes` is what a read adds to its expiry again; None = it does not expire."""

    __tablename__ = "store_items"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "namespace", "key"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        Index("ix_store_items_expiry", "tenant_id", "user_id", "expires_at"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    namespace: Mapped[list[str]]
    key: Mapped[str]
    value: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime | None]
    ttl_minutes: Mapped[float | None]


class StoreVector(Base):
    """A vector of one text of an item. `model_id` is empty, and `text` None, if the client embedded it."""

    __tablename__ = "store_vectors"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "namespace", "key", "path"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id", "namespace", "key"],
            [
                "store_items.tenant_id",
                "store_items.user_id",
                "store_items.namespace",
                "store_items.key",
            ],
            ondelete="CASCADE",
        ),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    namespace: Mapped[list[str]]
    key: Mapped[str]
    path: Mapped[str]
    model_id: Mapped[str]
    text: Mapped[str | None]
    vector: Mapped[Any] = mapped_column(HALFVEC)
