"""The answers that were given under an Idempotency-Key: a retry of the same request gets the same answer."""

import hashlib
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.security import Principal
from app.db.repositories.platform import idempotency


def hash_request(request: BaseModel) -> bytes:
    """SHA-256 of the request with its keys sorted."""
    body = request.model_dump(mode="json")
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def find_stored_response(
    session: Session, principal: Principal, user_id: str, key: str | None, digest: bytes
) -> dict[str, Any] | None:
    """The answer that the user's key got before, or None. Raises `Conflict` for another body."""
    if key is None:
        return None
    stored = idempotency.find_stored_response(session, principal.tenant_id, user_id, key)
    if stored is None:
        return None
    if stored.request_hash != digest:
        raise Conflict("This Idempotency-Key was used with another body.", field="Idempotency-Key")
    return stored.response


def store_response(
    session: Session,
    principal: Principal,
    user_id: str,
    key: str | None,
    digest: bytes,
    response: dict[str, Any],
) -> None:
    """Hold the answer for the client's retry."""
    if key is None:
        return
    row = {
        "tenant_id": principal.tenant_id,
        "key": key,
        "user_id": user_id,
        "request_hash": digest,
        "response": response,
    }
    if not idempotency.insert_response(session, row):
        raise Conflict("This Idempotency-Key is in use by another request.", field="Idempotency-Key")
