"""Which agents a memory was told to: the one that told it first, and those of the turns that state it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.db import models
from app.db.user_session import UserSession

A = models.Assertion
M = models.Memory
T = models.Turn


def was_told_to(user: UserSession, agent_id: str) -> ColumnElement[bool]:
    """Return the condition that a memory of the user was told to this agent."""
    told = (
        select(A.memory_id)
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(
            A.tenant_id == user.tenant_id,
            A.user_id == user.user_id,
            A.polarity > 0,
            T.agent_id == agent_id,
        )
    )
    return or_(M.agent_id == agent_id, M.id.in_(told))


def load_agent_ids(session: Session, tenant_id: str, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Load the agents that took part in the turns that state each memory, by name."""
    rows = session.execute(
        select(A.memory_id, T.agent_id)
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0, T.agent_id.is_not(None))
        .distinct()
        .order_by(A.memory_id, T.agent_id)
    )
    agents: dict[UUID, list[str]] = {}
    for memory_id, agent_id in rows:
        agents.setdefault(memory_id, []).append(str(agent_id))
    return agents


def load_agents_of_turns(session: Session, tenant_id: str, turn_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Load the agent of each of these turns that has one."""
    statement = select(T.id, T.agent_id).where(
        T.tenant_id == tenant_id, T.id.in_(list(turn_ids)), T.agent_id.is_not(None)
    )
    return {row.id: row.agent_id for row in session.execute(statement)}
