"""What is derived from memories, on the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import Kind, Status
from app.schemas.memories.memories import MemoryOut


class DerivedSource(BaseModel):
    """A memory that something was derived from."""

    memory_id: UUID
    kind: Kind
    status: Status
    content: str
    days: list[date] = Field(description="The days on which it was said, by the clocks of those who said it")


class DerivedOut(BaseModel):
    """A derived memory with its sources; while it is stale its text is withheld until it is made again."""

    user_id: str
    stale: bool = Field(description="A source changed; a job makes it again")
    memory: MemoryOut | None
    sources: list[DerivedSource] = Field(description="What it was derived from, the oldest first")
