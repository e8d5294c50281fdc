"""The calls of mem0's own server (`server/` in its repository), which answers an add when it is done."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.api.entrance.query_validation import strict_query
from app.core.vocabulary import KeyScope
from app.doors.mem0 import adding, entities, reading, records, writing
from app.doors.mem0.paging import LabelQuery
from app.doors.mem0.platform_routes import JsonBody, MemoryId
from app.doors.mem0.refusals import NotOffered
from app.doors.mem0.requests import AddRequest, ListRequest, SearchRequest, UpdateRequest, parse_request

MAX_LISTED = 1_000
router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(strict_query)])


@router.post("/memories")
@request_policy(bound=adding.MAX_BYTES)
async def add_memories(
    body: JsonBody, request: Request, resources: ResourcesDep, principal: PrincipalDep
) -> Any:
    """Remember messages, and answer with the memories if they are made in time."""
    wanted = parse_request(AddRequest, body, principal.tenant_id)
    return await adding.add_messages(request, resources, principal, wanted, is_awaited=True)


@router.get("/memories")
def list_memories(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: LabelQuery = None,
    agent_id: LabelQuery = None,
    run_id: LabelQuery = None,
    top_k: Annotated[int | None, Query(ge=0, le=MAX_LISTED)] = None,
    show_expired: bool = False,
) -> Any:
    """Memories, the newest first; without an entity everybody's, for an admin key."""
    if show_expired:
        raise NotOffered("show_expired: the text of what has expired is deleted.", field="show_expired")
    wanted = ListRequest(user_id=user_id, agent_id=agent_id, run_id=run_id)
    if not any((user_id, agent_id, run_id)):
        principal.require_scope(KeyScope.ADMIN)
    if top_k == 0:
        return {"results": []}
    found, _ = reading.list_memories(resources, principal, wanted, 0, top_k or MAX_LISTED)
    return {"results": found}


@router.post("/search")
def search_memories(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """The memories that answer a question; unknown fields of a filter are keys of metadata."""
    wanted = parse_request(SearchRequest, body, principal.tenant_id)
    reading.require_entity(principal, wanted)
    return {"results": reading.search_memories(resources, principal, wanted, is_open=True)}


@router.get("/memories/{memory_id}")
def get_memory(memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """One memory."""
    return records.to_record(reading.get_memory(resources, principal, memory_id))


@router.put("/memories/{memory_id}")
def update_memory(
    memory_id: MemoryId, body: JsonBody, resources: ResourcesDep, principal: PrincipalDep
) -> Any:
    """Change a memory."""
    wanted = parse_request(UpdateRequest, body, principal.tenant_id)
    writing.update_memory(resources, principal, memory_id, wanted)
    return {"message": "Memory updated successfully!"}


@router.get("/memories/{memory_id}/history")
def get_history(memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """What a memory said before."""
    return reading.list_history(resources, principal, memory_id)


@router.delete("/memories/{memory_id}")
def delete_memory(memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Delete a memory."""
    writing.delete_memory(resources, principal, memory_id, with_linked=False)
    return {"message": "Memory deleted successfully"}


@router.delete("/memories")
def delete_memories(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: LabelQuery = None,
    agent_id: LabelQuery = None,
    run_id: LabelQuery = None,
) -> Any:
    """Delete all memories of some entities."""
    named = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
    writing.delete_matching(resources, principal, named)
    return {"message": "All relevant memories deleted"}


@router.post("/reset")
def reset_memories(resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Erase everybody."""
    entities.delete_all_entities(resources, principal)
    return {"message": "All memories reset"}


@router.get("/entities")
def list_entities(resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """The users, agents and runs that there are."""
    return entities.count_entities(resources, principal)


@router.delete("/entities/{kind}/{name:path}")
def delete_entity(kind: str, name: str, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Delete an entity with what it has."""
    entities.delete_entity(resources, principal, kind, name)
    return {"message": "Entity deleted"}
