"""Routes of memories."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.entrance.dependencies import (
    AreaDep,
    CursorQuery,
    IdempotencyKeyDep,
    LimitQuery,
    MatchDep,
    MetadataDep,
    OptionalQuery,
    PrincipalDep,
    ResourcesDep,
    SessionQuery,
    TotalQuery,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.known_users import tell_unknown_user
from app.api.entrance.responses import set_location, set_version_tag
from app.core.vocabulary import Kind, LinkType, Status
from app.memory.types import MemoryFilter
from app.schemas.common import AsOf, Id, KnownAt, Name
from app.schemas.memories.memories import (
    CreateMemory,
    DependentPage,
    LinkPage,
    MemoryHistory,
    MemoryOut,
    MemoryPage,
    MemorySourceList,
    UpdateMemory,
)
from app.services.memories import links, memory_reads, memory_writes
from app.services.memories.as_of import BitemporalPoint
from app.services.memories.metadata_conditions import to_condition_or_none

router = APIRouter(route_class=GuardedRoute, prefix="/v1/memories", tags=["memories"])


@router.get("", operation_id="list_memories")
def list_memories(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    response: Response,
    status: Annotated[list[Status], Query()] = [Status.ACTIVATED],  # noqa: B006
    kinds: Annotated[list[Kind] | None, Query()] = None,
    subject: OptionalQuery = None,
    attribute: OptionalQuery = None,
    tags: Annotated[
        list[Name] | None, Query(max_length=32, description="Memories with all of these tags")
    ] = None,
    agent_id: Annotated[Id | None, Query()] = None,
    area: AreaDep = None,
    session_id: SessionQuery = None,
    metadata: MetadataDep = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    include_total: TotalQuery = False,
) -> MemoryPage:
    """A user's memories, newest first; only the current ones unless `status` says otherwise."""
    condition = to_condition_or_none(metadata)
    page = memory_reads.list_memories(
        resources,
        principal,
        user_id=user_id,
        matching=MemoryFilter(status, kinds, subject, attribute, tags, agent_id, area, session_id, condition),
        cursor=cursor,
        limit=limit,
        point=BitemporalPoint(as_of, known_at),
        is_counted=include_total,
    )
    if not page.items:
        tell_unknown_user(response, resources, principal, user_id)
    return page


@router.post("", status_code=201, operation_id="create_memory")
def create_memory(
    body: CreateMemory,
    resources: ResourcesDep,
    principal: PrincipalDep,
    idempotency_key: IdempotencyKeyDep,
    response: Response,
) -> MemoryOut:
    """Store a ready-made memory."""
    memory = memory_writes.create_memory(resources, principal, body, idempotency_key)
    set_version_tag(response, memory.version)
    set_location(response, f"/v1/memories/{memory.id}")
    return memory


@router.get("/{memory_id}", operation_id="get_memory")
def get_memory(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    response: Response,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> MemoryOut:
    """One memory; its version is in the ETag."""
    memory = memory_reads.get_memory(resources, principal, memory_id, BitemporalPoint(as_of, known_at))
    set_version_tag(response, memory.version)
    return memory


@router.patch("/{memory_id}", operation_id="update_memory")
def update_memory(
    memory_id: UUID,
    body: UpdateMemory,
    resources: ResourcesDep,
    principal: PrincipalDep,
    match: MatchDep,
    response: Response,
) -> MemoryOut:
    """Edit a memory that is still at the version in If-Match."""
    memory = memory_writes.update_memory(resources, principal, memory_id, body, match)
    set_version_tag(response, memory.version)
    return memory


@router.delete("/{memory_id}", status_code=204, operation_id="delete_memory")
def delete_memory(memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> None:
    """Delete a memory and the text of all its versions."""
    memory_writes.delete_memory(resources, principal, memory_id)


# What a version did not keep is left out; null is what it kept as null.
@router.get("/{memory_id}/history", operation_id="get_memory_history", response_model_exclude_unset=True)
def get_memory_history(memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> MemoryHistory:
    """All versions with actor, reason and model, and the timeline of the memory's slot."""
    return memory_reads.get_memory_history(resources, principal, memory_id)


@router.get("/{memory_id}/links", operation_id="list_memory_links")
def list_memory_links(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    type: Annotated[list[LinkType] | None, Query()] = None,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> LinkPage:
    """The typed links of a memory in both directions; only those of the given types if any."""
    return links.list_links(resources, principal, memory_id, types=type, cursor=cursor, limit=limit)


@router.get("/{memory_id}/dependents", operation_id="list_memory_dependents")
def list_memory_dependents(
    memory_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> DependentPage:
    """The memories derived from this one, directly or through others, up to eight steps away."""
    return links.list_dependents(resources, principal, memory_id, cursor=cursor, limit=limit)


@router.get("/{memory_id}/sources", operation_id="list_memory_sources")
def list_memory_sources(
    memory_id: UUID, resources: ResourcesDep, principal: PrincipalDep
) -> MemorySourceList:
    """The turns that say it, with the quotes."""
    return memory_reads.list_sources(resources, principal, memory_id)
