"""The tables of the service itself: they belong to no tenant and have no content of users."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class Worker(Base):
    """The heartbeat of a worker process; belongs to no tenant."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)
    queues: Mapped[list[str]]
    seen_at: Mapped[datetime]


class EmbeddingModel(Base):
    """The models whose vectors the database has or had; belongs to no tenant.

    `serial` of the active row is incremented whenever another model becomes active, becomes the target, or
    ceases to be it.
    """

    __tablename__ = "embedding_models"
    __table_args__ = (
        Index("uq_embedding_models_active", "active", unique=True, postgresql_where=text("active")),
    )
    model_id: Mapped[str] = mapped_column(primary_key=True)
    dimensions: Mapped[int]
    active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    embeddings: Mapped[str]
    model: Mapped[str]
    query_prefix: Mapped[str] = mapped_column(server_default=text("''"))
    passage_prefix: Mapped[str] = mapped_column(server_default=text("''"))
    serial: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))


class Reembedding(Base):
    """A run over all tenants' stored vectors: it fills in those of another model, or drops unused ones."""

    __tablename__ = "reembeddings"
    __table_args__ = (
        ForeignKeyConstraint(["source_model_id"], ["embedding_models.model_id"]),
        ForeignKeyConstraint(["target_model_id"], ["embedding_models.model_id"]),
        CheckConstraint("action IN ('fill','drop')", name="action"),
        CheckConstraint("status IN ('queued','running','succeeded','failed','cancelled')", name="status"),
        # Allows one at a time: the column has the same value in all active rows.
        Index(
            "uq_reembeddings_under_way",
            text("(true)"),
            unique=True,
            postgresql_where=text("status IN ('queued','running')"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str]
    source_model_id: Mapped[str]
    target_model_id: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    drop_old: Mapped[bool] = mapped_column(server_default=text("false"))
    total: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    rate: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str | None]
    cursor_tenant: Mapped[str] = mapped_column(server_default=text("''"))
    cursor_id: Mapped[UUID | None]
    run_after: Mapped[datetime] = mapped_column(server_default=NOW)
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
