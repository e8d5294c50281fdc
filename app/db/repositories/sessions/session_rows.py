"""All rows of one session, over all tables: count them, read what they say, delete them."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, column, delete, func, select, table, text
from sqlalchemy.orm import Session

from app.core.vocabulary import Basis
from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

A = models.Assertion
T = models.Turn
V = models.MemoryVersion
_TABLES = text("""
SELECT c.relname FROM pg_class c
JOIN pg_attribute s ON s.attrelid = c.oid AND s.attname = 'session_id' AND NOT s.attisdropped
JOIN pg_attribute u ON u.attrelid = c.oid AND u.attname = 'user_id' AND NOT u.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname""")
_OF_SESSION = "tenant_id = :tenant AND user_id = :user AND session_id = :session"
_EMBEDDINGS = f"""FROM embeddings e WHERE e.tenant_id = :tenant AND e.user_id = :user AND e.id IN (
  SELECT id FROM turns WHERE {_OF_SESSION})"""  # noqa: S608 - of constants
_COUNT_EMBEDDINGS = text(f"SELECT count(*) {_EMBEDDINGS}")
_DELETIONS = (
    text(f"DELETE {_EMBEDDINGS}"),
    text(f"""DELETE FROM idempotency_keys k WHERE k.tenant_id = :tenant AND k.user_id = :user
      AND k.response->>'job_id' IN (SELECT id::text FROM jobs WHERE {_OF_SESSION})"""),  # noqa: S608
    *(
        text(f"DELETE FROM {name} WHERE {_OF_SESSION}")  # noqa: S608 - of constants
        for name in ("turns", "segments", "jobs", "session_states", "sessions")
    ),
)
# A worker that has read the session's turns, or memories that they state, finds that its job is not its own
# any more, and begins again without them; what an LLM has answered to them goes.
_PUT_BACK = text("""
UPDATE jobs SET llm_cache = '{}', status = CASE status WHEN 'running' THEN 'queued' ELSE status END,
  worker = NULL, lease_until = NULL
WHERE tenant_id = :tenant AND user_id = :user AND (status = 'running' OR llm_cache <> '{}')""")
_HIDE_SHOWN = text("""
UPDATE feedback f SET
  shown = (SELECT coalesce(jsonb_agg(s.one ORDER BY s.place), '[]')
           FROM jsonb_array_elements(f.shown) WITH ORDINALITY AS s(one, place)
           WHERE (s.one->>'id')::uuid <> ALL(:ids)),
  cited_ids = ARRAY(SELECT s.id FROM unnest(f.cited_ids) AS s(id) WHERE s.id <> ALL(:ids))
WHERE f.tenant_id = :tenant AND f.user_id = :user AND EXISTS (
  SELECT FROM jsonb_array_elements(f.shown) s(one) WHERE (s.one->>'id')::uuid = ANY(:ids))""")
_HIDE_USED = text("""
UPDATE turns t SET shown_memory_ids = ARRAY(
  SELECT s.id FROM unnest(t.shown_memory_ids) AS s(id) WHERE s.id <> ALL(:ids))
WHERE t.tenant_id = :tenant AND t.user_id = :user AND t.shown_memory_ids && CAST(:ids AS uuid[])""")
_HIDE_SOURCES = text("""
UPDATE memory_versions v SET snapshot = jsonb_set(v.snapshot, '{turn_ids}', (
  SELECT coalesce(jsonb_agg(one), '[]') FROM jsonb_array_elements_text(v.snapshot->'turn_ids') s(one)
  WHERE s.one <> ALL(:ids)))
WHERE v.tenant_id = :tenant AND v.memory_id = ANY(:memories)
  AND jsonb_exists_any(v.snapshot->'turn_ids', :ids)""")


def count_session_rows(user: UserSession, session_id: str) -> dict[str, int]:
    """Count the rows of each table that name the session, read from the catalogue, and its embeddings."""
    values = _session_key(user, session_id)
    counts = {"embeddings": user.session.execute(_COUNT_EMBEDDINGS, values).scalar_one()}
    for name in user.session.execute(_TABLES).scalars().all():
        rows = table(name, column("tenant_id"), column("user_id"), column("session_id"))
        statement = select(func.count()).select_from(rows)
        where = (
            rows.c.tenant_id == user.tenant_id,
            rows.c.user_id == user.user_id,
            rows.c.session_id == session_id,
        )
        counts[name] = user.session.execute(statement.where(*where)).scalar_one()
    return counts


def list_turn_ids(user: UserSession, session_id: str) -> Sequence[AnyRow]:
    """List (id, recorded_at) of the session's turns."""
    statement = select(T.id, T.recorded_at).where(*_of_session(user, session_id))
    return user.session.execute(statement).all()


def iter_turn_texts(user: UserSession, session_id: str) -> Iterator[str]:
    """Yield what the session's turns say and who says it, read piece by piece."""
    statement = select(T.content, T.name).where(*_of_session(user, session_id))
    for row in user.session.execute(statement.execution_options(yield_per=200)):
        yield row.content
        if row.name is not None:
            yield row.name


def list_stated_memory_ids(user: UserSession, session_id: str) -> list[UUID]:
    """List the ids of the memories that the session's turns state or deny."""
    statement = (
        select(A.memory_id)
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(*_of_session(user, session_id))
        .distinct()
    )
    return list(user.session.execute(statement).scalars())


def list_summary_ids(user: UserSession, session_id: str) -> list[UUID]:
    """List the ids of the session's summaries."""
    D = models.Derivation
    where = (D.tenant_id == user.tenant_id, D.user_id == user.user_id, D.basis == Basis.SESSION)
    statement = select(D.memory_id).where(*where, D.key == session_id, D.memory_id.is_not(None))
    return [memory_id for memory_id in user.session.execute(statement).scalars() if memory_id is not None]


def delete_session_rows(user: UserSession, session_id: str) -> None:
    """Delete the session's rows; foreign keys delete assertions and names that its turns say."""
    D = models.Derivation
    for statement in _DELETIONS:
        user.session.execute(statement, _session_key(user, session_id))
    where = (D.tenant_id == user.tenant_id, D.user_id == user.user_id, D.basis == Basis.SESSION)
    user.session.execute(delete(D).where(*where, D.key == session_id))


def put_jobs_back(user: UserSession) -> None:
    """Restart the user's jobs that are under way, without the LLM replies cached so far."""
    user.session.execute(_PUT_BACK, {"tenant": user.tenant_id, "user": user.user_id})


def hide_ids(user: UserSession, ids: Collection[UUID]) -> None:
    """Remove these ids of turns and memories from what was shown and used."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "ids": list(ids)}
    user.session.execute(_HIDE_SHOWN, values)
    user.session.execute(_HIDE_USED, values)


def hide_sources(
    session: Session, tenant_id: str, memory_ids: Collection[UUID], turn_ids: Collection[UUID]
) -> None:
    """Remove the ids of these turns from the versions of these memories."""
    values = {"tenant": tenant_id, "memories": list(memory_ids), "ids": [str(one) for one in turn_ids]}
    session.execute(_HIDE_SOURCES, values)


def _of_session(user: UserSession, session_id: str) -> tuple[ColumnElement[bool], ...]:
    return (T.tenant_id == user.tenant_id, T.user_id == user.user_id, T.session_id == session_id)


def _session_key(user: UserSession, session_id: str) -> dict[str, str]:
    return {"tenant": user.tenant_id, "user": user.user_id, "session": session_id}
