"""Routes of entities."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.entrance.dependencies import (
    CursorQuery,
    LimitQuery,
    OptionalQuery,
    PrincipalDep,
    ResourcesDep,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.common import AsOf, KnownAt
from app.schemas.memories.entities import EntityOut, EntityPage, MergeEntities, NeighbourPage, SplitEntity
from app.services.memories import entities, entity_merging
from app.services.memories.as_of import BitemporalPoint

router = APIRouter(route_class=GuardedRoute, prefix="/v1/entities", tags=["entities"])


@router.get("", operation_id="list_entities")
def list_entities(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    name: Annotated[OptionalQuery, Query(description="Only this one, in any case")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> EntityPage:
    """Who and what a user's memories name, by name; also those of whom nothing holds any more."""
    clocks = BitemporalPoint(as_of, known_at)
    return entities.list_entities(
        resources, principal, user_id=user_id, name=name, point=clocks, cursor=cursor, limit=limit
    )


@router.post("/{entity_id}/merge", operation_id="merge_entities")
def merge_entities(
    entity_id: UUID, body: MergeEntities, resources: ResourcesDep, principal: PrincipalDep
) -> EntityOut:
    """Two names mean one: what is known of both competes for its slots; returns the merged entity."""
    return entity_merging.merge_entities(resources, principal, entity_id, body)


@router.post("/{entity_id}/split", operation_id="split_entity")
def split_entity(
    entity_id: UUID, body: SplitEntity, resources: ResourcesDep, principal: PrincipalDep
) -> EntityOut:
    """A name does not mean this entity: undoes their merging, and no rule links the two again."""
    return entity_merging.split_entity(resources, principal, entity_id, body)


@router.get("/{entity_id}/neighbours", operation_id="list_entity_neighbours")
def list_entity_neighbours(
    entity_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    relation: OptionalQuery = None,
    include_superseded: bool = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> NeighbourPage:
    """To whom and what an entity is related, and the memory that says so; only what holds unless asked."""
    return entities.list_neighbours(
        resources,
        principal,
        entity_id,
        user_id=user_id,
        wanted=entities.NeighbourFilter(relation, include_superseded, BitemporalPoint(as_of, known_at)),
        cursor=cursor,
        limit=limit,
    )
