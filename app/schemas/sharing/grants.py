"""Grants on the wire, and what is copied by them."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.vocabulary import CopyResult, Kind, Right
from app.schemas.common import Instant, Message, Name, PathId

MAX_COPIED = 200


class CreateGrant(Message):
    """Lets another user read or copy memories; what is covered passes all of the filters that are given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"owner_user_id": "ann", "grantee_user_id": "bob", "tags": ["garden"]}],
        },
    )

    owner_user_id: PathId = Field(description="Whose memories they are")
    grantee_user_id: PathId = Field(description="Who may read or copy them")
    right: Right = Field(default=Right.READ, description="`copy` includes `read`")
    memory_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=500)
    kinds: list[Kind] | None = Field(
        default=None, min_length=1, max_length=10, description="Memories of one of these kinds"
    )
    tags: list[Name] | None = Field(
        default=None, min_length=1, max_length=32, description="Memories with all of these tags"
    )
    expires_at: Instant | None = Field(default=None, description="When it ends by itself; null = never")


class GrantOut(BaseModel):
    """A grant as it is now."""

    id: UUID
    owner_user_id: str
    grantee_user_id: str
    right: Right
    memory_ids: list[UUID] | None
    kinds: list[Kind] | None
    tags: list[str] | None
    actor: str
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    active: bool = Field(description="In force: neither revoked nor expired")


class GrantPage(BaseModel):
    """A page of grants, newest first."""

    items: list[GrantOut]
    next_cursor: str | None


class CopyMemories(Message):
    """What to copy from `owner_user_id` into the memory of `user_id`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"user_id": "bob", "owner_user_id": "ann"}]}
    )

    user_id: PathId = Field(description="Whose memory is written: the grantee")
    owner_user_id: PathId = Field(description="Whose memories are copied")
    memory_ids: list[UUID] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_COPIED,
        description="Default: all that grants with the right `copy` cover, but for what is derived",
    )
    cursor: str | None = Field(
        default=None, max_length=2_000, description="`next_cursor` of the answer before"
    )
    limit: int = Field(default=MAX_COPIED, ge=1, le=MAX_COPIED)


class CopiedMemory(BaseModel):
    """What became of one memory."""

    owner_memory_id: UUID = Field(description="The memory that was copied")
    owner_version: int
    memory_id: UUID = Field(description="The memory of `user_id` that holds it now")
    result: CopyResult = Field(
        description="`same`: it was there, and has one source more; `conflict`: it is new, and contradicts"
        " another one that stays"
    )


class CopyOut(BaseModel):
    """What became of each, oldest first."""

    items: list[CopiedMemory]
    next_cursor: str | None = Field(description="There is more: copy again with this as `cursor`")
