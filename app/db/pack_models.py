"""The table of users' search indexes as they were packed."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ScopePack(Base):
    """A user's search index at one revision and epoch, so that a process need not make it from the rows.

    Whatever moves the user's epoch deletes it (a trigger on `users`), so it never holds what was deleted.
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
