"""The tables of what a client keeps beside its turns: session states."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models import EMPTY_OBJECT, NOW, Base


class SessionState(Base):
    """The state of a session, of bounded size. Version 0 = made by a writer that has not written yet."""

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
