"""Lists of users and sessions on the wire."""

from pydantic import BaseModel, Field

from app.schemas.common import Instant


class ListedUser(BaseModel):
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

    items: list[ListedUser]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many match, on all pages")


class ListedSession(BaseModel):
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

    items: list[ListedSession]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many there are")
