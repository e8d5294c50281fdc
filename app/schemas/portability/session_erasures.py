"""What the erasure of a session answers."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.schemas.common import Instant
from app.schemas.portability.erasures import ErasedPart


class SessionErasure(BaseModel):
    """What was erased of a session; a session that is not there (any more) has only zeros."""

    user_id: str
    session_id: str
    erasure_id: UUID | None = Field(
        description="Its receipt, as `GET /v1/erasures/{id}` tells it again; null = there was nothing"
    )
    erased_at: Instant | None
    rows: dict[str, int] = Field(description="Rows of the session erased, by table")
    memories: int = Field(description="Memories that only this session said, or that were made of those")
    memories_kept: int = Field(description="Memories that lost a source here and have another one")
    remaining: int | None = Field(
        description="Rows that still name the session, and the user's values in Redis, counted after the"
        " erasure: 0; null = Redis did not answer"
    )
    parts: list[ErasedPart]
