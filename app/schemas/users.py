"""Erasure on the wire."""

from pydantic import BaseModel, Field

from app.schemas.common import Instant


class ErasureReceipt(BaseModel):
    """What was erased of a user, and that nothing is left."""

    user_id: str
    erased_at: Instant
    rows: dict[str, int] = Field(description="Rows erased, by table")
    copies: int = Field(description="Memories of other users, copied from this one's, that went with it")
    remaining: int = Field(description="Rows that still name the user, counted after the erasure: 0")
    working_memory_cleared: bool = Field(
        description="False = Redis could not be reached; what it held expires"
    )
