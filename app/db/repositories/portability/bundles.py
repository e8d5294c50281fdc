"""All rows of a user: read for an export, inserted by an import."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, case, collate, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.vocabulary import JobStatus
from app.db import models
from app.db.models import Artifact, ArtifactVersion, Derivation, Feedback, SessionState
from app.db.user_session import UserSession
from app.db.vectors import vector_bytes

BATCH = 500
TABLES: dict[str, type[models.Base]] = {
    "session": models.ChatSession,
    "job": models.Job,
    "turn": models.Turn,
    "segment": models.Segment,
    "memory": models.Memory,
    "assertion": models.Assertion,
    "version": models.MemoryVersion,
    "link": models.Link,
    "snapshot": models.Snapshot,
    "entity_alias": models.EntityAlias,
    "derivation": Derivation,
    "feedback": Feedback,
    "session_state": SessionState,
    "artifact": Artifact,
    "artifact_version": ArtifactVersion,
    "embedding": models.Embedding,
    "store_item": models.StoreItem,
    "store_vector": models.StoreVector,
}
# The attributes of columns whose names in a bundle differ, by (record, name).
RENAMED = {
    ("link", "link_type"): "type",
    ("turn", "metadata"): "metadata_",
    ("memory", "metadata"): "metadata_",
    ("artifact_version", "content_type"): "type",
    ("artifact_version", "metadata"): "metadata_",
}


def iter_record_rows(
    user: UserSession, record: str, names: Iterable[str], model_id: str
) -> Iterator[dict[str, Any]]:
    """Yield the user's rows of one record type in the order of their keys, as {name: value}.

    Vectors are those of one model, as bytes.
    """
    table = TABLES[record]
    columns = [_record_column(record, name).label(name) for name in names]
    statement: Select[Any] = select(*columns).where(_belongs_to_user(table, user.tenant_id, user.user_id))
    if record == "embedding":
        statement = statement.where(models.Embedding.model_id == model_id)
    if record == "job":
        statement = statement.where(_has_turns())
    statement = statement.where(*_visible_conditions(record))
    keys = [c for c in table.__table__.primary_key if c.name not in {"tenant_id", "model_id"}]
    order = [collate(c, "C") if isinstance(c.type, Text) else c for c in keys]
    rows = user.session.execute(statement.order_by(*order), execution_options={"yield_per": BATCH})
    for row in rows.mappings():
        yield dict(row)


def _record_column(record: str, name: str) -> ColumnElement[Any]:
    if (record, name) == ("job", "status"):
        running = models.Job.status == JobStatus.RUNNING
        return case((running, JobStatus.QUEUED.value), else_=models.Job.status)
    if record == "embedding" and name == "vector":
        return vector_bytes(models.Embedding.vector)
    if (record, name) == ("store_vector", "vector"):
        return vector_bytes(models.StoreVector.vector)
    return getattr(TABLES[record], RENAMED.get((record, name), name))


def _belongs_to_user(table: Any, tenant_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(table.tenant_id == tenant_id, table.user_id == user_id)


def _visible_conditions(record: str) -> list[ColumnElement[bool]]:
    """Return the conditions that exclude what belongs to an expired memory, which no bundle contains."""
    owners: dict[str, list[Any]] = {
        "assertion": [models.Assertion.memory_id],
        "version": [models.MemoryVersion.memory_id],
        "link": [models.Link.source_id, models.Link.target_id],
    }
    seen = [_is_visible(TABLES[record], column) for column in owners.get(record, ())]
    if record == "derivation":
        seen.append(or_(Derivation.memory_id.is_(None), _is_visible(Derivation, Derivation.memory_id)))
    if record == "embedding":
        seen.append(or_(models.Embedding.of_turn, _is_visible(models.Embedding, models.Embedding.id)))
    return seen


def _is_visible(table: Any, column: Any) -> ColumnElement[bool]:
    M = models.Memory
    return select(M.id).where(M.tenant_id == table.tenant_id, M.id == column).exists()


def _has_turns() -> ColumnElement[bool]:
    J, T = models.Job, models.Turn
    return select(T.id).where(T.tenant_id == J.tenant_id, T.job_id == J.id).exists()


def count_user_items(user: UserSession) -> int:
    """Count the user's turns, memories and items of the store, deleted memories included."""
    return sum(
        user.session.execute(
            select(func.count()).select_from(t).where(_belongs_to_user(t, user.tenant_id, user.user_id))
        ).scalar_one()
        for t in (models.Turn, models.Memory, models.StoreItem)
    )


def count_known_ids(user: UserSession, record: str, ids: Sequence[UUID]) -> int:
    """Count those of the ids that are turns or memories of the user; `record` is `turn` or `memory`."""
    table: Any = TABLES[record]
    count = 0
    for at in range(0, len(ids), BATCH):
        statement = (
            select(func.count())
            .select_from(table)
            .where(_belongs_to_user(table, user.tenant_id, user.user_id))
        )
        count += user.session.execute(statement.where(table.id.in_(ids[at : at + BATCH]))).scalar_one()
    return count


def count_known_items(user: UserSession, keys: Sequence[tuple[Sequence[str], str]]) -> int:
    """Count those of the keys, (namespace, key), under which the user's store has an item."""
    table = models.StoreItem
    place = tuple_(table.namespace, table.key)
    count = 0
    for at in range(0, len(keys), BATCH):
        wanted = [(list(namespace), key) for namespace, key in keys[at : at + BATCH]]
        statement = (
            select(func.count())
            .select_from(table)
            .where(_belongs_to_user(table, user.tenant_id, user.user_id))
        )
        count += user.session.execute(statement.where(place.in_(wanted))).scalar_one()
    return count


def insert_records(session: Session, record: str, new: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one record type; their keys are the names in the bundle."""
    if new:
        named = [{RENAMED.get((record, n), n): value for n, value in row.items()} for row in new]
        session.execute(insert(TABLES[record]), named)
