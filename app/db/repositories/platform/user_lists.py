"""Lists of a tenant's users and of a user's sessions, with counts of what is stored for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

U = models.User
S = models.ChatSession
# Counts are made for one page of users, from indexes alone.
_USER_COUNTS = text("""
SELECT u.user_id, u.created_at, t.turns, t.first_turn_at, t.last_turn_at,
  (SELECT count(*) FROM memories m
   WHERE m.tenant_id = :tenant AND m.user_id = u.user_id AND m.status = 'activated') AS memories,
  (SELECT count(*) FROM sessions s WHERE s.tenant_id = :tenant AND s.user_id = u.user_id) AS sessions
FROM users u CROSS JOIN LATERAL (
  SELECT count(*) AS turns, min(observed_at) AS first_turn_at, max(observed_at) AS last_turn_at
  FROM turns t WHERE t.tenant_id = :tenant AND t.user_id = u.user_id) t
WHERE u.tenant_id = :tenant AND u.user_id = ANY(:users)
ORDER BY u.user_id""")
# The date of a session's last turn is one look into the index; the rest is read for one page of sessions.
_SESSIONS = text("""
WITH dated AS MATERIALIZED (
  SELECT s.session_id, s.created_at, s.closed_at, coalesce(t.observed_at, s.created_at) AS at
  FROM sessions s LEFT JOIN LATERAL (
    SELECT observed_at FROM turns t
    WHERE t.tenant_id = :tenant AND t.user_id = :user AND t.session_id = s.session_id
    ORDER BY observed_at DESC, position DESC LIMIT 1) t ON true
  WHERE s.tenant_id = :tenant AND s.user_id = :user),
page AS (
  SELECT * FROM dated
  WHERE CAST(:at AS timestamptz) IS NULL OR (at, session_id) < (CAST(:at AS timestamptz), CAST(:id AS text))
  ORDER BY at DESC, session_id DESC LIMIT :limit)
SELECT p.*, t.turns, t.first_turn_at, t.last_turn_at, EXISTS (
  SELECT FROM derivations d JOIN memories m ON m.tenant_id = d.tenant_id AND m.id = d.memory_id
  WHERE d.tenant_id = :tenant AND d.user_id = :user AND d.basis = 'session' AND d.key = p.session_id
    AND m.status = 'activated' AND NOT m.stale) AS has_summary
FROM page p CROSS JOIN LATERAL (
  SELECT count(*) AS turns, min(observed_at) AS first_turn_at, max(observed_at) AS last_turn_at
  FROM turns t WHERE t.tenant_id = :tenant AND t.user_id = :user AND t.session_id = p.session_id) t
ORDER BY p.at DESC, p.session_id DESC""")


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users a list contains; None does not restrict."""

    prefix: str | None = None
    only: str | None = None


def list_user_ids(
    session: Session, tenant_id: str, matching: UserFilter, after: str | None, limit: int
) -> list[str]:
    """List up to `limit` users of the tenant by id, those after the id `after`."""
    statement = select(U.user_id).where(*_conditions(tenant_id, matching))
    if after is not None:
        statement = statement.where(U.user_id > after)
    return list(session.execute(statement.order_by(U.user_id).limit(limit)).scalars())


def count_users(session: Session, tenant_id: str, matching: UserFilter) -> int:
    """Count the users of the tenant that match the filter."""
    statement = select(func.count()).select_from(U).where(*_conditions(tenant_id, matching))
    return session.execute(statement).scalar_one()


def list_user_counts(session: Session, tenant_id: str, user_ids: Sequence[str]) -> Sequence[AnyRow]:
    """List these users by id, with the numbers of their turns, memories and sessions."""
    return session.execute(_USER_COUNTS, {"tenant": tenant_id, "users": list(user_ids)}).all()


def list_sessions(user: UserSession, after: tuple[datetime, str] | None, limit: int) -> Sequence[AnyRow]:
    """List up to `limit` sessions, that with the newest turn first, those behind (date, session id)."""
    at, session_id = after if after is not None else (None, None)
    values = {"tenant": user.tenant_id, "user": user.user_id, "at": at, "id": session_id, "limit": limit}
    return user.session.execute(_SESSIONS, values).all()


def count_sessions(user: UserSession) -> int:
    """Count the sessions of a user."""
    statement = select(func.count()).where(S.tenant_id == user.tenant_id, S.user_id == user.user_id)
    return user.session.execute(statement).scalar_one()


def _conditions(tenant_id: str, matching: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [U.tenant_id == tenant_id]
    if matching.prefix is not None:
        conditions.append(func.starts_with(U.user_id, matching.prefix))
    if matching.only is not None:
        conditions.append(U.user_id == matching.only)
    return conditions
