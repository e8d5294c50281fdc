"""Routes of snapshots and rollback."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from app.api.entrance.dependencies import CursorQuery, LimitQuery, PrincipalDep, ResourcesDep, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.memories.memories import ChangeReason
from app.schemas.memories.snapshots import CreateSnapshot, RollbackResult, SnapshotOut, SnapshotPage
from app.services.memories import rollback, snapshots

router = APIRouter(route_class=GuardedRoute, prefix="/v1/snapshots", tags=["snapshots"])


@router.post("", status_code=201, operation_id="create_snapshot")
def create_snapshot(body: CreateSnapshot, resources: ResourcesDep, principal: PrincipalDep) -> SnapshotOut:
    """Note this moment of a user's memory; nothing is copied."""
    return snapshots.create_snapshot(resources, principal, body)


@router.get("", operation_id="list_snapshots")
def list_snapshots(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> SnapshotPage:
    """A user's snapshots, newest first."""
    return snapshots.list_snapshots(resources, principal, user_id=user_id, cursor=cursor, limit=limit)


@router.post("/{snapshot_id}/rollback", operation_id="rollback_snapshot")
def rollback_snapshot(
    snapshot_id: UUID,
    resources: ResourcesDep,
    principal: PrincipalDep,
    body: Annotated[ChangeReason | None, Body()] = None,
) -> RollbackResult:
    """Make the current memories those of the snapshot again, by new versions; the turns stay."""
    return rollback.roll_back_to_snapshot(
        resources, principal, snapshot_id, body.reason if body is not None else None
    )
