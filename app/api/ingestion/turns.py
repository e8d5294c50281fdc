"""Routes of the turn log."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Query, Response

from app.api.entrance.dependencies import (
    CursorQuery,
    IdempotencyKeyDep,
    KeyDep,
    LimitQuery,
    MetadataDep,
    PrincipalDep,
    ResourcesDep,
    TotalQuery,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute, request_policy
from app.api.entrance.incremental_json import MessageArray
from app.api.entrance.known_users import tell_unknown_user
from app.api.entrance.responses import json_response, set_location
from app.core.vocabulary import TurnState
from app.schemas.common import PathId
from app.schemas.ingestion.turns import MAX_TURNS, AcceptedTurns, AddTurns, NewTurn, TurnOut, TurnPage
from app.services.ingestion import accept_turns, turn_reads
from app.services.memories import memory_writes

router = APIRouter(route_class=GuardedRoute, prefix="/v1/turns", tags=["turns"])
MAX_TURNS_BYTES = 40 * 2**20  # bytes; 500 turns of 64 KiB, and room for JSON escapes


@router.post("", status_code=202, operation_id="add_turns", response_model=AcceptedTurns)
@request_policy(bound=MAX_TURNS_BYTES, messages=MessageArray("turns", NewTurn, MAX_TURNS))
def add_turns(
    body: AddTurns,
    resources: ResourcesDep,
    key: KeyDep,
    idempotency_key: IdempotencyKeyDep,
    afterwards: BackgroundTasks,
) -> Response:
    """Accept turns. They are durable when this answers, and searchable by words at once."""
    accepted, _ = accept_turns.accept_turns_by_key(resources, key, body, idempotency_key)
    afterwards.add_task(accept_turns.notify_workers, resources)
    response = json_response(accepted, 202)
    set_location(response, f"/v1/jobs/{accepted.job_id}")
    return response


@router.get("", operation_id="list_turns")
def list_turns(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    response: Response,
    session_id: Annotated[PathId | None, Query()] = None,
    state: TurnState | None = None,
    metadata: MetadataDep = None,
    order: Annotated[
        Literal["asc", "desc"], Query(description="In the order of arrival, or the last one first")
    ] = "asc",
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
    include_total: TotalQuery = False,
) -> TurnPage:
    """A user's turns in the order of their arrival."""
    page = turn_reads.list_turns(
        resources,
        principal,
        user_id=user_id,
        matching=turn_reads.to_turn_filter(session_id, state, metadata),
        cursor=cursor,
        limit=limit,
        is_counted=include_total,
        newest_first=order == "desc",
    )
    if not page.items:
        tell_unknown_user(response, resources, principal, user_id)
    return page


@router.get("/{turn_id}", operation_id="get_turn")
def get_turn(turn_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> TurnOut:
    """One turn, and what became of it."""
    return turn_reads.get_turn(resources, principal, turn_id)


@router.delete("/{turn_id}", status_code=204, operation_id="delete_turn")
def delete_turn(turn_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> None:
    """Delete a turn and what rests on it alone; a value that it had set falls back to the one before."""
    memory_writes.delete_turn(resources, principal, turn_id)
