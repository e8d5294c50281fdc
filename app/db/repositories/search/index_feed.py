"""Change feed of a user's rows by revision, from which search indexes are refreshed."""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, ColumnElement, Connection, Executable, Uuid, any_, bindparam, select, text
from sqlalchemy.orm import QueryableAttribute, Session

from app.db import models
from app.db.session import AnyRow
from app.db.user_session import UserSession
from app.db.vectors import Vector, decode_joined_vectors, decode_vectors, vector_bytes

T = models.Turn
M = models.Memory
A = models.Assertion
E = models.Embedding


class SearchState(NamedTuple):
    """The state that a search index must have: the serial of the embedding models, the user's revision and
    epoch, and the version of the tenant's ranker.
    """

    serial: int
    revision: int
    epoch: int
    ranker: int


def get_search_state(session: Session | Connection, tenant_id: str, user_id: str) -> SearchState | None:
    """Load the user's search state, or None before the first start of the service.

    Revision and epoch are 0 when nothing was ever written for the user.
    """
    values = {"tenant": tenant_id, "user": user_id}
    row = session.execute(text("SELECT * FROM memcubed_user_state(:tenant, :user)"), values).one_or_none()
    return SearchState(*row) if row is not None else None


_TURN = (
    T.id,
    T.session_id,
    T.agent_id,
    T.position,
    T.role,
    T.name,
    T.content,
    T.ref,
    T.observed_at,
    T.utc_offset,
    T.state,
    T.place,
    T.recorded_at,
    T.metadata_,
)

_COPIED = (A.owner_user_id, A.owner_memory_id, A.owner_version)
_SOURCE = (A.memory_id, A.turn_id, A.quote, A.asserted_at, A.polarity, A.origin, *_COPIED)


def _turns_query(tenant_id: str, user_id: str, revision: int) -> Executable:
    return (
        select(*_TURN)
        .where(T.tenant_id == tenant_id, T.user_id == user_id, T.revision > revision)
        .order_by(T.observed_at, T.session_id, T.position)
    )


def _memories_query(tenant_id: str, user_id: str, columns: Sequence[str], revision: int) -> Executable:
    return (
        select(*(getattr(M, name) for name in columns))
        .where(M.tenant_id == tenant_id, M.user_id == user_id, M.revision > revision)
        .order_by(M.id)
    )


def list_turns_since(user: UserSession, revision: int) -> Sequence[AnyRow]:
    """List the turns that were written or processed after `revision`, ordered by time and position."""
    return user.session.execute(_turns_query(user.tenant_id, user.user_id, revision)).all()


def list_memories_since(user: UserSession, columns: Sequence[str], revision: int) -> Sequence[AnyRow]:
    """List these columns of the memories written or changed after `revision`, oldest first."""
    return user.session.execute(_memories_query(user.tenant_id, user.user_id, columns, revision)).all()


def iter_turn_batches(user: UserSession, size: int) -> Iterator[Sequence[AnyRow]]:
    """Yield all turns in batches of `size`, as `list_turns_since` gives them."""
    return _iter_batches(user.session, _turns_query(user.tenant_id, user.user_id, 0), size)


def iter_memory_batches(user: UserSession, columns: Sequence[str], size: int) -> Iterator[Sequence[AnyRow]]:
    """Yield all memories in batches of `size`, as `list_memories_since` gives them."""
    return _iter_batches(user.session, _memories_query(user.tenant_id, user.user_id, columns, 0), size)


def _iter_batches(session: Session, statement: Executable, size: int) -> Iterator[Sequence[AnyRow]]:
    return session.execute(statement, execution_options={"yield_per": size}).partitions()


def _is_any_of(column: QueryableAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that the column is among the parameter `ids`: one parameter for any number."""
    return column == any_(bindparam("ids", type_=ARRAY(Uuid)))


# Built once, because building them takes longer than executing them.
_TURNS_OF = select(*_TURN).where(
    T.tenant_id == bindparam("tenant"), T.user_id == bindparam("user"), _is_any_of(T.id)
)
_SOURCES_OF = (
    select(*_SOURCE)
    .where(A.tenant_id == bindparam("tenant"), _is_any_of(A.memory_id))
    .order_by(A.asserted_at.desc(), A.position.desc())
)


@lru_cache
def _memories_by_ids_query(columns: tuple[str, ...]) -> Executable:
    return select(*(getattr(M, name) for name in columns)).where(
        M.tenant_id == bindparam("tenant"), M.user_id == bindparam("user"), _is_any_of(M.id)
    )


def list_turns_by_ids(user: UserSession, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """List those of these turns that exist, in no order, with the columns of `list_turns_since`."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "ids": list(ids)}
    return user.session.execute(_TURNS_OF, values).all()


def list_memories_by_ids(user: UserSession, columns: Sequence[str], ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """List these columns of those of the memories that exist, in no order."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "ids": list(ids)}
    return user.session.execute(_memories_by_ids_query(tuple(columns)), values).all()


def list_sources_by_ids(session: Session, tenant_id: str, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """List the assertions of these memories, newest first, with the columns of `list_sources_since`."""
    return session.execute(_SOURCES_OF, {"tenant": tenant_id, "ids": list(ids)}).all()


# One row instead of thousands, because reading them one by one takes longer than finding them.
_VECTORS = (
    "SELECT array_agg(asked.at), string_agg(halfvec_send(e.vector), '') "
    "FROM unnest(CAST(%s AS uuid[])) WITH ORDINALITY AS asked(id, at) "
    "JOIN embeddings e ON e.tenant_id = %s AND e.id = asked.id AND e.model_id = %s"
)


def load_vectors_by_ids(
    session: Session, tenant_id: str, model_id: str, ids: bytes
) -> tuple[NDArray[np.intp], Vector]:
    """Load the vectors (k, d) of a model for joined ids of 16 bytes each.

    The first array, (k,), has the positions of the ids that have a vector.
    """
    digits = ids.hex()
    literal = ",".join(digits[at : at + 32] for at in range(0, len(digits), 32))
    connection: Any = session.connection().connection
    with connection.cursor(binary=True) as cursor:
        at, data = cursor.execute(_VECTORS, (f"{{{literal}}}", tenant_id, model_id)).fetchone()
    if at is None:
        return np.zeros(0, np.intp), np.zeros((0, 0), np.float32)
    return np.asarray(at, np.intp) - 1, decode_joined_vectors(data, len(at))


def list_sources_since(user: UserSession, revision: int) -> Sequence[AnyRow]:
    """List the assertions of the memories changed after `revision`, newest first."""
    return user.session.execute(
        select(*_SOURCE)
        .join(M, (M.tenant_id == A.tenant_id) & (M.id == A.memory_id))
        .where(M.tenant_id == user.tenant_id, M.user_id == user.user_id, M.revision > revision)
        .order_by(A.asserted_at.desc(), A.position.desc())
    ).all()


class StoredVectors(NamedTuple):
    """Vectors (k, d), which of them are of turns (k,), and the ids, of 16 bytes each."""

    ids: bytes
    of_turns: NDArray[np.bool_]
    vectors: Vector

    def without(self, ids: Collection[UUID]) -> "StoredVectors":
        """Leave out the vectors of these turns and memories."""
        if not ids:
            return self
        dropped = {one.bytes for one in ids}
        own = [self.ids[at : at + 16] for at in range(0, len(self.ids), 16)]
        is_kept = np.array([one not in dropped for one in own], np.bool_)
        left = b"".join(one for one in own if one not in dropped)
        return StoredVectors(left, self.of_turns[is_kept], self.vectors[is_kept])


def _vectors_query(user: UserSession, model_id: str, revision: int) -> Executable:
    return select(E.id, E.of_turn, vector_bytes(E.vector).label("vector")).where(
        E.tenant_id == user.tenant_id,
        E.user_id == user.user_id,
        E.model_id == model_id,
        E.revision > revision,
    )


def _to_stored_vectors(rows: Sequence[AnyRow]) -> StoredVectors:
    return StoredVectors(
        b"".join(row.id.bytes for row in rows),
        np.array([row.of_turn for row in rows], np.bool_),
        decode_vectors([row.vector for row in rows]),
    )


def list_vectors_since(user: UserSession, model_id: str, revision: int) -> StoredVectors:
    """List the vectors of a model that were written after `revision`."""
    return _to_stored_vectors(user.session.execute(_vectors_query(user, model_id, revision)).all())


def iter_vector_batches(user: UserSession, model_id: str, size: int) -> Iterator[StoredVectors]:
    """Yield all vectors of a model in batches of `size`."""
    for rows in _iter_batches(user.session, _vectors_query(user, model_id, 0), size):
        yield _to_stored_vectors(rows)
