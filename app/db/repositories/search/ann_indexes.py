"""The ANN indexes of large users: one HNSW index per user and model, over a partition of `far_vectors`."""

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.models import Embedding
from app.db.user_session import UserSession

E = Embedding
# The number of candidates that a scan keeps (`hnsw.ef_search`). `benchmarks/growth.py` measured how many of
# the ten turns nearest to LongMemEval's questions are found: among 714,000 turns 200 candidates find .88, 400
# .95, 800 .98, and among 71,000 turns 100 find .99. Memories need fewer, because they only lead to turns.
EF_TURNS, EF_MEMORIES = 800, 200

_PARAMETER = re.compile(r"(?<!:):(\w+)")
_SETTINGS = text(
    "SELECT set_config('hnsw.ef_search', :ef, true), set_config('hnsw.iterative_scan', 'strict_order', true),"
    " set_config('plan_cache_mode', 'force_custom_plan', true)"
)

_NEAREST = (
    "SELECT uuid_send(id) FROM far_vectors"
    " WHERE scope = memcubed_far_scope(:tenant, :user, :model) AND tenant_id = :tenant"
    " AND user_id = :user AND model_id = :model AND {kind}"
    " ORDER BY (vector::halfvec({dimensions})) <=> CAST(:vector AS halfvec({dimensions})) LIMIT :count"
)


def has_ann_index(user: UserSession, model_id: str) -> bool:
    """Return whether the user's vectors of a model have an ANN index."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "model": model_id}
    return user.session.execute(text("SELECT memcubed_has_far(:tenant, :user, :model)"), values).scalar_one()


def has_more_vectors(user: UserSession, model_id: str, rows: int, *, since: int = 0) -> bool:
    """Return whether the user has more than `rows` vectors of a model written after the revision `since`."""
    values = {"tenant": user.tenant_id, "user": user.user_id, "model": model_id, "rows": rows, "since": since}
    sql = (
        "SELECT count(*) > :rows FROM (SELECT FROM embeddings WHERE tenant_id = :tenant AND user_id = :user"
        " AND model_id = :model AND revision > :since LIMIT CAST(:rows AS bigint) + 1) e"
    )
    return user.session.execute(text(sql), values).scalar_one()


def build_ann_index(user: UserSession, model_id: str, dimensions: int) -> bool:
    """Build the ANN index; return False when there is one, or another session builds it.

    It takes minutes for a million vectors. Other users are not blocked. Writers of this user wait at the end
    of the build, until what they wrote is in the index.
    """
    values = {"tenant": user.tenant_id, "user": user.user_id, "model": model_id, "dimensions": dimensions}
    sql = "SELECT memcubed_build_far(:tenant, :user, :model, :dimensions)"
    return user.session.execute(text(sql), values).scalar_one()


def clear_ann_indexes(user: UserSession) -> None:
    """Empty the user's ANN indexes at once, before the vectors are deleted one by one."""
    values = {"tenant": user.tenant_id, "user": user.user_id}
    user.session.execute(text("SELECT memcubed_clear_far(:tenant, :user)"), values)


def prune_ann_indexes(session: Session, least: int) -> int:
    """Drop the ANN indexes of all tenants with fewer vectors than `least`; return how many."""
    return session.execute(text("SELECT memcubed_prune_far(:least)"), {"least": least}).scalar_one()


def nearest_sql(dimensions: int, of_turn: bool) -> str:
    """Return the statement by which `find_nearest_ids` searches."""
    kind = "of_turn" if of_turn else "NOT of_turn"
    return _NEAREST.format(dimensions=dimensions, kind=kind)


def find_nearest_ids(
    user: UserSession,
    model_id: str,
    vector: NDArray[np.floating],
    *,
    of_turn: bool,
    count: int,
) -> Sequence[bytes]:
    """Find the `count` turns or memories nearest to a vector (d,): ids of 16 bytes each, nearest first.

    A scan that finds too few goes on iteratively. Its settings stay for the rest of the transaction.
    """
    user.session.execute(_SETTINGS, {"ef": str(EF_TURNS if of_turn else EF_MEMORIES)})
    values = {"tenant": user.tenant_id, "user": user.user_id, "model": model_id, "count": count}
    values["vector"] = _vector_literal(vector)
    return user.session.execute(text(nearest_sql(len(vector), of_turn)), values).scalars().all()


@contextmanager
def scan_nearest_ids(
    user: UserSession,
    model_id: str,
    vector: NDArray[np.floating],
    turns: int,
    memories: int,
) -> Generator[Callable[[], tuple[bytes, bytes]]]:
    """Search for the nearest turns and memories in a pipeline, while the block computes.

    The function that is yielded waits for the results: the joined ids of the turns, and those of the
    memories. The session accepts no other statement until the block ends.
    """
    connection: Any = user.session.connection().connection.driver_connection
    values = {
        "tenant": user.tenant_id,
        "user": user.user_id,
        "model": model_id,
        "vector": _vector_literal(vector),
    }
    with connection.pipeline():
        scans: list[Any] = []
        for of_turn, ef, count in ((True, EF_TURNS, turns), (False, EF_MEMORIES, memories)):
            connection.execute(_to_driver_sql(str(_SETTINGS)), {"ef": str(ef)})
            sql = _to_driver_sql(nearest_sql(len(vector), of_turn))
            scans.append(connection.cursor(binary=True).execute(sql, values | {"count": count}))

        def fetch_ids() -> tuple[bytes, bytes]:
            of_turns, of_memories = (b"".join(row[0] for row in scan.fetchall()) for scan in scans)
            return of_turns, of_memories

        yield fetch_ids


def _vector_literal(vector: NDArray[np.floating]) -> str:
    return f"[{','.join(map(str, vector.tolist()))}]"


def _to_driver_sql(sql: str) -> str:
    """Return the statement with its parameters in the form of the driver."""
    return _PARAMETER.sub(r"%(\1)s", sql)
