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
from app.db.user_session import UserSession
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
# Each id is looked up by primary key, so an erasure costs what others were shown, and not that times what the
# user had. It is a scalar subquery, because a join may be planned as a scan of all of the user's rows.
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
    AND to_char((t.observed_at AT TIME ZONE 'UTC') + make_interval(mins => t.utc_offset), 'YYYY-MM-DD')
      = ANY(:days))""")


class CopiedAssertion(NamedTuple):
    """An assertion of a receiver that is a copy of an owner's memory."""

    id: UUID
    user_id: str
    memory_id: UUID
    recorded_at: datetime


def list_receivers(owner: UserSession) -> set[str]:
    """Return the users who have copies of an owner's memories, or of memories of such a user, and so on."""
    return set(owner.session.execute(_REACHED, {"tenant": owner.tenant_id, "owner": owner.user_id}).scalars())


def list_copies_from(owner: UserSession) -> list[CopiedAssertion]:
    """List all assertions that other users have copied from an owner."""
    statement = select(A.id, A.user_id, A.memory_id, A.recorded_at)
    where = (A.tenant_id == owner.tenant_id, A.owner_user_id == owner.user_id, A.user_id != owner.user_id)
    return [CopiedAssertion(*row) for row in owner.session.execute(statement.where(*where))]


def list_copies_of_versions(
    owner: UserSession, versions: Sequence[tuple[UUID, int]]
) -> list[CopiedAssertion]:
    """List the assertions that other users have copied from these (memory id, version) of an owner."""
    if not versions:
        return []
    ids, numbers = zip(*versions, strict=True)
    values = {"tenant": owner.tenant_id, "owner": owner.user_id, "ids": list(ids), "versions": list(numbers)}
    return [CopiedAssertion(*row) for row in owner.session.execute(_MADE_OF, values)]


def list_existing_copies(user: UserSession, sources: Collection[tuple[str, UUID]]) -> Sequence[AnyRow]:
    """List (owner_memory_id, owner_version, memory_id) of the user's copies of these (owner, memory id)."""
    named = tuple_(A.owner_user_id, A.owner_memory_id).in_(list(sources))
    statement = select(A.owner_memory_id, A.owner_version, A.memory_id).distinct()
    return user.session.execute(
        statement.where(A.tenant_id == user.tenant_id, A.user_id == user.user_id, named)
    ).all()


def delete_assertions(session: Session, tenant_id: str, ids: Collection[UUID]) -> None:
    """Delete the assertions with these ids."""
    session.execute(delete(A).where(A.tenant_id == tenant_id, A.id.in_(ids)))


def list_copy_dependents(session: Session, tenant_id: str, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the memories that were derived, over any number of steps, from a copy."""
    if not ids:
        return set()
    rows = session.execute(_RESTING_ON_COPIES, {"tenant": tenant_id, "ids": list(ids)})
    return set(rows.scalars())


def list_derived_ids(session: Session, tenant_id: str, ids: Collection[UUID]) -> set[UUID]:
    """Return the ids of the memories derived from these, over any number of steps, in any status."""
    if not ids:
        return set()
    return set(session.execute(_INSIDE, {"tenant": tenant_id, "ids": list(ids)}).scalars())


def list_derived_since(user: UserSession, kinds: Collection[str], since: datetime) -> Sequence[models.Memory]:
    """List the user's memories of these kinds of which a version was written at `since` or later."""
    wrote = select(V.memory_id).where(V.tenant_id == user.tenant_id, V.at >= since)
    where = (
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.kind.in_(kinds),
        M.status != Status.EXPIRED,
    )
    return user.session.execute(select(M).where(*where, M.id.in_(wrote))).scalars().all()


def redact_versions(session: Session, tenant_id: str, versions: Collection[tuple[UUID, int]]) -> None:
    """Redact text and reason of these (memory id, version)."""
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
    """Load one version of a memory, or None."""
    return session.get(V, (tenant_id, memory_id, version))


def copy_vectors(user: UserSession, memory_id: UUID, source: UUID | None, revision: int) -> None:
    """Replace a memory's vectors by those of the turn or memory whose wording it has now; None = by none."""
    delete_embeddings(user.session, user.tenant_id, [memory_id])
    if source is not None:
        values = {"tenant": user.tenant_id, "user": user.user_id, "memory": memory_id, "source": source}
        user.session.execute(_SAME_VECTOR, values | {"revision": revision})


def hide_shown_ids(user: UserSession, others: Collection[str]) -> None:
    """Remove the ids of a user's memories and turns from the feedback and turns of other users."""
    if others:
        values = {"tenant": user.tenant_id, "users": list(others), "owner": user.user_id}
        user.session.execute(_HIDE_SHOWN, values)
        user.session.execute(_HIDE_USED, values)


def requeue_consolidation(user: UserSession) -> None:
    """Restart a consolidation that may have read copies, without the LLM replies cached so far."""
    user.session.execute(_PUT_BACK, {"tenant": user.tenant_id, "user": user.user_id})


def touch_sessions_of_days(user: UserSession, days: Collection[str], at: datetime) -> None:
    """Mark the sessions of these days (YYYY-MM-DD, on the speakers' clocks) as to be summarised again."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "days": list(days), "at": at}
    user.session.execute(_TOUCH_DAYS, values)
