"""Derivations of memories: their bases, their sources, and which are stale."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

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
    """Note that something was extracted from these sessions."""
    user.session.execute(
        update(S)
        .where(S.tenant_id == user.tenant_id, S.user_id == user.user_id, S.session_id.in_(list(session_ids)))
        .values(touched_at=at)
    )


def list_ended_sessions(user: UserSession, idle_since: datetime) -> dict[str, datetime]:
    """{session: when it was touched} of those not summarised that are closed or were not touched since."""
    over = or_(S.closed_at.is_not(None), S.touched_at <= idle_since)
    rows = user.session.execute(
        select(S.session_id, S.touched_at).where(
            S.tenant_id == user.tenant_id, S.user_id == user.user_id, S.touched_at.is_not(None), over
        )
    )
    return {row.session_id: row.touched_at for row in rows}


def mark_summarised(user: UserSession, touched: Mapping[str, datetime]) -> None:
    """Note that these sessions are summarised, unless something was extracted from them since."""
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
    """Each time that a turn of these sessions or days (UTC) says a current memory, in order."""
    spans = [and_(T.observed_at >= _day_start(day), T.observed_at < _day_start(day, 1)) for day in days]
    where: list[ColumnElement[bool]] = [T.session_id.in_(session_ids), *spans]
    return user.session.execute(
        select(
            M.id.label("memory_id"),
            M.content,
            M.importance,
            T.id.label("turn_id"),
            T.session_id,
            T.observed_at,
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
            or_(*where),
        )
        .order_by(T.observed_at, T.session_id, T.position, M.id)
    ).all()


def _day_start(day: date, plus: int = 0) -> ColumnElement[datetime]:
    return literal(f"{(day + timedelta(days=plus)).isoformat()}T00:00:00+00:00").cast(T.observed_at.type)


def list_valid_memories(user: UserSession, kinds: Iterable[Kind], limit: int) -> Sequence[models.Memory]:
    """The memories of these kinds that hold, archived ones too, and deny nothing.

    The `limit` most important, of equal ones the newest, in an order that no order of arrival changes.
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
    """(memory_id, session_id, speaker) of the turns that say these memories, each once."""
    return session.execute(
        select(A.memory_id, T.session_id, func.coalesce(T.name, T.role).label("speaker"))
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
        .distinct()
    ).all()


def list_derivations(user: UserSession, bases: Iterable[Basis]) -> Sequence[Derivation]:
    """What was derived for these bases."""
    where = (D.tenant_id == user.tenant_id, D.user_id == user.user_id, D.basis.in_(list(bases)))
    return user.session.execute(select(D).where(*where).order_by(D.basis, D.key)).scalars().all()


def get_derivation(user: UserSession, basis: Basis, key: str) -> Derivation | None:
    """What was derived for one basis, or None."""
    return user.session.get(D, (user.tenant_id, user.user_id, basis, key))


def upsert_derivation(user: UserSession, new: NewDerivation) -> None:
    """Note what was derived for a basis."""
    (row,) = to_rows(D, [new], {"tenant_id": user.tenant_id, "user_id": user.user_id})
    changed = {name: row.get(name) for name in ("memory_id", "fingerprint", "sources", "at")}
    user.session.execute(
        insert(D)
        .values(**row)
        .on_conflict_do_update(index_elements=["tenant_id", "user_id", "basis", "key"], set_=changed)
    )


def list_derivations_of(session: Session, tenant_id: str, memory_ids: Iterable[UUID]) -> Sequence[Derivation]:
    """For which bases these memories were derived."""
    statement = select(D).where(D.tenant_id == tenant_id, D.memory_id.in_(list(memory_ids)))
    return session.execute(statement).scalars().all()


def delete_derivations(session: Session, tenant_id: str, memory_ids: Iterable[UUID]) -> None:
    """Forget from what these memories were derived, so that the same makes them again."""
    session.execute(delete(D).where(D.tenant_id == tenant_id, D.memory_id.in_(list(memory_ids))))


def list_stale_memories(user: UserSession) -> Sequence[models.Memory]:
    """The derived memories of the user that have to be derived again."""
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
    """The memories that each of these was derived from, deleted ones too, oldest first."""
    rows = session.execute(
        select(L.source_id, M)
        .join(M, (M.tenant_id == L.tenant_id) & (M.id == L.target_id))
        .where(L.tenant_id == tenant_id, L.source_id.in_(list(ids)), L.type == LinkType.DERIVED_FROM)
        .order_by(M.id)
    )
    found: dict[UUID, list[models.Memory]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1])
    return found


def list_fresh_dependents(session: Session, tenant_id: str, ids: Iterable[UUID]) -> list[UUID]:
    """What was derived from these memories, down to `MAX_DEPTH` steps, and does not count as stale yet.

    What somebody has edited is that person's word and rests on nothing.
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
    """Whether something that a memory was derived from, over however many steps, is not to be seen any more.

    In a session that reads; what was deleted is still there to be seen, without its text.
    """
    return session.execute(_UNSEEN, {"tenant": tenant_id, "memory": memory_id}).scalar_one()


def redact_stale_versions(session: Session, tenant_id: str, memory_id: UUID, reason: str) -> bool:
    """Take the text out of the versions before the newest one with this reason; whether any had one."""
    found = session.execute(
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
    return found.first() is not None


def list_related_pairs(user: UserSession) -> Sequence[AnyRow]:
    """(source_id, target_id) of the user's links between related memories."""
    where = (L.tenant_id == user.tenant_id, L.user_id == user.user_id, L.type == LinkType.RELATES)
    return user.session.execute(select(L.source_id, L.target_id).where(*where)).all()


def load_said_days(session: Session, tenant_id: str, ids: Iterable[UUID]) -> dict[UUID, set[date]]:
    """The days (UTC) on which each of these memories was said."""
    rows = session.execute(
        select(A.memory_id, func.coalesce(T.observed_at, A.asserted_at).label("said"))
        .outerjoin(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
    )
    found: dict[UUID, set[date]] = {}
    for row in rows:
        found.setdefault(row.memory_id, set()).add(row.said.date())
    return found
