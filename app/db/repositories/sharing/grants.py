"""Grants between users, and the memories that they cover."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, cast, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core.vocabulary import Right, Status
from app.db import models
from app.db.models import Grant
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.db.vectors import Vector, decode_vectors, vector_bytes

A = models.Assertion
E = models.Embedding
G = Grant
M = models.Memory
_CONTENT = ("owner_user_id", "grantee_user_id", "right", "memory_ids", "kinds", "tags", "expires_at")


def insert_grant(session: Session, row: Grant) -> None:
    """Store a grant."""
    session.add(row)
    session.flush()


def get_grant(session: Session, tenant_id: str, grant_id: UUID) -> Grant | None:
    """Load one grant, or None."""
    return session.get(G, (tenant_id, grant_id))


def find_same_grant(session: Session, row: Grant, now: datetime) -> Grant | None:
    """Find a grant in force with the same users, right, selection and end as this one, or None."""
    content = [getattr(G, name).is_not_distinct_from(getattr(row, name)) for name in _CONTENT]
    where = (G.tenant_id == row.tenant_id, *content, _is_in_force(now))
    return session.execute(select(G).where(*where).limit(1)).scalar_one_or_none()


def count_grants(session: Session, tenant_id: str, owner: str, grantee: str, now: datetime) -> int:
    """Count the grants in force from one user to another."""
    pair = (G.tenant_id == tenant_id, G.owner_user_id == owner, G.grantee_user_id == grantee)
    statement = select(func.count()).select_from(G).where(*pair, _is_in_force(now))
    return session.execute(statement).scalar_one()


def list_grants(user: UserSession, *, after: UUID | None, limit: int) -> Sequence[Grant]:
    """List the grants that a user gave or was given, newest first, those before the id `after`."""
    of_user = or_(G.owner_user_id == user.user_id, G.grantee_user_id == user.user_id)
    statement = select(G).where(G.tenant_id == user.tenant_id, of_user)
    if after is not None:
        statement = statement.where(G.id < after)
    return user.session.execute(statement.order_by(G.id.desc()).limit(limit)).scalars().all()


def revoke_grant(session: Session, tenant_id: str, grant_id: UUID, at: datetime) -> None:
    """Revoke a grant; one that was revoked before keeps its date."""
    where = (G.tenant_id == tenant_id, G.id == grant_id, G.revoked_at.is_(None))
    session.execute(update(G).where(*where).values(revoked_at=at))


def list_grants_to(
    user: UserSession,
    now: datetime,
    *,
    owner: str | None = None,
    right: Right = Right.READ,
) -> Sequence[Grant]:
    """List the grants in force of a grantee, oldest first.

    `owner` restricts them to those of one user, `Right.COPY` to those with the right to copy.
    """
    statement = select(G).where(
        G.tenant_id == user.tenant_id, G.grantee_user_id == user.user_id, _is_in_force(now)
    )
    if owner is not None:
        statement = statement.where(G.owner_user_id == owner)
    if right is Right.COPY:
        statement = statement.where(G.right == right)
    return user.session.execute(statement.order_by(G.id)).scalars().all()


def lock_grants(session: Session, tenant_id: str, ids: Collection[UUID], now: datetime) -> bool:
    """Lock these grants until the transaction ends; return False when one of them is not in force."""
    where = (G.tenant_id == tenant_id, G.id.in_(list(ids)), _is_in_force(now))
    # It does not wait: a grant that is being revoked or erased just now counts as ended.
    locked = select(G.id).where(*where).order_by(G.id).with_for_update(read=True, skip_locked=True)
    return len(session.execute(locked).all()) == len(ids)


def list_grantees(owner: UserSession) -> set[str]:
    """Return the users to whom a user has ever given a grant."""
    statement = select(G.grantee_user_id).where(
        G.tenant_id == owner.tenant_id, G.owner_user_id == owner.user_id
    )
    return set(owner.session.execute(statement).scalars())


def delete_grants_of(user: UserSession) -> None:
    """Delete every grant that a user gave or was given."""
    of_user = or_(G.owner_user_id == user.user_id, G.grantee_user_id == user.user_id)
    user.session.execute(delete(G).where(G.tenant_id == user.tenant_id, of_user))


def list_shared_memories(
    session: Session, tenant_id: str, grants: Sequence[Grant], columns: Sequence[str]
) -> Sequence[AnyRow]:
    """List these columns of all current memories that the grants cover, oldest first."""
    statement = select(*(getattr(M, name) for name in columns)).where(_is_shared(tenant_id, grants))
    return session.execute(statement.order_by(M.id)).all()


def load_shared_dates(
    session: Session, tenant_id: str, grants: Sequence[Grant]
) -> dict[UUID, list[datetime]]:
    """Load the dates at which each memory that the grants cover was asserted, newest first."""
    rows = session.execute(
        select(A.memory_id, A.asserted_at)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(_is_shared(tenant_id, grants), A.polarity > 0)
        .order_by(A.asserted_at.desc(), A.position.desc())
    )
    dates: dict[UUID, list[datetime]] = {}
    for memory_id, at in rows:
        dates.setdefault(memory_id, []).append(at)
    return dates


def list_shared_vectors(
    session: Session, tenant_id: str, grants: Sequence[Grant], model_id: str
) -> list[tuple[UUID, Vector]]:
    """List (id, vector (d,)) of the memories that the grants cover, by one model."""
    rows = session.execute(
        select(E.id, vector_bytes(E.vector).label("vector"))
        .join(M, (M.tenant_id == E.tenant_id) & (M.id == E.id))
        .where(_is_shared(tenant_id, grants), E.model_id == model_id)
    ).all()
    vectors = decode_vectors([row.vector for row in rows])
    return [(row.id, vector) for row, vector in zip(rows, vectors, strict=True)]


def list_covered_memories(
    session: Session,
    tenant_id: str,
    grants: Iterable[Grant],
    *,
    ids: Collection[UUID] | None = None,
    but_kinds: Collection[str] = (),
    after: UUID | None = None,
    limit: int,
) -> Sequence[models.Memory]:
    """List up to `limit` current memories that the grants cover, oldest first, those after the id `after`.

    `ids` restricts them to these ids, `but_kinds` excludes kinds.
    """
    statement = select(M).where(_is_shared(tenant_id, grants))
    if ids is not None:
        statement = statement.where(M.id.in_(list(ids)))
    if but_kinds:
        statement = statement.where(M.kind.not_in(list(but_kinds)))
    if after is not None:
        statement = statement.where(M.id > after)
    return session.execute(statement.order_by(M.id).limit(limit)).scalars().all()


def _is_in_force(now: datetime) -> ColumnElement[bool]:
    return and_(G.revoked_at.is_(None), func.coalesce(G.expires_at > now, True))


def _is_shared(tenant_id: str, grants: Iterable[Grant]) -> ColumnElement[bool]:
    """Return the condition that a memory is current and covered by one of the grants."""
    covering = or_(false(), *(_is_covered_by(grant) for grant in grants))
    return and_(M.tenant_id == tenant_id, M.status == Status.ACTIVATED, ~M.stale, covering)


def _is_covered_by(grant: Grant) -> ColumnElement[bool]:
    parts = [M.user_id == grant.owner_user_id]
    if grant.memory_ids is not None:
        # One parameter, however many ids there are: a statement may have 65,535 parameters.
        parts.append(M.id == any_(cast(grant.memory_ids, ARRAY(Uuid))))
    if grant.kinds is not None:
        parts.append(M.kind.in_(grant.kinds))
    if grant.tags is not None:
        parts.append(M.tags.contains(grant.tags))
    return and_(*parts)
