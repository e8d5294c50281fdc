"""The caller on the wire: what a key may do, so that a client can test itself."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import KeyScope
from app.schemas.common import Instant


class Caller(BaseModel):
    """The key of this request, without its text."""

    tenant: str = Field(description="The tenant whose data the key reaches")
    key_id: UUID = Field(description="The id of the key, as in `GET /v1/keys`")
    name: str = Field(description="What the key was called when it was made")
    prefix: str = Field(description="The first characters of the key's text, to tell keys apart")
    scopes: list[KeyScope] = Field(description="What it may do, with the scopes that those include")
    user_id: str | None = Field(description="The one user that the key is bound to; null = all of the tenant")
    created_at: Instant
    expires_at: Instant | None = Field(description="When the key ends; null = when it is revoked")
