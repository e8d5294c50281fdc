"""The calls of mem0's platform, as its SDKs and its command line send them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Query, Request

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.api.entrance.query_validation import strict_query
from app.core.errors import InvalidInput, NotFound
from app.core.security import Principal
from app.doors.mem0 import adding, entities, events, reading, records, writing
from app.doors.mem0.paging import LabelQuery, PageQuery, PageSizeQuery, read_page, to_page
from app.doors.mem0.refusals import NotOffered
from app.doors.mem0.requests import (
    AddRequest,
    BatchRequest,
    FeedbackRequest,
    ListRequest,
    SearchRequest,
    UpdateRequest,
    parse_request,
)
from app.resources import Resources

PATH = "/compat/mem0"
JsonBody = Annotated[dict[str, Any], Body()]
router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(strict_query)])


def parse_memory_id(memory_id: str) -> UUID:
    """The id of a memory. Raises `NotFound` for what can be none."""
    try:
        return UUID(memory_id)
    except ValueError as exc:
        raise NotFound("There is no such memory.") from exc


MemoryId = Annotated[UUID, Depends(parse_memory_id)]


async def ignore_labels(
    source: LabelQuery = None, org_id: LabelQuery = None, project_id: LabelQuery = None
) -> None:
    """Accept the labels that mem0's clients put into queries."""
    del source, org_id, project_id


Labels = Depends(ignore_labels)


@router.get("/v1/ping", dependencies=[Labels])
def ping_service(principal: PrincipalDep) -> dict[str, Any]:
    """Whether the key is valid; the tenant stands for organisation and project."""
    tenant_id = principal.tenant_id
    return {"status": "ok", "org_id": tenant_id, "project_id": tenant_id, "user_email": None}


@router.post("/v3/memories/add")
@request_policy(bound=adding.MAX_BYTES)
async def add_memories(
    body: JsonBody, request: Request, resources: ResourcesDep, principal: PrincipalDep
) -> Any:
    """Remember messages."""
    wanted = parse_request(AddRequest, body, principal.tenant_id)
    return await adding.add_messages(
        request, resources, principal, wanted, is_awaited=wanted.async_mode is False
    )


@router.post("/v1/memories")
@request_policy(bound=adding.MAX_BYTES)
async def add_memories_v1(
    body: JsonBody, request: Request, resources: ResourcesDep, principal: PrincipalDep
) -> Any:
    """The same for older clients, who read a list."""
    wanted = parse_request(AddRequest, body, principal.tenant_id)
    added = await adding.add_messages(
        request, resources, principal, wanted, is_awaited=wanted.async_mode is False
    )
    results = added.get("results") or [added]
    return {"results": results} if wanted.output_format != "v1.0" else results


@router.post("/v3/memories/search")
def search_memories(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """The memories that answer a question."""
    return {"results": _search(body, resources, principal)}


@router.post("/v2/memories/search")
def search_memories_v2(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """The same for older clients, who read a list."""
    return _search(body, resources, principal)


@router.post("/v1/memories/search")
def search_memories_v1(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """The same for the oldest clients."""
    found = _search(body, resources, principal)
    return {"results": found} if body.get("output_format") == "v1.1" else found


def _search(body: dict[str, Any], resources: Resources, principal: Principal) -> list[dict[str, Any]]:
    wanted = parse_request(SearchRequest, body, principal.tenant_id)
    reading.require_entity(principal, wanted)
    return reading.search_memories(resources, principal, wanted)


@router.post("/v3/memories", dependencies=[Labels])
def list_memories(
    body: JsonBody,
    resources: ResourcesDep,
    principal: PrincipalDep,
    page: PageQuery = None,
    page_size: PageSizeQuery = None,
) -> Any:
    """A page of memories, the newest first."""
    return _list(body, resources, principal, page, page_size, "/v3/memories/")


@router.post("/v2/memories", dependencies=[Labels])
def list_memories_v2(
    body: JsonBody,
    resources: ResourcesDep,
    principal: PrincipalDep,
    page: PageQuery = None,
    page_size: PageSizeQuery = None,
) -> Any:
    """The same for older clients, who read a list unless they ask for a page."""
    listed = _list(body, resources, principal, page, page_size, "/v2/memories/")
    is_paged = page is not None or page_size is not None
    return listed if is_paged or body.get("page") or body.get("page_size") else listed["results"]


def _list(
    body: dict[str, Any],
    resources: Resources,
    principal: Principal,
    page: int | None,
    page_size: int | None,
    path: str,
) -> dict[str, Any]:
    wanted = parse_request(ListRequest, body, principal.tenant_id)
    reading.require_entity(principal, wanted)
    number, size, offset = read_page(
        wanted.page if page is None else page, wanted.page_size if page_size is None else page_size
    )
    found, total = reading.list_memories(resources, principal, wanted, offset, size)
    return to_page(f"{PATH}{path}", number, size, found, total)


@router.get("/v1/memories", dependencies=[Labels])
def list_memories_v1(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: LabelQuery = None,
    agent_id: LabelQuery = None,
    app_id: LabelQuery = None,
    run_id: LabelQuery = None,
    keywords: LabelQuery = None,
    start_date: LabelQuery = None,
    end_date: LabelQuery = None,
    output_format: LabelQuery = None,
    page: PageQuery = None,
    page_size: PageSizeQuery = None,
    limit: PageSizeQuery = None,
) -> Any:
    """The same for the oldest clients, with the entities in the query."""
    named = {
        "user_id": user_id,
        "agent_id": agent_id,
        "app_id": app_id,
        "run_id": run_id,
        "keywords": keywords,
        "start_date": start_date,
        "end_date": end_date,
    }
    body = {name: value for name, value in named.items() if value is not None}
    listed = _list(body, resources, principal, page, page_size or limit, "/v1/memories/")
    if page is not None or page_size is not None:
        return listed
    return {"results": listed["results"]} if output_format == "v1.1" else listed["results"]


@router.delete("/v1/memories", dependencies=[Labels])
def delete_memories(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: LabelQuery = None,
    agent_id: LabelQuery = None,
    app_id: LabelQuery = None,
    run_id: LabelQuery = None,
    filters: Annotated[str | None, Query(max_length=8_000)] = None,
    metadata: Annotated[str | None, Query(max_length=8_000)] = None,
) -> Any:
    """Delete all memories of some entities."""
    if filters is not None or metadata is not None:
        # The SDK puts the text of a Python object into the query; guessing at it could delete too much.
        message = "delete_all can't be given filters: pass user_id, agent_id, app_id or run_id themselves."
        raise InvalidInput(message, field="filters" if filters is not None else "metadata")
    named = {"user_id": user_id, "agent_id": agent_id, "app_id": app_id, "run_id": run_id}
    deleted = writing.delete_matching(resources, principal, named)
    return {"message": "Memories deleted successfully!", "deleted": deleted}


@router.get("/v1/memories/{memory_id}", dependencies=[Labels])
def get_memory(memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """One memory."""
    return records.to_record(reading.get_memory(resources, principal, memory_id))


@router.put("/v1/memories/{memory_id}", dependencies=[Labels])
def update_memory(
    memory_id: MemoryId, body: JsonBody, resources: ResourcesDep, principal: PrincipalDep
) -> Any:
    """Change a memory."""
    wanted = parse_request(UpdateRequest, body, principal.tenant_id)
    writing.update_memory(resources, principal, memory_id, wanted)
    return records.to_record(reading.get_memory(resources, principal, memory_id))


@router.delete("/v1/memories/{memory_id}", dependencies=[Labels])
def delete_memory(
    memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep, delete_linked: bool = False
) -> Any:
    """Delete a memory, with those that it replaced if asked for."""
    linked = writing.delete_memory(resources, principal, memory_id, with_linked=delete_linked)
    return {"message": "Memory deleted successfully!", "cascade_count": linked}


@router.get("/v1/memories/{memory_id}/history", dependencies=[Labels])
def get_history(memory_id: MemoryId, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """What a memory said before."""
    return reading.list_history(resources, principal, memory_id)


@router.put("/v1/batch", dependencies=[Labels])
def update_batch(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Change many memories."""
    wanted = parse_request(BatchRequest, body, principal.tenant_id)
    count = writing.update_batch(resources, principal, wanted.memories)
    return {"message": f"Successfully updated {count} memories"}


@router.delete("/v1/batch", dependencies=[Labels])
def delete_batch(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Delete many memories."""
    wanted = parse_request(BatchRequest, body, principal.tenant_id)
    count = writing.delete_batch(resources, principal, wanted.memories)
    return {"message": f"Successfully deleted {count} memories"}


@router.post("/v1/feedback", dependencies=[Labels])
def give_feedback(body: JsonBody, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Say whether a memory was of use."""
    wanted = parse_request(FeedbackRequest, body, principal.tenant_id)
    if wanted.feedback is None:
        raise NotOffered("Feedback that was given can't be taken back.", field="feedback")
    (memory_id,) = reading.read_ids([wanted.memory_id], "memory_id")
    is_useful = wanted.feedback == "POSITIVE"
    feedback_id = writing.give_feedback(resources, principal, memory_id, is_useful=is_useful)
    return {
        "message": "Feedback received",
        "id": str(feedback_id),
        "feedback": wanted.feedback,
        "feedback_reason": None,
    }


@router.get("/v1/entities", dependencies=[Labels])
def list_entities(
    resources: ResourcesDep,
    principal: PrincipalDep,
    page: PageQuery = None,
    page_size: PageSizeQuery = None,
) -> Any:
    """The users, agents, apps and runs that there are; all of them unless a page is asked for."""
    found = entities.list_entities(resources, principal)
    listed = entities.to_records(found, principal.tenant_id)
    totals = {f"total_{kind}s": len(found[kind]) for kind in entities.KINDS}
    if page is None and page_size is None:
        return to_page(f"{PATH}/v1/entities/", 1, max(1, len(listed)), listed, len(listed)) | totals
    number, size, offset = read_page(page, page_size)
    shown = listed[offset : offset + size]
    return to_page(f"{PATH}/v1/entities/", number, size, shown, len(listed)) | totals


@router.delete("/v1/entities/{kind}/{name:path}", dependencies=[Labels])
@router.delete("/v2/entities/{kind}/{name:path}", dependencies=[Labels])
def delete_entity(kind: str, name: str, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """Delete an entity with what it has."""
    entities.delete_entity(resources, principal, kind, name)
    return {"message": "Entity deleted successfully!"}


@router.get("/v1/event/{event_id}", dependencies=[Labels])
def get_event(event_id: str, resources: ResourcesDep, principal: PrincipalDep) -> Any:
    """What became of an add."""
    try:
        job_id = UUID(event_id)
    except ValueError as exc:
        raise NotFound("There is no such event.") from exc
    return events.get_event(resources, principal, job_id)


@router.get("/v1/events", dependencies=[Labels])
def list_events(
    resources: ResourcesDep,
    principal: PrincipalDep,
    page: PageQuery = None,
    page_size: PageSizeQuery = None,
) -> Any:
    """What became of the latest adds; `count` reaches as far as the next page."""
    number, size, offset = read_page(page, page_size)
    if offset > reading.MAX_OFFSET:
        raise InvalidInput(f"Pages reach {reading.MAX_OFFSET} events far.", field="page")
    found, has_more = events.list_events(resources, principal, offset, size)
    total = offset + len(found) + has_more
    return to_page(f"{PATH}/v1/events/", number, size, found, total)
