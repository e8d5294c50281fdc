"""The labels that a tenant's rows carry (users, agents, sessions, values of metadata), and who has them.

There is no index by these: each query here reads a tenant's rows once.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import AnyRow

_USERS_OF_AGENTS = text("""
SELECT user_id FROM turns WHERE tenant_id = :tenant AND agent_id = ANY(CAST(:names AS text[]))
UNION SELECT user_id FROM memories
  WHERE tenant_id = :tenant AND agent_id = ANY(CAST(:names AS text[])) AND status <> 'expired'
ORDER BY user_id LIMIT :limit""")
_USERS_OF_SESSIONS = text("""
SELECT user_id FROM sessions WHERE tenant_id = :tenant AND session_id = ANY(CAST(:names AS text[]))
UNION SELECT user_id FROM memories WHERE tenant_id = :tenant AND status <> 'expired'
  AND metadata #>> CAST(:path AS text[]) = ANY(CAST(:names AS text[]))
ORDER BY user_id LIMIT :limit""")
_USERS_OF_METADATA = text("""
SELECT user_id FROM turns WHERE tenant_id = :tenant
  AND metadata #>> CAST(:path AS text[]) = ANY(CAST(:names AS text[]))
UNION SELECT user_id FROM memories WHERE tenant_id = :tenant AND status <> 'expired'
  AND metadata #>> CAST(:path AS text[]) = ANY(CAST(:names AS text[]))
ORDER BY user_id LIMIT :limit""")
_USERS = text("SELECT user_id FROM users WHERE tenant_id = :tenant ORDER BY user_id LIMIT :limit")
_LABELS = """
SELECT label, min(recorded_at) AS first_at, max(recorded_at) AS last_at FROM (
  SELECT {label} AS label, recorded_at FROM turns WHERE tenant_id = :tenant
  UNION ALL
  SELECT {label} AS label, recorded_at FROM memories WHERE tenant_id = :tenant AND status <> 'expired'
) AS found WHERE label IS NOT NULL GROUP BY label ORDER BY label LIMIT :limit"""
_USER_LABELS = text(_LABELS.format(label="user_id"))
_AGENT_LABELS = text(_LABELS.format(label="agent_id"))
_METADATA_LABELS = text(_LABELS.format(label="metadata #>> CAST(:path AS text[])"))


def list_users_of_agents(session: Session, tenant_id: str, names: Sequence[str], limit: int) -> list[str]:
    """List the users whom turns or memories of these agents belong to."""
    values = {"tenant": tenant_id, "names": list(names), "limit": limit}
    return list(session.execute(_USERS_OF_AGENTS, values).scalars())


def list_users_of_sessions(
    session: Session, tenant_id: str, names: Sequence[str], path: Sequence[str], limit: int
) -> list[str]:
    """List the users with one of these sessions, or a memory whose metadata name it at `path`."""
    values = {"tenant": tenant_id, "names": list(names), "path": list(path), "limit": limit}
    return list(session.execute(_USERS_OF_SESSIONS, values).scalars())


def list_users_of_metadata(
    session: Session, tenant_id: str, names: Sequence[str], path: Sequence[str], limit: int
) -> list[str]:
    """List the users whose turns or memories have one of these texts at `path` of their metadata."""
    values = {"tenant": tenant_id, "names": list(names), "path": list(path), "limit": limit}
    return list(session.execute(_USERS_OF_METADATA, values).scalars())


def list_user_ids(session: Session, tenant_id: str, limit: int) -> list[str]:
    """List the tenant's users, by id."""
    return list(session.execute(_USERS, {"tenant": tenant_id, "limit": limit}).scalars())


def list_user_labels(session: Session, tenant_id: str, limit: int) -> Sequence[AnyRow]:
    """List (label, first_at, last_at) of the users who have turns or memories."""
    return session.execute(_USER_LABELS, {"tenant": tenant_id, "limit": limit}).all()


def list_agent_labels(session: Session, tenant_id: str, limit: int) -> Sequence[AnyRow]:
    """List (label, first_at, last_at) of the agents of turns and memories."""
    return session.execute(_AGENT_LABELS, {"tenant": tenant_id, "limit": limit}).all()


def list_metadata_labels(
    session: Session, tenant_id: str, path: Sequence[str], limit: int
) -> Sequence[AnyRow]:
    """List (label, first_at, last_at) of the texts at `path` of the metadata of turns and memories."""
    values = {"tenant": tenant_id, "path": list(path), "limit": limit}
    return session.execute(_METADATA_LABELS, values).all()
