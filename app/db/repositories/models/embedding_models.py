"""Embedding models: the active one, the target of a re-embedding, and the lock that orders their changes."""

from collections.abc import Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.vocabulary import Reembed, ReembedStatus
from app.db import models

E = models.EmbeddingModel
R = models.Reembedding
_SPEC_COLUMNS = ("model_id", "dimensions", "embeddings", "model", "query_prefix", "passage_prefix")


def list_models(session: Session) -> Sequence[models.EmbeddingModel]:
    """List the models whose vectors are or were stored, the active one first."""
    return session.execute(select(E).order_by(E.active.desc(), E.created_at)).scalars().all()


def get_target_id(session: Session) -> str | None:
    """Return the id of the target of the re-embedding under way, or None."""
    under_way = R.status.in_([ReembedStatus.QUEUED, ReembedStatus.RUNNING])
    return session.execute(
        select(R.target_model_id).where(R.action == Reembed.FILL, under_way)
    ).scalar_one_or_none()


def insert_first_model(session: Session, row: models.EmbeddingModel) -> None:
    """Insert a model as the active one, unless there is an active one."""
    session.execute(insert(E).values(**_column_values(row), active=True).on_conflict_do_nothing())


def upsert_model(session: Session, row: models.EmbeddingModel) -> None:
    """Insert a model, or update how it is reached; the active model stays the active one."""
    changed = {"embeddings": row.embeddings, "query_prefix": row.query_prefix}
    differs = (E.embeddings != changed["embeddings"]) | (E.query_prefix != changed["query_prefix"])
    session.execute(
        insert(E)
        .values(**_column_values(row), active=False)
        .on_conflict_do_update(index_elements=["model_id"], set_=changed, where=differs)
    )


def _column_values(row: models.EmbeddingModel) -> dict[str, object]:
    return {name: getattr(row, name) for name in _SPEC_COLUMNS}


def get_serial(session: Session) -> int | None:
    """Return the number of the last change of the models; None before the first start."""
    return session.execute(select(E.serial).where(E.active)).scalar_one_or_none()


def get_locked_serial(session: Session) -> int | None:
    """Return the serial and lock it, so that it can't change until this transaction ends."""
    return session.execute(select(func.memcubed_embedding_serial())).scalar_one()


def lock_serial(session: Session) -> None:
    """Wait for at most 5 s until no transaction has locked the serial, and lock it exclusively."""
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    # The lock of memcubed_embedding_serial().
    session.execute(text("SELECT pg_advisory_xact_lock(1835363683, 1)"))


def bump_serial(session: Session) -> None:
    """Increase the serial, by which every process sees that the models have changed; under its lock."""
    session.execute(update(E).where(E.active).values(serial=E.serial + 1))


def activate_model(session: Session, model_id: str) -> None:
    """Make another model the active one; under the serial's lock."""
    serial = get_serial(session) or 0
    session.execute(update(E).where(E.active).values(active=False))
    session.execute(update(E).where(E.model_id == model_id).values(active=True, serial=serial + 1))


def count_vectors_by_model(session: Session) -> dict[str, int]:
    """Count the vectors of each model over all tenants, by model id."""
    rows = session.execute(text("SELECT model_id, vectors FROM memcubed_embedding_counts()"))
    return {row.model_id: row.vectors for row in rows}


def count_missing_vectors(session: Session, source_id: str, target: str) -> int:
    """Count the rows of all tenants that have a vector of the source model and none of the target."""
    return session.execute(select(func.memcubed_embeddings_missing(source_id, target))).scalar_one()
