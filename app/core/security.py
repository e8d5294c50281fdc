"""Keys and principals: how a bearer key is generated and hashed, and what it permits."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Forbidden
from app.core.vocabulary import KeyScope

KEY_PREFIX = "mc_"
_INCLUDED_SCOPES = {
    KeyScope.READ: {KeyScope.READ},
    KeyScope.WRITE: {KeyScope.READ, KeyScope.WRITE},
    KeyScope.ADMIN: {KeyScope.READ, KeyScope.WRITE, KeyScope.ADMIN},
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a key of one tenant, possibly bound to one user."""

    tenant_id: str
    key_id: UUID | None = None
    scopes: frozenset[KeyScope] = frozenset()
    user_id: str | None = None

    def require_scope(self, scope: KeyScope) -> None:
        """Raise `Forbidden` unless this key has the scope."""
        if scope not in self.scopes:
            raise Forbidden(f"This key lacks the scope `{scope}`.")

    def require_user(self, user_id: str, field: str = "user_id") -> None:
        """Raise `Forbidden` if the key is bound to another user; `field` is the field that names the user."""
        if self.user_id is not None and self.user_id != user_id:
            raise Forbidden("This key is bound to another user_id.", field=field)


def generate_key() -> str:
    """A key of 256 random bits; shown once, never stored."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> bytes:
    """SHA-256, 32 bytes: a random key of 256 bits needs no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def expand_scopes(scopes: Iterable[str]) -> frozenset[KeyScope]:
    """All scopes that the named ones include."""
    return frozenset(included for scope in scopes for included in _INCLUDED_SCOPES[KeyScope(scope)])
