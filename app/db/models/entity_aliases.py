"""The table of names under which a user's memories know persons, places and things."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NOW, Base


class EntityAlias(Base):
    """`alias` is another name of `name`; a row with both equal registers a name.

    The links form chains, which are followed and never shortened, so that taking one away restores what was
    before. `moved_ids` are the memories whose subject the link changed. `turn_id` is the turn that says it:
    its deletion takes the link away.
    """

    __tablename__ = "entity_aliases"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "user_id", "alias", "name"),
        ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.user_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "turn_id"], ["turns.tenant_id", "turns.id"], ondelete="CASCADE"),
        CheckConstraint("source IN ('rule','speaker','client')", name="source"),
        Index("ix_entity_aliases_turn", "tenant_id", "turn_id"),
    )
    tenant_id: Mapped[str]
    user_id: Mapped[str]
    alias: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    is_split: Mapped[bool] = mapped_column(server_default=text("false"))
    since: Mapped[datetime | None]
    turn_id: Mapped[UUID | None]
    moved_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
