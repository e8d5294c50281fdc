"""The responses that were given to writes, by the client's Idempotency-Key."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import models
from app.db.user_session import UserSession

I = models.IdempotencyKey  # noqa: E741


def find_stored_response(user: UserSession, key: str) -> models.IdempotencyKey | None:
    """Load the response that is stored under the user's key, or None."""
    return user.session.get(I, (user.tenant_id, user.user_id, key))


def insert_response(user: UserSession, key: str, digest: bytes, response: Mapping[str, object]) -> bool:
    """Store a response; return False when another transaction stored one under this key first.

    `digest` is the SHA-256 of the request.
    """
    statement = insert(I).values(
        tenant_id=user.tenant_id, user_id=user.user_id, key=key, request_hash=digest, response=response
    )
    stored = user.session.execute(statement.on_conflict_do_nothing().returning(I.key)).first()
    return stored is not None


def prune_responses(session: Session, before: datetime) -> int:
    """Delete responses older than `before`, of all tenants; return how many."""
    return session.execute(
        text("SELECT memcubed_prune_idempotency(:before)"), {"before": before}
    ).scalar_one()
