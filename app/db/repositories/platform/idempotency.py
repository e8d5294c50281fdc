"""The answers that were given to writes, by the client's Idempotency-Key."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models

I = models.IdempotencyKey  # noqa: E741


def find_stored_response(
    session: Session, tenant_id: str, user_id: str, key: str
) -> models.IdempotencyKey | None:
    """The stored answer, or None."""
    return session.get(I, (tenant_id, user_id, key))


def insert_response(session: Session, values: dict[str, Any]) -> bool:
    """Store an answer; False when another transaction stored one under this key first."""
    return (
        session.execute(insert(I).values(**values).on_conflict_do_nothing().returning(I.key)).first()
        is not None
    )


def prune_responses(session: Session, before: datetime) -> int:
    """Forget answers older than `before`, of all tenants."""
    return session.execute(
        text("SELECT memcubed_prune_idempotency(:before)"), {"before": before}
    ).scalar_one()
