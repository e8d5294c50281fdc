"""Snapshots on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.schemas.common import Instant, Message, Name, PathId


class CreateSnapshot(Message):
    """The moment to hold on to is now."""

    user_id: PathId
    name: Name | None = None


class SnapshotOut(BaseModel):
    """A moment that the memory can be rolled back to."""

    id: UUID
    user_id: str
    name: str | None
    known_at: Instant = Field(description="Ask `known_at` with it to see the memory of that moment")
    actor: str


class SnapshotPage(BaseModel):
    """A page of snapshots, newest first."""

    items: list[SnapshotOut]
    next_cursor: str | None


class RollbackResult(BaseModel):
    """What a rollback changed; every change is a version."""

    snapshot_id: UUID
    memory_ids: list[UUID] = Field(description="The memories that got new versions, oldest first")
