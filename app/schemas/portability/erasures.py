"""Erasure on the wire."""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from app.schemas.common import Instant


class ErasurePart(StrEnum):
    """Where words of an erased user may be."""

    ROWS = "rows"
    COPIES = "copies"
    REDIS = "redis"
    PROCESSES = "processes"
    FILES = "files"
    WAL = "wal"
    BACKUPS = "backups"


class ErasedPart(BaseModel):
    """What was done about one place, or by when it will be; neither = the operator's to do."""

    part: ErasurePart
    done_at: Instant | None = None
    due_by: Instant | None = None
    note: str | None = None


class ErasureSubject(BaseModel):
    """Proof of whom an erasure was of, for those who have the id: nobody can read it from this.

    `hash` = scrypt(UTF-8 of the user_id, salt, n=16384, r=8, p=1, 32 bytes), both in hexadecimal digits. Of a
    session it is that of the user_id, a line feed, and the session_id.
    """

    salt: str
    hash: str


class Erasure(BaseModel):
    """An erasure as it stands: what is done, and what is due by when."""

    id: UUID
    erased_at: Instant
    subject: ErasureSubject
    rows: dict[str, int] = Field(description="Rows erased, by table")
    copies: int = Field(
        description="Memories of other users that went: copied from this one's, or made of those"
    )
    remaining: int | None = Field(
        description="Rows and values in Redis that still name the user, counted after the erasure: 0;"
        " null = not counted, as Redis did not answer or the process ended before"
    )
    parts: list[ErasedPart]


class ErasureReceipt(Erasure):
    """What was erased of a user; `GET /v1/erasures/{id}` tells it again without the name."""

    user_id: str
    working_memory_cleared: bool = Field(
        description="False = Redis could not be reached or refused; a job clears it, and what it held expires"
    )


class ErasurePage(BaseModel):
    """Erasures of the tenant, newest first."""

    items: list[Erasure]
    next_cursor: str | None = None
