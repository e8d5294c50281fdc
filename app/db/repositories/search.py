"""The feed of a user's rows, by revision, that keeps a reader's search index fresh."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from app.db import models
from app.db.session import AnyRow
from app.db.vectors import Vector, packed, unpack_all

T = models.Turn
M = models.Memory
A = models.Assertion
E = models.Embedding


class State(NamedTuple):
    """What a search must be of: the serial of the embedding models, the user's revision and epoch, and the
    version of the tenant's ranker.
    """

    serial: int
    revision: int
    epoch: int
    ranker: int


def state(session: Session | Connection, tenant_id: str, user_id: str) -> State | None:
    """The state as of now, or None before the first start.

    Revision and epoch are 0 when nothing was ever written for the user.
    """
    values = {"tenant": tenant_id, "user": user_id}
    row = session.execute(text("SELECT * FROM memcubed_user_state(:tenant, :user)"), values).one_or_none()
    return State(*row) if row is not None else None


def turns_since(session: Session, tenant_id: str, user_id: str, revision: int) -> Sequence[AnyRow]:
    """Turns written or moved on after `revision`, in session order."""
    return session.execute(
        select(
            T.id,
            T.session_id,
            T.agent_id,
            T.position,
            T.role,
            T.name,
            T.content,
            T.ref,
            T.observed_at,
            T.state,
            T.place,
        )
        .where(T.tenant_id == tenant_id, T.user_id == user_id, T.revision > revision)
        .order_by(T.observed_at, T.session_id, T.position)
    ).all()


def memories_since(
    session: Session, tenant_id: str, user_id: str, columns: Sequence[str], revision: int
) -> Sequence[AnyRow]:
    """These columns of the memories written or changed after `revision`, oldest first."""
    return session.execute(
        select(*(getattr(M, name) for name in columns))
        .where(M.tenant_id == tenant_id, M.user_id == user_id, M.revision > revision)
        .order_by(M.id)
    ).all()


def sources_since(session: Session, tenant_id: str, user_id: str, revision: int) -> Sequence[AnyRow]:
    """What each assertion of the memories changed after `revision` says, newest first."""
    copied = (A.owner_user_id, A.owner_memory_id, A.owner_version)
    return session.execute(
        select(A.memory_id, A.turn_id, A.quote, A.asserted_at, A.polarity, A.origin, *copied)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(M.tenant_id == tenant_id, M.user_id == user_id, M.revision > revision)
        .order_by(A.asserted_at.desc(), A.position.desc())
    ).all()


def vectors_since(
    session: Session, tenant_id: str, user_id: str, model_id: str, revision: int
) -> list[tuple[UUID, bool, Vector]]:
    """(id, of_turn, vector (d,)) of one model written after `revision`."""
    rows = session.execute(
        select(E.id, E.of_turn, packed(E.vector).label("vector")).where(
            E.tenant_id == tenant_id,
            E.user_id == user_id,
            E.model_id == model_id,
            E.revision > revision,
        )
    ).all()
    vectors = unpack_all([row.vector for row in rows])
    return [(row[0], row[1], vector) for row, vector in zip(rows, vectors, strict=True)]
