"""Turns and jobs on the wire."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.core.vocabulary import JobStatus, Role, Stage, TurnState
from app.schemas.chat_messages import ChatMessage
from app.schemas.common import (
    MAX_METADATA_BYTES,
    Id,
    Instant,
    Message,
    Name,
    PathId,
    Place,
    PlaceOut,
    check_json_value,
)

MAX_TURNS = 500  # in one request


def check_metadata_size(value: dict[str, Any]) -> dict[str, Any]:
    """Return metadata of at most `MAX_METADATA_BYTES`. Raises `ValueError`."""
    if value and len(orjson.dumps(check_json_value(value))) > MAX_METADATA_BYTES:
        raise ValueError(f"must be at most {MAX_METADATA_BYTES} bytes of JSON")
    return value


Metadata = Annotated[dict[str, Any], AfterValidator(check_metadata_size)]


class TurnIn(ChatMessage):
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
    def _check_call_metadata(self) -> "TurnIn":
        for name in self.call_metadata.keys() & self.metadata.keys():
            raise ValueError(f"`{name}` is given, and `metadata` has another one")
        check_metadata_size(self.metadata | self.call_metadata)
        return self


class TurnsIn(Message):
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
    turns: list[TurnIn] = Field(min_length=1, max_length=MAX_TURNS)
    close_session: bool = Field(
        default=False, description="The session is over: extract what is left of it now"
    )


class TurnsAccepted(BaseModel):
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


class TurnOutcome(BaseModel):
    """What a job has made of one turn so far."""

    turn_id: UUID
    ref: str | None
    state: TurnState
    reason: str | None
    extracted: int


class Progress(BaseModel):
    """Turns done of turns in all."""

    done: int
    total: int


class LlmUsage(BaseModel):
    """What a job has cost at the LLM, failed calls too."""

    calls: int
    failed_calls: int
    prompt_tokens: int
    completion_tokens: int


class JobOut(BaseModel):
    """A job. succeeded, failed and dead are end states; the last two can be retried."""

    id: UUID
    user_id: str
    session_id: str
    status: JobStatus
    stage: Stage
    progress: Progress
    attempts: int
    error: str | None
    llm: LlmUsage
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    run_after: Instant


class JobDetail(JobOut):
    """A job with the outcome of each of its turns."""

    turns: list[TurnOutcome]


class JobPage(BaseModel):
    """A page of jobs."""

    items: list[JobOut]
    next_cursor: str | None
