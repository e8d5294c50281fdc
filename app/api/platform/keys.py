"""Routes of API keys."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.platform.keys import CreateKey, KeyCreated, KeyList
from app.services.platform import keys

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["keys"])


@router.post("/keys", status_code=201, operation_id="create_key")
def create_key(body: CreateKey, resources: ResourcesDep, principal: PrincipalDep) -> KeyCreated:
    """Make an API key of this tenant; its text is shown this once."""
    return keys.create_key(resources, principal, body)


@router.get("/keys", operation_id="list_keys")
def list_keys(resources: ResourcesDep, principal: PrincipalDep) -> KeyList:
    """The tenant's keys."""
    return keys.list_keys(resources, principal)


@router.delete("/keys/{key_id}", status_code=204, operation_id="revoke_key")
def revoke_key(key_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> None:
    """Revoke a key at once and for good."""
    keys.revoke_key(resources, principal, key_id)
