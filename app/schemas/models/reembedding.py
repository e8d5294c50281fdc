"""The embedding models and the change from one to another on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from app.core.vocabulary import Reembed, ReembedStatus
from app.schemas.common import Instant, Message, Text

Line = Annotated[Text, StringConstraints(min_length=1, max_length=2000)]
Prefix = Annotated[Text, StringConstraints(max_length=500)]


class StartReembed(Message):
    """The model to change to. What is left out is as it is for the model in use."""

    embeddings: Line | None = Field(
        default=None, description="`local`, `fastembed:<model>` or an OpenAI-compatible base URL"
    )
    model: Line | None = Field(default=None, description="The endpoint's model")
    dimensions: int | None = Field(
        default=None, ge=1, le=4000, description="Length of a vector of the endpoint's model"
    )
    query_prefix: Prefix | None = Field(
        default=None, description="Put before a query; left out = what the model is known to need"
    )
    passage_prefix: Prefix | None = Field(
        default=None, description="Put before a turn or memory; left out = what the model is known to need"
    )
    drop_old: bool = Field(default=False, description="Drop the vectors of all other models after the switch")


class ReembedOut(BaseModel):
    """A run over the stored vectors of all tenants."""

    id: UUID
    action: Reembed = Field(
        description="`fill`: make the vectors of a model and switch to it; `drop`: drop all others"
    )
    source_model_id: str
    target_model_id: str
    status: ReembedStatus
    drop_old: bool
    total: int = Field(description="Vectors to make, or to drop")
    done: int
    rate: float | None = Field(description="Vectors a second, lately")
    remaining_seconds: float | None = Field(description="At that rate")
    error: str | None
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


class EmbeddingModelOut(BaseModel):
    """A model whose vectors are or were stored."""

    model_id: str
    dimensions: int
    active: bool = Field(description="Whether searches are answered by it")
    vectors: int | None = Field(
        description="How many of it are stored, over all tenants; not counted while a run is under way"
    )


class ReembedState(BaseModel):
    """The models, and the run under way or the last one."""

    models: list[EmbeddingModelOut]
    run: ReembedOut | None
