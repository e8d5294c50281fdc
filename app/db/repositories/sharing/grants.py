"""Grants between users, and the memories that they cover."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, cast, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from app.core.vocabulary import Right, Status
from app.db import models
from app.db.models import Grant
from app.db.session import AnyRow
from app.db.vectors import Vector, decode_vectors, vector_bytes

A = models.Assertion
E = models.Embedding
G = Grant
M = models.Memory
_CONTENT = ("owner_user_id", "grantee_user_id", "right", "memory_ids", "kinds", "tags", "expires_at")


def insert_grant(session: Session, row: Mapping[str, Any]) -> None:
    """Store a grant."""
    session.execute(insert(G), [row])


def get_grant(session: Session, tenant_id: str, grant_id: UUID) -> Grant | None:
    """One grant, or None."""
    return session.get(G, (tenant_id, grant_id))


def find_same_grant(session: Session, row: Mapping[str, Any], now: datetime) -> Grant | None:
    """The grant in force that says the same as this one."""
    content = [getattr(G, name).is_not_distinct_from(row[name]) for name in _CONTENT]
    where = (G.tenant_id == row["tenant_id"], *content, _is_in_force(now))
    return session.execute(select(G).where(*where).limit(1)).scalar_one_or_none()


def count_grants(session: Session, tenant_id: str, owner: str, grantee: str, now: datetime) -> int:
    """How many grants from one user to another are in force."""
    pair = (G.tenant_id == tenant_id, G.owner_user_id == owner, G.grantee_user_id == grantee)
    statement = select(func.count()).select_from(G).where(*pair, _is_in_force(now))
    return session.execute(statement).scalar_one()


def list_grants(
    session: Session, tenant_id: str, *, user_id: str, after: UUID | None, limit: int
) -> Sequence[Grant]:
    """The grants that a user gave or was given, newest first, from behind `after`."""
    of_user = or_(G.owner_user_id == user_id, G.grantee_user_id == user_id)
    statement = select(G).where(G.tenant_id == tenant_id, of_user)
    if after is not None:
        statement = statement.where(G.id < after)
    return session.execute(statement.order_by(G.id.desc()).limit(limit)).scalars().all()


def revoke_grant(session: Session, tenant_id: str, grant_id: UUID, at: datetime) -> None:
    """End a grant; one that was revoked before keeps its date."""
    where = (G.tenant_id == tenant_id, G.id == grant_id, G.revoked_at.is_(None))
    session.execute(update(G).where(*where).values(revoked_at=at))


def list_grants_to(
    session: Session,
    tenant_id: str,
    user_id: str,
    now: datetime,
    *,
    owner: str | None = None,
    right: Right = Right.READ,
) -> Sequence[Grant]:
    """The grants in force of a grantee, oldest first; only those of `owner`, or with the right to copy."""
    statement = select(G).where(G.tenant_id == tenant_id, G.grantee_user_id == user_id, _is_in_force(now))
    if owner is not None:
        statement = statement.where(G.owner_user_id == owner)
    if right is Right.COPY:
        statement = statement.where(G.right == right)
    return session.execute(statement.order_by(G.id)).scalars().all()


def lock_grants(session: Session, tenant_id: str, ids: Collection[UUID], now: datetime) -> bool:
    """Keep these grants as they are until the transaction ends; False when one of them has ended."""
    where = (G.tenant_id == tenant_id, G.id.in_(list(ids)), _is_in_force(now))
    # It waits for nobody: whoever revokes or erases just now has ended the grant, as far as we care.
    held = select(G.id).where(*where).order_by(G.id).with_for_update(read=True, skip_locked=True)
    return len(session.execute(held).all()) == len(ids)


def list_grantees(session: Session, tenant_id: str, owner: str) -> set[str]:
    """Whom a user has ever granted something."""
    statement = select(G.grantee_user_id).where(G.tenant_id == tenant_id, G.owner_user_id == owner)
    return set(session.execute(statement).scalars())


def delete_grants_of(session: Session, tenant_id: str, user_id: str) -> None:
    """Delete every grant that a user gave or was given."""
    of_user = or_(G.owner_user_id == user_id, G.grantee_user_id == user_id)
    session.execute(delete(G).where(G.tenant_id == tenant_id, of_user))


def list_shared_memories(
    session: Session, tenant_id: str, grants: Sequence[Grant], columns: Sequence[str]
) -> Sequence[AnyRow]:
    """These columns of all current memories that the grants cover, oldest first."""
    statement = select(*(getattr(M, name) for name in columns)).where(_is_shared(tenant_id, grants))
    return session.execute(statement.order_by(M.id)).all()


def load_shared_dates(
    session: Session, tenant_id: str, grants: Sequence[Grant]
) -> dict[UUID, list[datetime]]:
    """When each of these memories was said, newest first."""
    rows = session.execute(
        select(A.memory_id, A.asserted_at)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(_is_shared(tenant_id, grants), A.polarity > 0)
        .order_by(A.asserted_at.desc(), A.position.desc())
    )
    found: dict[UUID, list[datetime]] = {}
    for memory_id, at in rows:
        found.setdefault(memory_id, []).append(at)
    return found


def list_shared_vectors(
    session: Session, tenant_id: str, grants: Sequence[Grant], model_id: str
) -> list[tuple[UUID, Vector]]:
    """(id, vector (d,)) of these memories by one model."""
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
    """The current memories that the grants cover, oldest first, from behind `after`; of `ids` if given."""
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
    """Of a current memory that one of the grants covers."""
    covering = or_(false(), *(_is_covered_by(grant) for grant in grants))
    return and_(M.tenant_id == tenant_id, M.status == Status.ACTIVATED, ~M.stale, covering)


def _is_covered_by(grant: Grant) -> ColumnElement[bool]:
    parts = [M.user_id == grant.owner_user_id]
    if grant.memory_ids is not None:
        # One parameter, however many they are: a statement has room for 65,535.
        parts.append(M.id == any_(cast(grant.memory_ids, ARRAY(Uuid))))
    if grant.kinds is not None:
        parts.append(M.kind.in_(grant.kinds))
    if grant.tags is not None:
        parts.append(M.tags.contains(grant.tags))
    return and_(*parts)
