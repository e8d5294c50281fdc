"""Keys and erasure."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from app.api.deps import PrincipalDep, ResourcesDep
from app.api.entrance import EntranceRoute
from app.schemas.common import NoNul
from app.schemas.keys import KeyCreated, KeyIn, KeyList
from app.schemas.users import ErasureReceipt
from app.services import keys, users

router = APIRouter(route_class=EntranceRoute, prefix="/v1", tags=["admin"])


@router.post("/keys", status_code=201, operation_id="create_key")
def create_key(body: KeyIn, resources: ResourcesDep, principal: PrincipalDep) -> KeyCreated:
    """Make an API key of this tenant; its text is shown this once."""
    return keys.create(resources, principal, body)


@router.get("/keys", operation_id="list_keys")
def list_keys(resources: ResourcesDep, principal: PrincipalDep) -> KeyList:
    """The tenant's keys."""
    return keys.page(resources, principal)


@router.delete("/keys/{key_id}", status_code=204, operation_id="revoke_key")
def revoke_key(key_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> None:
    """Revoke a key at once and for good."""
    keys.revoke(resources, principal, key_id)


@router.delete("/users/{user_id:path}", operation_id="erase_user")
def erase_user(
    user_id: Annotated[str, Path(min_length=1, max_length=200), NoNul],
    resources: ResourcesDep,
    principal: PrincipalDep,
) -> ErasureReceipt:
    """Erase everything of a user and give a receipt."""
    return users.erase(resources, principal, user_id)
