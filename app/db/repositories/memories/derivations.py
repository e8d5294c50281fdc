"""Store and read the derivations of memories: their bases, their sources, and which are stale."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.instants import in_utc_offset
from app.core.vocabulary import Basis, Kind, LinkType, Origin, Status
from app.db import models
from app.db.bulk_insert import to_rows
from app.db.memory_rows import NewDerivation
from app.db.models import Derivation
from app.db.session import AnyRow
from app.db.user_session import UserSession

A = models.Assertion
D = Derivation
L = models.Link
M = models.Memory
S = models.ChatSession
T = models.Turn
DERIVED = (Kind.SUMMARY, Kind.PORTRAIT, Kind.INSIGHT)
VALID_STATUSES = (Status.ACTIVATED, Status.ARCHIVED)
MAX_DEPTH = 8

_UNSEEN = text("""
WITH RECURSIVE under(id) AS (
  SELECT target_id FROM links WHERE tenant_id = :tenant AND source_id = :memory AND type = 'derived_from'
  UNION
  SELECT l.target_id FROM under u
  JOIN links l ON l.tenant_id = :tenant AND l.source_id = u.id AND l.type = 'derived_from')
SELECT EXISTS (SELECT FROM under u
  WHERE NOT EXISTS (SELECT FROM memories m WHERE m.tenant_id = :tenant AND m.id = u.id))""")


def touch_sessions(user: UserSession, session_ids: Iterable[str], at: datetime) -> None:
    """Record that something was extracted from these sessions at this time."""
    user.session.execute(
        update(S)
        .where(S.tenant_id == user.tenant_id, S.user_id == user.user_id, S.session_id.in_(list(session_ids)))
        .values(touched_at=at)
    )


def list_ended_sessions(user: UserSession, idle_since: datetime) -> dict[str, datetime]:
    """Return {session: time of its last extraction} of sessions to summarise: closed ones and idle ones."""
    has_ended = or_(S.closed_at.is_not(None), S.touched_at <= idle_since)
    rows = user.session.execute(
        select(S.session_id, S.touched_at).where(
            S.tenant_id == user.tenant_id, S.user_id == user.user_id, S.touched_at.is_not(None), has_ended
        )
    )
    return {row.session_id: row.touched_at for row in rows}


def mark_summarised(user: UserSession, touched: Mapping[str, datetime]) -> None:
    """Record that these sessions are summarised, unless something was extracted from them since."""
    for session_id, at in touched.items():
        user.session.execute(
            update(S)
            .where(
                S.tenant_id == user.tenant_id,
                S.user_id == user.user_id,
                S.session_id == session_id,
                S.touched_at == at,
            )
            .values(touched_at=None)
        )


def list_turn_assertions(
    user: UserSession,
    *,
    session_ids: Collection[str] = (),
    days: Collection[date] = (),
) -> Sequence[AnyRow]:
    """List each assertion of a current memory by a turn of these sessions or days, in order.

    A day is that of the speaker's clock.
    """
    clock = T.observed_at + func.make_interval(0, 0, 0, 0, 0, T.utc_offset)
    spans = [and_(clock >= _day_start(day), clock < _day_start(day, 1)) for day in days]
    conditions: list[ColumnElement[bool]] = [T.session_id.in_(session_ids), *spans]
    return user.session.execute(
        select(
            M.id.label("memory_id"),
            M.content,
            M.importance,
            T.id.label("turn_id"),
            T.session_id,
            T.observed_at,
            T.utc_offset,
            T.position,
            func.coalesce(T.name, T.role).label("speaker"),
            A.quote,
        )
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(
            A.tenant_id == user.tenant_id,
            A.user_id == user.user_id,
            A.polarity > 0,
            M.status == Status.ACTIVATED,
            M.kind.not_in(DERIVED),
            or_(*conditions),
        )
        .order_by(T.observed_at, T.session_id, T.position, M.id)
    ).all()


def _day_start(day: date, plus: int = 0) -> ColumnElement[datetime]:
    return literal(f"{(day + timedelta(days=plus)).isoformat()}T00:00:00+00:00").cast(T.observed_at.type)


def list_valid_memories(user: UserSession, kinds: Iterable[Kind], limit: int) -> Sequence[models.Memory]:
    """List the valid memories of these kinds, including archived ones, without denials and stale ones.

    These are the `limit` most important, the newest first among equals; the order does not depend on the
    order of arrival.
    """
    where = (
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.status.in_(VALID_STATUSES),
        M.kind.in_(list(kinds)),
    )
    newest = func.coalesce(M.valid_from, M.recorded_at).desc()
    statement = select(M).where(*where, M.polarity > 0, ~M.stale)
    ordered = statement.order_by(M.importance.desc(), newest, M.content, M.id)
    return user.session.execute(ordered.limit(limit)).scalars().all()


def list_memory_speakers(session: Session, tenant_id: str, ids: Iterable[UUID]) -> Sequence[AnyRow]:
    """List (memory_id, session_id, speaker) of the turns that assert these memories, each once."""
    return session.execute(
        select(A.memory_id, T.session_id, func.coalesce(T.name, T.role).label("speaker"))
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
        .distinct()
    ).all()


def list_derivations(user: UserSession, bases: Iterable[Basis]) -> Sequence[Derivation]:
    """List the derivations of these bases."""
    where = (D.tenant_id == user.tenant_id, D.user_id == user.user_id, D.basis.in_(list(bases)))
    return user.session.execute(select(D).where(*where).order_by(D.basis, D.key)).scalars().all()


def get_derivation(user: UserSession, basis: Basis, key: str) -> Derivation | None:
    """Return the derivation of one basis and key, or None."""
    return user.session.get(D, (user.tenant_id, user.user_id, basis, key))


def upsert_derivation(user: UserSession, new: NewDerivation) -> None:
    """Store the derivation of one basis and key."""
    (row,) = to_rows(D, [new], {"tenant_id": user.tenant_id, "user_id": user.user_id})
    changed = {name: row.get(name) for name in ("memory_id", "fingerprint", "sources", "at")}
    user.session.execute(
        insert(D)
        .values(**row)
        .on_conflict_do_update(index_elements=["tenant_id", "user_id", "basis", "key"], set_=changed)
    )


def list_derivations_of(session: Session, tenant_id: str, memory_ids: Iterable[UUID]) -> Sequence[Derivation]:
    """List the derivations that these memories result from."""
    statement = select(D).where(D.tenant_id == tenant_id, D.memory_id.in_(list(memory_ids)))
    return session.execute(statement).scalars().all()


def delete_derivations(session: Session, tenant_id: str, memory_ids: Iterable[UUID]) -> None:
    """Delete the derivations of these memories, so that the same sources lead to new ones."""
    session.execute(delete(D).where(D.tenant_id == tenant_id, D.memory_id.in_(list(memory_ids))))


def list_stale_memories(user: UserSession) -> Sequence[models.Memory]:
    """List the derived memories of the user that have to be derived again."""
    where = (
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
        M.stale,
        M.status.in_(VALID_STATUSES),
        ~M.frozen,
    )
    return user.session.execute(select(M).where(*where).order_by(M.id)).scalars().all()


def load_derivation_sources(
    session: Session, tenant_id: str, ids: Iterable[UUID]
) -> dict[UUID, list[models.Memory]]:
    """Load the memories that each of these was derived from, including deleted ones, oldest first."""
    rows = session.execute(
        select(L.source_id, M)
        .join(M, (M.tenant_id == L.tenant_id) & (M.id == L.target_id))
        .where(L.tenant_id == tenant_id, L.source_id.in_(list(ids)), L.type == LinkType.DERIVED_FROM)
        .order_by(M.id)
    )
    sources: dict[UUID, list[models.Memory]] = {}
    for row in rows:
        sources.setdefault(row[0], []).append(row[1])
    return sources


def list_fresh_dependents(session: Session, tenant_id: str, ids: Iterable[UUID]) -> list[UUID]:
    """List the ids of memories derived from these, up to `MAX_DEPTH` steps, that are not marked stale yet.

    A memory that a client has edited does not depend on its sources any more.
    """
    reach = (
        select(L.source_id.label("id"), literal(1).label("depth"))
        .where(L.tenant_id == tenant_id, L.target_id.in_(list(ids)), L.type == LinkType.DERIVED_FROM)
        .cte("reach", recursive=True)
    )
    reach = reach.union(
        select(L.source_id, reach.c.depth + 1).where(
            L.tenant_id == tenant_id,
            L.target_id == reach.c.id,
            L.type == LinkType.DERIVED_FROM,
            reach.c.depth < MAX_DEPTH,
        )
    )
    return list(
        session.execute(
            select(M.id)
            .where(
                M.tenant_id == tenant_id,
                M.id.in_(select(reach.c.id)),
                M.status.in_(VALID_STATUSES),
                M.origin == Origin.INFERENCE,
                ~M.stale,
            )
            .order_by(M.id)
        ).scalars()
    )


def depends_on_expired(session: Session, tenant_id: str, memory_id: UUID) -> bool:
    """Return whether a memory was derived, in any number of steps, from one that has expired.

    The session must be a read session, whose policy hides expired memories. A deleted memory is visible
    there, without its text.
    """
    return session.execute(_UNSEEN, {"tenant": tenant_id, "memory": memory_id}).scalar_one()


def redact_stale_versions(session: Session, tenant_id: str, memory_id: UUID, reason: str) -> bool:
    """Erase the text of the versions up to the newest with this reason; return whether any had a text."""
    redacted = session.execute(
        text("""
        UPDATE memory_versions v SET snapshot = '{"redacted": true}'
        WHERE v.tenant_id = :tenant AND v.memory_id = :memory AND v.snapshot <> '{"redacted": true}'
          AND v.version <= (
            SELECT max(w.version) FROM memory_versions w
            WHERE w.tenant_id = :tenant AND w.memory_id = :memory
              AND w.op = 'stale' AND w.reason = :reason)
        RETURNING v.version"""),
        {"tenant": tenant_id, "memory": memory_id, "reason": reason},
    )
    return redacted.first() is not None


def list_related_pairs(user: UserSession) -> Sequence[AnyRow]:
    """List (source_id, target_id) of the user's links between related memories."""
    where = (L.tenant_id == user.tenant_id, L.user_id == user.user_id, L.type == LinkType.RELATES)
    return user.session.execute(select(L.source_id, L.target_id).where(*where)).all()


def load_said_days(session: Session, tenant_id: str, ids: Iterable[UUID]) -> dict[UUID, set[date]]:
    """Load the speakers' days on which each of these memories was asserted; without a turn those in UTC."""
    rows = session.execute(
        select(A.memory_id, func.coalesce(T.observed_at, A.asserted_at).label("said"), T.utc_offset)
        .outerjoin(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
    )
    days: dict[UUID, set[date]] = {}
    for row in rows:
        days.setdefault(row.memory_id, set()).add(in_utc_offset(row.said, row.utc_offset or 0).date())
    return days
