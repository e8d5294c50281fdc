"""Read the links of memories, and what was derived from a memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Executable, delete, func, literal, or_, select, text, tuple_, union_all
from sqlalchemy.orm import Session

from app.core.vocabulary import LinkType, Status
from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession

L = models.Link
M = models.Memory
MAX_DEPTH = 8
_COLUMNS = (L.type, L.weight, L.created_by, L.at, L.dismissed_at)
# What a turn says that ends a memory counts as long as a memory of that turn which ends it is there.
_DELETE_ENDINGS = text("""
DELETE FROM assertions a USING links l, assertions own
WHERE l.tenant_id = :tenant AND l.source_id = :ender AND l.type = 'supersedes'
  AND own.tenant_id = :tenant AND own.memory_id = :ender
  AND a.tenant_id = :tenant AND a.memory_id = l.target_id AND a.turn_id = own.turn_id AND a.polarity < 0
  AND NOT EXISTS (
    SELECT 1 FROM links other JOIN assertions said
      ON said.tenant_id = :tenant AND said.memory_id = other.source_id AND said.polarity > 0
    WHERE other.tenant_id = :tenant AND other.target_id = a.memory_id AND other.source_id <> :ender
      AND other.type = 'supersedes' AND said.turn_id = a.turn_id)
RETURNING a.memory_id
""")


def list_links(
    session: Session,
    tenant_id: str,
    memory_id: UUID,
    *,
    types: Sequence[str] | None,
    after: UUID | None,
    limit: int,
) -> Sequence[AnyRow]:
    """List a memory's links, each with the linked memory, to the newest `limit` linked memories before
    `after`.
    """
    edges = union_all(
        *(
            select(other.label("id"), literal(outward).label("outward"), *_COLUMNS).where(
                L.tenant_id == tenant_id, own == memory_id, L.type.in_(types or list(LinkType))
            )
            for own, other, outward in ((L.source_id, L.target_id, True), (L.target_id, L.source_id, False))
        )
    ).cte("edges")
    live = (M.tenant_id == tenant_id) & (M.id == edges.c.id) & (M.status != Status.EXPIRED)
    near = select(M.id).join(edges, live).distinct().order_by(M.id.desc()).limit(limit)
    if after is not None:
        near = near.where(M.id < after)
    others = (M.id.label("memory_id"), M.kind, M.status, M.content)
    return session.execute(
        select(*(edges.c[column.key] for column in (*_COLUMNS, edges.c.outward)), *others)
        .join(M, live)
        .where(M.id.in_(near))
        .order_by(M.id.desc(), edges.c.type, edges.c.outward)
    ).all()


def list_dependents(
    session: Session, tenant_id: str, memory_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[AnyRow]:
    """List (memory_id, depth, kind, status, stale, content) of what was derived from a memory, oldest first.

    The depth is at most `MAX_DEPTH`; a memory that is reached in several ways has the smallest depth.
    """
    start = select(L.source_id.label("id"), literal(1).label("depth")).where(
        L.tenant_id == tenant_id, L.target_id == memory_id, L.type == LinkType.DERIVED_FROM
    )
    reach = start.cte("reach", recursive=True)
    reach = reach.union(
        select(L.source_id, reach.c.depth + 1).where(
            L.tenant_id == tenant_id,
            L.target_id == reach.c.id,
            L.type == LinkType.DERIVED_FROM,
            reach.c.depth < MAX_DEPTH,
        )
    )
    nearest = (
        select(reach.c.id, func.min(reach.c.depth).label("depth"))
        .where(reach.c.id != memory_id)
        .group_by(reach.c.id)
        .subquery()
    )
    statement = (
        select(M.id.label("memory_id"), nearest.c.depth, M.kind, M.status, M.stale, M.content)
        .join(nearest, nearest.c.id == M.id)
        .where(M.tenant_id == tenant_id, M.status != Status.EXPIRED)
    )
    if after is not None:
        statement = statement.where(M.id > after)
    return session.execute(statement.order_by(M.id).limit(limit)).all()


def list_successions(
    user: UserSession, *, since: int = 0, known_at: datetime | None = None
) -> list[tuple[UUID, UUID]]:
    """List (superseded memory, the memory that superseded it) of a user's memories written after `since`.

    The links are those recorded up to `known_at`. Whoever is superseded is written, in whatever order the two
    arrived, so this finds every link that is new.
    """
    statement = (
        select(L.target_id, L.source_id)
        .join(M, (M.tenant_id == L.tenant_id) & (M.id == L.target_id))
        .where(
            M.tenant_id == user.tenant_id,
            M.user_id == user.user_id,
            M.revision > since,
            L.type == LinkType.SUPERSEDES,
        )
    )
    if known_at is not None:
        statement = statement.where(L.at <= known_at)
    rows = user.session.execute(statement.order_by(L.target_id, L.source_id)).all()
    return [(row.target_id, row.source_id) for row in rows]


def list_outgoing_links(
    user: UserSession,
    types: Iterable[str],
    *,
    since: int = 0,
    known_at: datetime | None = None,
) -> Sequence[AnyRow]:
    """List (source_id, target_id, type, weight) of the links of these types that start at a user's memories.

    The memories are those written after the revision `since`; the links are those recorded up to `known_at`.
    """
    return user.session.execute(_outgoing_links_query(user, types, since, known_at)).all()


def iter_outgoing_links(user: UserSession, types: Iterable[str], size: int) -> Iterator[Sequence[AnyRow]]:
    """Yield all links of `list_outgoing_links` in batches of `size`."""
    statement = _outgoing_links_query(user, types, 0, None)
    return user.session.execute(statement, execution_options={"yield_per": size}).partitions()


def _outgoing_links_query(
    user: UserSession, types: Iterable[str], since: int, known_at: datetime | None
) -> Executable:
    statement = (
        select(L.source_id, L.target_id, L.type, L.weight)
        .join(M, (M.tenant_id == L.tenant_id) & (M.id == L.source_id))
        .where(
            M.tenant_id == user.tenant_id,
            M.user_id == user.user_id,
            M.revision > since,
            L.type.in_(list(types)),
        )
    )
    if known_at is not None:
        statement = statement.where(L.at <= known_at)
    return statement.order_by(L.source_id, L.target_id, L.type)


def list_supersessions(user: UserSession, ids: Iterable[UUID]) -> list[tuple[UUID, UUID]]:
    """List (ender, ended) of every memory that ended one of these or was ended by one."""
    memory_ids = list(ids)
    rows = user.session.execute(
        select(L.source_id, L.target_id).where(
            L.tenant_id == user.tenant_id,
            L.type == LinkType.SUPERSEDES,
            or_(L.source_id.in_(memory_ids), L.target_id.in_(memory_ids)),
        )
    )
    return [(row.source_id, row.target_id) for row in rows]


def delete_links_among(
    user: UserSession, ids: Iterable[UUID], link_type: LinkType, *, keep: Iterable[tuple[UUID, UUID]]
) -> None:
    """Remove the links of one type between these memories, except the (source, target) of `keep`."""
    memory_ids = list(ids)
    condition = [
        L.tenant_id == user.tenant_id,
        L.type == link_type,
        L.source_id.in_(memory_ids),
        L.target_id.in_(memory_ids),
    ]
    if kept := list(keep):
        condition.append(tuple_(L.source_id, L.target_id).not_in(kept))
    user.session.execute(delete(L).where(*condition))


def delete_endings(user: UserSession, ender_id: UUID) -> list[UUID]:
    """Remove what the turns of a memory say that ends others; return the memories that it had ended."""
    rows = user.session.execute(_DELETE_ENDINGS, {"tenant": user.tenant_id, "ender": ender_id})
    return list(rows.scalars())
