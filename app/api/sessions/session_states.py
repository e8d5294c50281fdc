"""Routes of session states and working sets."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.entrance.dependencies import MatchDep, PrincipalDep, ResourcesDep, SessionPath, UserQuery
from app.api.entrance.guarded_route import GuardedRoute
from app.api.entrance.responses import set_version_tag
from app.memory.sessions.working_set import MAX_SLOTS
from app.schemas.sessions.session_states import PutSessionState, SessionStateOut, WorkingSet
from app.services.sessions import session_states, working_set

router = APIRouter(route_class=GuardedRoute, prefix="/v1/sessions", tags=["sessions"])


@router.get("/{session_id:path}/state", operation_id="get_session_state")
def get_session_state(
    session_id: SessionPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    response: Response,
) -> SessionStateOut:
    """The state of a session; its version is in the ETag."""
    state = session_states.get_session_state(resources, principal, user_id, session_id)
    set_version_tag(response, state.version)
    return state


@router.put("/{session_id:path}/state", operation_id="put_session_state")
def put_session_state(
    session_id: SessionPath,
    body: PutSessionState,
    resources: ResourcesDep,
    principal: PrincipalDep,
    match: MatchDep,
    response: Response,
) -> SessionStateOut:
    """Replace the state that is still at the version in If-Match; `0` = there is none yet."""
    written = session_states.put_session_state(resources, principal, session_id, body, match)
    set_version_tag(response, written.version)
    return written


@router.get("/{session_id:path}/working-set", operation_id="get_working_set")
def get_working_set(
    session_id: SessionPath,
    resources: ResourcesDep,
    principal: PrincipalDep,
    user_id: UserQuery,
    slots: Annotated[int, Query(ge=1, le=MAX_SLOTS)] = MAX_SLOTS,
) -> WorkingSet:
    """The memories that the session's last turns say or were shown, at most 20, best first."""
    return working_set.get_working_set(resources, principal, user_id, session_id, slots)
