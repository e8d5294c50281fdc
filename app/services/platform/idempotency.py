"""Idempotency-Keys: a retry of the same request with the same key gets the response of the first one."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from app.core.errors import Conflict
from app.db.repositories.platform import idempotency
from app.db.user_session import UserSession


def hash_request(request: BaseModel) -> bytes:
    """Return the SHA-256 of the request's JSON with its keys sorted."""
    body = request.model_dump(mode="json")
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def find_stored_response(user: UserSession, key: str | None, digest: bytes) -> dict[str, Any] | None:
    """Return the response that the user's key got before, or None; without a key there is none.

    Raises `Conflict` when the key was used with another body.
    """
    if key is None:
        return None
    stored = idempotency.find_stored_response(user, key)
    if stored is None:
        return None
    if stored.request_hash != digest:
        raise Conflict("This Idempotency-Key was used with another body.", field="Idempotency-Key")
    return stored.response


def store_response(user: UserSession, key: str | None, digest: bytes, response: Mapping[str, object]) -> None:
    """Store the response for the client's retry; without a key nothing is stored.

    Raises `Conflict` when another request has stored one under this key meanwhile.
    """
    if key is not None and not idempotency.insert_response(user, key, digest, response):
        raise Conflict("This Idempotency-Key is in use by another request.", field="Idempotency-Key")
