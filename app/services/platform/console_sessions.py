"""Sessions of the console: a key is given once, and the browser holds an opaque token from then on."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from app.core.errors import TooManyRequests, Unauthorized, Unavailable
from app.core.security import Principal, hash_key
from app.resources import Resources
from app.services.platform import keys

SESSION_SECONDS = 12 * 3_600
MAX_FAILED_LOGINS = 20  # of one address in `LOGIN_SECONDS`, until more are told to wait
LOGIN_SECONDS = 300
_TOKEN_BYTES = 32
_SHOWN_CHARACTERS = 8  # of the key; the list of keys shows as many


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """Who is logged in, and the token that each write of this session has to repeat."""

    principal: Principal
    key_digest: bytes
    key_prefix: str
    csrf_token: str


def start_session(resources: Resources, key: str, address: str) -> str:
    """Log in with an API key; return the token of the new session, which is stored as a hash.

    A valid key is always let in: behind a proxy all people share an address, and nobody may lock the others
    out by wrong keys. Raises `Unauthorized`, `TooManyRequests` for a wrong key after too many of one address,
    and `Unavailable` when Redis, which holds the sessions, does not answer.
    """
    try:
        keys.authenticate_key(resources, key)
    except Unauthorized:
        if (resources.cache.count_failed_login(address, LOGIN_SECONDS) or 0) > MAX_FAILED_LOGINS:
            raise TooManyRequests("Too many wrong keys from this address; wait five minutes.") from None
        raise
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session = {"key": hash_key(key).hex(), "prefix": key[:_SHOWN_CHARACTERS]}
    if not resources.cache.put_console_session(_hash_token(token), session, SESSION_SECONDS):
        raise Unavailable("Sessions of the console are kept in Redis, which does not answer; try again.")
    return token


def resume_session(resources: Resources, token: str | None) -> ConsoleSession:
    """Return the session of a token; its key is looked up each time, so a revoked one ends it at once.

    Raises `Unauthorized`.
    """
    session = resources.cache.get_console_session(_hash_token(token)) if token else None
    if token is None or session is None:
        raise Unauthorized("Log in with an API key.")
    digest = bytes.fromhex(session["key"])
    principal = keys.authenticate_key_hash(resources, digest)
    return ConsoleSession(principal, digest, session["prefix"], derive_csrf_token(token))


def end_session(resources: Resources, token: str) -> None:
    """Log out."""
    resources.cache.delete_console_session(_hash_token(token))


def derive_csrf_token(token: str) -> str:
    """Return the token for forms; it can be derived from the cookie's, but not the other way round."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
