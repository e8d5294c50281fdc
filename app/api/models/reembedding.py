"""Routes of the change of the embedding model, for the operator."""

from fastapi import APIRouter, Response

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.responses import set_location
from app.schemas.models.reembedding import ReembedOut, ReembedState, StartReembed
from app.services.models import reembedding

router = APIRouter(route_class=GuardedRoute, prefix="/v1/admin/reembed", tags=["embeddings"])


@router.post("", status_code=202, operation_id="start_reembed")
def start_reembed(
    body: StartReembed, resources: ResourcesDep, principal: PrincipalDep, response: Response
) -> ReembedOut:
    """Embed everything of all tenants by another model in the background, then switch to it."""
    set_location(response, "/v1/admin/reembed")
    return reembedding.start_reembedding(resources, principal, body)


@router.get("", operation_id="get_reembed")
def get_reembed(resources: ResourcesDep, principal: PrincipalDep) -> ReembedState:
    """The embedding models, and how far the change is."""
    return reembedding.get_reembedding_state(resources, principal)


@router.post("/cancel", operation_id="cancel_reembed")
def cancel_reembed(resources: ResourcesDep, principal: PrincipalDep) -> ReembedOut:
    """Stop the change under way; what was made is kept for a later one."""
    return reembedding.cancel_reembedding(resources, principal)


@router.post("/drop", status_code=202, operation_id="drop_old_embeddings")
def drop_old_embeddings(resources: ResourcesDep, principal: PrincipalDep, response: Response) -> ReembedOut:
    """Drop the vectors of all models but the one in use."""
    set_location(response, "/v1/admin/reembed")
    return reembedding.drop_old_vectors(resources, principal)
