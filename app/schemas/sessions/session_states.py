"""Session states on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.core.vocabulary import GoalStatus, Kind
from app.schemas.common import Content, Instant, Message, Metadata, Name, PathId
from app.schemas.platform.artifacts import ProcedureStep

GoalText = Annotated[Content, StringConstraints(max_length=300)]


class SessionGoal(Message):
    """Something that the session is meant to reach."""

    text: GoalText
    status: GoalStatus = GoalStatus.OPEN
    firm: bool = Field(
        default=True,
        description="False for a wish in passing, which gives way to a goal when the list is full",
    )
    said_at: Instant | None = Field(default=None, description="When it was said")
    turn_id: UUID | None = Field(default=None, description="The turn that said it")
    closed_by: UUID | None = Field(default=None, description="The turn that said it is done or dropped")


class SessionState(Message):
    """What must not be lost between two turns; its size is bounded, however long the session goes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"goals": [{"text": "Book a flight to Lisbon"}], "data": {"budget": 300}}]
        },
    )

    goals: list[SessionGoal] = Field(default_factory=list[SessionGoal], max_length=100)
    topics: list[Name] = Field(
        default_factory=list[str],
        max_length=32,
        description="Words of the last turns, the most frequent first",
    )
    procedure: ProcedureStep | None = Field(
        default=None, description="The procedure that is being carried out, and how far it is"
    )
    data: Metadata = Field(default_factory=dict, description="The client's own; the service never changes it")


class PutSessionState(Message):
    """A state to put in the place of the one that was read."""

    user_id: PathId
    state: SessionState


class SessionStateOut(BaseModel):
    """The state of a session at one version."""

    user_id: str
    session_id: str
    version: int
    state: SessionState
    bytes: int = Field(description="Its size as compact JSON; the limit is `MEMCUBED_SESSION_STATE_BYTES`")
    goals_left_out: int = Field(description="Goals that were said and did not fit, since it was last put")
    actor: str = Field(description="Who wrote this version: a key, or the extractor")
    updated_at: Instant


class WorkingSlot(BaseModel):
    """A memory that the session is working with."""

    memory_id: UUID
    kind: Kind
    content: str
    version: int
    score: float = Field(description="What is left of its uses in the last turns, times 0.5 + importance")
    used_at: Instant = Field(description="When the last turn was said that says it or was shown it")


class WorkingSet(BaseModel):
    """The memories that won a slot, best first."""

    items: list[WorkingSlot]
