"""Lists of users and sessions on the wire, and what the erasure of a session answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.schemas.common import Instant
from app.schemas.users import ErasedPart


class UserSummary(BaseModel):
    """A user of the tenant and how much is stored for them."""

    user_id: str
    turns: int = Field(description="Turns in the log")
    memories: int = Field(description="Memories that are held to be true now")
    sessions: int
    created_at: Instant = Field(description="When something was first written for the user")
    first_turn_at: Instant | None = Field(description="When the first turn was said; null without turns")
    last_turn_at: Instant | None = Field(description="When the last turn was said; null without turns")


class UserPage(BaseModel):
    """A page of users, by id."""

    items: list[UserSummary]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many match, on all pages")


class SessionSummary(BaseModel):
    """A session of a user; its summary is at `/v1/sessions/{session_id}/summary`."""

    user_id: str
    session_id: str
    turns: int = Field(description="Turns in the log")
    created_at: Instant = Field(description="When its first turn arrived")
    first_turn_at: Instant | None = Field(description="When the first turn was said; null without turns")
    last_turn_at: Instant | None = Field(description="When the last turn was said; null without turns")
    closed_at: Instant | None = Field(description="When it was closed by `close_session`, unless it went on")
    has_summary: bool = Field(description="Whether a summary of it is held to be true now")


class SessionPage(BaseModel):
    """A page of sessions, that with the newest turn first."""

    items: list[SessionSummary]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many there are")


class SessionErasure(BaseModel):
    """What was erased of a session; a session that is not there (any more) has only zeros."""

    user_id: str
    session_id: str
    erasure_id: UUID | None = Field(
        description="Its receipt, as `GET /v1/erasures/{id}` tells it again; null = there was nothing"
    )
    erased_at: Instant | None
    rows: dict[str, int] = Field(description="Rows of the session erased, by table")
    memories: int = Field(description="Memories that only this session said, or that were made of those")
    memories_kept: int = Field(description="Memories that lost a source here and have another one")
    remaining: int | None = Field(
        description="Rows that still name the session, and the user's values in Redis, counted after the"
        " erasure: 0; null = Redis did not answer"
    )
    parts: list[ErasedPart]
