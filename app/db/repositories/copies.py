"""Assertions that are copies of other users' memories."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow

A = models.Assertion


def receivers(session: Session, tenant_id: str, owner: str) -> set[str]:
    """The users who have copies of a user's memories."""
    statement = select(A.user_id).where(A.tenant_id == tenant_id, A.owner_user_id == owner).distinct()
    return set(session.execute(statement).scalars())


def made(
    session: Session, tenant_id: str, user_id: str, sources: Collection[tuple[str, UUID]]
) -> Sequence[AnyRow]:
    """(owner_memory_id, owner_version, memory_id) of each copy that a user has of these (owner, memory)."""
    named = tuple_(A.owner_user_id, A.owner_memory_id).in_(list(sources))
    statement = select(A.owner_memory_id, A.owner_version, A.memory_id).distinct()
    return session.execute(statement.where(A.tenant_id == tenant_id, A.user_id == user_id, named)).all()


def memories_from(session: Session, tenant_id: str, user_id: str, owner: str) -> list[UUID]:
    """The memories of a user that are, wholly or in part, copies of memories of `owner`."""
    where = (A.tenant_id == tenant_id, A.owner_user_id == owner, A.user_id == user_id)
    return list(session.execute(select(A.memory_id).where(*where).distinct()).scalars())


def remove(session: Session, tenant_id: str, user_id: str, owner: str) -> None:
    """Delete the copied assertions that a user has from `owner`."""
    where = (A.tenant_id == tenant_id, A.owner_user_id == owner, A.user_id == user_id)
    session.execute(delete(A).where(*where))
