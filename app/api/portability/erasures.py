"""Routes of erasures."""

from uuid import UUID

from fastapi import APIRouter

from app.api.entrance.dependencies import (
    CursorQuery,
    LimitQuery,
    PrincipalDep,
    ResourcesDep,
    UserPath,
    UserQuery,
)
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.portability.erasures import Erasure, ErasurePage, ErasureReceipt
from app.services.portability import erasure, erasure_receipts

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["users"])


@router.delete("/users/{user_id:path}", operation_id="erase_user")
def erase_user(user_id: UserPath, resources: ResourcesDep, principal: PrincipalDep) -> ErasureReceipt:
    """Erase everything of a user and give a receipt."""
    return erasure.erase_user(resources, principal, user_id)


@router.delete("/users", operation_id="erase_named_user")
def erase_named_user(user_id: UserQuery, resources: ResourcesDep, principal: PrincipalDep) -> ErasureReceipt:
    """The same for an id that no path can carry, such as `..`: stored before such ids were refused."""
    return erasure.erase_user(resources, principal, user_id)


@router.get("/erasures", operation_id="list_erasures")
def list_erasures(
    resources: ResourcesDep, principal: PrincipalDep, cursor: CursorQuery = None, limit: LimitQuery = 50
) -> ErasurePage:
    """The tenant's erasures, newest first."""
    return erasure_receipts.list_erasures(resources, principal, cursor, limit)


@router.get("/erasures/{erasure_id}", operation_id="get_erasure")
def get_erasure(erasure_id: UUID, resources: ResourcesDep, principal: PrincipalDep) -> Erasure:
    """An erasure as it stands: what is done, and what is due by when."""
    return erasure_receipts.get_erasure(resources, principal, erasure_id)
