"""Assertions that are copies of other users' memories."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.core.vocabulary import Status
from app.db import models
from app.db.repositories.memories.memories import delete_embeddings
from app.db.session import AnyRow
from app.memory.redaction import REDACTION_MARKER

A = models.Assertion
M = models.Memory
V = models.MemoryVersion
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
_REACHED = text("""
WITH RECURSIVE reached(user_id) AS (
  SELECT DISTINCT user_id FROM assertions WHERE tenant_id = :tenant AND owner_user_id = :owner
  UNION
  SELECT a.user_id FROM reached r
  JOIN assertions a ON a.tenant_id = :tenant AND a.owner_user_id = r.user_id
)
SELECT user_id FROM reached""")
_MADE_OF = text("""
SELECT a.id, a.user_id, a.memory_id, a.recorded_at
FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[])) AS s(id, version)
JOIN assertions a ON a.tenant_id = :tenant AND a.owner_user_id = :owner AND a.owner_memory_id = s.id
  AND a.owner_version = s.version""")
_INSIDE = text("""
WITH RECURSIVE resting(id) AS (
  SELECT source_id FROM links
  WHERE tenant_id = :tenant AND target_id = ANY(:ids) AND type = 'derived_from'
  UNION
  SELECT l.source_id FROM resting r
  JOIN links l ON l.tenant_id = :tenant AND l.target_id = r.id AND l.type = 'derived_from'
)
SELECT id FROM resting""")
# Looked up id by id by primary key: an erasure costs what others were shown, and not that times what the user
# had. A scalar subquery, since a join may become a walk over all of the user's rows.
_SHOWN_IS_OWNERS = """(:owner IN (
  (SELECT m.user_id FROM memories m WHERE m.tenant_id = :tenant AND m.id = s.id),
  (SELECT u.user_id FROM turns u WHERE u.tenant_id = :tenant AND u.id = s.id)))"""
_HIDE_SHOWN = text(f"""
UPDATE feedback f SET
  shown = (SELECT coalesce(jsonb_agg(s.one ORDER BY s.place), '[]')
           FROM (SELECT one, place, (one->>'id')::uuid AS id
                 FROM jsonb_array_elements(f.shown) WITH ORDINALITY AS a(one, place)) s
           WHERE {_SHOWN_IS_OWNERS} IS NOT TRUE),
  cited_ids = ARRAY(SELECT s.id FROM unnest(f.cited_ids) AS s(id) WHERE {_SHOWN_IS_OWNERS} IS NOT TRUE)
WHERE f.tenant_id = :tenant AND f.user_id = ANY(:users)
  AND EXISTS (SELECT FROM (SELECT (one->>'id')::uuid AS id FROM jsonb_array_elements(f.shown) one) s
              WHERE {_SHOWN_IS_OWNERS})""")  # noqa: S608 - of constants
_HIDE_USED = text(f"""
UPDATE turns t SET shown_memory_ids = ARRAY(
  SELECT s.id FROM unnest(t.shown_memory_ids) AS s(id) WHERE {_SHOWN_IS_OWNERS} IS NOT TRUE)
WHERE t.tenant_id = :tenant AND t.user_id = ANY(:users)
  AND EXISTS (SELECT FROM unnest(t.shown_memory_ids) AS s(id) WHERE {_SHOWN_IS_OWNERS})""")  # noqa: S608 - of constants
_SAME_VECTOR = text("""
INSERT INTO embeddings (tenant_id, id, model_id, user_id, of_turn, vector, revision)
SELECT tenant_id, :memory, model_id, :user, false, vector, :revision FROM embeddings
WHERE tenant_id = :tenant AND id = :source""")
_PUT_BACK = text("""
UPDATE jobs SET llm_cache = '{}', status = CASE status WHEN 'running' THEN 'queued' ELSE status END,
  worker = NULL, lease_until = NULL
WHERE tenant_id = :tenant AND user_id = :user AND stage = 'consolidate'
  AND (status = 'running' OR llm_cache <> '{}')""")
_TOUCH_DAYS = text("""
UPDATE sessions s SET touched_at = :at
WHERE s.tenant_id = :tenant AND s.user_id = :user AND EXISTS (
  SELECT FROM turns t WHERE t.tenant_id = s.tenant_id AND t.user_id = s.user_id
    AND t.session_id = s.session_id
    AND to_char(t.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') = ANY(:days))""")


class CopiedAssertion(NamedTuple):
    """An assertion of a receiver that goes with its owner."""

    id: UUID
    user_id: str
    memory_id: UUID
    recorded_at: datetime


def list_receivers(session: Session, tenant_id: str, owner: str) -> set[str]:
    """The users who have copies of a user's memories, or of a memory of somebody who has."""
    return set(session.execute(_REACHED, {"tenant": tenant_id, "owner": owner}).scalars())


def list_copies_from(session: Session, tenant_id: str, owner: str) -> list[CopiedAssertion]:
    """All that others have copied of a user."""
    statement = select(A.id, A.user_id, A.memory_id, A.recorded_at)
    where = (A.tenant_id == tenant_id, A.owner_user_id == owner, A.user_id != owner)
    return [CopiedAssertion(*row) for row in session.execute(statement.where(*where))]


def list_copies_of_versions(
    session: Session, tenant_id: str, owner: str, versions: Sequence[tuple[UUID, int]]
) -> list[CopiedAssertion]:
    """What others have copied of these versions of a user's memories."""
    if not versions:
        return []
    ids, numbers = zip(*versions, strict=True)
    values = {"tenant": tenant_id, "owner": owner, "ids": list(ids), "versions": list(numbers)}
    return [CopiedAssertion(*row) for row in session.execute(_MADE_OF, values)]


def list_existing_copies(
    session: Session, tenant_id: str, user_id: str, sources: Collection[tuple[str, UUID]]
) -> Sequence[AnyRow]:
    """(owner_memory_id, owner_version, memory_id) of each copy that a user has of these (owner, memory)."""
    named = tuple_(A.owner_user_id, A.owner_memory_id).in_(list(sources))
    statement = select(A.owner_memory_id, A.owner_version, A.memory_id).distinct()
    return session.execute(statement.where(A.tenant_id == tenant_id, A.user_id == user_id, named)).all()


def delete_assertions(session: Session, tenant_id: str, ids: Collection[UUID]) -> None:
    """Delete assertions."""
    session.execute(delete(A).where(A.tenant_id == tenant_id, A.id.in_(ids)))


def list_copy_dependents(session: Session, tenant_id: str, ids: Collection[UUID]) -> set[UUID]:
    """Those of the memories that were concluded, over however many steps, from a copy of another user's."""
    if not ids:
        return set()
    rows = session.execute(_RESTING_ON_COPIES, {"tenant": tenant_id, "ids": list(ids)})
    return set(rows.scalars())


def list_derived_ids(session: Session, tenant_id: str, ids: Collection[UUID]) -> set[UUID]:
    """What was derived from these memories, over however many steps, in whatever state it is."""
    if not ids:
        return set()
    return set(session.execute(_INSIDE, {"tenant": tenant_id, "ids": list(ids)}).scalars())


def list_derived_since(
    session: Session, tenant_id: str, user_id: str, kinds: Collection[str], since: datetime
) -> Sequence[models.Memory]:
    """The derived memories of a user of which a version was written at that time or later."""
    wrote = select(V.memory_id).where(V.tenant_id == tenant_id, V.at >= since)
    where = (M.tenant_id == tenant_id, M.user_id == user_id, M.kind.in_(kinds), M.status != Status.EXPIRED)
    return session.execute(select(M).where(*where, M.id.in_(wrote))).scalars().all()


def redact_versions(session: Session, tenant_id: str, versions: Collection[tuple[UUID, int]]) -> None:
    """Take text and reason out of these versions."""
    if not versions:
        return
    session.execute(
        update(V)
        .where(V.tenant_id == tenant_id, tuple_(V.memory_id, V.version).in_(list(versions)))
        .values(snapshot=REDACTION_MARKER, reason=None)
    )


def get_memory_version(
    session: Session, tenant_id: str, memory_id: UUID, version: int
) -> models.MemoryVersion | None:
    """One version of a memory, or None."""
    return session.get(V, (tenant_id, memory_id, version))


def copy_vectors(
    session: Session, tenant_id: str, user_id: str, memory_id: UUID, source: UUID | None, revision: int
) -> None:
    """Let a memory have the vectors of the turn or memory whose words it has now, or none."""
    delete_embeddings(session, tenant_id, [memory_id])
    if source is not None:
        values = {"tenant": tenant_id, "user": user_id, "memory": memory_id, "source": source}
        session.execute(_SAME_VECTOR, values | {"revision": revision})


def hide_shown_ids(session: Session, tenant_id: str, user_id: str, others: Collection[str]) -> None:
    """Take the ids of a user's memories and turns out of what others were shown and said they used."""
    if others:
        values = {"tenant": tenant_id, "users": list(others), "owner": user_id}
        session.execute(_HIDE_SHOWN, values)
        session.execute(_HIDE_USED, values)


def requeue_consolidation(session: Session, tenant_id: str, user_id: str) -> None:
    """Let a consolidation that may have read copies begin anew, without what a model answered so far."""
    session.execute(_PUT_BACK, {"tenant": tenant_id, "user": user_id})


def touch_sessions_of_days(
    session: Session, tenant_id: str, user_id: str, days: Collection[str], at: datetime
) -> None:
    """Note that the sessions of these days are to be summarised again."""
    values = {"tenant": tenant_id, "user": user_id, "days": list(days), "at": at}
    session.execute(_TOUCH_DAYS, values)
