"""Route of a user's store."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import BODY_BYTES, GuardedRoute, request_policy
from app.core.settings import Settings
from app.schemas.sessions.store_items import RunStoreOperations, StoreResults
from app.services.sessions import store_items

router = APIRouter(route_class=GuardedRoute, prefix="/v1/store", tags=["store"])


def max_store_body_bytes(settings: Settings) -> int:
    """Upper bound in bytes of a body of operations: as for one artifact of the greatest size."""
    return 6 * settings.artifact_bytes + BODY_BYTES


@router.post("", operation_id="run_store_operations")
@request_policy(bound=max_store_body_bytes)
def run_store_operations(
    body: RunStoreOperations, resources: ResourcesDep, principal: PrincipalDep
) -> StoreResults:
    """Read, write, delete and find JSON objects under a namespace and a key, as agents' frameworks keep them.

    The operations are done in their order and in one transaction; a later one sees what an earlier one wrote.
    """
    return store_items.run_operations(resources, principal, body)
