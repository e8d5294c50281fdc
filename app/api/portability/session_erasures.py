"""The route that erases a session."""

from fastapi import APIRouter

from app.api.entrance.dependencies import PrincipalDep, ResourcesDep, SessionPath, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.schemas.portability.session_erasures import SessionErasure
from app.services.portability import session_erasure

router = APIRouter(route_class=GuardedRoute, prefix="/v1", tags=["sessions"])


@router.delete("/sessions/{session_id:path}", operation_id="erase_session")
def erase_session(
    session_id: SessionPath, resources: ResourcesDep, principal: PrincipalDep, user_id: UserQuery
) -> SessionErasure:
    """Erase a session's turns and what is known from them alone, and give a receipt."""
    return session_erasure.erase_session(resources, principal, user_id, session_id)
