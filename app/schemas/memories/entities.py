"""Entities on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.core.vocabulary import EntityType, LinkDirection, Status
from app.schemas.common import Instant, Message, Name, PathId


class EntityOut(BaseModel):
    """Who or what a user's memories name, or named once."""

    id: UUID = Field(description="The same for one user and one name, whatever the spelling")
    name: str = Field(description="As it is most often spelt")
    type: EntityType | None = Field(description="As far as relations tell")
    memories: int = Field(description="How many current memories name it")
    aliases: list[str] = Field(description="Its other names, in lower case; the user's own person is `user`")


class MergeEntities(Message):
    """Which entity is the same as this one."""

    user_id: PathId
    into: UUID = Field(description="The entity that both are from here on")


class SplitEntity(Message):
    """Which name does not mean this entity."""

    user_id: PathId
    alias: Name = Field(description="One of its `aliases`, in any case")


class EntityPage(BaseModel):
    """A page of entities, by name."""

    items: list[EntityOut]
    next_cursor: str | None


class Neighbour(BaseModel):
    """Another entity and the memory that relates the two."""

    relation: str = Field(
        description="A role (`manager`), an attribute (`employer`, `pet:dog`), or `mentioned_with`"
    )
    direction: LinkDirection = Field(
        description="`out`: the neighbour is this entity's manager, employer, ...; `in`: the other way round"
    )
    entity: EntityOut
    memory_id: UUID
    content: str
    status: Status
    valid_from: Instant | None
    valid_to: Instant | None
    confidence: float


class NeighbourPage(BaseModel):
    """A page of neighbours, by relation and name."""

    items: list[Neighbour]
    next_cursor: str | None
