"""Assertions that are copies of other users' memories."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow

A = models.Assertion
_RESTING_ON_COPIES = text("""
WITH RECURSIVE basis(memory_id, id) AS (
  SELECT source_id, target_id FROM links
  WHERE tenant_id = :tenant AND source_id = ANY(:ids) AND type = 'derived_from'
  UNION
  SELECT b.memory_id, l.target_id FROM basis b
  JOIN links l ON l.tenant_id = :tenant AND l.source_id = b.id AND l.type = 'derived_from'
)
SELECT DISTINCT b.memory_id FROM basis b
JOIN assertions a ON a.tenant_id = :tenant AND a.memory_id = b.id
WHERE a.owner_user_id IS NOT NULL""")
_REDACT = text("""
UPDATE memory_versions v SET snapshot = '{"redacted": true}'
FROM memories m
WHERE v.tenant_id = :tenant AND v.memory_id = ANY(:ids) AND v.snapshot->>'origin' = 'copy'
  AND m.tenant_id = v.tenant_id AND m.id = v.memory_id AND v.snapshot->>'content' <> m.content
RETURNING v.version""")


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


def resting_on_copies(session: Session, tenant_id: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of the memories that were concluded, over however many steps, from a copy of another user's."""
    if not ids:
        return set()
    rows = session.execute(_RESTING_ON_COPIES, {"tenant": tenant_id, "ids": list(ids)})
    return set(rows.scalars())


def redact(session: Session, tenant_id: str, ids: Collection[UUID]) -> bool:
    """Take the text out of earlier versions of these memories that were copies and said something else.

    Whether any had one.
    """
    found = session.execute(_REDACT, {"tenant": tenant_id, "ids": list(ids)})
    return found.first() is not None
