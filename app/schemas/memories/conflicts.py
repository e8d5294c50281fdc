"""Conflicts on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.core.vocabulary import Origin, Volatility
from app.schemas.common import Instant, Message, NoNul
from app.schemas.memories.memories import MemoryOut, MemorySource

Reason = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"\S"), NoNul]


class ConflictSide(BaseModel):
    """One of the memories that can't all be true, with who said it when."""

    memory_id: UUID
    content: str
    value: str | None
    origin: Origin
    confidence: float
    volatility: Volatility
    valid_from: Instant | None
    holds: bool = Field(description="Whether it holds the slot until the conflict is decided")
    version: int
    first_said: Instant | None
    last_said: Instant | None
    sources: list[MemorySource] = Field(description="The turns that say it, newest first")


class Conflict(BaseModel):
    """Current memories that contradict each other; nobody has decided between them."""

    id: UUID = Field(description="The id of the oldest side; that of any side names the conflict too")
    user_id: str
    subject: str | None
    attribute: str | None = Field(description="The slot that they claim; None when they share none")
    sides: list[ConflictSide]


class ConflictPage(BaseModel):
    """A page of conflicts, newest first."""

    items: list[Conflict]
    next_cursor: str | None


class ResolveConflict(Message):
    """Which side is right, or that all may stay."""

    keep: UUID | None = Field(default=None, description="The side that is true; the others are superseded")
    dismiss: bool = Field(default=False, description="All sides stay, and the conflict is no longer listed")
    reason: Reason | None = Field(default=None, description="Why; kept with the new version of every side")

    @model_validator(mode="after")
    def _check_decision(self) -> "ResolveConflict":
        if (self.keep is not None) == self.dismiss:
            raise ValueError("either keep a side or dismiss the conflict")
        return self


class ResolvedConflict(BaseModel):
    """What became of the sides."""

    id: UUID
    kept: UUID | None = Field(description="None when the conflict was dismissed")
    memories: list[MemoryOut]
