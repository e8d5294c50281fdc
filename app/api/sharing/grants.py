"""Routes of grants between users of a tenant, and of copies."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import CursorQuery, LimitQuery, PrincipalDep, ResourcesDep, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.sharing.grants import CopyMemories, CopyOut, CreateGrant, GrantOut, GrantPage
from app.services.sharing import copies, grants

router = APIRouter(route_class=GuardedRoute, tags=["grants"])


@router.post("/v1/grants", status_code=201, operation_id="create_grant")
def create_grant(body: CreateGrant, resources: ResourcesDep, principal: PrincipalDep) -> GrantOut:
    """Let another user read or copy memories of a user; the same again is the same grant."""
    return grants.create_grant(resources, principal, body)


@router.get("/v1/grants", operation_id="list_grants")
def list_grants(
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    cursor: CursorQuery = None,
    limit: LimitQuery = 50,
) -> GrantPage:
    """The grants that a user gave or was given, newest first, those that have ended too."""
    return grants.list_grants(resources, principal, user_id=user_id, cursor=cursor, limit=limit)


@router.delete("/v1/grants/{grant_id}", status_code=204, operation_id="revoke_grant")
def revoke_grant(grant_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> None:
    """Revoke a grant, effective at once; what was copied by it stays."""
    grants.revoke_grant(resources, principal, grant_id)


@router.post("/v1/memories/copy", operation_id="copy_memories")
def copy_memories(body: CopyMemories, resources: ResourcesDep, principal: PrincipalDep) -> CopyOut:
    """Copy what another user's grants let a user copy into that user's own memory."""
    return copies.copy_memories(resources, principal, body)
