"""What became of turns, on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import Kind, Status
from app.schemas.ingestion.turns import TurnOut
from app.schemas.platform.jobs import JobOut


class StatedMemory(BaseModel):
    """A memory that a turn is a source of, and the words of the turn that say so."""

    memory_id: UUID
    kind: Kind
    status: Status
    content: str
    quote: str
    is_denial: bool = Field(description="The turn says that it is not, or no longer, so")


class TurnReport(BaseModel):
    """A turn, the job that reads it, and the memories that it is a source of."""

    turn: TurnOut
    job: JobOut | None
    memories: list[StatedMemory]
