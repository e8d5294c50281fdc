"""Turns on the wire."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.vocabulary import Role, TurnState
from app.schemas.common import (
    Id,
    Instant,
    Message,
    Metadata,
    Name,
    PathId,
    Place,
    PlaceOut,
    check_metadata_size,
)
from app.schemas.ingestion.chat_messages import ChatMessage

MAX_TURNS = 500  # in one request


class NewTurn(ChatMessage):
    """One message of a conversation. `ref` is the client's own id; it comes back in every source."""

    name: Name | None = Field(default=None, description="The speaker's name")
    ref: Id | None = Field(
        default=None, description="The client's id of the turn; the same ref twice is one turn"
    )
    observed_at: Instant | None = Field(
        default=None,
        description="When it was said, in the speaker's zone, whose days count; default: now, in UTC",
    )
    metadata: Metadata = Field(default_factory=dict)
    place: Place | None = None
    shown_memory_ids: list[UUID] = Field(
        default_factory=list[UUID],
        max_length=500,
        description="What the model had before it: the `memory_ids` and `turn_ids` of the context",
    )

    @model_validator(mode="after")
    def _check_call_metadata(self) -> "NewTurn":
        for name in self.call_metadata.keys() & self.metadata.keys():
            raise ValueError(f"`{name}` is given, and `metadata` has another one")
        check_metadata_size(self.metadata | self.call_metadata)
        return self


class AddTurns(Message):
    """A batch of turns of one session."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "user_id": "ann",
                    "session_id": "monday",
                    "turns": [
                        {
                            "role": "user",
                            "name": "Ann",
                            "content": "I moved to Bergen last May.",
                            "ref": "msg-1",
                            "observed_at": "2026-03-02T09:30:00Z",
                        }
                    ],
                }
            ]
        },
    )

    user_id: PathId
    session_id: PathId
    agent_id: Id | None = None
    turns: list[NewTurn] = Field(min_length=1, max_length=MAX_TURNS)
    close_session: bool = Field(
        default=False, description="The session is over: extract what is left of it now"
    )


class AcceptedTurns(BaseModel):
    """The turns are durable; the job will turn them into memories."""

    turn_ids: list[UUID] = Field(description="One id for each turn of the request, in its order")
    job_id: UUID
    duplicates: int = Field(description="How many of the turns were stored already")


class TurnOut(BaseModel):
    """A stored turn, and what became of it."""

    id: UUID
    user_id: str
    session_id: str
    agent_id: str | None
    role: Role
    name: str | None
    content: str
    ref: str | None
    observed_at: Instant
    utc_offset: int = Field(
        description="Of the clock that `observed_at` was sent in, in minutes: a day is the day on that clock"
    )
    recorded_at: Instant
    place: PlaceOut | None
    metadata: dict[str, Any]
    job_id: UUID
    state: TurnState
    reason: str | None = Field(description="Why nothing was extracted, or why extraction failed")
    extracted: int = Field(description="How many memories this turn is a source of, when it was read")


class TurnPage(BaseModel):
    """A page of turns."""

    items: list[TurnOut]
    next_cursor: str | None
    total: int | None = Field(default=None, description="With `include_total`: how many match, on all pages")
