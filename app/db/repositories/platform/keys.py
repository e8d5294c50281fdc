"""API keys, which are stored as hashes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.repositories.search.index_feed import SearchState
from app.db.session import AnyRow

K = models.ApiKey
_COLUMNS = tuple(attribute.key for attribute in K.__mapper__.column_attrs)


def find_key(session: Session | Connection, digest: bytes) -> AnyRow | None:
    """Find the key with this hash, of any tenant, or None."""
    return session.execute(text("SELECT * FROM memcubed_find_key(:hash)"), {"hash": digest}).one_or_none()


def find_key_with_state(
    connection: Connection, digest: bytes, user_id: str
) -> tuple[AnyRow | None, SearchState | None]:
    """Find the key with this hash and the state of a user of its tenant, in one round trip."""
    statement = text(
        "SELECT k.*, s.* FROM memcubed_find_key(:hash) k "
        "LEFT JOIN LATERAL memcubed_user_state(k.tenant_id, :user) s ON true"
    )
    row = connection.execute(statement, {"hash": digest, "user": user_id}).one_or_none()
    if row is None or row.serial is None:
        return row, None
    return row, SearchState(row.serial, row.revision, row.epoch, row.ranker)


def get_key(session: Session, tenant_id: str, key_id: UUID) -> models.ApiKey | None:
    """Load one key, or None."""
    return session.get(K, (tenant_id, key_id))


def insert_key(session: Session, row: models.ApiKey) -> bool:
    """Insert a key; return False when a key with its hash exists."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    statement = insert(K).values(**values).on_conflict_do_nothing().returning(K.id)
    return session.execute(statement).first() is not None


def list_keys(session: Session, tenant_id: str) -> Sequence[models.ApiKey]:
    """List the tenant's keys, newest first."""
    return session.execute(select(K).where(K.tenant_id == tenant_id).order_by(K.id.desc())).scalars().all()


def revoke_key(session: Session, tenant_id: str, key_id: UUID) -> bool:
    """Revoke a key for good; return False when there is none. A revoked key keeps its date."""
    statement = (
        update(K)
        .where(K.tenant_id == tenant_id, K.id == key_id)
        .values(revoked_at=func.coalesce(K.revoked_at, func.now()))
        .returning(K.id)
    )
    return session.execute(statement).first() is not None


def touch_key(session: Session, tenant_id: str, key_id: UUID) -> None:
    """Record that the key was used now."""
    session.execute(update(K).where(K.tenant_id == tenant_id, K.id == key_id).values(last_used_at=func.now()))
