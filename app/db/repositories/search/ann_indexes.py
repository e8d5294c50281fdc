"""The HNSW indexes of large users: one for each user and model, over a partition of `far_vectors`."""

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.models import Embedding

E = Embedding
# Candidates that a scan holds at once. Of the ten turns nearest to LongMemEval's questions 200 find .88 among
# 714,000 of `benchmarks.growth`, 400 .95, 800 .98 (100 find .99 among 71,000). Memories only lead to turns.
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


def has_ann_index(session: Session, tenant_id: str, user_id: str, model_id: str) -> bool:
    """Whether the user's vectors of a model have an index."""
    values = {"tenant": tenant_id, "user": user_id, "model": model_id}
    return session.execute(text("SELECT memcubed_has_far(:tenant, :user, :model)"), values).scalar_one()


def has_more_vectors(
    session: Session, tenant_id: str, user_id: str, model_id: str, rows: int, *, since: int = 0
) -> bool:
    """Whether the user has more than so many vectors of a model, of those written after a revision."""
    values = {"tenant": tenant_id, "user": user_id, "model": model_id, "rows": rows, "since": since}
    sql = (
        "SELECT count(*) > :rows FROM (SELECT FROM embeddings WHERE tenant_id = :tenant AND user_id = :user"
        " AND model_id = :model AND revision > :since LIMIT CAST(:rows AS bigint) + 1) e"
    )
    return session.execute(text(sql), values).scalar_one()


def build_ann_index(session: Session, tenant_id: str, user_id: str, model_id: str, dimensions: int) -> bool:
    """Make the index; False when there is one, or another session makes it. It takes minutes for a million.

    Other users wait for nothing. Writers of this one wait at its end, until what they wrote is in it.
    """
    values = {"tenant": tenant_id, "user": user_id, "model": model_id, "dimensions": dimensions}
    sql = "SELECT memcubed_build_far(:tenant, :user, :model, :dimensions)"
    return session.execute(text(sql), values).scalar_one()


def clear_ann_indexes(session: Session, tenant_id: str, user_id: str) -> None:
    """Empty the user's indexes at once, before its vectors are deleted one by one."""
    values = {"tenant": tenant_id, "user": user_id}
    session.execute(text("SELECT memcubed_clear_far(:tenant, :user)"), values)


def prune_ann_indexes(session: Session, least: int) -> int:
    """Drop the indexes, of all tenants, with fewer rows than this; how many."""
    return session.execute(text("SELECT memcubed_prune_far(:least)"), {"least": least}).scalar_one()


def nearest_sql(dimensions: int, of_turn: bool) -> str:
    """The statement of `nearest`."""
    kind = "of_turn" if of_turn else "NOT of_turn"
    return _NEAREST.format(dimensions=dimensions, kind=kind)


def find_nearest_ids(
    session: Session,
    tenant_id: str,
    user_id: str,
    model_id: str,
    vector: NDArray[np.floating],
    *,
    of_turn: bool,
    count: int,
) -> Sequence[bytes]:
    """The ids, of 16 bytes each, of the turns or memories nearest to a vector (d,), nearest first.

    A scan that finds too few goes on. How it is done holds for the rest of the transaction.
    """
    session.execute(_SETTINGS, {"ef": str(EF_TURNS if of_turn else EF_MEMORIES)})
    values = {"tenant": tenant_id, "user": user_id, "model": model_id, "count": count}
    values["vector"] = _vector_literal(vector)
    return session.execute(text(nearest_sql(len(vector), of_turn)), values).scalars().all()


@contextmanager
def scan_nearest_ids(
    session: Session,
    tenant_id: str,
    user_id: str,
    model_id: str,
    vector: NDArray[np.floating],
    turns: int,
    memories: int,
) -> Generator[Callable[[], tuple[bytes, bytes]]]:
    """As `nearest` of so many turns and memories, both scanned while the block computes: a pipeline.

    What it gives waits for the joined ids of either. Nothing else can be asked in the session until the end.
    """
    connection: Any = session.connection().connection.driver_connection
    values = {"tenant": tenant_id, "user": user_id, "model": model_id, "vector": _vector_literal(vector)}
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
    """A statement with its parameters as the driver has them."""
    return _PARAMETER.sub(r"%(\1)s", sql)
