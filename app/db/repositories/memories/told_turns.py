"""Which turns state a memory, with what a client sent along with them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow

A = models.Assertion
T = models.Turn


def list_told_turns(session: Session, tenant_id: str, ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """List (memory_id, turn_id, session_id, agent_id, role, quote, metadata) of each memory's turns, oldest
    first.
    """
    return session.execute(
        select(
            A.memory_id,
            T.id.label("turn_id"),
            T.session_id,
            T.agent_id,
            T.role,
            A.quote,
            T.metadata_.label("metadata"),
        )
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
        .order_by(T.observed_at, T.id)
    ).all()
