"""The turn ledger: what was said, in the order of sessions, and what extraction made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, delete, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.core.vocabulary import Role, TurnState
from app.db import models
from app.db.bulk_insert import encode_rows, insert_into_tables, insert_rows, to_rows
from app.db.memory_rows import NewSegment
from app.db.repositories.platform.users import NEXT_REVISION, generate_epoch
from app.db.repositories.search import metadata_filters
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.db.vectors import Vector, decode_vector, vector_bytes
from app.memory.metadata_filters import Condition
from app.memory.types import Turn

T = models.Turn
# The session is inserted from the user's row, so that all who write take the user's lock first.
_CLAIM = text(
    f"""
WITH u AS ({NEXT_REVISION}),
s AS (
  INSERT INTO sessions AS s (tenant_id, user_id, session_id, next_position)
  SELECT :tenant, :user, :session, :count FROM u
  ON CONFLICT (tenant_id, user_id, session_id)
  DO UPDATE SET next_position = s.next_position + :count, closed_at = NULL
  RETURNING next_position
)
SELECT u.revision, s.next_position FROM u, s"""  # noqa: S608 -- a text of our own
)
_SET_STATE = text("""
UPDATE turns t
SET state = r.state, state_reason = r.reason, extracted = r.extracted, segment_id = r.segment_id,
  revision = :revision
FROM json_to_recordset(CAST(:rows AS json))
  AS r(id uuid, state text, reason text, extracted int, segment_id uuid)
WHERE t.tenant_id = :tenant AND t.id = r.id
""")


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that is to be stored; the fields are the attributes of `models.Turn`."""

    id: UUID
    session_id: str
    agent_id: str | None
    position: int
    role: Role
    name: str | None
    content: str
    content_hash: bytes
    ref: str | None
    metadata_: dict[str, Any]
    place: dict[str, Any] | None
    shown_memory_ids: list[UUID]
    observed_at: datetime
    utc_offset: int
    recorded_at: datetime
    state: TurnState = TurnState.STORED
    state_reason: str | None = None


_NEW_TURN_ATTRIBUTES = tuple(field.name for field in fields(NewTurn))


@dataclass(frozen=True, slots=True)
class TurnJob:
    """The job that is to embed and extract the turns of one request."""

    id: UUID
    session_id: str
    close_session: bool


class ClaimedPositions(NamedTuple):
    """The user's next revision, and the first of the positions that were reserved in a session."""

    revision: int
    position: int


def claim_positions(user: UserSession, session_id: str, count: int) -> ClaimedPositions:
    """Take the user's write lock until the transaction ends; reserve `count` positions at a session's end."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "epoch": generate_epoch()}
    row = user.session.execute(_CLAIM, values | {"session": session_id, "count": count}).one()
    return ClaimedPositions(row.revision, row.next_position - count)


def close_session(user: UserSession, session_id: str) -> None:
    """Record that the session is over."""
    user.session.execute(
        update(models.ChatSession)
        .where(
            models.ChatSession.tenant_id == user.tenant_id,
            models.ChatSession.user_id == user.user_id,
            models.ChatSession.session_id == session_id,
        )
        .values(closed_at=func.now())
    )


def load_ids_by_ref(user: UserSession, session_id: str, refs: Sequence[str]) -> dict[str, UUID]:
    """Load the ids of those turns of a session that are stored under these refs, by ref."""
    if not refs:
        return {}
    rows = user.session.execute(
        select(T.ref, T.id).where(
            T.tenant_id == user.tenant_id,
            T.user_id == user.user_id,
            T.session_id == session_id,
            T.ref.in_(refs),
        )
    )
    return {row.ref: row.id for row in rows if row.ref is not None}


def insert_turns_with_job(
    user: UserSession, job: TurnJob, new_turns: Sequence[NewTurn], revision: int
) -> None:
    """Store new turns of the user's revision and the job that is to read them, in one statement."""
    of_user = {"tenant_id": user.tenant_id, "user_id": user.user_id}
    of_turns = of_user | {"job_id": job.id, "revision": revision}
    job_row = of_user | {
        "id": job.id,
        "session_id": job.session_id,
        "turns_total": len(new_turns),
        "close_session": job.close_session,
    }
    rows = [of_turns | {name: getattr(turn, name) for name in _NEW_TURN_ATTRIBUTES} for turn in new_turns]
    insert_into_tables(user.session, [(models.Job, [job_row]), (T, rows)])


def list_turns_of_job(session: Session, tenant_id: str, job_id: UUID) -> Sequence[AnyRow]:
    """List id, ref, state, state_reason and extracted (the number of memories) of a job's turns, in order."""
    return session.execute(
        select(T.id, T.ref, T.state, T.state_reason, T.extracted)
        .where(T.tenant_id == tenant_id, T.job_id == job_id)
        .order_by(T.position)
    ).all()


def load_turns(session: Session, tenant_id: str, ids: Sequence[UUID]) -> list[Turn]:
    """Load the turns with these ids, ordered by session and position."""
    rows = session.execute(
        select(T).where(T.tenant_id == tenant_id, T.id.in_(ids)).order_by(T.session_id, T.position)
    )
    return [to_turn(row) for row in rows.scalars()]


def list_unextracted_turns(session: Session, tenant_id: str, job_ids: Sequence[UUID]) -> list[Turn]:
    """List the turns of these jobs that extraction has still to read, oldest session first."""
    rows = session.execute(
        select(T)
        .where(
            T.tenant_id == tenant_id,
            T.job_id.in_(job_ids),
            T.state.in_([TurnState.STORED, TurnState.FAILED]),
        )
        .order_by(T.observed_at, T.session_id, T.position)
    )
    return [to_turn(row) for row in rows.scalars()]


def list_unread_jobs(session: Session, tenant_id: str, job_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the jobs that have turns which extraction has still to read."""
    waiting = (
        T.tenant_id == tenant_id,
        T.job_id.in_(job_ids),
        T.state.in_([TurnState.STORED, TurnState.FAILED]),
    )
    return set(session.execute(select(T.job_id).where(*waiting).distinct()).scalars()) - {None}


def list_unembedded_turns(
    session: Session, tenant_id: str, job_ids: Sequence[UUID], model_id: str
) -> list[Turn]:
    """List the turns of these jobs that have no vector of the model yet."""
    embedded = (
        select(models.Embedding.id)
        .where(
            models.Embedding.tenant_id == T.tenant_id,
            models.Embedding.id == T.id,
            models.Embedding.model_id == model_id,
        )
        .exists()
    )
    rows = session.execute(select(T).where(T.tenant_id == tenant_id, T.job_id.in_(job_ids), ~embedded))
    return [to_turn(row) for row in rows.scalars()]


def list_turns_before(session: Session, tenant_id: str, turn: Turn, limit: int) -> list[Turn]:
    """List up to `limit` turns that precede `turn` in its session, oldest first."""
    rows = session.execute(
        select(T)
        .where(
            T.tenant_id == tenant_id,
            T.user_id == turn.user_id,
            T.session_id == turn.session_id,
            tuple_(T.observed_at, T.position) < (turn.observed_at, turn.position),
        )
        .order_by(T.observed_at.desc(), T.position.desc())
        .limit(limit)
    )
    return [to_turn(row) for row in rows.scalars()][::-1]


def update_turn_states(
    session: Session,
    tenant_id: str,
    outcomes: Mapping[UUID, tuple[TurnState, str | None, int]],
    segment_of: Mapping[UUID, UUID],
    revision: int,
) -> None:
    """Write (state, reason, number of memories) of each turn, and the segment that extraction read it in."""
    rows = [
        {
            "id": turn_id,
            "state": state,
            "reason": reason,
            "extracted": count,
            "segment_id": segment_of.get(turn_id),
        }
        for turn_id, (state, reason, count) in outcomes.items()
    ]
    if rows:
        values = {"tenant": tenant_id, "revision": revision, "rows": encode_rows(rows)}
        session.execute(_SET_STATE, values)


def set_unread_turns_aside(user: UserSession, condition: Condition | None, reason: str, revision: int) -> int:
    """Let extraction leave out the user's turns that it has still to read and that fulfil the condition.

    Returns how many these are.
    """
    where = [
        T.tenant_id == user.tenant_id,
        T.user_id == user.user_id,
        T.state.in_([TurnState.STORED, TurnState.FAILED]),
    ]
    statement = (
        update(T).where(*where).values(state=TurnState.NOTHING, state_reason=reason, revision=revision)
    )
    if condition is not None:
        statement = statement.where(metadata_filters.turn_matches(condition))
    return len(user.session.execute(statement.returning(T.id)).all())


def insert_segments(user: UserSession, segments: Sequence[NewSegment]) -> None:
    """Store the segments that extraction read."""
    common = {"tenant_id": user.tenant_id, "user_id": user.user_id}
    insert_rows(user.session, models.Segment, to_rows(models.Segment, segments, common))


def get_turn(session: Session, tenant_id: str, turn_id: UUID) -> models.Turn | None:
    """Load one turn, or None."""
    return session.get(T, (tenant_id, turn_id))


@dataclass(frozen=True, slots=True)
class TurnFilter:
    """Which turns a list contains; None does not restrict."""

    session_id: str | None = None
    state: TurnState | None = None
    metadata: Condition | None = None


def list_turns(
    user: UserSession, matching: TurnFilter, *, after: UUID | None, limit: int, newest_first: bool = False
) -> Sequence[models.Turn]:
    """List up to `limit` turns of a user in the order of their ids, those behind the id `after`."""
    statement = select(T).where(*_filter_conditions(user, matching))
    if after is not None:
        statement = statement.where(T.id < after if newest_first else T.id > after)
    ordered = statement.order_by(T.id.desc() if newest_first else T.id)
    return user.session.execute(ordered.limit(limit)).scalars().all()


def count_turns(user: UserSession, matching: TurnFilter) -> int:
    """Count the turns of a user that match the filter."""
    statement = select(func.count()).select_from(T).where(*_filter_conditions(user, matching))
    return user.session.execute(statement).scalar_one()


def _filter_conditions(user: UserSession, matching: TurnFilter) -> list[ColumnElement[bool] | TextClause]:
    conditions: list[ColumnElement[bool] | TextClause] = [
        T.tenant_id == user.tenant_id,
        T.user_id == user.user_id,
    ]
    if matching.session_id is not None:
        conditions.append(T.session_id == matching.session_id)
    if matching.state is not None:
        conditions.append(T.state == matching.state)
    if matching.metadata is not None:
        conditions.append(metadata_filters.turn_matches(matching.metadata))
    return conditions


def list_recent_turns(user: UserSession, session_id: str, limit: int) -> Sequence[models.Turn]:
    """List the last `limit` turns of a session, oldest first."""
    rows = user.session.execute(
        select(T)
        .where(T.tenant_id == user.tenant_id, T.user_id == user.user_id, T.session_id == session_id)
        .order_by(T.observed_at.desc(), T.position.desc())
        .limit(limit)
    )
    return rows.scalars().all()[::-1]


def load_turn_vectors(
    session: Session, tenant_id: str, ids: Sequence[UUID], model_id: str
) -> dict[UUID, Vector]:
    """Load the vectors (d,) that one model gave these turns, by id; turns without one are left out."""
    E = models.Embedding
    rows = session.execute(
        select(E.id, vector_bytes(E.vector)).where(
            E.tenant_id == tenant_id, E.id.in_(ids), E.model_id == model_id
        )
    )
    return {row[0]: decode_vector(row[1]) for row in rows}


def delete_turn(session: Session, tenant_id: str, turn_id: UUID) -> bool:
    """Delete a turn and its vectors; foreign keys delete its assertions. False: somebody else was first."""
    session.execute(
        delete(models.Embedding).where(
            models.Embedding.tenant_id == tenant_id, models.Embedding.id == turn_id
        )
    )
    gone = session.execute(delete(T).where(T.tenant_id == tenant_id, T.id == turn_id).returning(T.id))
    return gone.first() is not None


def to_turn(row: models.Turn) -> Turn:
    """Convert a stored turn to the value that the domain works with, on the speaker's clock."""
    return Turn(
        id=row.id,
        user_id=row.user_id,
        session_id=row.session_id,
        position=row.position,
        role=Role(row.role),
        content=row.content,
        observed_at=row.said_at,
        name=row.name,
        ref=row.ref,
        agent_id=row.agent_id,
        shown_memory_ids=tuple(row.shown_memory_ids),
    )
