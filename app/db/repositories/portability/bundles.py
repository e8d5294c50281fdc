"""All rows of a user, for export and import."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, case, collate, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.vocabulary import JobStatus
from app.db import models
from app.db.models import Artifact, ArtifactVersion, Derivation, Feedback, SessionState
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
    "derivation": Derivation,
    "feedback": Feedback,
    "session_state": SessionState,
    "artifact": Artifact,
    "artifact_version": ArtifactVersion,
    "embedding": models.Embedding,
}
# What a bundle says under another name than the column's.
RENAMED = {
    ("link", "link_type"): "type",
    ("turn", "metadata"): "metadata_",
    ("memory", "metadata"): "metadata_",
    ("artifact_version", "content_type"): "type",
    ("artifact_version", "metadata"): "metadata_",
}


def iter_record_rows(
    session: Session, tenant_id: str, user_id: str, record: str, names: Iterable[str], model_id: str
) -> Iterator[dict[str, Any]]:
    """The user's rows for one type of record, in the order of their keys; vectors of one model as bytes."""
    table = TABLES[record]
    columns = [_record_column(record, name).label(name) for name in names]
    statement: Select[Any] = select(*columns).where(_belongs_to_user(table, tenant_id, user_id))
    if record == "embedding":
        statement = statement.where(models.Embedding.model_id == model_id)
    if record == "job":
        statement = statement.where(_has_turns())
    statement = statement.where(*_visible_conditions(record))
    keys = [c for c in table.__table__.primary_key if c.name not in {"tenant_id", "model_id"}]
    order = [collate(c, "C") if isinstance(c.type, Text) else c for c in keys]
    found = session.execute(statement.order_by(*order), execution_options={"yield_per": BATCH})
    for row in found.mappings():
        yield dict(row)


def _record_column(record: str, name: str) -> ColumnElement[Any]:
    if (record, name) == ("job", "status"):
        running = models.Job.status == JobStatus.RUNNING
        return case((running, JobStatus.QUEUED.value), else_=models.Job.status)
    if record == "embedding" and name == "vector":
        return vector_bytes(models.Embedding.vector)
    return getattr(TABLES[record], RENAMED.get((record, name), name))


def _belongs_to_user(table: Any, tenant_id: str, user_id: str) -> ColumnElement[bool]:
    return and_(table.tenant_id == tenant_id, table.user_id == user_id)


def _visible_conditions(record: str) -> list[ColumnElement[bool]]:
    """What hangs on a memory goes with it: one that has expired is not seen, and so is not in a bundle."""
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


def count_user_items(session: Session, tenant_id: str, user_id: str) -> int:
    """How many turns and memories the user has, deleted memories included."""
    return sum(
        session.execute(
            select(func.count()).select_from(t).where(_belongs_to_user(t, tenant_id, user_id))
        ).scalar_one()
        for t in (models.Turn, models.Memory)
    )


def count_known_ids(session: Session, tenant_id: str, user_id: str, record: str, ids: Sequence[UUID]) -> int:
    """How many of these turns or memories the user has."""
    table: Any = TABLES[record]
    found = 0
    for at in range(0, len(ids), BATCH):
        statement = select(func.count()).select_from(table).where(_belongs_to_user(table, tenant_id, user_id))
        found += session.execute(statement.where(table.id.in_(ids[at : at + BATCH]))).scalar_one()
    return found


def insert_records(session: Session, record: str, new: Sequence[Mapping[str, Any]]) -> None:
    """Store rows for records of one type, with the columns under the names that the record has for them."""
    if new:
        named = [{RENAMED.get((record, n), n): value for n, value in row.items()} for row in new]
        session.execute(insert(TABLES[record]), named)
