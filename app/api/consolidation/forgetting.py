"""Route of forgetting."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.consolidation.forgetting import ForgetOut, PlanForgetting
from app.services.consolidation import forgetting as service
from app.services.consolidation import stage

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["forgetting"])


@router.post("/forget", operation_id="plan_forgetting")
def plan_forgetting(body: PlanForgetting, resources: ResourcesDep, principal: PrincipalDep) -> ForgetOut:
    """List what has faded, ended or is over the quota; without `dry_run` a job forgets it."""
    preview = service.preview_forgetting(resources, principal, body)
    if body.dry_run:
        return preview
    job_id = stage.request_consolidation(resources, principal, body.user_id)
    return ForgetOut(items=preview.items, dry_run=False, job_id=job_id)
