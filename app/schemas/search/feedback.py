"""Feedback on searches, and the ranker that learns from it, on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.vocabulary import RankerChange
from app.schemas.common import Instant, Message


class SendFeedback(Message):
    """What an answer used of what a search or a context showed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"cited_ids": ["0192f3a4-0000-7000-8000-000000000001"]}]},
    )

    cited_ids: list[UUID] = Field(
        max_length=500, description="Memories and turns that were used; empty = none of them was of use"
    )


class FeedbackOut(BaseModel):
    """The feedback as it is kept."""

    retrieval_id: UUID
    user_id: str
    shown: int = Field(description="How many items were shown")
    cited_ids: list[UUID]
    at: Instant


class RankerTraining(BaseModel):
    """How the last training went: on feedback that was not learned from."""

    at: Instant
    learned_from: int = Field(description="Searches of which some items were used and some were not")
    held_out: int
    useful_before: float = Field(description="useful@5 of the weights that were in use, 0 to 1")
    useful_after: float = Field(description="useful@5 of the learned weights")
    promoted: bool


class RankerVersion(BaseModel):
    """The weights of one version."""

    version: int
    reason: RankerChange
    weights: dict[str, float]
    at: Instant


class RankerOut(BaseModel):
    """What each feature is worth in this tenant's searches."""

    version: int = Field(description="0 = built in")
    weights: dict[str, float]
    feedback: int = Field(description="Searches with feedback since the last reset")
    training: RankerTraining | None = Field(description="The last one; None when there was none yet")
    versions: list[RankerVersion] = Field(description="The last 20, newest first")
