"""Which embedding model is in use, which is to follow, and the lock that orders their changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.vocabulary import Reembed, ReembedStatus
from app.db import models

E = models.EmbeddingModel
R = models.Reembedding


def list_models(session: Session) -> Sequence[models.EmbeddingModel]:
    """The models whose vectors are or were stored, the one in use first."""
    return session.execute(select(E).order_by(E.active.desc(), E.created_at)).scalars().all()


def get_target_id(session: Session) -> str | None:
    """The model that a re-embedding under way fills."""
    under_way = R.status.in_([ReembedStatus.QUEUED, ReembedStatus.RUNNING])
    return session.execute(
        select(R.target_model_id).where(R.action == Reembed.FILL, under_way)
    ).scalar_one_or_none()


def insert_first_model(session: Session, values: Mapping[str, Any]) -> None:
    """Put the model into use unless one is already."""
    session.execute(insert(E).values(**values, active=True).on_conflict_do_nothing())


def upsert_model(session: Session, values: Mapping[str, Any]) -> None:
    """Store how a model is reached; whether it is in use stays as it is."""
    told = {name: values[name] for name in ("embeddings", "query_prefix")}
    differs = (E.embeddings != told["embeddings"]) | (E.query_prefix != told["query_prefix"])
    session.execute(
        insert(E)
        .values(**values, active=False)
        .on_conflict_do_update(index_elements=["model_id"], set_=told, where=differs)
    )


def get_serial(session: Session) -> int | None:
    """The number of the last change of the models in use; None before the first start."""
    return session.execute(select(E.serial).where(E.active)).scalar_one_or_none()


def get_locked_serial(session: Session) -> int | None:
    """`serial`, which then can't change until this transaction ends."""
    return session.execute(select(func.memcubed_embedding_serial())).scalar_one()


def lock_serial(session: Session) -> None:
    """Wait until no transaction holds the serial, 5 s at most, and keep others from it until the end."""
    session.execute(text("SET LOCAL lock_timeout = '5s'"))
    # The lock of memcubed_embedding_serial().
    session.execute(text("SELECT pg_advisory_xact_lock(1835363683, 1)"))


def bump_serial(session: Session) -> None:
    """Tell every process that the models have changed. The caller holds the lock."""
    session.execute(update(E).where(E.active).values(serial=E.serial + 1))


def activate_model(session: Session, model_id: str) -> None:
    """Put another model into use. The caller holds the lock."""
    before = get_serial(session) or 0
    session.execute(update(E).where(E.active).values(active=False))
    session.execute(update(E).where(E.model_id == model_id).values(active=True, serial=before + 1))


def count_vectors_by_model(session: Session) -> dict[str, int]:
    """How many vectors of each model are stored, over all tenants."""
    rows = session.execute(text("SELECT model_id, vectors FROM memcubed_embedding_counts()"))
    return {row.model_id: row.vectors for row in rows}


def count_missing_vectors(session: Session, source_id: str, target: str) -> int:
    """How many rows of all tenants have a vector of one model and none of the other."""
    return session.execute(select(func.memcubed_embeddings_missing(source_id, target))).scalar_one()
