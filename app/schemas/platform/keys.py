"""API keys on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import KeyScope
from app.schemas.common import Instant, Message, Name, PathId


class CreateKey(Message):
    """A new key. `write` includes `read`, `admin` includes both."""

    name: Name
    scopes: list[KeyScope] = Field(default_factory=lambda: [KeyScope.WRITE], min_length=1)
    user_id: PathId | None = Field(default=None, description="Bind the key to one user: it sees no other")
    expires_at: Instant | None = None


class KeyOut(BaseModel):
    """A key without its text; `prefix` helps to tell keys apart."""

    id: UUID
    name: str
    prefix: str
    scopes: list[KeyScope]
    user_id: str | None
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    last_used_at: Instant | None


class KeyCreated(KeyOut):
    """A new key with its text, which is shown this once."""

    tenant: str
    key: str


class KeyList(BaseModel):
    """All keys of the tenant, newest first."""

    items: list[KeyOut]
