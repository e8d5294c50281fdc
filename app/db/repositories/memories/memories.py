"""Store and read memories, their assertions, versions, links and vectors."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from numpy.typing import NDArray
from sqlalchemy import ColumnElement, TextClause, and_, case, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.core.instants import in_utc_offset
from app.core.vocabulary import Form, Kind, Op, Origin, Status
from app.db import models
from app.db.bulk_insert import insert_rows, to_rows
from app.db.memory_rows import MemoryChanges, NewEmbedding, NewLink, NewMemory, NewVersion
from app.db.repositories.memories import agents
from app.db.repositories.search import location_filters, metadata_filters
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.db.vectors import cosine_literals
from app.memory.types import Assertion, Memory, MemoryFilter, Slot

M = models.Memory
A = models.Assertion
V = models.MemoryVersion
# The columns from which entities and their relations are read.
ENTITY_COLUMNS = (
    "id",
    "content",
    "status",
    "subject",
    "attribute",
    "value",
    "polarity",
    "entities",
    "valid_from",
    "valid_to",
    "confidence",
)
LIVE_STATUSES = (Status.GENERATED, Status.ACTIVATED)

# The search is exact over one user's rows; HNSW behind the tenant filter returns too few (docs/search.md).
# The user's vectors are read once and by their ids: with a join for each fact, on a plan made before there
# were statistics, one batch on a new database took 13 s.
_NEAREST = text("""
WITH mine AS MATERIALIZED (
  SELECT e.id, e.vector FROM embeddings e
  WHERE e.tenant_id = :tenant AND e.model_id = :model AND e.id = ANY(ARRAY(
    SELECT m.id FROM memories m
    WHERE m.tenant_id = :tenant AND m.user_id = :user AND m.status = ANY(:statuses))))
SELECT f.place, near.id, 1 - near.distance AS similarity
FROM unnest(CAST(:vectors AS halfvec[])) WITH ORDINALITY AS f(vector, place)
CROSS JOIN LATERAL (
  SELECT mine.id, mine.vector <=> f.vector AS distance FROM mine ORDER BY distance LIMIT :limit) AS near
WHERE 1 - near.distance >= :least
""")


def find_nearest_memories(
    user: UserSession,
    model_id: str,
    vectors: NDArray[Any],
    *,
    limit: int,
    least: float,
    with_ended: bool = False,
) -> list[tuple[int, UUID, float]]:
    """Return (row of `vectors` (n, d), memory id, cosine) of the user's nearest memories.

    Each row has at most `limit` memories, and their cosines are at least `least`. They are current; with
    `with_ended` also archived or no longer true.
    """
    if not len(vectors):
        return []
    rows = user.session.execute(
        _NEAREST,
        {
            "vectors": cosine_literals(vectors),
            "tenant": user.tenant_id,
            "user": user.user_id,
            "model": model_id,
            "limit": limit,
            "least": least,
            "statuses": [Status.ACTIVATED, *([Status.SUPERSEDED, Status.ARCHIVED] if with_ended else [])],
        },
    )
    return [(place - 1, memory_id, float(similarity)) for place, memory_id, similarity in rows.all()]


def list_memories_by_slots(user: UserSession, slots: Iterable[tuple[str, str]]) -> Sequence[models.Memory]:
    """List the memories that ever held one of these (subject, attribute) slots, without deleted or merged
    ones.
    """
    slot_keys = list(slots)
    if not slot_keys:
        return []
    return (
        user.session.execute(
            select(M).where(
                M.tenant_id == user.tenant_id,
                M.user_id == user.user_id,
                tuple_(M.subject, M.attribute).in_(slot_keys),
                M.status.not_in([Status.EXPIRED, Status.MERGED]),
            )
        )
        .scalars()
        .all()
    )


def list_memories_by_hashes(
    user: UserSession, hashes: Iterable[bytes], *, with_ended: bool = False
) -> Sequence[models.Memory]:
    """List the memories of the user with these content hashes, current or archived; also those that ended."""
    statuses = [*LIVE_STATUSES, Status.ARCHIVED, *([Status.SUPERSEDED] if with_ended else [])]
    return (
        user.session.execute(
            select(M).where(
                M.tenant_id == user.tenant_id,
                M.user_id == user.user_id,
                M.content_hash.in_(list(hashes)),
                M.status.in_(statuses),
            )
        )
        .scalars()
        .all()
    )


def list_memories_by_ids(session: Session, tenant_id: str, ids: Iterable[UUID]) -> Sequence[models.Memory]:
    """Load the memories with these ids, in no particular order."""
    return session.execute(select(M).where(M.tenant_id == tenant_id, M.id.in_(list(ids)))).scalars().all()


def get_memory(
    session: Session, tenant_id: str, memory_id: UUID, *, for_update: bool = False
) -> models.Memory | None:
    """Return one memory that was not deleted, or None."""
    statement = select(M).where(M.tenant_id == tenant_id, M.id == memory_id, M.status != Status.EXPIRED)
    if for_update:
        # The row may have changed before the lock was taken, so the session's copy of it is read again.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.execute(statement).scalar_one_or_none()


def has_expired(row: models.Memory, now: datetime) -> bool:
    """Return whether its time to live has ended, by the rule of the policy `memories_served`, for writers."""
    return row.expires_at is not None and row.expires_at <= now and not row.frozen


def list_memories(
    user: UserSession,
    *,
    matching: MemoryFilter,
    after: UUID | None,
    limit: int,
) -> Sequence[models.Memory]:
    """List the memories of a user that match the filter, newest first, starting after the id `after`."""
    statement = select(M).where(*_filter_conditions(user, matching))
    if after is not None:
        statement = statement.where(M.id < after)
    return user.session.execute(statement.order_by(M.id.desc()).limit(limit)).scalars().all()


def count_memories(user: UserSession, matching: MemoryFilter) -> int:
    """Count the memories of a user that match the filter."""
    statement = select(func.count()).select_from(M).where(*_filter_conditions(user, matching))
    return user.session.execute(statement).scalar_one()


def _filter_conditions(user: UserSession, matching: MemoryFilter) -> list[ColumnElement[bool] | TextClause]:
    """Return the conditions that a memory is of the user and matches the filter."""
    conditions: list[ColumnElement[bool] | TextClause] = [
        M.tenant_id == user.tenant_id,
        M.user_id == user.user_id,
    ]
    if matching.status:
        conditions.append(M.status.in_(matching.status))
    if matching.kinds:
        conditions.append(M.kind.in_(matching.kinds))
    for column, value in (
        (M.subject, matching.subject),
        (M.attribute, matching.attribute),
    ):
        if value:
            conditions.append(column == value)
    if matching.agent_id:
        conditions.append(agents.was_told_to(user, matching.agent_id))
    if matching.session_id:
        conditions.append(was_said_in(user, matching.session_id))
    if matching.tags:
        conditions.append(M.tags.contains(matching.tags))
    if matching.area is not None:
        conditions.append(location_filters.is_within_area(M.place, matching.area))
    if matching.metadata is not None:
        conditions.append(metadata_filters.memory_matches(user, matching.metadata))
    return conditions


def was_said_in(user: UserSession, session_id: str) -> ColumnElement[bool]:
    """Return the condition that a turn of this session states a memory of the user."""
    T = models.Turn
    said = (
        select(A.memory_id)
        .join(T, (T.tenant_id == A.tenant_id) & (T.id == A.turn_id))
        .where(
            T.tenant_id == user.tenant_id,
            T.user_id == user.user_id,
            T.session_id == session_id,
            A.polarity > 0,
        )
    )
    return M.id.in_(said)


def list_entity_mentions(user: UserSession, statuses: Iterable[Status]) -> list[dict[str, Any]]:
    """List the `ENTITY_COLUMNS` of memories of these statuses that name entities, newest first."""
    rows = user.session.execute(
        select(*(getattr(M, name) for name in ENTITY_COLUMNS))
        .where(
            M.tenant_id == user.tenant_id,
            M.user_id == user.user_id,
            M.status.in_(list(statuses)),
            ~M.stale,
            or_(func.cardinality(M.entities) > 0, M.attribute.is_not(None)),
        )
        .order_by(M.id.desc())
    )
    return [dict(row) for row in rows.mappings()]


def count_tags(user: UserSession) -> list[tuple[str, int]]:
    """Return (tag, number of current memories) of a user, the most used first."""
    tag, count = func.unnest(M.tags).label("tag"), func.count()
    statement = (
        select(tag, count)
        .where(M.tenant_id == user.tenant_id, M.user_id == user.user_id, M.status == Status.ACTIVATED)
        .group_by(tag)
        .order_by(count.desc(), tag)
    )
    return [(row[0], row[1]) for row in user.session.execute(statement)]


def list_current_memories(
    user: UserSession, *, or_expired: datetime | None = None
) -> Sequence[models.Memory]:
    """List all current memories of the user, and with `or_expired` also those that expired by then."""
    condition = M.status == Status.ACTIVATED
    if or_expired is not None:
        condition = or_(condition, and_(M.status != Status.EXPIRED, M.expires_at <= or_expired))
    where = (M.tenant_id == user.tenant_id, M.user_id == user.user_id, condition)
    return user.session.execute(select(M).where(*where).order_by(M.id)).scalars().all()


def list_hot_memories(user: UserSession, least: float, limit: int) -> Sequence[models.Memory]:
    """List the user's current states of importance `least` or more, the most
    important and most used first.
    """
    return (
        user.session.execute(
            select(M)
            .where(
                M.tenant_id == user.tenant_id,
                M.user_id == user.user_id,
                M.status == Status.ACTIVATED,
                ~M.stale,
                M.form == Form.STATE,
                M.importance >= least,
            )
            .order_by(M.importance.desc(), M.use_days.desc(), M.id)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def list_assertions(session: Session, tenant_id: str, ids: Iterable[UUID]) -> list[Assertion]:
    """List every assertion of these memories, oldest first."""
    rows = session.execute(
        select(A)
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)))
        .order_by(A.asserted_at, A.session_id, A.position)
    )
    return [to_assertion(row) for row in rows.scalars()]


def to_assertion(row: models.Assertion) -> Assertion:
    """Convert a row to the domain's value."""
    return Assertion(
        memory_id=row.memory_id,
        asserted_at=row.asserted_at,
        recorded_at=row.recorded_at,
        session_id=row.session_id,
        position=row.position,
        turn_id=row.turn_id,
        quote=row.quote,
        origin=Origin(row.origin),
        polarity=row.polarity,
        owner_user_id=row.owner_user_id,
        owner_memory_id=row.owner_memory_id,
        owner_version=row.owner_version,
    )


def load_last_said_at(session: Session, tenant_id: str, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Load when each memory was last said, which is not since when it holds ("since 2019")."""
    rows = session.execute(
        select(A.memory_id, func.max(func.coalesce(models.Turn.observed_at, A.asserted_at)).label("said"))
        .outerjoin(models.Turn, (models.Turn.tenant_id == A.tenant_id) & (models.Turn.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(list(ids)), A.polarity > 0)
        .group_by(A.memory_id)
    )
    return {row.memory_id: row.said for row in rows}


def list_memory_ids_of_turn(session: Session, tenant_id: str, turn_id: UUID) -> list[UUID]:
    """List the ids of the memories that this turn asserts."""
    return list(
        session.execute(select(A.memory_id).where(A.tenant_id == tenant_id, A.turn_id == turn_id)).scalars()
    )


def list_assertion_pairs(
    session: Session, tenant_id: str, turn_ids: Sequence[UUID]
) -> list[tuple[UUID, UUID]]:
    """List (memory, turn) of each assertion of these turns that is not a denial."""
    statement = select(A.memory_id, A.turn_id).where(
        A.tenant_id == tenant_id, A.turn_id.in_(turn_ids), A.polarity > 0
    )
    return [(memory_id, turn_id) for memory_id, turn_id in session.execute(statement) if turn_id is not None]


def list_sources(session: Session, tenant_id: str, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """List each assertion of these memories with its turn: the provenance that an answer shows."""
    return session.execute(
        select(
            A.memory_id,
            A.turn_id,
            A.quote,
            A.origin,
            A.asserted_at,
            A.polarity,
            A.owner_user_id,
            A.owner_memory_id,
            A.owner_version,
            models.Turn.ref,
            models.Turn.session_id,
            models.Turn.observed_at,
            models.Turn.role,
            models.Turn.name,
        )
        .outerjoin(models.Turn, (models.Turn.tenant_id == A.tenant_id) & (models.Turn.id == A.turn_id))
        .where(A.tenant_id == tenant_id, A.memory_id.in_(ids))
        .order_by(A.asserted_at.desc(), A.session_id.desc(), A.position.desc())
    ).all()


def list_memory_versions(
    session: Session, tenant_id: str, ids: Sequence[UUID]
) -> Sequence[models.MemoryVersion]:
    """List all versions of these memories, oldest first."""
    return (
        session.execute(
            select(V)
            .where(V.tenant_id == tenant_id, V.memory_id.in_(ids))
            .order_by(V.at, V.memory_id, V.version)
        )
        .scalars()
        .all()
    )


def list_memory_links(session: Session, tenant_id: str, memory_id: UUID) -> Sequence[models.Link]:
    """List the links that start or end at a memory."""
    L = models.Link
    return (
        session.execute(
            select(L).where(L.tenant_id == tenant_id, or_(L.source_id == memory_id, L.target_id == memory_id))
        )
        .scalars()
        .all()
    )


def insert_memories(user: UserSession, drafts: Sequence[NewMemory], revision: int, now: datetime) -> None:
    """Store new memories of the user."""
    written = {"revision": revision, "recorded_at": now, "updated_at": now}
    insert_rows(user.session, M, to_rows(M, drafts, _owner(user) | written))


def insert_assertions(user: UserSession, said: Sequence[Assertion]) -> None:
    """Store assertions; one turn asserts a memory once, however often it is extracted."""
    rows = [row | {"id": new_id()} for row in to_rows(A, said, _owner(user))]
    insert_rows(user.session, A, rows, "(tenant_id, memory_id, turn_id) DO NOTHING")


def insert_versions(user: UserSession, versions: Sequence[NewVersion]) -> None:
    """Append versions."""
    insert_rows(user.session, V, to_rows(V, versions, _owner(user)))


def insert_links(user: UserSession, links: Sequence[NewLink]) -> None:
    """Store links; a link that is there stays as it is."""
    insert_rows(user.session, models.Link, to_rows(models.Link, links, _owner(user)), "DO NOTHING")


def _owner(user: UserSession) -> dict[str, object]:
    return {"tenant_id": user.tenant_id, "user_id": user.user_id}


def delete_links(session: Session, tenant_id: str, ids: Iterable[UUID], link_type: str) -> None:
    """Remove the links of one type that start at these memories."""
    L = models.Link
    session.execute(
        delete(L).where(L.tenant_id == tenant_id, L.source_id.in_(list(ids)), L.type == link_type)
    )


def insert_embeddings(session: Session, rows: Sequence[NewEmbedding]) -> None:
    """Store vectors, or replace them with newer ones."""
    if not rows:
        return
    statement = insert(models.Embedding)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "id", "model_id"],
            set_={"vector": statement.excluded.vector, "revision": statement.excluded.revision},
        ),
        to_rows(models.Embedding, rows, {}),
    )


def delete_embeddings(session: Session, tenant_id: str, ids: Iterable[UUID]) -> None:
    """Remove the vectors of these turns or memories."""
    E = models.Embedding
    session.execute(delete(E).where(E.tenant_id == tenant_id, E.id.in_(list(ids))))


def delete_other_embeddings(session: Session, tenant_id: str, ids: Iterable[UUID], model_id: str) -> None:
    """Remove the vectors of these turns or memories that are not of this model."""
    E = models.Embedding
    session.execute(delete(E).where(E.tenant_id == tenant_id, E.id.in_(list(ids)), E.model_id != model_id))


def update_memory(session: Session, tenant_id: str, memory_id: UUID, values: MemoryChanges) -> None:
    """Set columns of one memory."""
    session.execute(update(M).where(M.tenant_id == tenant_id, M.id == memory_id).values(**values))


def allow_replay(session: Session) -> None:
    """Let this transaction reactivate superseded memories: only a replay or a rollback may do so."""
    session.execute(text("SELECT set_config('memcubed.refold', 'on', true)"))


def redact_memory(session: Session, tenant_id: str, memory_id: UUID) -> None:
    """Erase the text of every version of a deleted memory.

    Reasons may name slots and quote clients, so only the reason of the deletion is kept.
    """
    session.execute(
        update(V)
        .where(V.tenant_id == tenant_id, V.memory_id == memory_id)
        .values(
            snapshot=func.jsonb_build_object("redacted", True),
            reason=case((V.op == Op.DELETE, V.reason), else_=None),
        )
    )
    session.execute(delete(A).where(A.tenant_id == tenant_id, A.memory_id == memory_id))
    delete_embeddings(session, tenant_id, [memory_id])


def to_memory(row: models.Memory, similarity: float = 0.0) -> Memory:
    """Convert a row to the domain's value."""
    slot = None
    if row.subject is not None and row.attribute is not None:
        slot = Slot(row.subject, row.attribute, row.value or "")
    return Memory(
        id=row.id,
        kind=Kind(row.kind),
        form=Form(row.form),
        content=row.content,
        status=Status(row.status),
        version=row.version,
        origin=Origin(row.origin),
        slot=slot,
        polarity=row.polarity,
        valid_from=in_utc_offset(row.valid_from, row.utc_offset) if row.valid_from is not None else None,
        valid_to=row.valid_to,
        confidence=row.confidence,
        frozen=row.frozen,
        similarity=similarity,
        subject=row.subject,
        event_from=row.event_from,
        event_to=row.event_to,
    )
