"""API keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.repositories.search.index_feed import SearchState
from app.db.session import AnyRow

K = models.ApiKey


def find_key(session: Session | Connection, digest: bytes) -> AnyRow | None:
    """The key with this hash, of whichever tenant, or None."""
    return session.execute(text("SELECT * FROM memcubed_find_key(:hash)"), {"hash": digest}).one_or_none()


def find_key_with_state(
    connection: Connection, digest: bytes, user_id: str
) -> tuple[AnyRow | None, SearchState | None]:
    """The key as `find` gives it, and the state of this user of its tenant, in one round trip."""
    statement = text(
        "SELECT k.*, s.* FROM memcubed_find_key(:hash) k "
        "LEFT JOIN LATERAL memcubed_user_state(k.tenant_id, :user) s ON true"
    )
    row = connection.execute(statement, {"hash": digest, "user": user_id}).one_or_none()
    if row is None or row.serial is None:
        return row, None
    return row, SearchState(row.serial, row.revision, row.epoch, row.ranker)


def insert_key(session: Session, values: dict[str, Any]) -> bool:
    """Store a key; False when its hash is there already."""
    statement = insert(K).values(**values).on_conflict_do_nothing().returning(K.id)
    return session.execute(statement).first() is not None


def list_keys(session: Session, tenant_id: str) -> Sequence[models.ApiKey]:
    """The tenant's keys, newest first."""
    return session.execute(select(K).where(K.tenant_id == tenant_id).order_by(K.id.desc())).scalars().all()


def revoke_key(session: Session, tenant_id: str, key_id: UUID) -> bool:
    """Revoke a key for good; False when there is none."""
    statement = (
        update(K)
        .where(K.tenant_id == tenant_id, K.id == key_id)
        .values(revoked_at=func.coalesce(K.revoked_at, func.now()))
        .returning(K.id)
    )
    return session.execute(statement).first() is not None


def touch_key(session: Session, tenant_id: str, key_id: UUID) -> None:
    """Note that the key was used."""
    session.execute(update(K).where(K.tenant_id == tenant_id, K.id == key_id).values(last_used_at=func.now()))
